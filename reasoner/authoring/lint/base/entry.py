"""Which classes a request can come to be in, and under what conditions, by the axioms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, product
from typing import TypeAlias

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.release import Release
from reasoner.authoring.lint.base.vocabulary import Vocabulary, vocabulary_of
from reasoner.terms import BASE, CORE

Condition: TypeAlias = tuple[str, ...]
"""``("kind", class)``, ``("value", property, value)`` or ``("some", property, filler...)``."""

_MOST_ALTERNATIVES = 200


def _definitions(graph: Graph) -> dict[URIRef, list[Node]]:
    """Give, for each class, the classes and class expressions whose members belong to it."""
    found: dict[URIRef, list[Node]] = {}
    for lower, upper in graph.subject_objects(RDFS.subClassOf):
        if isinstance(upper, URIRef):
            found.setdefault(upper, []).append(lower)
    for one, other in graph.subject_objects(OWL.equivalentClass):
        for defined, by in ((one, other), (other, one)):
            if isinstance(defined, URIRef):
                found.setdefault(defined, []).append(by)
    return found


@lru_cache(maxsize=4)
def enterable_classes(release: Release) -> frozenset[URIRef]:
    """Give every class that a request can be in.

    A case can ask for each kind of treatment that the vocabularies have. What follows is taken
    from the axioms until nothing is added. Values that a restriction asks for are taken to be
    possible where the property is defined.
    """
    graph, vocabulary = release.graph, vocabulary_of(release)
    definitions = _definitions(graph)
    named = {
        c for c, up in vocabulary.above.items() if CORE.Treatment in up and _is_of_vocabulary(c)
    }
    found = set().union(*(vocabulary.above[c] for c in named)) | {CORE.TreatmentRequest}
    anything = {c for c in vocabulary.above if _is_of_vocabulary(c)}
    grown = True
    while grown:
        fresh = {
            defined
            for defined, by in definitions.items()
            if defined not in found
            and any(_can_be(graph, vocabulary, expression, found, anything) for expression in by)
        }
        grown = bool(fresh)
        found |= fresh
    return frozenset(found)


def _is_of_vocabulary(iri: URIRef) -> bool:
    return str(iri).startswith((f"{BASE}core#", f"{BASE}clinical#"))


def _can_be(
    graph: Graph,
    vocabulary: Vocabulary,
    expression: Node,
    inside: set[URIRef],
    anything: set[URIRef],
) -> bool:
    """Tell whether something can be a member of a class expression.

    Args:
        graph: the ontology.
        vocabulary: which classes exclude each other.
        expression: a class or class expression.
        inside: the classes that it can be in.
        anything: the classes that the things it leads to can be in.
    """
    if isinstance(expression, URIRef):
        return expression in inside or expression == OWL.Thing
    parts = graph.value(expression, OWL.intersectionOf)
    if parts is not None:
        members = list(graph.items(parts))
        named = [m for m in members if isinstance(m, URIRef)]
        return all(_can_be(graph, vocabulary, m, inside, anything) for m in members) and not any(
            vocabulary.are_disjoint(a, b) for a, b in combinations(named, 2)
        )
    union = graph.value(expression, OWL.unionOf)
    if union is not None:
        return any(_can_be(graph, vocabulary, m, inside, anything) for m in graph.items(union))
    filler = graph.value(expression, OWL.someValuesFrom)
    if filler is not None:
        reached = anything | inside
        return _is_datatype(graph, filler) or _can_be(graph, vocabulary, filler, reached, reached)
    return True


def _is_datatype(graph: Graph, filler: Node) -> bool:
    return (
        str(filler).startswith("http://www.w3.org/2001/XMLSchema#")
        or (filler, RDF.type, RDFS.Datatype) in graph
    )


def alternatives(release: Release, class_: URIRef) -> tuple[frozenset[Condition], ...]:
    """Give the ways to come into a class, each as the conditions that together suffice.

    Classes of the vocabularies are conditions themselves; those of a guideline are followed to
    what defines them.
    """
    return _alternatives(release.graph, _definitions_of(release), class_, ())


@lru_cache(maxsize=4)
def _definitions_of(release: Release) -> dict[URIRef, list[Node]]:
    return _definitions(release.graph)


def _alternatives(
    graph: Graph, definitions: dict[URIRef, list[Node]], node: Node, above: tuple[Node, ...]
) -> tuple[frozenset[Condition], ...]:
    if node in above:
        return ()
    if isinstance(node, URIRef):
        if _is_of_vocabulary(node):
            return (frozenset({("kind", str(node))}),)
        ways = (
            way
            for by in definitions.get(node, ())
            for way in _alternatives(graph, definitions, by, (*above, node))
        )
        return tuple(dict.fromkeys(ways))[:_MOST_ALTERNATIVES]
    for predicate in (OWL.intersectionOf, OWL.unionOf):
        head = graph.value(node, predicate)
        if head is None:
            continue
        parts = [_alternatives(graph, definitions, m, (*above, node)) for m in graph.items(head)]
        if predicate == OWL.unionOf:
            return tuple(way for part in parts for way in part)[:_MOST_ALTERNATIVES]
        ways = (frozenset().union(*chosen) for chosen in product(*parts))
        return tuple(dict.fromkeys(ways))[:_MOST_ALTERNATIVES]
    return (frozenset({_restriction(graph, node)}),)


def _restriction(graph: Graph, node: Node) -> Condition:
    on = str(graph.value(node, OWL.onProperty))
    value = graph.value(node, OWL.hasValue)
    if value is not None:
        return ("value", on, str(value))
    filler = graph.value(node, OWL.someValuesFrom)
    return ("some", on, *sorted(_written(graph, filler)))


def _written(graph: Graph, node: Node | None) -> Iterator[str]:
    """Write a class expression so that equal ones are written alike."""
    if not isinstance(node, BNode):
        yield str(node)
        return
    for predicate, value in sorted(graph.predicate_objects(node)):
        if predicate == RDF.type:
            continue
        items = list(graph.items(value)) if (value, RDF.first, None) in graph else [value]
        for item in items:
            for text in _written(graph, item):
                yield f"{predicate} {text}"


def implies(
    vocabulary: Vocabulary, given: frozenset[Condition], wanted: frozenset[Condition]
) -> bool:
    """Tell whether whatever meets some conditions meets others as well, as far as is stated."""
    return all(
        any(
            have == want
            or (
                have[0] == want[0] == "kind"
                and vocabulary.is_kind_of(URIRef(have[1]), URIRef(want[1]))
            )
            for have in given
        )
        for want in wanted
    )
