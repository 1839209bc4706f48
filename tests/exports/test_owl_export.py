"""The release as one OWL ontology, read by owlready2, horned-owl and rdflib."""

from __future__ import annotations

import subprocess
import sys

import pyhornedowl
import pytest
from rdflib import OWL, RDF, Graph, URIRef

from reasoner.exports.owl import ontology_graph
from reasoner.exports.rdfforms import write_rdf
from reasoner.store.names import release_name
from reasoner.terms import CLINICAL, CORE


@pytest.fixture(scope="module")
def file(knowledge, tmp_path_factory):
    path = tmp_path_factory.mktemp("owl") / "release.owl"
    path.write_bytes(write_rdf([ontology_graph(knowledge)], "rdfxml"))
    return path


@pytest.fixture(scope="module")
def graph(file):
    return Graph().parse(file, format="xml")


def test_it_has_one_header_and_imports_nothing(graph, knowledge):
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [URIRef(release_name(knowledge.release))]
    assert (None, OWL.imports, None) not in graph
    assert (None, OWL.versionIRI, None) not in graph


def test_nothing_that_is_stated_of_a_term_is_lost(graph, knowledge):
    stated = Graph()
    for triple in knowledge.graph:
        stated.add(triple)
    headers = set(stated.subjects(RDF.type, OWL.Ontology))
    expected = {t for t in stated if t[0] not in headers and all(isinstance(x, URIRef) for x in t)}
    assert not expected - set(graph)
    for header in headers:
        told = {(str(p), str(o)) for p, o in graph.predicate_objects(header)}
        assert {
            (str(p), str(o)) for p, o in stated.predicate_objects(header)
            if p not in (OWL.imports, OWL.versionIRI, OWL.versionInfo, RDF.type)
        } <= told  # fmt: skip


def test_horned_owl_reads_the_classes(file, graph):
    ontology = pyhornedowl.open_ontology(str(file), serialization="rdf")
    named = {str(c) for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    assert named <= {str(c) for c in ontology.get_classes()}
    assert str(CLINICAL.Radiculopathy) in named


def test_owlready_reads_the_classes(file, graph):
    named = {str(c) for c in graph.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    script = (
        "import sys, owlready2\n"
        "world = owlready2.World()\n"
        "world.get_ontology('file://' + sys.argv[1]).load()\n"
        "print('\\n'.join(c.iri for c in world.classes()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, file],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert named <= set(done.stdout.split())
    assert str(CORE.Criterion) in named
