"""Axioms one by one: which of an ontology matter to a class, and which are enough to break it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.rdf import Triple
from reasoner.terms import local_name

_DECLARED = frozenset(
    {
        OWL.Class,
        OWL.ObjectProperty,
        OWL.DatatypeProperty,
        OWL.AnnotationProperty,
        OWL.NamedIndividual,
        OWL.Restriction,
        RDFS.Datatype,
    }
)
_WORDS = {
    RDFS.subClassOf: "is a kind of",
    OWL.equivalentClass: "is the same as",
    OWL.disjointWith: "shares no member with",
    RDFS.domain: "is stated only of",
    RDFS.range: "leads only to",
    RDFS.subPropertyOf: "is a case of",
    RDF.type: "is",
    OWL.members: "share no member",
    OWL.distinctMembers: "are different",
}


@dataclass(frozen=True)
class Axiom:
    """One axiom or assertion with the blank nodes that it is made of.

    Attributes:
        root: the triple that states it.
        triples: that triple, and those of its blank nodes.
    """

    root: Triple
    triples: tuple[Triple, ...]


def axioms_of(graph: Graph, logical: Callable[[Triple], bool]) -> tuple[list[Triple], list[Axiom]]:
    """Take an ontology apart.

    Args:
        graph: the ontology.
        logical: tells whether a triple bears on what follows.

    Returns:
        The declarations, which belong to every part of it, and the axioms, sorted.
    """
    declarations: list[Triple] = []
    axioms: list[Axiom] = []
    nested = {o for o in graph.objects() if isinstance(o, BNode)}
    for triple in graph:
        subject, predicate, value = triple
        if subject in nested or not logical(triple):
            continue
        if predicate == RDF.type and value in _DECLARED:
            declarations.append(triple)
        elif not (isinstance(subject, BNode) and predicate in _EXPRESSION):
            axioms.append(Axiom(triple, _with_blank_nodes(graph, triple)))
    axioms.sort(key=lambda a: show(graph, a))
    return declarations, axioms


# What makes a blank node on the left of an axiom the expression that it is.
_EXPRESSION = frozenset(
    {OWL.intersectionOf, OWL.unionOf, OWL.onProperty, OWL.someValuesFrom, OWL.hasValue, RDF.type}
)


def _with_blank_nodes(graph: Graph, root: Triple) -> tuple[Triple, ...]:
    found: dict[Triple, None] = {root: None}
    frontier = [node for node in (root[0], root[2]) if isinstance(node, BNode)]
    seen: set[Node] = set()
    while frontier:
        node = frontier.pop()
        if node in seen:
            continue
        seen.add(node)
        for triple in graph.triples((node, None, None)):
            found[triple] = None
            if isinstance(triple[2], BNode):
                frontier.append(triple[2])
    return tuple(found)


def module(axioms: Sequence[Axiom], start: Iterable[URIRef]) -> list[Axiom]:
    """Give the axioms that can matter to what some classes are made to be.

    An axiom matters once everything on its left is known to matter: what a class is a kind of,
    what it is disjoint with, what follows from the properties that come in.

    Source: after the locality of Cuenca Grau et al., "Modular Reuse of Ontologies" (2008),
    which is decided here by names alone; whoever uses a module has to check that it is enough.
    """
    known: set[Node] = set(start)
    chosen: dict[Triple, Axiom] = {}
    grown = True
    while grown:
        grown = False
        for axiom in axioms:
            if axiom.root not in chosen and _left(axiom) <= known:
                chosen[axiom.root] = axiom
                known |= {t for triple in axiom.triples for t in triple if isinstance(t, URIRef)}
                grown = True
    return list(chosen.values())


def _left(axiom: Axiom) -> set[Node]:
    """Give the names that an axiom is about; none of a disjointness, which is about any pair."""
    subject, predicate, value = axiom.root
    if predicate in (OWL.members, OWL.distinctMembers):
        return set()
    if not isinstance(subject, BNode):
        return {subject}
    below: set[Node] = set()
    frontier: list[Node] = [subject]
    stated: dict[Node, list[Triple]] = {}
    for triple in axiom.triples:
        stated.setdefault(triple[0], []).append(triple)
    while frontier:
        for _, inner, node in stated.get(frontier.pop(), ()):
            if isinstance(node, BNode):
                frontier.append(node)
            elif inner in (RDF.first, OWL.someValuesFrom):
                below.add(node)
    return below - {value, RDF.nil}


def smallest(
    background: Sequence[Axiom],
    candidates: Sequence[Axiom],
    breaks: Callable[[Sequence[Axiom]], bool],
) -> list[Axiom]:
    """Give a smallest part of the candidates that breaks what the whole breaks.

    Args:
        background: what is kept in any case.
        candidates: axioms that together with the background break it.
        breaks: tells whether axioms break it.

    Source: Junker, "QuickXplain: Preferred Explanations and Relaxations for Over-Constrained
    Problems" (AAAI 2004).
    """
    if not candidates or breaks(background):
        return []
    return _smallest(list(background), False, list(candidates), breaks)


def _smallest(
    background: list[Axiom],
    grown: bool,
    candidates: list[Axiom],
    breaks: Callable[[Sequence[Axiom]], bool],
) -> list[Axiom]:
    if grown and breaks(background):
        return []
    if len(candidates) == 1:
        return candidates
    middle = len(candidates) // 2
    first, second = candidates[:middle], candidates[middle:]
    of_second = _smallest([*background, *first], True, second, breaks)
    of_first = _smallest([*background, *of_second], bool(of_second), first, breaks)
    return [*of_first, *of_second]


def show(graph: Graph, axiom: Axiom) -> str:
    """Write an axiom so that an author recognises it."""
    subject, predicate, value = axiom.root
    words = _WORDS.get(URIRef(str(predicate)), local_name(str(predicate)))
    if predicate in (OWL.members, OWL.distinctMembers):
        return f"{', '.join(_name(graph, item) for item in graph.items(value))} {words}"
    return f"{_name(graph, subject)} {words} {_name(graph, value)}"


def _name(graph: Graph, node: Node | None) -> str:
    if isinstance(node, Literal):
        return str(node)
    if not isinstance(node, BNode):
        return local_name(str(node))
    for predicate, joined in ((OWL.intersectionOf, " and "), (OWL.unionOf, " or ")):
        head = graph.value(node, predicate)
        if head is not None:
            return "(" + joined.join(_name(graph, item) for item in graph.items(head)) + ")"
    if (denied := graph.value(node, OWL.complementOf)) is not None:
        return f"not {_name(graph, denied)}"
    on = _name(graph, graph.value(node, OWL.onProperty))
    for predicate, word in ((OWL.someValuesFrom, "some"), (OWL.allValuesFrom, "only")):
        filler = graph.value(node, predicate)
        if filler is not None:
            return f"({on} {word} {_name(graph, filler)})"
    if (value := graph.value(node, OWL.hasValue)) is not None:
        return f"({on} {_name(graph, value)})"
    return f"(a condition on {on})"
