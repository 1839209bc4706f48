"""JSON-LD 1.1 with the published context, written so that every term comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyoxigraph as ox

from reasoner.exports.rdfforms import PREFIXES
from reasoner.store.graphs import NamedGraph
from reasoner.terms import CORE, data_folder

_RDF = PREFIXES["rdf"]
_RDFS = PREFIXES["rdfs"]
_OWL = PREFIXES["owl"]
_XSD = PREFIXES["xsd"]
_STRING = f"{_XSD}string"


@cache
def context() -> Mapping[str, Any]:
    """Give the context: prefixes, and the properties of the core vocabulary with what they take."""
    source = data_folder("ontology").joinpath("core.ttl").read_bytes()
    kinds: dict[str, set[str]] = {}
    ranges: dict[str, list[str]] = {}
    for quad in ox.parse(source, format=ox.RdfFormat.TURTLE):
        if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, ox.NamedNode):
            continue
        if quad.predicate.value == f"{_RDF}type":
            kinds.setdefault(quad.subject.value, set()).add(quad.object.value)
        elif quad.predicate.value == f"{_RDFS}range":
            ranges.setdefault(quad.subject.value, []).append(quad.object.value)
    terms: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
    terms |= {prefix: {"@id": iri, "@prefix": True} for prefix, iri in sorted(PREFIXES.items())}
    for iri in sorted(kinds):
        name = iri.removeprefix(str(CORE))
        if not iri.startswith(str(CORE)) or not any("Property" in kind for kind in kinds[iri]):
            continue
        takes: dict[str, str] = {"@id": f"core:{name}"}
        if f"{_OWL}ObjectProperty" in kinds[iri]:
            takes["@type"] = "@id"
        elif len(ranges.get(iri, [])) == 1 and ranges[iri][0] != _STRING:
            datatype = ranges[iri][0]
            if datatype.startswith((_XSD, str(CORE))) and datatype != f"{_XSD}anyURI":
                takes["@type"] = _compact(datatype)
        terms[name] = takes
    return terms


def context_document() -> str:
    """Give the context as the file that is published."""
    return json.dumps({"@context": context()}, indent=2, ensure_ascii=False) + "\n"


def to_jsonld(graphs: Sequence[NamedGraph]) -> bytes:
    """Write graphs as JSON-LD, under their names if they are several."""
    if len(graphs) == 1:
        content: list[Any] = _nodes(graphs[0])
    else:
        content = [{"id": _compact(g.name), "@graph": _nodes(g)} for g in graphs]
    document = {"@context": context(), "@graph": content}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _nodes(graph: NamedGraph) -> list[Any]:
    nodes: dict[str, dict[str, list[Any]]] = {}
    for triple in sorted(set(graph.triples), key=str):
        assert isinstance(triple.subject, (ox.NamedNode, ox.BlankNode))
        node = nodes.setdefault(_name(triple.subject), {})
        predicate = triple.predicate.value
        if predicate == f"{_RDF}type" and isinstance(triple.object, (ox.NamedNode, ox.BlankNode)):
            node.setdefault("type", []).append(_name(triple.object))
        else:
            key, takes = _term(predicate)
            node.setdefault(key, []).append(_value(triple.object, takes))
    return [
        {"id": name, **{key: _one(values) for key, values in sorted(said.items())}}
        for name, said in sorted(nodes.items())
    ]


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _term(predicate: str) -> tuple[str, str | None]:
    """Give the key of a property, and what its values are taken to be."""
    name = predicate.removeprefix(str(CORE))
    if name != predicate and isinstance(context().get(name), dict):
        return name, context()[name].get("@type")
    return _compact(predicate), None


def _value(term: object, takes: str | None) -> Any:
    if isinstance(term, (ox.NamedNode, ox.BlankNode)):
        return _name(term) if takes == "@id" else {"id": _name(term)}
    assert isinstance(term, ox.Literal)
    if term.language is not None:
        return {"@value": term.value, "@language": term.language}
    datatype = term.datatype.value
    if takes is None and datatype == _STRING:
        return term.value
    if takes not in (None, "@id") and _compact(datatype) == takes:
        return term.value
    return {"@value": term.value, "@type": _compact(datatype)}


def _name(term: ox.NamedNode | ox.BlankNode) -> str:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else _compact(term.value)


def _compact(text: str) -> str:
    """Shorten an IRI by a prefix; it has a colon still, and no name of the context has one."""
    for prefix, start in PREFIXES.items():
        rest = text.removeprefix(start)
        if rest != text and rest and not rest.startswith("//"):
            return f"{prefix}:{rest}"
    return text
