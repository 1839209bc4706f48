"""The named graphs of a store: a release, a case, a determination, a reviewer's letter.

Each bears the name of what it holds, so a query goes from one to the next by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from reasoner.errors import InputError, KnowledgeError, Problem
from reasoner.rdf import quads
from reasoner.store.names import CASES, DETERMINATIONS, release_name
from reasoner.terms import CORE, Sha256

if TYPE_CHECKING:
    from reasoner.case import Case
    from reasoner.determination import Determination
    from reasoner.knowledge import Knowledge

_PROV = "http://www.w3.org/ns/prov#"
_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """A graph of the store with what its catalogue says of it.

    Attributes:
        name: its IRI, which is that of what it holds.
        kind: ``release``, ``case``, ``determination`` or ``letter``.
        identifier: the hash of its content or, of a letter, its name.
        lines: its triples in N-Triples, each without the dot; a store takes them as they are.
        derived_from: what it was derived from.
    """

    name: str
    kind: str
    identifier: str
    lines: tuple[str, ...] = field(repr=False)
    derived_from: tuple[str, ...] = ()

    @property
    def triples(self) -> tuple[ox.Triple, ...]:
        """Its triples."""
        text = "".join(f"{line} .\n" for line in self.lines)
        return tuple(q.triple for q in ox.parse(text, format=ox.RdfFormat.N_TRIPLES))


def lines_of(triples: Iterable[ox.Triple | ox.Quad]) -> tuple[str, ...]:
    """Give triples as the lines of a graph."""
    return tuple(map(str, triples))


def release_graph(knowledge: Knowledge) -> NamedGraph:
    """Give a release as a graph: all its files but the overlays, which contradict one another.

    Raises:
        KnowledgeError: if a file is no Turtle.
    """
    found: list[ox.Triple] = []
    for name, data in knowledge.sources.files.items():
        if name.startswith("ontology/readings/"):
            continue
        try:
            found.extend(quad.triple for quad in ox.parse(data, format=ox.RdfFormat.TURTLE))
        except SyntaxError as error:
            raise KnowledgeError(f"{name}: {error}") from error
    name = release_name(knowledge.release)
    return NamedGraph(name, "release", knowledge.release, canonical(found))


def canonical(triples: Iterable[ox.Triple]) -> tuple[str, ...]:
    """Give triples as lines, once each, sorted, with the blank node labels of RDFC-1.0."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return tuple(sorted(lines_of(quad.triple for quad in dataset)))


def case_graph(case: Case) -> NamedGraph:
    """Give a case as a graph."""
    lines = lines_of(quad.triple for quad in quads(sorted(case.triples)))
    return NamedGraph(str(case.iri), "case", case.hash, lines)


def determination_graphs(determination: Determination) -> tuple[NamedGraph, NamedGraph]:
    """Give a case and its determination as graphs."""
    from reasoner.provenance import to_triples

    case = case_graph(determination.case)
    own = set(to_triples(determination)) - determination.case.triples
    iri = str(determination.iri)
    return case, NamedGraph(
        iri,
        "determination",
        iri.removeprefix(DETERMINATIONS),
        lines_of(quad.triple for quad in quads(sorted(own))),
        (case.name, release_name(determination.knowledge.release)),
    )


@dataclass(frozen=True)
class CaseTerms:
    """What a case can state, as it stands in N-Triples; all else belongs to the determination."""

    properties: frozenset[str]
    kinds: frozenset[str]

    def stated(self, line: str) -> bool:
        """Tell whether a triple about a case is one of the case."""
        _, predicate, value = line.split(" ", 2)
        return value in self.kinds if predicate == _A else predicate in self.properties


def case_terms(knowledge: Knowledge) -> CaseTerms:
    """Gather the properties and kinds that a case file can state."""
    paths = {str(k.path) for form in knowledge.case_format.values() for k in form.keys.values()}
    return CaseTerms(
        frozenset(f"<{path}>" for path in paths | {str(CORE.position)}),
        frozenset(f"<{kind}>" for kind in knowledge.concepts.ancestors),
    )


def content_hash(lines: Iterable[str]) -> Sha256:
    """Hash triples without blank nodes as RDFC-1.0 does: sorted lines of N-Quads."""
    text = "".join(f"{line} .\n" for line in sorted(lines))
    return Sha256(hashlib.sha256(text.encode()).hexdigest())


def split(lines: Iterable[str], file: str, terms: CaseTerms) -> Iterator[NamedGraph]:
    """Take determinations and their cases apart, out of what a file holds.

    Args:
        lines: what the file holds, its named graphs merged, as the lines of a graph.
        file: its name, for messages.
        terms: what a case can state.

    Raises:
        InputError: if it holds no determination, one that is not whole, or something else beside.
    """
    about: dict[str, dict[str, None]] = {}  # lines once each: one may stand in several graphs
    said: dict[str, None] = {}
    begin: tuple[str, ...] = ("\0",)
    for line in lines:
        if not line.startswith(begin):  # mostly it is of what the line before is of
            if not line.startswith("<"):
                raise _problem("It holds a blank node; no determination of ours has one.", file)
            at = line[1 : line.index(">")].partition("#")[0]
            said = about.setdefault(at, {})
            begin = (f"<{at}#", f"<{at}>")
        said[line] = None
    names = [
        name
        for name, said in about.items()
        if name.startswith(DETERMINATIONS) and f"<{name}> {_A} <{CORE.Determination}>" in said
    ]
    if not names:
        raise _problem("The file holds no determination.", file, "one core:Determination")
    used: set[str] = set()
    for name in names:
        of_itself = [line for line in about[name] if line.startswith(f"<{name}> ")]
        case_name = _value(of_itself, name, str(CORE.determines), file)
        release = _value(of_itself, name, str(CORE.releaseHash), file)
        if not case_name.startswith(CASES):
            raise _problem(f"{name} determines no case of ours.", file, CASES + "...")
        stated: list[str] = []
        other: list[str] = []
        for line in about.get(case_name, ()):
            (stated if terms.stated(line) else other).append(line)
        digest = content_hash(stated)
        if digest != _value(of_itself, name, str(CORE.caseHash), file):
            raise _problem(
                f"{name} was made of another case than it carries, or the file is not whole.", file
            )
        beside = {
            value[1:-1]
            for line in about[name]
            if f" <{_PROV}" in line  # looked for first, as few lines have it
            for _, predicate, value in (line.split(" ", 2),)
            if predicate.startswith(f"<{_PROV}") and value.startswith("<")
        } - {case_name, name}
        own = [line for part in (name, *beside) for line in about.get(part, ())] + other
        used |= {name, case_name, *beside}
        yield NamedGraph(case_name, "case", digest, tuple(stated))
        yield NamedGraph(
            name,
            "determination",
            name.removeprefix(DETERMINATIONS),
            tuple(own),
            (case_name, release_name(release)),
        )
    if loose := sorted(set(about) - used):
        raise _problem(f"No determination leads to <{loose[0]}>.", file)


def _value(said: Iterable[str], subject: str, predicate: str, file: str) -> str:
    """Give the one value, an IRI or a string, that a subject has for a property."""
    begin = f"<{subject}> <{predicate}> "
    values = {line.removeprefix(begin) for line in said if line.startswith(begin)}
    found = {v[1:-1] for v in values if v[0] in '<"' and v[-1] in '>"' and "^^" not in v}
    if len(found) != 1:
        raise _problem(f"{subject} has {len(found)} values of <{predicate}>.", file, "one")
    return found.pop()


def _problem(message: str, file: str, expected: str | None = None) -> InputError:
    return InputError([Problem(message, file, expected=expected)])
