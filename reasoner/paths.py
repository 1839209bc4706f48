"""SHACL property paths, followed with the nodes they lead through.

A SHACL report names the value that failed. What an explanation needs besides is the fact on
the way to it: for ``( core:priorTreatment core:reliefPercent )`` and the value 30, the prior
treatment. Source: SHACL section 2.3.1; the forms that criterion shapes use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from reasoner.errors import KnowledgeError

Path: TypeAlias = URIRef | tuple[str, tuple["Path", ...]]
"""A predicate, or one of ``sequence``, ``alternative`` and ``inverse`` with its parts."""


def parse_path(shapes: Graph, node: Node) -> Path:
    """Read a path from a shapes graph.

    Raises:
        KnowledgeError: if the path is of a form that criterion shapes may not use.
    """
    if isinstance(node, URIRef):
        return node
    if (node, RDF.first, None) in shapes:
        return ("sequence", tuple(parse_path(shapes, step) for step in shapes.items(node)))
    alternatives = shapes.value(node, SH.alternativePath)
    if alternatives is not None:
        return ("alternative", tuple(parse_path(shapes, p) for p in shapes.items(alternatives)))
    inverse = shapes.value(node, SH.inversePath)
    if inverse is not None:
        return ("inverse", (parse_path(shapes, inverse),))
    raise KnowledgeError(
        "a criterion shape uses a path other than a predicate, sequence, alternative or inverse"
    )


def follow(data: Graph, focus: Node, path: Path) -> Mapping[Node, frozenset[Node]]:
    """Follow a path from a focus node.

    Returns:
        For each value node reached, the nodes passed on the way to it, the focus node left out.
    """
    if isinstance(path, URIRef):
        return {value: frozenset() for value in data.objects(focus, path)}
    form, parts = path
    reached: dict[Node, frozenset[Node]] = {}
    if form == "inverse":
        (inner,) = parts
        if not isinstance(inner, URIRef):
            raise KnowledgeError("an inverse path in a criterion shape inverts one predicate")
        return {value: frozenset() for value in data.subjects(inner, focus)}
    if form == "alternative":
        for part in parts:
            for value, via in follow(data, focus, part).items():
                reached[value] = reached.get(value, frozenset()) | via
        return reached
    first, *rest = parts
    for middle, via in follow(data, focus, first).items():
        if not rest:
            reached[middle] = reached.get(middle, frozenset()) | via
            continue
        remaining: Path = rest[0] if len(rest) == 1 else ("sequence", tuple(rest))
        for value, beyond in follow(data, middle, remaining).items():
            reached[value] = reached.get(value, frozenset()) | via | {middle} | beyond
    return reached
