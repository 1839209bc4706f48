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
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """A graph of the store with what its catalogue says of it.

    Attributes:
        name: its IRI, which is that of what it holds.
        kind: ``release``, ``case``, ``determination`` or ``letter``.
        identifier: the hash of its content or, of a letter, its name.
        derived_from: what it was derived from.
    """

    name: str
    kind: str
    identifier: str
    triples: tuple[ox.Triple, ...] = field(repr=False)
    derived_from: tuple[str, ...] = ()


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


def canonical(triples: Iterable[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Give triples once each, sorted, with the blank node labels of RDFC-1.0."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return tuple(sorted((quad.triple for quad in dataset), key=str))


def case_graph(case: Case) -> NamedGraph:
    """Give a case as a graph."""
    triples = tuple(quad.triple for quad in quads(sorted(case.triples)))
    return NamedGraph(str(case.iri), "case", case.hash, triples)


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
        tuple(quad.triple for quad in quads(sorted(own))),
        (case.name, release_name(determination.knowledge.release)),
    )


@dataclass(frozen=True)
class CaseTerms:
    """What a case can state; all else that is said of it belongs to the determination."""

    properties: frozenset[str]
    kinds: frozenset[str]

    def stated(self, triple: ox.Triple) -> bool:
        """Tell whether a triple about a case is one of the case."""
        if triple.predicate.value == _TYPE:
            return isinstance(triple.object, ox.NamedNode) and triple.object.value in self.kinds
        return triple.predicate.value in self.properties


def case_terms(knowledge: Knowledge) -> CaseTerms:
    """Gather the properties and kinds that a case file can state."""
    paths = {str(k.path) for form in knowledge.case_format.values() for k in form.keys.values()}
    return CaseTerms(
        frozenset(paths | {str(CORE.position)}), frozenset(map(str, knowledge.concepts.ancestors))
    )


def content_hash(triples: Iterable[ox.Triple]) -> Sha256:
    """Hash triples without blank nodes as RDFC-1.0 does: sorted lines of N-Quads."""
    lines = sorted(f"{triple} .\n" for triple in triples)
    return Sha256(hashlib.sha256("".join(lines).encode()).hexdigest())


def split(triples: Iterable[ox.Triple], file: str, terms: CaseTerms) -> Iterator[NamedGraph]:
    """Take determinations and their cases apart, out of what a file holds.

    Args:
        triples: what the file holds, its named graphs merged.
        file: its name, for messages.
        terms: what a case can state.

    Raises:
        InputError: if it holds no determination, one that is not whole, or something else beside.
    """
    about: dict[str, list[ox.Triple]] = {}
    for triple in dict.fromkeys(triples):
        if not isinstance(triple.subject, ox.NamedNode):
            raise _problem("It holds a blank node; no determination of ours has one.", file)
        about.setdefault(triple.subject.value.partition("#")[0], []).append(triple)
    names = [
        name
        for name, said in about.items()
        if name.startswith(DETERMINATIONS) and _one(said, name, _TYPE, str(CORE.Determination))
    ]
    if not names:
        raise _problem("The file holds no determination.", file, "one core:Determination")
    used: set[str] = set()
    cases: dict[str, list[ox.Triple]] = {}
    for name in names:
        case_name = _value(about[name], name, str(CORE.determines), file)
        release = _value(about[name], name, str(CORE.releaseHash), file)
        if not case_name.startswith(CASES):
            raise _problem(f"{name} determines no case of ours.", file, CASES + "...")
        said = about.get(case_name, [])
        stated = [t for t in said if terms.stated(t)]
        digest = content_hash(stated)
        if digest != _value(about[name], name, str(CORE.caseHash), file):
            raise _problem(
                f"{name} was made of another case than it carries, or the file is not whole.", file
            )
        cases[case_name] = stated
        beside = {
            t.object.value
            for t in about[name]
            if t.predicate.value.startswith(_PROV) and isinstance(t.object, ox.NamedNode)
        } - {case_name, name}
        own = [t for part in (name, *beside) for t in about.get(part, ())]
        own += [t for t in said if not terms.stated(t)]
        used |= {name, case_name, *beside}
        yield NamedGraph(case_name, "case", digest, tuple(stated))
        yield NamedGraph(
            name,
            "determination",
            name.removeprefix(DETERMINATIONS),
            tuple(dict.fromkeys(own)),
            (case_name, release_name(release)),
        )
    if loose := sorted(set(about) - used):
        raise _problem(f"No determination leads to <{loose[0]}>.", file)


def _one(said: Iterable[ox.Triple], subject: str, predicate: str, value: str) -> bool:
    return any(
        t.subject == ox.NamedNode(subject)
        and t.predicate.value == predicate
        and t.object == ox.NamedNode(value)
        for t in said
    )


def _value(said: Iterable[ox.Triple], subject: str, predicate: str, file: str) -> str:
    found = {
        t.object.value
        for t in said
        if t.subject == ox.NamedNode(subject)
        and t.predicate.value == predicate
        and isinstance(t.object, (ox.NamedNode, ox.Literal))
    }
    if len(found) != 1:
        raise _problem(f"{subject} has {len(found)} values of <{predicate}>.", file, "one")
    return found.pop()


def _problem(message: str, file: str, expected: str | None = None) -> InputError:
    return InputError([Problem(message, file, expected=expected)])
