"""Shapes as rules look at them: which criterion a shape checks, what it asks along which path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.errors import KnowledgeError
from reasoner.paths import Path, parse_path
from reasoner.terms import CORE

PARAMETERS_ALLOWED_ONCE = frozenset(
    SH[name]
    for name in (
        "path", "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive",
        "maxExclusive", "maxInclusive", "minLength", "maxLength", "in", "qualifiedValueShape",
        "qualifiedMinCount", "qualifiedMaxCount", "uniqueLang", "closed", "severity", "deactivated",
    )
)  # fmt: skip
"""Parameters of which a shape may have one (SHACL sections 2 and 4)."""

TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_LISTS = (SH["and"], SH["or"], SH.xone)
_SINGLE = (SH.property, SH.node, SH.qualifiedValueShape, SH["not"])

VALUE_CONSTRAINTS = (
    SH.maxInclusive, SH.maxExclusive, SH.minInclusive, SH.minExclusive, SH["in"], SH["not"],
    SH["or"], SH["and"], SH.xone, SH.node, SH["class"], SH.pattern, SH.minLength, SH.maxLength,
    SH.lessThan, SH.lessThanOrEquals, SH.disjoint, SH.languageIn,
)  # fmt: skip
"""Constraints on each value of a path, which hold where there is no value."""


@dataclass(frozen=True, slots=True)
class CriterionShape:
    """The node shape that checks a criterion.

    Attributes:
        criterion: the criterion, as the shape names it.
        shape: the node shape.
        targets: its target classes.
        properties: its property shapes.
    """

    criterion: URIRef
    shape: URIRef
    targets: tuple[URIRef, ...]
    properties: tuple[Node, ...]


def criterion_shapes(graph: Graph) -> Iterator[CriterionShape]:
    """Give every shape that has a target class and names a criterion, by criterion."""
    for shape in sorted(set(graph.subjects(SH.targetClass, None)), key=str):
        criterion = graph.value(shape, CORE.criterion, any=True)
        if isinstance(shape, URIRef) and isinstance(criterion, URIRef):
            targets = (t for t in graph.objects(shape, SH.targetClass) if isinstance(t, URIRef))
            yield CriterionShape(criterion, shape, tuple(sorted(targets)), properties(graph, shape))


def properties(graph: Graph, shape: Node) -> tuple[Node, ...]:
    """Give the property shapes of a shape, sorted."""
    return tuple(sorted(graph.objects(shape, SH.property), key=str))


def path_of(graph: Graph, shape: Node) -> Path | None:
    """Give the path of a property shape; None if it has none, or one that is not understood."""
    node = graph.value(shape, SH.path, any=True)
    if node is None:
        return None
    try:
        return parse_path(graph, node)
    except KnowledgeError:
        return None


def steps(path: Path) -> Iterator[URIRef]:
    """Give every predicate of a path."""
    if isinstance(path, URIRef):
        yield path
    else:
        for part in path[1]:
            yield from steps(part)


def last_steps(path: Path) -> Iterator[tuple[URIRef, bool]]:
    """Give the predicates that lead to the values of a path, and whether each is inverted."""
    if isinstance(path, URIRef):
        yield path, False
        return
    form, parts = path
    if form == "sequence":
        yield from last_steps(parts[-1])
    elif form == "alternative":
        for part in parts:
            yield from last_steps(part)
    else:
        for predicate, inverse in last_steps(parts[0]):
            yield predicate, not inverse


def leads_past(path: Path, other: Path) -> bool:
    """Tell whether a path is another, or goes on from where the other ends."""
    return path == other or _parts(path)[: len(_parts(other))] == _parts(other)


def _parts(path: Path) -> tuple[Path, ...]:
    return path[1] if not isinstance(path, URIRef) and path[0] == "sequence" else (path,)


def number(graph: Graph, shape: Node, parameter: URIRef) -> Decimal | None:
    """Give the value of a parameter that is a number; None if it has none or another kind."""
    found = graph.value(shape, parameter, any=True)
    if not isinstance(found, Literal):
        return None
    try:
        return Decimal(str(found))
    except InvalidOperation:
        return None


def demands_presence(graph: Graph, shape: Node) -> bool:
    """Tell whether a property shape asks for a value to be there."""
    return (
        (number(graph, shape, SH.minCount) or 0) >= 1
        or (number(graph, shape, SH.qualifiedMinCount) or 0) >= 1
        or (shape, SH.hasValue, None) in graph
    )


def presumed_met(graph: Graph, criterion: Node) -> bool:
    """Tell whether a criterion says that silence counts as met."""
    return (criterion, CORE.whenSilent, CORE.PresumedMet) in graph


def below(graph: Graph, shape: Node) -> Iterator[Node]:
    """Give the shapes that a shape uses directly."""
    for predicate in _SINGLE:
        yield from graph.objects(shape, predicate)
    for predicate in _LISTS:
        for head in graph.objects(shape, predicate):
            yield from graph.items(head)


def reachable(graph: Graph, shape: Node) -> list[Node]:
    """Give a shape and every shape that it uses, each once, the nearest first."""
    seen = [shape]
    for current in seen:
        seen.extend(s for s in sorted(set(below(graph, current)), key=str) if s not in seen)
    return seen


def all_shapes(graph: Graph) -> set[Node]:
    """Give everything that is a shape: by its type, by a target, or because a shape uses it."""
    found: set[Node] = set(graph.subjects(RDF.type, SH.NodeShape))
    found |= set(graph.subjects(RDF.type, SH.PropertyShape))
    for target in TARGETS:
        found |= set(graph.subjects(target, None))
    return found | used_shapes(graph)


def used_shapes(graph: Graph) -> set[Node]:
    """Give everything that is used as a shape."""
    found = {o for predicate in _SINGLE for o in graph.objects(None, predicate)}
    for predicate in _LISTS:
        for head in graph.objects(None, predicate):
            found |= set(graph.items(head))
    return found


def text_of_queries(graph: Graph, shape: Node) -> list[tuple[Node, str]]:
    """Give the SPARQL constraints of a shape and its property shapes, each with its query."""
    return [
        (constraint, str(query))
        for owner in (shape, *properties(graph, shape))
        for constraint in sorted(graph.objects(owner, SH.sparql), key=str)
        for query in graph.objects(constraint, SH.select)
    ]
