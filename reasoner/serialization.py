"""Determinations as Turtle and JSON-LD, in an order that does not vary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO

from rdflib import Graph, Literal, Namespace
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS, XSD
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

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
    stream = BytesIO()
    _AsStated(_graph(triples)).serialize(stream, encoding="utf-8")
    return stream.getvalue().decode().strip() + "\n"


class _AsStated(TurtleSerializer):
    """Turtle in which a number is spelled as it was: the short form makes 2.0 of the decimal 2."""

    def label(self, node: Node, position: int) -> str:
        if isinstance(node, Literal) and node.datatype == XSD.decimal and "." not in node:
            return f'"{node}"^^<{XSD.decimal}>'
        return str(super().label(node, position))


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
