"""Every name of ours that is used is defined, in one place, and used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from reasoner.rdf import graph_of, parse_triples
from reasoner.terms import BASE, CLINICAL, CORE
from tests.casefiles import (
    ROOT,
)


def _files() -> Iterator[Path]:
    yield from sorted((ROOT / "ontology").rglob("*.ttl"))
    yield from sorted((ROOT / "shapes").rglob("*.ttl"))


@cache
def everything() -> Graph:
    return graph_of(
        triple
        for file in _files()
        for triple in parse_triples(file.read_bytes(), ox.RdfFormat.TURTLE)
    )


def _ours(term: object) -> bool:
    return isinstance(term, URIRef) and str(term).startswith(BASE)


# A release of a document, and the JSON-LD context, are named and not described in Turtle.
_DOCUMENT = re.compile(re.escape(BASE) + r"(release|context)/.*")


def defined() -> set[URIRef]:
    """Give every name of ours that some file says a type of."""
    return {URIRef(s) for s in everything().subjects(RDF.type, None) if _ours(s)}


def test_every_name_of_ours_that_is_used_is_defined():
    used = {URIRef(t) for triple in everything() for t in triple if _ours(t)}
    lacking = {t for t in used - defined() if not _DOCUMENT.fullmatch(str(t))}
    # A prefix declaration has no type (SHACL 5.2.1); its sh:prefix says what it is.
    lacking -= set(everything().subjects(URIRef("http://www.w3.org/ns/shacl#prefix"), None))
    assert not lacking


def test_every_term_of_the_vocabularies_has_a_label_and_a_definition():
    graph = everything()
    terms = {t for t in defined() if str(t).startswith((str(CORE), str(CLINICAL)))}
    assert len(terms) > 400
    for term in sorted(terms):
        kinds = set(graph.objects(term, RDF.type))
        if CORE.Conversion in kinds:
            continue  # a number with its range, not a word
        assert len(set(graph.objects(term, RDFS.label))) == 1, f"{term} has no label of its own"
        assert len(set(graph.objects(term, SKOS.definition))) == 1, f"{term} has no definition"


def test_every_class_of_a_topic_has_a_label_and_a_definition():
    graph = everything()
    classes = {c for c in graph.subjects(RDF.type, OWL.Class) if _ours(c)}
    lacking = [
        c
        for c in classes
        if (c, RDFS.label, None) not in graph or (c, SKOS.definition, None) not in graph
    ]
    assert not lacking


def test_every_term_of_the_core_vocabulary_is_used():
    """A name that nothing uses is a name that something misspells, or that can go."""
    code = "".join(f.read_text("utf-8") for f in (ROOT / "reasoner").rglob("*.py"))
    words = set(re.findall(r"\w+", code))
    graph = everything()
    used = {t for s, p, o in graph for t in (p, o) if _ours(t) and t != s}
    terms = {CORE[name] for name in CORE}
    # A case takes any individual of a class, and any kind of record.
    values = {t for t in terms if (t, RDF.type, OWL.NamedIndividual) in graph}
    values |= set(graph.subjects(RDFS.subClassOf, CORE.Record))
    # A quantity is restated in every unit of its kind, whether or not a criterion asks in it.
    values |= set(graph.subjects(CORE.derivedFrom, None))
    unused = {t for t in terms - values - used if str(t).rsplit("#", 1)[1] not in words}
    assert not unused


def test_no_name_is_described_in_two_places():
    """Two files that describe one term drift apart; an alignment adds, it does not redefine."""
    places: dict[URIRef, list[str]] = {}
    for file in _files():
        graph = graph_of(parse_triples(file.read_bytes(), ox.RdfFormat.TURTLE))
        for term in {URIRef(s) for s in graph.subjects(SKOS.definition, None) if _ours(s)}:
            places.setdefault(term, []).append(str(file.relative_to(ROOT)))
    assert not {t: files for t, files in places.items() if len(files) > 1}
