"""Determinations as Turtle and JSON-LD, in an order that does not vary."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rdflib import Graph, Namespace
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS, XSD

from reasoner.rdf import Triple
from reasoner.terms import BASE, CLINICAL, CORE

PREFIXES = {
    "clinical": str(CLINICAL),
    "core": str(CORE),
    "dcterms": str(DCTERMS),
    "oa": "http://www.w3.org/ns/oa#",
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "xsd": str(XSD),
    "guideline": BASE + "guideline/",
}


def _graph(triples: Iterable[Triple]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, Namespace(namespace))
    for triple in triples:
        graph.add(triple)
    return graph


def to_turtle(triples: Iterable[Triple]) -> str:
    """Write triples as Turtle, sorted."""
    return _graph(triples).serialize(format="turtle").strip() + "\n"


def to_jsonld(triples: Iterable[Triple]) -> str:
    """Write triples as JSON-LD with its context in the file, sorted."""
    text = _graph(triples).serialize(format="json-ld", context=PREFIXES, auto_compact=False)
    document = json.loads(text)
    graph = document.get("@graph", [])
    graph.sort(key=lambda node: node.get("@id", ""))
    return json.dumps(_sorted(document), indent=2, ensure_ascii=False) + "\n"


def _sorted(value: object) -> object:
    """Sort the values of each property; only RDF lists, of which there are none, have an order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted((_sorted(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value
