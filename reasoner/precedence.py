"""Which guideline edition replaces which, and which recommendation displaces which, as a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx
from rdflib import URIRef

from reasoner.errors import KnowledgeError
from reasoner.guidelines import Recommendation


def precedence_graph(
    supersedes: Iterable[tuple[URIRef, URIRef]], recommendations: Iterable[Recommendation]
) -> nx.DiGraph[URIRef]:
    """Build the graph of precedence: an edge leads from what prevails to what it displaces.

    Args:
        supersedes: pairs of guideline editions, the newer first.
        recommendations: every recommendation, with what it prevails over.

    Raises:
        KnowledgeError: if the graph has a cycle; the cycle is named.
    """
    graph: nx.DiGraph[URIRef] = nx.DiGraph()
    for newer, older in supersedes:
        graph.add_edge(newer, older, relation="supersedes")
    for recommendation in recommendations:
        for displaced in recommendation.prevails_over:
            graph.add_edge(recommendation.iri, displaced, relation="prevails over")
    if not nx.is_directed_acyclic_graph(graph):
        cycle = nx.find_cycle(graph)
        raise KnowledgeError(
            "precedence runs in a circle: " + ", ".join(f"<{a}> over <{b}>" for a, b in cycle)
        )
    return graph


def displaced_by(graph: nx.DiGraph[URIRef]) -> Mapping[URIRef, frozenset[URIRef]]:
    """Give, for each node, everything that it displaces, directly or through others."""
    return {node: frozenset(nx.descendants(graph, node)) for node in graph}
