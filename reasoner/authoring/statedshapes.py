"""What a criterion shape states, parameter by parameter, and where two of them differ."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.terms import BASE, CORE, local_name


def stated_of(shapes: Graph, shape: URIRef) -> dict[str, list[str]]:
    """Give what the shape of a criterion states, each parameter by its place and name."""
    found: dict[str, list[str]] = {}
    seen: set[Node] = set()
    frontier: list[Node] = [shape]
    while frontier:
        node = frontier.pop()
        if node in seen:
            continue
        seen.add(node)
        for predicate, value in shapes.predicate_objects(node):
            if predicate in (RDF.type, CORE.criterion):
                continue
            key = f"{local_name(str(node))} {_short(predicate)}"
            found.setdefault(key, []).append(_value(shapes, value))
            if isinstance(value, URIRef) and (value, None, None) in shapes:
                frontier.append(value)
            elif isinstance(value, BNode):
                frontier.extend(i for i in _leaves(shapes, value) if isinstance(i, URIRef))
    return {key: sorted(values) for key, values in found.items()}


def _leaves(graph: Graph, node: Node) -> Iterator[Node]:
    """Give what a list, or a path, is made of."""
    for predicate, value in graph.predicate_objects(node):
        if isinstance(value, BNode):
            yield from _leaves(graph, value)
        elif predicate != RDF.rest:
            yield value


def _value(graph: Graph, value: Node) -> str:
    if isinstance(value, Literal):
        return " ".join(str(value).split())
    if not isinstance(value, BNode):
        return _short(value)
    if (value, RDF.first, None) in graph:
        return "( " + " ".join(_value(graph, item) for item in graph.items(value)) + " )"
    parts = sorted(f"{_short(p)} {_value(graph, o)}" for p, o in graph.predicate_objects(value))
    return "[ " + " ; ".join(parts) + " ]"


def _short(term: Node) -> str:
    text = str(term)
    for base, prefix in ((str(SH), "sh:"), (BASE + "core#", "core:"), (BASE + "clinical#", "")):
        if text.startswith(base):
            return prefix + text.removeprefix(base)
    return local_name(text)


def restated(before: dict[str, list[str]], after: dict[str, list[str]]) -> Iterator[str]:
    """Tell what two descriptions of a shape state differently, a line for each parameter."""
    for key in sorted({*before, *after}):
        was, now = before.get(key, []), after.get(key, [])
        gone = [v for v in was if v not in now]
        come = [v for v in now if v not in was]
        if gone and come:
            yield f"{key}: {', '.join(gone)} -> {', '.join(come)}"
        elif gone:
            yield f"{key}: {', '.join(gone)} is gone"
        elif come:
            yield f"{key}: {', '.join(come)} is new"
