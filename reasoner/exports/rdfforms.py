"""RDF in every syntax: one graph, or graphs under their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from reasoner.errors import InputError, Problem
from reasoner.store.graphs import NamedGraph
from reasoner.terms import CLINICAL, CORE

PREFIXES = {
    "clinical": str(CLINICAL),
    "core": str(CORE),
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The prefixes that every export binds."""

GRAPH_FORMS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
DATASET_FORMS = {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS}
RDF_FORMS = (*GRAPH_FORMS, *DATASET_FORMS, "jsonld")
"""The syntaxes, by the names that ``--to`` takes."""


def write_rdf(graphs: Sequence[NamedGraph], form: str, *, name: str = "export") -> bytes:
    """Write graphs in a syntax; where it holds one graph, they are merged.

    Args:
        graphs: the graphs.
        form: one of ``RDF_FORMS``.
        name: what is written, for messages.

    Raises:
        InputError: if the syntax cannot hold it.
    """
    if form == "jsonld":
        from reasoner.exports.jsonld import to_jsonld

        return to_jsonld(graphs)
    if form in DATASET_FORMS:
        quads = [
            ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(graph.name))
            for graph in graphs
            for t in _ordered(graph.triples)
        ]
        return _serialized(quads, DATASET_FORMS[form])
    triples = _ordered({t for graph in graphs for t in graph.triples})
    if form == "rdfxml":
        _require_xml(triples, name)
    return _serialized(triples, GRAPH_FORMS[form])


def _serialized(data: Iterable[ox.Triple] | Iterable[ox.Quad], form: ox.RdfFormat) -> bytes:
    text = ox.serialize(data, format=form, prefixes=dict(sorted(PREFIXES.items())))
    assert text is not None
    # Oxigraph binds prefixes in an order that varies; each stands on a line of its own.
    lines = text.split(b"\n")
    head = [line for line in lines if line.startswith(b"@prefix ")]
    return b"\n".join(
        [*sorted(head), *(line for line in lines if not line.startswith(b"@prefix "))]
    )


def turtle_of(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> str:
    """Write triples as Turtle, with the prefixes that are used."""
    text = _serialized(_ordered(triples), ox.RdfFormat.TURTLE).decode()
    lines = text.split("\n")
    body = "\n".join(line for line in lines if not line.startswith("@prefix "))
    used = [p for p in sorted(prefixes) if re.search(rf"(?<![\w<]){p}:", body)]
    return "".join(f"@prefix {p}: <{prefixes[p]}> .\n" for p in used) + body


def _ordered(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Order triples, those of a blank node where it is first used."""
    return sorted(triples, key=lambda t: (isinstance(t.subject, ox.BlankNode), str(t)))


def _require_xml(triples: Iterable[ox.Triple], name: str) -> None:
    for triple in triples:
        value = triple.object
        if isinstance(value, ox.Literal) and any(
            (ord(c) < 32 and c not in "\t\n\r") or ord(c) in (0xFFFE, 0xFFFF) for c in value.value
        ):
            raise InputError(
                [
                    Problem(
                        f"{triple.subject} holds a character that XML cannot.",
                        name,
                        expected="another form, such as turtle",
                    )
                ]
            )
