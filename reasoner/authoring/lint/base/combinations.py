"""Which criteria a recommendation requires, and which of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import RDF, Graph, URIRef

from reasoner.rdf import iris
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Recommended:
    """A recommendation with the criteria that it requires.

    Attributes:
        criteria: every criterion below it, each once, sorted.
        together: groups of criteria that are required together: operands of one ``core:AllOf``,
            with those of each ``core:AllOf`` that is an operand of it.
    """

    recommendation: URIRef
    criteria: tuple[URIRef, ...]
    together: tuple[tuple[URIRef, ...], ...]


def recommended(graph: Graph) -> Iterator[Recommended]:
    """Give what every recommendation requires, as far as it is stated."""
    for recommendation in sorted(graph.subjects(RDF.type, CORE.Recommendation), key=str):
        if not isinstance(recommendation, URIRef):
            continue
        criteria: set[URIRef] = set()
        together: list[tuple[URIRef, ...]] = []
        frontier = iris(graph, recommendation, CORE.requires)
        seen: set[URIRef] = set()
        while frontier:
            node = frontier.pop()
            if node in seen:
                continue
            seen.add(node)
            operands = [*iris(graph, node, CORE.operand), *iris(graph, node, CORE.exception)]
            if not operands:
                criteria.add(node)
            frontier.extend(operands)
            if (node, RDF.type, CORE.AllOf) in graph:
                together.append(tuple(sorted(_all_of(graph, node, set()))))
        yield Recommended(recommendation, tuple(sorted(criteria)), tuple(sorted(set(together))))


def _all_of(graph: Graph, node: URIRef, seen: set[URIRef]) -> set[URIRef]:
    if node in seen:
        return set()
    seen.add(node)
    found: set[URIRef] = set()
    for operand in iris(graph, node, CORE.operand):
        if (operand, RDF.type, CORE.AllOf) in graph:
            found |= _all_of(graph, operand, seen)
        elif not iris(graph, operand, CORE.operand):
            found.add(operand)
    return found
