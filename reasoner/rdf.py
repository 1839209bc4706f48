"""RDF in and out: parsing with bounds, canonical hashes, and the two term models.

Oxigraph parses and canonicalises (it gives line numbers, and fetches nothing); rdflib holds
the graphs that the engines take.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef

from reasoner.terms import Sha256

Term: TypeAlias = URIRef | BNode | Literal
Triple: TypeAlias = tuple[Term, Term, Term]

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def from_oxigraph(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Term:
    """Turn an Oxigraph term into rdflib's."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language is not None:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def to_oxigraph(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Turn an rdflib term into Oxigraph's."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
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
    lines = sorted(
        str(ox.Triple(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o))) + " .\n" for s, p, o in triples
    )
    return "".join(lines).encode()


def canonical_triples(triples: Iterable[Triple]) -> list[ox.Triple]:
    """Give triples with the blank node labels of RDFC-1.0, sorted.

    Source: W3C RDF Dataset Canonicalization (RDFC-1.0), SHA-256.
    """
    dataset = ox.Dataset(
        ox.Quad(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o)) for s, p, o in triples
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return sorted((quad.triple for quad in dataset), key=str)


def canonical_hash(triples: Iterable[Triple]) -> Sha256:
    """Hash a graph by its canonical N-Quads: blank node labels and order do not count."""
    lines = "".join(f"{triple} .\n" for triple in canonical_triples(triples))
    return Sha256(hashlib.sha256(lines.encode()).hexdigest())


def graph_of(triples: Iterable[Triple]) -> Graph:
    """Gather triples in an rdflib graph that binds no prefixes."""
    graph = Graph(bind_namespaces="none")
    for triple in triples:
        graph.add(triple)
    return graph
