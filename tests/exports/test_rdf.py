"""RDF in every syntax comes back triple for triple, read by rdflib and by PyLD."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from reasoner import InputError
from reasoner.exports.jsonld import context_document
from reasoner.exports.plan import find_recommendation, topic_graph
from reasoner.exports.rdfforms import RDF_FORMS, write_rdf
from reasoner.provenance import to_triples
from reasoner.rdf import canonical_hash, graph_of
from reasoner.store.graphs import NamedGraph, determination_graphs, release_graph
from reasoner.verification import verify

ENDINGS = {
    "turtle": "ttl", "ntriples": "nt", "rdfxml": "rdf", "trig": "trig", "nquads": "nq",
    "jsonld": "jsonld",
}  # fmt: skip
RDFLIB = {
    "turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "trig": "trig", "nquads": "nquads",
    "jsonld": "json-ld",
}  # fmt: skip


def read(data: bytes, form: str) -> Graph:
    """Read with rdflib, the named graphs merged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if form in ("turtle", "ntriples", "rdfxml"):
            return Graph().parse(data=data, format=RDFLIB[form])
        whole = Dataset().parse(data=data, format=RDFLIB[form])
        merged = Graph()
        for s, p, o, _ in whole.quads():
            merged.add((s, p, o))
        return merged


@pytest.mark.parametrize("form", RDF_FORMS)
def test_rdflib_reads_what_oxigraph_wrote(form, decided):
    for determination in decided:
        back = read(write_rdf(determination_graphs(determination), form), form)
        assert {tuple(str(x) for x in t) for t in back} == {
            tuple(str(x) for x in t) for t in to_triples(determination)
        }
        if form != "jsonld":  # rdflib writes numbers of JSON-LD anew
            assert canonical_hash(back) == canonical_hash(to_triples(determination))


@pytest.mark.parametrize("form", RDF_FORMS)
def test_the_same_gives_the_same_bytes_and_is_verified(form, example, knowledge, tmp_path):
    once, again = (write_rdf(determination_graphs(example), form) for _ in range(2))
    assert once == again
    file = tmp_path / f"d.{ENDINGS[form]}"
    file.write_bytes(once)
    assert verify(file, knowledge).differences == ()


def refuse(url, options=None):
    raise AssertionError(f"{url} was asked for")


def test_a_json_ld_processor_reads_every_named_graph(decided):
    for determination in decided:
        graphs = determination_graphs(determination)
        document = json.loads(write_rdf(graphs, "jsonld"))
        quads = jsonld.to_rdf(document, {"documentLoader": refuse, "format": "application/n-quads"})
        back = set(ox.parse(quads.encode(), format=ox.RdfFormat.N_QUADS))
        assert back == {
            ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(g.name))
            for g in graphs
            for t in g.triples
        }


def test_oxigraph_reads_our_json_ld(decided):
    for determination in decided:
        graphs = determination_graphs(determination)
        back = ox.parse(write_rdf(graphs, "jsonld"), format=ox.RdfFormat.JSON_LD)
        assert {q.triple for q in back} == {t for g in graphs for t in g.triples}


HARD = [
    ox.Literal("7.50", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")),
    ox.Literal("007", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ox.Literal("yes", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")),
    ox.Literal("a\tb\r\n\"\\ é 漢 \U0001f600"), ox.Literal(""), ox.Literal("x", language="en-us"),
    ox.Literal("core:Upheld"), ox.Literal("@id"), ox.NamedNode("urn:x:y"), ox.BlankNode("b"),
    ox.NamedNode("https://w3id.org/mtus/core#//x"), ox.NamedNode("https://w3id.org/mtus/core#"),
]  # fmt: skip


@pytest.mark.parametrize("form", RDF_FORMS)
@pytest.mark.parametrize("value", HARD, ids=str)
@pytest.mark.parametrize("predicate", ["core#quote", "core#order", "core#determines", "other"])
def test_no_term_is_changed(form, value, predicate):
    about = ox.NamedNode("https://w3id.org/mtus/case/x#y")
    triple = ox.Triple(about, ox.NamedNode(f"https://w3id.org/mtus/{predicate}"), value)
    data = write_rdf([NamedGraph("https://w3id.org/mtus/case/x", "case", "", (str(triple),))], form)
    forms = {**{k: getattr(ox.RdfFormat, v) for k, v in OXIGRAPH.items()}}
    (back,) = (q.triple for q in ox.parse(data, format=forms[form]))
    if isinstance(value, ox.BlankNode):
        assert isinstance(back.object, ox.BlankNode)
    else:
        assert back == triple


OXIGRAPH = {
    "turtle": "TURTLE", "ntriples": "N_TRIPLES", "rdfxml": "RDF_XML", "trig": "TRIG",
    "nquads": "N_QUADS", "jsonld": "JSON_LD",
}  # fmt: skip


def test_what_xml_cannot_hold_is_refused():
    triple = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:x#b"), ox.Literal("\x01"))
    with pytest.raises(InputError, match="XML"):
        write_rdf([NamedGraph("urn:g", "case", "", (str(triple),))], "rdfxml")


def test_release_comes_back_with_its_blank_nodes(knowledge):
    graph = release_graph(knowledge)
    data = write_rdf([graph], "turtle")
    assert data == write_rdf([release_graph(knowledge)], "turtle")
    back = list(ox.parse(data, format=ox.RdfFormat.TURTLE))
    one, other = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in graph.triples), ox.Dataset(back)  # fmt: skip
    for dataset in (one, other):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    assert one == other


def test_topic_comes_back_from_json_ld_with_its_lists(knowledge):
    graph = topic_graph(find_recommendation("chronic-pain-2009/trigger-points", knowledge), knowledge)  # fmt: skip
    document = json.loads(write_rdf([graph], "jsonld"))
    quads = jsonld.to_rdf(document, {"documentLoader": refuse, "format": "application/n-quads"})
    back = graph_of(Graph().parse(data=quads, format="nt"))
    assert isomorphic(back, Graph().parse(data=write_rdf([graph], "ntriples"), format="nt"))


def test_published_context_is_the_one_that_files_carry():
    assert Path("docs/schema/mtus.context.jsonld").read_text("utf-8") == context_document()
