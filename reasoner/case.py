"""Stage 1, read: a case file in, a checked ``Case`` out.

A case is RDF whatever it was written in. Nothing half-read leaves this stage: every problem of
a file is gathered, and raised together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from rdflib import RDF, Graph, Literal, URIRef

from reasoner.errors import InputError, Problem
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
    """

    iri: URIRef
    identifier: str
    triples: frozenset[Triple]
    source: str

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
        found = [URIRef(o) for o in self.graph.objects(self.iri, predicate)]
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
            URIRef(t)
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
    file = Path(path)
    data = _read_bytes(file)
    return parse_case(data, str(path), knowledge)


def _read_bytes(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if file.is_dir():
            raise InputError([Problem("This is a folder.", str(file), expected="a case file")])
        if size > MAX_BYTES:
            raise InputError(
                [
                    Problem(
                        f"The file is {size / 1e6:.0f} MB.",
                        str(file),
                        expected=f"a case file of at most {MAX_BYTES / 1e6:.0f} MB",
                    )
                ]
            )
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError([Problem("There is no such file.", str(file))]) from error
    except OSError as error:
        raise InputError([Problem(f"The file cannot be read: {error.strerror}.", str(file))]) from error
    if len(data) > MAX_BYTES:
        raise InputError([Problem(f"The input is over {MAX_BYTES / 1e6:.0f} MB.", str(file))])
    if not data.strip():
        raise InputError([Problem("The file is empty.", str(file))])
    return data


def parse_case(data: bytes, name: str, knowledge: Knowledge) -> Case:
    """Read a case from bytes, as ``read_case`` does from a file.

    Args:
        data: the content of a case file.
        name: its name; the ending tells the format, YAML if it is none of RDF's.
        knowledge: what names the keys and concepts.
    """
    from reasoner.rdfcase import RDF_FORMATS, read_rdf_case
    from reasoner.yamlcase import read_yaml_case

    if len(data) > MAX_BYTES:
        raise InputError([Problem(f"The input is over {MAX_BYTES / 1e6:.0f} MB.", name)])
    suffix = Path(name).suffix.lower()
    if suffix in RDF_FORMATS:
        case = read_rdf_case(data, name, RDF_FORMATS[suffix], knowledge)
    else:
        case = read_yaml_case(data, name, knowledge)
    _check(case, knowledge)
    return case


def _check(case: Case, knowledge: Knowledge) -> None:
    """Check a case against ``shapes/case.ttl`` and for what shapes cannot say."""
    from reasoner.shacl import validate

    problems = [
        Problem(
            f"<{result.focus}> breaks <{result.shape}>"
            + (f" with {result.value}" if result.value else "")
            + ".",
            file=case.source,
            key=_key_of(result.shape, knowledge),
        )
        for result in validate(data=case.graph, shapes=knowledge.form_shapes("case"))
    ]
    problems.extend(_circles(case))
    problems.extend(_grants(case))
    if problems:
        raise InputError(problems)


def _key_of(shape: URIRef, knowledge: Knowledge) -> str | None:
    for form in knowledge.case_format.values():
        for key in form.keys.values():
            if key.shape == shape:
                return key.name
    return None


def _circles(case: Case) -> Iterable[Problem]:
    for request in case.requests:
        seen = [request]
        while (above := case.term(seen[-1], CORE.dependsOn)) is not None:
            if above == request:
                yield Problem(
                    "A request depends on itself: "
                    + " on ".join(str(r).rsplit("#", 1)[-1] for r in [*seen, above])
                    + ".",
                    file=case.source,
                    key="dependsOn",
                )
                break
            if above in seen:
                break
            seen.append(above)


def _grants(case: Case) -> Iterable[Problem]:
    for request in case.requests:
        granted, asked = (
            case.number(request, CORE.granted),
            case.number(request, CORE.quantity),
        )
        if granted is not None and (asked is None or granted >= asked):
            yield Problem(
                f"{granted} granted of {'an unstated quantity' if asked is None else asked};"
                " nothing would be left in dispute.",
                file=case.source,
                key="granted",
                expected="less than the quantity asked for",
            )
