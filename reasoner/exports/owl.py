"""A release as one OWL 2 ontology, for Protégé and other editors; it imports nothing.

Source: OWL 2 Structural Specification, 3.1 (an ontology has one IRI and one version), and
OWL 2 Mapping to RDF Graphs, 3.1.2 (one node is typed ``owl:Ontology``).
"""

from __future__ import annotations

import pyoxigraph as ox

from reasoner.errors import KnowledgeError
from reasoner.knowledge import Knowledge
from reasoner.store.graphs import NamedGraph, canonical
from reasoner.store.names import release_name

_OWL = "http://www.w3.org/2002/07/owl#"
_DCT = "http://purl.org/dc/terms/"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_ONTOLOGY = ox.NamedNode(f"{_OWL}Ontology")
_INSTEAD = {
    f"{_OWL}versionIRI": f"{_DCT}hasVersion",
    f"{_OWL}imports": f"{_DCT}requires",
    f"{_OWL}versionInfo": f"{_DCT}identifier",
}
"""What a header alone may state, and how a module that is no ontology any more states it."""
_ADDED = (f"{_DCT}hasPart", f"{_DCT}hasVersion", f"{_DCT}requires", f"{_DCT}identifier")


def ontology_graph(knowledge: Knowledge) -> NamedGraph:
    """Give the vocabularies and guidelines of a release as one ontology.

    Raises:
        KnowledgeError: if a file is no Turtle.
    """
    sources = knowledge.sources
    names = [*sources.vocabulary, *(sources.guideline_of(topic) for topic in sources.topics)]
    found: dict[ox.Triple, None] = {}
    modules: set[str] = set()
    for name in names:
        try:
            quads = list(ox.parse(sources.files[name], format=ox.RdfFormat.TURTLE))
        except SyntaxError as error:
            raise KnowledgeError(f"{name}: {error}") from error
        headers = {q.subject for q in quads if q.predicate == _TYPE and q.object == _ONTOLOGY}
        for quad in quads:
            if quad.subject not in headers:
                found[quad.triple] = None
            elif quad.object != _ONTOLOGY:
                assert isinstance(quad.subject, ox.NamedNode)
                modules.add(quad.subject.value)
                predicate = _INSTEAD.get(quad.predicate.value, quad.predicate.value)
                found[ox.Triple(quad.subject, ox.NamedNode(predicate), quad.object)] = None
    iri = ox.NamedNode(release_name(knowledge.release))
    head = [
        ox.Triple(iri, _TYPE, _ONTOLOGY),
        ox.Triple(iri, ox.NamedNode(f"{_OWL}versionInfo"), ox.Literal(knowledge.release)),
        ox.Triple(
            iri,
            ox.NamedNode(f"{_DCT}title"),
            ox.Literal("Medical Treatment Utilization Schedule, as encoded", language="en"),
        ),
    ]
    head += [
        ox.Triple(iri, ox.NamedNode(f"{_DCT}hasPart"), ox.NamedNode(m)) for m in sorted(modules)
    ]
    annotation = ox.NamedNode(f"{_OWL}AnnotationProperty")
    stated = {t.subject for t in found if t.predicate == _TYPE}
    for name in _ADDED:
        if ox.NamedNode(name) not in stated:
            head.append(ox.Triple(ox.NamedNode(name), _TYPE, annotation))
    return NamedGraph(iri.value, "release", knowledge.release, canonical((*head, *found)))
