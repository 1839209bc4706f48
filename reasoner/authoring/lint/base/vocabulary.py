"""What the vocabularies say of properties and classes, as far as rules ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.release import Release
from reasoner.rdf import iris
from reasoner.terms import CORE

_NUMBERS = frozenset(
    XSD[name]
    for name in (
        "decimal", "integer", "double", "float", "long", "int", "short", "byte",
        "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger",
        "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
_TEXTS = frozenset({XSD.string, XSD.normalizedString, XSD.token, RDF.langString})
PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


@dataclass(frozen=True)
class Vocabulary:
    """Properties and classes of a release.

    Attributes:
        data_properties: the properties whose values are literals.
        ranges: for each property, the ranges stated of it.
        above: for each class, every named class that it is a kind of, itself included.
        disjoint: pairs of classes that share no member, either way round.
        kinds: for each individual, every named class that it belongs to.
        comparable: for each property that states a quantity, the properties that give it as a
            number.
    """

    data_properties: frozenset[URIRef]
    ranges: Mapping[URIRef, frozenset[URIRef]]
    above: Mapping[URIRef, frozenset[URIRef]]
    disjoint: frozenset[tuple[URIRef, URIRef]]
    kinds: Mapping[URIRef, frozenset[URIRef]]
    comparable: Mapping[URIRef, tuple[URIRef, ...]]

    def is_kind_of(self, one: URIRef, other: URIRef) -> bool:
        """Tell whether a class is another, or below it."""
        return one == other or other in self.above.get(one, ())

    def are_disjoint(self, one: URIRef, other: URIRef) -> bool:
        """Tell whether two classes are said to share no member."""
        return any(
            (a, b) in self.disjoint
            for a in self.above.get(one, {one})
            for b in self.above.get(other, {other})
        )


def family(datatype: URIRef | None) -> str:
    """Give the kind of values that compare with those of a datatype: number, text, or its own."""
    if datatype in _NUMBERS:
        return "number"
    if datatype is None or datatype in _TEXTS:
        return "text"
    return str(datatype)


def datatype_of(literal: Literal) -> URIRef:
    """Give the datatype of a literal, that of texts included."""
    if literal.language:
        return RDF.langString
    return literal.datatype or XSD.string


def _closed(edges: Mapping[URIRef, set[URIRef]]) -> dict[URIRef, frozenset[URIRef]]:
    closed: dict[URIRef, frozenset[URIRef]] = {}
    for start in edges:
        seen, frontier = {start}, [start]
        while frontier:
            fresh = edges.get(frontier.pop(), set()) - seen
            seen |= fresh
            frontier.extend(fresh)
        closed[start] = frozenset(seen)
    return closed


def _classes_above(graph: Graph) -> dict[URIRef, frozenset[URIRef]]:
    edges: dict[URIRef, set[URIRef]] = {
        c: set() for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)
    }
    for lower, upper in graph.subject_objects(RDFS.subClassOf):
        if isinstance(lower, URIRef) and isinstance(upper, URIRef):
            edges.setdefault(lower, set()).add(upper)
    for defined, expression in graph.subject_objects(OWL.equivalentClass):
        parts: Iterable[Node] = [expression]
        if (intersection := graph.value(expression, OWL.intersectionOf)) is not None:
            parts = graph.items(intersection)
        if isinstance(defined, URIRef):
            edges.setdefault(defined, set()).update(p for p in parts if isinstance(p, URIRef))
    return _closed(edges)


def _disjoint_pairs(graph: Graph) -> frozenset[tuple[URIRef, URIRef]]:
    found: set[tuple[URIRef, URIRef]] = set()
    groups: list[list[Node]] = [list(pair) for pair in graph.subject_objects(OWL.disjointWith)]
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        groups.extend(list(graph.items(head)) for head in graph.objects(axiom, OWL.members))
    for group in groups:
        named = [c for c in group if isinstance(c, URIRef)]
        for one, other in combinations(named, 2):
            found |= {(one, other), (other, one)}
    return frozenset(found)


@lru_cache(maxsize=4)
def vocabulary_of(release: Release) -> Vocabulary:
    """Gather the properties and classes of a release."""
    graph = release.graph
    above = _classes_above(graph)
    ranges: dict[URIRef, set[URIRef]] = {}
    for prop, range_ in graph.subject_objects(RDFS.range):
        if isinstance(prop, URIRef) and isinstance(range_, URIRef):
            ranges.setdefault(prop, set()).add(range_)
    comparable: dict[URIRef, list[URIRef]] = {}
    for derived, stated in sorted(graph.subject_objects(CORE.derivedFrom)):
        if isinstance(derived, URIRef) and isinstance(stated, URIRef):
            comparable.setdefault(stated, []).append(derived)
    kinds = {
        individual: frozenset(
            a for k in iris(graph, individual, RDF.type) for a in above.get(k, ())
        )
        for individual in graph.subjects(RDF.type, OWL.NamedIndividual)
        if isinstance(individual, URIRef)
    }
    return Vocabulary(
        data_properties=frozenset(
            p for p in graph.subjects(RDF.type, OWL.DatatypeProperty) if isinstance(p, URIRef)
        ),
        ranges={p: frozenset(found) for p, found in ranges.items()},
        above=above,
        disjoint=_disjoint_pairs(graph),
        kinds=kinds,
        comparable={p: tuple(found) for p, found in comparable.items()},
    )
