"""What a store says of itself: an entry for each graph, and the whole as DCAT and VoID.

Sources: W3C Data Catalog Vocabulary (DCAT) 3; W3C Describing Linked Datasets with VoID.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from reasoner.store.graphs import NamedGraph
from reasoner.store.names import CATALOGUE
from reasoner.terms import BASE, CORE

_DCAT = "http://www.w3.org/ns/dcat#"
_DCT = "http://purl.org/dc/terms/"
_PROV = "http://www.w3.org/ns/prov#"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

KINDS = ("release", "case", "determination", "letter")
"""The kinds of graphs, in the order in which they depend on each other."""

PREFIXES = {
    "dcat": _DCAT, "dcterms": _DCT, "prov": _PROV, "sd": _SD, "void": _VOID, "core": str(CORE),
    "xsd": _XSD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a graph."""

    name: str
    kind: str
    identifier: str
    triples: int
    derived_from: tuple[str, ...]
    issued: str


def entry_triples(graph: NamedGraph, issued: str) -> Iterator[ox.Triple]:
    """Give the entry of a graph.

    Args:
        graph: the graph.
        issued: when it is put into the store, as an ``xsd:dateTime``.
    """
    node = ox.NamedNode(graph.name)
    for kind in (f"{_DCAT}Dataset", f"{_VOID}Dataset", f"{_SD}NamedGraph"):
        yield ox.Triple(node, _TYPE, ox.NamedNode(kind))
    yield ox.Triple(node, ox.NamedNode(f"{_SD}name"), node)
    yield ox.Triple(node, ox.NamedNode(f"{_DCT}type"), ox.Literal(graph.kind))
    yield ox.Triple(node, ox.NamedNode(f"{_DCT}identifier"), ox.Literal(graph.identifier))
    yield ox.Triple(node, ox.NamedNode(f"{_VOID}triples"), _integer(len(graph.lines)))
    yield ox.Triple(
        node,
        ox.NamedNode(f"{_DCT}issued"),
        ox.Literal(issued, datatype=ox.NamedNode(f"{_XSD}dateTime")),
    )
    for source in graph.derived_from:
        yield ox.Triple(node, ox.NamedNode(f"{_PROV}wasDerivedFrom"), ox.NamedNode(source))


ENTRIES = f"""PREFIX dct: <{_DCT}> PREFIX void: <{_VOID}> PREFIX prov: <{_PROV}>
SELECT ?graph ?kind ?identifier ?triples ?issued ?source WHERE {{ GRAPH <{CATALOGUE}> {{
    ?graph dct:type ?kind ; dct:identifier ?identifier ; void:triples ?triples ;
        dct:issued ?issued .
    OPTIONAL {{ ?graph prov:wasDerivedFrom ?source }}
}} }}"""
"""The query that ``entries_of`` reads the answer of."""


def entries_of(rows: Iterator[tuple[str | None, ...]]) -> dict[str, Entry]:
    """Read the entries of a catalogue, by the name of the graph."""
    found: dict[str, Entry] = {}
    for graph, kind, identifier, triples, issued, source in rows:
        before = found[graph].derived_from if graph in found else ()
        derived = tuple(sorted({*before, *([source] if source else [])}))
        found[str(graph)] = Entry(
            str(graph), str(kind), str(identifier), int(triples or 0), derived, str(issued)
        )
    return found


def describe(entries: Mapping[str, Entry]) -> bytes:
    """Describe a store as Turtle, by DCAT and VoID."""
    store = ox.NamedNode(CATALOGUE)
    title = "Cases and determinations of Independent Medical Review"
    said = [
        ox.Triple(store, _TYPE, ox.NamedNode(f"{_DCAT}Catalog")),
        ox.Triple(store, _TYPE, ox.NamedNode(f"{_VOID}Dataset")),
        ox.Triple(store, ox.NamedNode(f"{_DCT}title"), ox.Literal(title, language="en")),
        ox.Triple(store, ox.NamedNode(f"{_VOID}uriSpace"), ox.Literal(BASE)),
        ox.Triple(store, ox.NamedNode(f"{_VOID}vocabulary"), ox.NamedNode(str(CORE))),
        ox.Triple(store, ox.NamedNode(f"{_VOID}vocabulary"), ox.NamedNode(_PROV)),
        ox.Triple(store, ox.NamedNode(f"{_VOID}triples"),
                  _integer(sum(entry.triples for entry in entries.values()))),
    ]  # fmt: skip
    for kind in KINDS:
        count = sum(entry.kind == kind for entry in entries.values())
        part = ox.NamedNode(f"{CATALOGUE}#{kind}s")
        said.append(ox.Triple(store, ox.NamedNode(f"{_VOID}subset"), part))
        said.append(ox.Triple(part, _TYPE, ox.NamedNode(f"{_VOID}Dataset")))
        said.append(ox.Triple(part, ox.NamedNode(f"{_DCT}type"), ox.Literal(kind)))
        said.append(ox.Triple(part, ox.NamedNode(f"{_VOID}documents"), _integer(count)))
    for entry in sorted(entries.values(), key=lambda e: (KINDS.index(e.kind), e.name)):
        graph = NamedGraph(entry.name, entry.kind, entry.identifier, (), entry.derived_from)
        said.append(ox.Triple(store, ox.NamedNode(f"{_DCAT}dataset"), ox.NamedNode(entry.name)))
        for triple in entry_triples(graph, entry.issued):
            if triple.predicate.value == f"{_VOID}triples":
                triple = ox.Triple(triple.subject, triple.predicate, _integer(entry.triples))
            said.append(triple)
    text = ox.serialize(said, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    assert text is not None
    return text


def _integer(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(f"{_XSD}integer"))
