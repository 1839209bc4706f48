"""The tools as a server of the Model Context Protocol.

Source: Model Context Protocol specification, server features: tools.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from reasoner.errors import MtusError
from reasoner.modelcontext.calls import Tools

INSTRUCTIONS = """\
The reasoner decides disputes over injured workers' medical treatment by the California Medical \
Treatment Utilization Schedule. You gather the facts; it decides.

- Write a case file (see case_format and find_concepts): what the records document, each fact with \
the record's own words as its quote, and what is asked for.
- State only what a record says. Leave out what no record says: silence is an answer \
(NotDocumented), and a fact with status absent is something else than silence. Never \
fill a gap with what is likely.
- Take outcomes as they are given. NotDocumented and NoGoverningGuideline are good answers; do not \
decide where the reasoner did not. Confidence other than "quoted in an issued determination" or \
"published source" has to be told.
- In retelling, cite the guideline and page that the determination cites, and the record.
- It supports a physician reviewer, and does not replace one.
"""

CaseText = Annotated[str, Field(description="The text of a case file, in YAML or JSON.")]
RoleName = Annotated[
    Literal["imr", "ur"],
    Field(description="Who decides: imr decides items as requested; ur may modify them."),
]
Readings = Annotated[
    list[str], Field(description="Names of readings of ambiguous passages, in place of defaults.")
]
RequestNumber = Annotated[
    int, Field(description="Which request of the case, from 1, in the order of the case file.")
]


def create_server(tools: Tools) -> MCPServer[Any]:
    """Make the server.

    Args:
        tools: what it offers.
    """
    server: MCPServer[Any] = MCPServer(
        "mtus",
        title="MTUS reasoner",
        instructions=INSTRUCTIONS,
        version=version("mtus-reasoner"),
        log_level="ERROR",  # what a tool was given may be of a health record
    )
    lock = threading.Lock()  # the engines are not made for several threads

    def guarded(give: Callable[[], dict[str, Any]]) -> str:
        try:
            with lock:
                return json.dumps(give(), ensure_ascii=False)
        except MtusError as error:
            raise ToolError(str(error)) from None
        except Exception as error:
            # Neither the log nor the client gets what the case says.
            raise ToolError(f"The reasoner failed ({type(error).__name__}).") from None

    def case_format() -> str:
        """Give the keys of a case file, what each takes, and a whole example.

        Read it before you write a case.
        """
        return guarded(tools.case_format)

    def find_concepts(
        words: Annotated[str, Field(description="Words of a record, such as: neck pain.")],
        kind: Annotated[
            str | None,
            Field(
                description="Only concepts of this class: Finding, Diagnosis, FunctionalStatus, "
                "Circumstance, Drug, Treatment, BodyRegion, Record, ..."
            ),
        ] = None,
    ) -> str:
        """Find concepts of the vocabulary for words of a record, with their names in case files."""
        return guarded(lambda: tools.find_concepts(words, kind))

    def determine(case: CaseText, role: RoleName = "imr", readings: Readings = []) -> str:  # noqa: B006
        """Decide a case: the whole determination, with criteria, evidence, rationale and cures.

        A mistaken case file is refused with every mistake and its line.
        """
        return guarded(lambda: tools.determine(case, role, readings))

    def explain(
        case: CaseText,
        request: RequestNumber = 1,
        criterion: Annotated[
            str | None, Field(description="Only this criterion, by its number, with its shape.")
        ] = None,
        role: RoleName = "imr",
        readings: Readings = [],  # noqa: B006
    ) -> str:
        """Say why a request is decided as it is.

        Gives criteria with pages, confidence, evidence and what is missing, and the rationale with
        the sources of each sentence.
        """
        return guarded(lambda: tools.explain(case, role, readings, request, criterion))

    def cure(
        case: CaseText,
        request: RequestNumber = 1,
        role: RoleName = "imr",
        readings: Readings = [],  # noqa: B006
    ) -> str:
        """Say what, if a record documented it, would turn the decision on a request.

        Each way was decided again before it is given; where there is none, it says why.
        """
        return guarded(lambda: tools.cure(case, role, readings, request))

    def search_guidelines(
        words: Annotated[str, Field(description="Words that all have to occur.")],
    ) -> str:
        """Search the guideline library: criteria, sections and the names of treatments."""
        return guarded(lambda: tools.search_guidelines(words))

    def show_guideline(
        topic: Annotated[str, Field(description="A topic, as guideline/topic or topic.")],
    ) -> str:
        """Show what a guideline says of a topic: recommendations, criteria, pages, confidence."""
        return guarded(lambda: tools.show_guideline(topic))

    def list_queries() -> str:
        """List the queries that can be asked of the store, with their questions and parameters."""
        return guarded(tools.list_queries)

    def query(
        query: Annotated[
            str, Field(description="The name of a query of the library, or a query in SPARQL 1.1.")
        ],
        parameters: Annotated[
            dict[str, str], Field(description="Parameters of a query of the library, by name.")
        ] = {},  # noqa: B006
    ) -> str:
        """Ask the store of determinations: a query of the library, or SPARQL that only reads."""
        return guarded(lambda: tools.query(query, parameters))

    reads_only = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    for tool in (
        case_format, find_concepts, determine, explain, cure, search_guidelines, show_guideline,
        list_queries, query,
    ):  # fmt: skip
        description = " ".join((tool.__doc__ or "").split())
        server.add_tool(
            tool, description=description, annotations=reads_only, structured_output=False
        )
    return server
