"""Stage 1, read: a case file in, a checked ``Case`` out.

A case is RDF whatever it was written in. Nothing half-read leaves this stage: every problem of
a file is gathered, and raised together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from rdflib import RDF, Graph, Literal, URIRef

from reasoner.errors import InputError, Problem, shown
from reasoner.knowledge import Knowledge
from reasoner.rdf import Triple, canonical_hash, graph_of
from reasoner.terms import BASE, CORE, Sha256

MAX_BYTES = 5_000_000
"""The largest case file that is read. A case of a thousand facts takes about 200 kB."""

CASE_BASE = BASE + "case/"


@dataclass(frozen=True)
class Case:
    """One injured worker's dispute, as RDF that was checked against ``shapes/case.ttl``.

    Attributes:
        iri: the case.
        identifier: the id that the file gives it.
        triples: all that the file states; no blank nodes.
        source: where it was read from, as the user named it.
        lines: the line of a node's property, where the format has lines.
    """

    iri: URIRef
    identifier: str
    triples: frozenset[Triple]
    source: str
    lines: Mapping[tuple[URIRef, URIRef], int] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def graph(self) -> Graph:
        """The triples as a graph; not to be changed."""
        return graph_of(self.triples)

    @cached_property
    def hash(self) -> Sha256:
        """The RDFC-1.0 hash of the case."""
        return canonical_hash(self.triples)

    def ordered(self, predicate: URIRef) -> tuple[URIRef, ...]:
        """Give what the case has of records, facts or requests, in the order of the file."""
        found = [URIRef(str(o)) for o in self.graph.objects(self.iri, predicate)]
        return tuple(sorted(found, key=lambda node: (self.number(node, CORE.position) or 0, node)))

    @property
    def requests(self) -> tuple[URIRef, ...]:
        """The disputed items, in the order of the file."""
        return self.ordered(CORE.request)

    def number(self, node: URIRef, predicate: URIRef) -> int | None:
        """Give a whole number that is stated of a node, or None."""
        found = self.graph.value(node, predicate)
        return int(found) if isinstance(found, Literal) else None

    def text(self, node: URIRef, predicate: URIRef) -> str | None:
        """Give a text that is stated of a node, or None."""
        found = self.graph.value(node, predicate)
        return None if found is None else str(found)

    def term(self, node: URIRef, predicate: URIRef) -> URIRef | None:
        """Give a node that is stated of a node, or None."""
        found = self.graph.value(node, predicate)
        return found if isinstance(found, URIRef) else None

    def day(self, node: URIRef, predicate: URIRef = CORE.date) -> date | None:
        """Give a date that is stated of a node, or None."""
        found = self.graph.value(node, predicate)
        value = found.toPython() if isinstance(found, Literal) else None
        return value if isinstance(value, date) else None

    @cached_property
    def utilization_review(self) -> URIRef | None:
        """The utilization review decision, if the file has one."""
        return self.term(self.iri, CORE.utilizationReview)

    def request_date(self, request: URIRef) -> date | None:
        """Give the day that picks the guideline edition: of the request, else of the review."""
        stated = self.day(request)
        if stated is None and self.utilization_review is not None:
            return self.day(self.utilization_review)
        return stated

    def concept(self, node: URIRef, knowledge: Knowledge) -> URIRef:
        """Give the clinical concept that a fact, record, request or ingredient is stated to be."""
        kinds = [
            URIRef(str(t))
            for t in self.graph.objects(node, RDF.type)
            if t not in _STRUCTURE and t in knowledge.concepts.ancestors
        ]
        return min(
            kinds,
            key=lambda kind: (-len(knowledge.concepts.ancestors[kind]), kind),
            default=CORE.Documentable,
        )


_STRUCTURE = frozenset(
    CORE[name]
    for name in ("Case", "Worker", "Injury", "UtilizationReview", "Fact", "TreatmentRequest",
                 "Ingredient", "Reviewer")
)  # fmt: skip


def read_case(path: str | Path, knowledge: Knowledge) -> Case:
    """Read a case file.

    Args:
        path: a YAML case file, or a case as Turtle, TriG, N-Triples, N-Quads, JSON-LD or
            RDF/XML; told apart by the file's ending.
        knowledge: what names the keys and concepts.

    Raises:
        InputError: with every problem found, each with file, line and key where the format has
            lines; nothing is adjudicated in part.
    """
    return parse_case(_read_bytes(Path(path)), str(path), knowledge)


def _read_bytes(file: Path) -> bytes:
    def fail(message: str, expected: str | None = None) -> InputError:
        name = shown(str(file), most=_LONGEST_PATH)[1:-1]
        return InputError([Problem(message, name, expected=expected)])

    try:
        if file.is_dir():
            raise fail("This is a folder.", "a case file")
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise fail(f"The file has {size / 1e6:,.0f} MB.", _EXPECTED_SIZE)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)  # a pipe or device has no size beforehand
    except FileNotFoundError as error:
        raise fail("There is no such file.") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise fail(f"The file cannot be read: {why}.") from error


def parse_case(data: bytes, name: str, knowledge: Knowledge) -> Case:
    """Read a case from bytes, as ``read_case`` does from a file.

    Args:
        data: the content of a case file.
        name: its name; the ending tells the format, YAML if it is none of RDF's.
        knowledge: what names the keys and concepts.

    Raises:
        InputError: with every problem found.
    """
    from reasoner.casecheck import check_case
    from reasoner.rdfcase import RDF_FORMATS, read_rdf_case
    from reasoner.yamlcase import read_yaml_case

    text = _decode(data, name)
    suffix = Path(name).suffix.lower()
    if suffix in RDF_FORMATS:
        case = read_rdf_case(text, name, RDF_FORMATS[suffix], knowledge)
    else:
        case = read_yaml_case(text, name, knowledge)
    check_case(case, knowledge)
    return case


def _decode(data: bytes, name: str) -> str:
    def fail(message: str, line: int | None = None) -> InputError:
        return InputError([Problem(message, name, line, expected="a case file in UTF-8")])

    if len(data) > MAX_BYTES:
        raise InputError(
            [
                Problem(
                    f"The input has over {MAX_BYTES / 1e6:,.0f} MB.", name, expected=_EXPECTED_SIZE
                )
            ]
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fail("The file is text in UTF-16.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in data:
            raise fail("The file is not text.") from error
        raise fail("The text is not in UTF-8.", data.count(b"\n", 0, error.start) + 1) from error
    if "\x00" in text:
        raise fail("The file is not text.")
    if not text.strip():
        raise fail("The file is empty.")
    return text


_LONGEST_PATH = 4096
_EXPECTED_SIZE = f"at most {MAX_BYTES / 1e6:.0f} MB"
