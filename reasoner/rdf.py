"""RDF in and out: parsing with bounds, canonical hashes, and the two term models.

Oxigraph parses and canonicalises (it gives line numbers, and fetches nothing); rdflib holds
the graphs that the engines take.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.terms import Sha256

Term: TypeAlias = URIRef | BNode | Literal
Triple: TypeAlias = tuple[Node, Node, Node]
"""A triple as rdflib types it: every position a node."""

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


@lru_cache(maxsize=20_000)
def _iri(value: str) -> URIRef:
    """Give an IRI, the same object for the same text: rdflib compares those by identity first."""
    return URIRef(value)


def from_oxigraph(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Term:
    """Turn an Oxigraph term into rdflib's."""
    if isinstance(term, ox.NamedNode):
        return _iri(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language is not None:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=_iri(term.datatype.value), normalize=False)


def to_oxigraph(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Turn an rdflib term into Oxigraph's."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    assert isinstance(term, Literal)
    if term.language is not None:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or _XSD_STRING)))


def parse_triples(data: bytes, format: ox.RdfFormat, base: str | None = None) -> Iterator[Triple]:
    """Parse RDF, named graphs merged, without touching the network.

    Raises:
        SyntaxError: if the data is malformed; ``lineno`` holds the line where the format has any.
    """
    for quad in ox.parse(data, format=format, base_iri=base):
        yield (
            from_oxigraph(quad.subject),
            from_oxigraph(quad.predicate),
            from_oxigraph(quad.object),
        )


def to_ntriples(triples: Iterable[Triple]) -> bytes:
    """Write triples as N-Triples in a stable order."""
    lines = sorted(f"{to_oxigraph(s)} {to_oxigraph(p)} {to_oxigraph(o)} .\n" for s, p, o in triples)
    return "".join(lines).encode()


def quads(triples: Iterable[Triple]) -> Iterator[ox.Quad]:
    """Turn triples into Oxigraph's quads of the default graph."""
    for s, p, o in triples:
        subject, predicate = to_oxigraph(s), to_oxigraph(p)
        assert not isinstance(subject, ox.Literal), "a literal is no subject"
        assert isinstance(predicate, ox.NamedNode), "a predicate is an IRI"
        yield ox.Quad(subject, predicate, to_oxigraph(o))


def canonical_triples(triples: Iterable[Triple]) -> list[ox.Triple]:
    """Give triples with the blank node labels of RDFC-1.0, sorted.

    Source: W3C RDF Dataset Canonicalization (RDFC-1.0), SHA-256.
    """
    dataset = ox.Dataset(quads(triples))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return sorted((quad.triple for quad in dataset), key=str)


def canonical_hash(triples: Iterable[Triple]) -> Sha256:
    """Hash a graph by its canonical N-Quads: blank node labels and order do not count."""
    lines = "".join(f"{triple} .\n" for triple in canonical_triples(triples))
    return Sha256(hashlib.sha256(lines.encode()).hexdigest())


def iris(graph: Graph, subject: Node | None, predicate: Node) -> list[URIRef]:
    """Give the IRIs that a subject has for a predicate, sorted."""
    return sorted(o for o in graph.objects(subject, predicate) if isinstance(o, URIRef))


def graph_of(triples: Iterable[Triple]) -> Graph:
    """Gather triples in an rdflib graph that binds no prefixes."""
    graph = Graph(bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    return graph
