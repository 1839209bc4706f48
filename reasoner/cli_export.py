"""The commands that export determinations, cases, reports, recommendations and releases."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasoner.errors import InputError, Problem

if TYPE_CHECKING:
    from reasoner.determination import Determination
    from reasoner.knowledge import Knowledge


class RdfForm(StrEnum):
    """The syntaxes of RDF."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    RDFXML = "rdfxml"
    TRIG = "trig"
    NQUADS = "nquads"
    JSONLD = "jsonld"


class DeterminationForm(StrEnum):
    """The forms of a determination."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    RDFXML = "rdfxml"
    TRIG = "trig"
    NQUADS = "nquads"
    JSONLD = "jsonld"
    GRAPHML = "graphml"
    GEXF = "gexf"
    CLAIMRESPONSE = "claimresponse"
    GUIDANCERESPONSE = "guidanceresponse"


class RecommendationForm(StrEnum):
    """The forms of a recommendation."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    RDFXML = "rdfxml"
    TRIG = "trig"
    NQUADS = "nquads"
    JSONLD = "jsonld"
    PLANDEFINITION = "plandefinition"


class ReleaseForm(StrEnum):
    """The forms of a release."""

    TURTLE = "turtle"
    NTRIPLES = "ntriples"
    RDFXML = "rdfxml"
    TRIG = "trig"
    NQUADS = "nquads"
    JSONLD = "jsonld"
    OWL = "owl"
    ROCRATE = "rocrate"


class StoreForm(StrEnum):
    """The forms of a store."""

    TRIG = "trig"
    NQUADS = "nquads"
    JSONLD = "jsonld"


class TableForm(StrEnum):
    """The forms of tables."""

    CSV = "csv"
    PARQUET = "parquet"


class Role(StrEnum):
    """Who decides."""

    IMR = "imr"
    UR = "ur"


CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="A case file.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write this file instead of printing.")
]
RoleOption = Annotated[Role, typer.Option("--role", help="Who decides.")]
ReadingOption = Annotated[
    list[str] | None,
    typer.Option("--reading", help="Take an ambiguous passage by this reading."),
]


def _knowledge() -> Knowledge:
    from reasoner.knowledge import load_knowledge

    return load_knowledge()


def _determined(
    case: Path, knowledge: Knowledge, role: Role, reading: list[str] | None
) -> Determination:
    from reasoner.case import read_case
    from reasoner.determination import adjudicate

    return adjudicate(
        read_case(case, knowledge), knowledge, role=role.value, readings=reading or []
    )


def _give(data: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from reasoner.wholefile import whole_file

    with whole_file(out) as unfinished:
        unfinished.write_bytes(data)


def _json(resource: Mapping[str, Any]) -> bytes:
    return (json.dumps(resource, indent=2, ensure_ascii=False) + "\n").encode()


def determination(
    case: CaseArgument,
    to: Annotated[DeterminationForm, typer.Option("--to", help="The form.")],
    role: RoleOption = Role.IMR,
    reading: ReadingOption = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], help="The day that a ClaimResponse bears; else today."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Decide a case, and give the determination in a form of other systems."""
    decided = _determined(case, _knowledge(), role, reading)
    if to is DeterminationForm.CLAIMRESPONSE:
        from reasoner.exports.fhir import claim_response

        created = date.today() if day is None else day.date()
        _give(_json(claim_response(decided.to_dict(), created)), out)
    elif to is DeterminationForm.GUIDANCERESPONSE:
        from reasoner.exports.fhir import guidance_response

        _give(_json(guidance_response(decided.to_dict())), out)
    elif to in (DeterminationForm.GRAPHML, DeterminationForm.GEXF):
        from reasoner.exports.whygraph import to_gexf, to_graphml, why_graph

        write = to_graphml if to is DeterminationForm.GRAPHML else to_gexf
        _give(write(why_graph(decided.to_dict())), out)
    else:
        from reasoner.exports.rdfforms import write_rdf
        from reasoner.store.graphs import determination_graphs

        _give(write_rdf(determination_graphs(decided), to.value, name=str(case)), out)


def case(
    case: CaseArgument,
    to: Annotated[RdfForm, typer.Option("--to", help="The form.")],
    out: OutOption = None,
) -> None:
    """Give a case as RDF."""
    from reasoner.case import read_case
    from reasoner.exports.rdfforms import write_rdf
    from reasoner.store.graphs import case_graph

    graph = case_graph(read_case(case, _knowledge()))
    _give(write_rdf([graph], to.value, name=str(case)), out)


def report(
    case: CaseArgument,
    to: Annotated[RdfForm, typer.Option("--to", help="The form.")] = RdfForm.TURTLE,
    reading: ReadingOption = None,
    with_graphs: Annotated[
        bool, typer.Option("--with-graphs", help="Add the data and the shapes.")
    ] = False,
    out: OutOption = None,
) -> None:
    """Give the SHACL validation report that the decisions were read from, as pySHACL issues it."""
    from reasoner.case import read_case
    from reasoner.exports.rdfforms import write_rdf
    from reasoner.exports.report import report_graphs

    knowledge = _knowledge().under(reading or [])
    graphs = report_graphs(read_case(case, knowledge), knowledge, with_graphs=with_graphs)
    _give(write_rdf(graphs, to.value, name=str(case)), out)


def recommendation(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A topic, as guideline/topic.")],
    to: Annotated[RecommendationForm, typer.Option("--to", help="The form.")],
    out: OutOption = None,
) -> None:
    """Give a recommendation with its criteria: as a FHIR PlanDefinition, or its topic as RDF."""
    from reasoner.exports.plan import find_recommendation, plan_definition, topic_graph

    knowledge = _knowledge()
    found = find_recommendation(name, knowledge)
    if to is RecommendationForm.PLANDEFINITION:
        _give(_json(plan_definition(found, knowledge)), out)
    else:
        from reasoner.exports.rdfforms import write_rdf

        _give(write_rdf([topic_graph(found, knowledge)], to.value, name=name), out)


def release(
    to: Annotated[ReleaseForm, typer.Option("--to", help="The form.")], out: OutOption = None
) -> None:
    """Give this release: ontology, guidelines and shapes."""
    from reasoner.exports.rdfforms import write_rdf
    from reasoner.store.graphs import release_graph

    knowledge = _knowledge()
    if to is ReleaseForm.ROCRATE:
        if out is None:
            raise InputError(
                [Problem("An RO-Crate is a folder.", "--out", expected="a new folder")]
            )
        from reasoner.exports.rocrate import write_crate

        print(f"wrote {out}: {write_crate(knowledge, out)} files")
    elif to is ReleaseForm.OWL:
        from reasoner.exports.owl import ontology_graph

        _give(write_rdf([ontology_graph(knowledge)], "rdfxml", name="release"), out)
    else:
        _give(write_rdf([release_graph(knowledge)], to.value, name="release"), out)


def ontology(
    out: Annotated[Path, typer.Option("--out", help="A new folder.")],
) -> None:
    """Write the ontology as pages to read, an entry for each term, with examples."""
    from reasoner.exports.ontologypages import write_pages

    print(f"wrote {out}: {write_pages(_knowledge(), out):,} terms; begin with index.html")


def tables(
    cases: Annotated[list[Path], typer.Argument(metavar="CASE...", help="Case files.")],
    to: Annotated[TableForm, typer.Option("--to", help="The form.")],
    out: Annotated[Path, typer.Option("--out", help="A new folder.")],
    role: RoleOption = Role.IMR,
    reading: ReadingOption = None,
) -> None:
    """Decide cases, and write their determinations as tables with a data dictionary."""
    from reasoner.exports.tables import write_tables

    knowledge = _knowledge()
    contracts = [_determined(case, knowledge, role, reading).to_dict() for case in cases]
    for name, count in write_tables(contracts, out, to.value).items():
        print(f"wrote {out / name}.{to.value}: {count:,} rows")


def whole_store(
    place: Annotated[str, typer.Argument(metavar="STORE", help="A folder, or an endpoint's URL.")],
    to: Annotated[StoreForm, typer.Option("--to", help="The form.")],
    out: Annotated[Path, typer.Option("--out", help="The file.")],
) -> None:
    """Give all that is in a store."""
    import pyoxigraph as ox

    from reasoner.exports.rdfforms import write_rdf
    from reasoner.store.graphs import NamedGraph
    from reasoner.store.loading import open_store

    found: dict[str, list[str]] = {}
    with open_store(place, new=False) as opened:
        for line in opened.lines():
            for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS):
                assert isinstance(quad.graph_name, ox.NamedNode)
                found.setdefault(quad.graph_name.value, []).append(str(quad.triple))
    graphs = [NamedGraph(name, "", "", tuple(found[name])) for name in sorted(found)]
    _give(write_rdf(graphs, to.value, name=place), out)


def context() -> None:
    """Print the JSON-LD context that exports carry."""
    from reasoner.exports.jsonld import context_document

    print(context_document(), end="")


def register_exports(export: typer.Typer) -> None:
    """Add the commands of this module to ``mtus export``."""
    commands: dict[str, Callable[..., None]] = {
        "determination": determination, "case": case, "report": report,
        "recommendation": recommendation, "release": release, "ontology": ontology,
        "tables": tables, "store": whole_store, "context": context,
    }  # fmt: skip
    for name, command in commands.items():
        export.command(name)(command)
