"""Problem: no value can satisfy what a shape asks, or no number of values can.

Why: a criterion that nothing can meet denies every request, and looks like any other denial.
Where the record is silent it is not even noticed.

Mend: read the bounds against the guideline's text. A range is ``sh:minInclusive`` to
``sh:maxInclusive``; "more than" and "less than" are exclusive; a value of ``sh:hasValue`` has to
be among those of ``sh:in``.

Source: W3C SHACL, sections 4.1 to 4.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, product

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.canonical import canonical
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import (
    all_shapes,
    last_steps,
    number,
    path_of,
    properties,
)
from reasoner.authoring.lint.base.vocabulary import Vocabulary, datatype_of, vocabulary_of

RULE = rule_name(__name__)
_Problem = tuple[URIRef, str]


def check(release: Release) -> Iterator[Finding]:
    """Find contradictions within shapes, and between property shapes on one path."""
    vocabulary = vocabulary_of(release)
    for view in release.views:
        for shape in sorted(all_shapes(view.shapes), key=str):
            for predicate, message in _within(view.shapes, vocabulary, shape):
                yield release.finding(
                    RULE,
                    shape,
                    message,
                    "Read the constraints against the guideline's text.",
                    predicate=predicate,
                    reading=view.reading,
                )
            for prop, predicate, message in _between_properties(view.shapes, shape):
                yield release.finding(
                    RULE,
                    prop,
                    message,
                    "Read the property shapes on this path against each other.",
                    predicate=predicate,
                    reading=view.reading,
                )


def _within(graph: Graph, vocabulary: Vocabulary, shape: Node) -> Iterator[_Problem]:
    """Find what a shape itself asks for and cannot have."""
    stated = set(graph.predicates(shape))
    if not stated & _COMPARED:
        return
    yield from _ranges(graph, [shape])
    yield from _counts(graph, [shape])
    yield from _listed(graph, shape)
    yield from _text(graph, shape)
    yield from _classes(graph, vocabulary, shape)
    yield from _of_property(graph, vocabulary, shape)


# What can contradict something: a lower bound alone cannot, nor can a single qualified count.
_COMPARED = frozenset(
    SH[name]
    for name in (
        "maxInclusive", "maxExclusive", "maxCount", "qualifiedMaxCount", "in", "hasValue",
        "datatype", "pattern", "class", "maxLength", "not",
    )
)  # fmt: skip


def _bounds(graph: Graph, shapes: list[Node], parameter: URIRef) -> list[Node]:
    return [o for shape in shapes for o in graph.objects(shape, parameter)]


def _ranges(graph: Graph, shapes: list[Node]) -> Iterator[_Problem]:
    """Find a lower bound at or above an upper one, over the literals of one or more shapes."""
    for low, high in product(
        (SH.minInclusive, SH.minExclusive), (SH.maxInclusive, SH.maxExclusive)
    ):
        for a, b in product(_bounds(graph, shapes, low), _bounds(graph, shapes, high)):
            if _exclude_each_other(a, b, exact=(low, high) == _INCLUSIVE):
                yield low, f"{shown(low)} {a} and {shown(high)} {b} leave no value between them."


_INCLUSIVE = (SH.minInclusive, SH.maxInclusive)


def _exclude_each_other(low: Node, high: Node, *, exact: bool) -> bool:
    if not isinstance(low, Literal) or not isinstance(high, Literal):
        return False
    try:
        return bool(low.value > high.value or (low.value == high.value and not exact))
    except TypeError:  # of different kinds: another rule's
        return False


def _counts(graph: Graph, shapes: list[Node]) -> Iterator[_Problem]:
    for low, high in (
        (SH.minCount, SH.maxCount),
        (SH.qualifiedMinCount, SH.qualifiedMaxCount),
        (SH.qualifiedMinCount, SH.maxCount),
        (SH.minLength, SH.maxLength),
    ):
        least = [n for s in shapes if (n := number(graph, s, low)) is not None]
        most = [n for s in shapes if (n := number(graph, s, high)) is not None]
        if least and most and max(least) > min(most):
            yield low, f"{shown(low)} {max(least)} is above {shown(high)} {min(most)}."


def _listed(graph: Graph, shape: Node) -> Iterator[_Problem]:
    wanted = set(graph.objects(shape, SH.hasValue))
    for head in graph.objects(shape, SH["in"]):
        values = list(graph.items(head))
        if not values:
            yield SH["in"], "sh:in lists nothing, so no value is one of them."
        for value in sorted(wanted - set(values), key=str) if values else ():
            yield SH.hasValue, f"sh:hasValue {shown(value)} is not among the values of sh:in."
    for datatype in graph.objects(shape, SH.datatype):
        listed = [v for head in graph.objects(shape, SH["in"]) for v in graph.items(head)]
        for value in (*sorted(wanted, key=str), *listed):
            if not isinstance(value, Literal) or datatype_of(value) != datatype:
                yield SH.datatype, f"{shown(value)} is asked for and is not of {shown(datatype)}."
        if (shape, SH.nodeKind, SH.IRI) in graph or (shape, SH["class"], None) in graph:
            yield SH.datatype, "sh:datatype asks for a literal, and another constraint for a thing."


def _text(graph: Graph, shape: Node) -> Iterator[_Problem]:
    for pattern in graph.objects(shape, SH.pattern):
        try:
            re.compile(str(pattern))
        except re.error as error:
            yield SH.pattern, f"sh:pattern {pattern} is no regular expression: {error}."


def _classes(graph: Graph, vocabulary: Vocabulary, shape: Node) -> Iterator[_Problem]:
    classes = sorted(c for c in graph.objects(shape, SH["class"]) if isinstance(c, URIRef))
    for one, other in combinations(classes, 2):
        if vocabulary.are_disjoint(one, other):
            yield SH["class"], f"Nothing is both {shown(one)} and {shown(other)}."
    for denied in graph.objects(shape, SH["not"]):
        inner = list(graph.predicate_objects(denied))
        for kind in (o for p, o in inner if p == SH["class"]) if len(inner) <= 2 else ():
            for one in classes:
                if isinstance(kind, URIRef) and vocabulary.is_kind_of(one, kind):
                    yield SH["not"], f"Whatever is {shown(one)} is {shown(kind)}, which is denied."


def _of_property(graph: Graph, vocabulary: Vocabulary, shape: Node) -> Iterator[_Problem]:
    """Find classes and individuals that the values of a path cannot be."""
    path = path_of(graph, shape)
    last = [] if path is None else [p for p, inverse in last_steps(path) if not inverse]
    ranges = [r for p in last if len(last) == 1 for r in vocabulary.ranges.get(p, ())]
    for class_ in graph.objects(shape, SH["class"]):
        for range_ in ranges:
            if isinstance(class_, URIRef) and vocabulary.are_disjoint(class_, range_):
                yield (
                    SH["class"],
                    (
                        f"The values of {shown(last[0])} are {shown(range_)}, and no such thing is"
                        f" {shown(class_)}."
                    ),
                )
    members = [v for head in graph.objects(shape, SH["in"]) for v in graph.items(head)]
    for parameter, values in (
        (SH["in"], members),
        (SH.hasValue, sorted(graph.objects(shape, SH.hasValue), key=str)),
    ):
        for value in values:
            kinds = vocabulary.kinds.get(value) if isinstance(value, URIRef) else None
            for range_ in ranges:
                if kinds and range_ in vocabulary.above and range_ not in kinds:
                    yield (
                        parameter,
                        (
                            f"{shown(value)} is no {shown(range_)}, as the values of"
                            f" {shown(last[0])} are."
                        ),
                    )


def _between_properties(graph: Graph, shape: Node) -> Iterator[tuple[Node, URIRef, str]]:
    """Find property shapes of one shape, on one path, that exclude each other."""
    by_path: dict[object, list[Node]] = {}
    beside = properties(graph, shape)
    for prop in beside if len(beside) > 1 else ():
        node = graph.value(prop, SH.path, any=True)
        if node is not None and (prop, RDF.type, SH.PropertyShape) in graph:
            by_path.setdefault(canonical(graph, node), []).append(prop)
    for together in by_path.values():
        for one, other in combinations(together, 2):
            yield from ((other, *p) for p in _ranges_across(graph, one, other))
            if _same_qualified(graph, one, other):
                yield from ((other, *p) for p in _counts_across(graph, one, other))


def _ranges_across(graph: Graph, one: Node, other: Node) -> Iterator[_Problem]:
    alone = {m for s in (one, other) for _, m in _ranges(graph, [s])}
    yield from ((p, m) for p, m in _ranges(graph, [one, other]) if m not in alone)


def _counts_across(graph: Graph, one: Node, other: Node) -> Iterator[_Problem]:
    alone = {m for s in (one, other) for _, m in _counts(graph, [s])}
    yield from ((p, m) for p, m in _counts(graph, [one, other]) if m not in alone)


def _same_qualified(graph: Graph, one: Node, other: Node) -> bool:
    """Tell whether two property shapes count the same values."""
    counted = [graph.value(s, SH.qualifiedValueShape, any=True) for s in (one, other)]
    if None in counted:
        return counted == [None, None]
    return canonical(graph, counted[0]) == canonical(graph, counted[1])  # type: ignore[arg-type]
