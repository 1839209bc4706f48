"""Ontology, guidelines and shapes of a release, as one immutable value with a hash.

``load_knowledge()`` gives the ``Knowledge`` of this release; every stage is handed it. What a
case does not touch is not parsed. A reading is an overlay: ``knowledge.under(["two-named-
therapies"])`` is another ``Knowledge``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.cachefolder import default_cache
from reasoner.caseformat import Form, compile_case_format
from reasoner.concepts import Concepts, compile_concepts
from reasoner.errors import InputError, KnowledgeError, Problem, nearest_word
from reasoner.evidence import Examiner, prepare
from reasoner.guidelines import (
    Guideline,
    Reading,
    Recommendation,
    compile_guidelines,
    compile_reading,
    compile_readings,
    compile_recommendations,
)
from reasoner.rdf import Triple, graph_of, iris
from reasoner.shacl import Shapes, check_shapes, require_sound, unchecked_shapes
from reasoner.sources import Sources, read_sources
from reasoner.terms import CORE, Sha256, data_folder
from reasoner.topicindex import TopicIndex, cached_index, keep_index


@dataclass(frozen=True, eq=False)
class Topic:
    """What one guideline says of one treatment, and how it is checked.

    Attributes:
        name: ``guideline/topic``.
        graph: what the guideline says; not to be changed.
        shapes: the criterion shapes; not to be changed.
    """

    name: str
    graph: Graph = field(repr=False)
    shapes: Graph = field(repr=False)
    recommendations: tuple[Recommendation, ...]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Everything that a determination rests on beside the case.

    Attributes:
        sources: the files of the release.
        cache: the folder that keeps what is made once a release; None to keep nothing.
        chosen: the names of the alternative readings taken.
    """

    sources: Sources = field(repr=False)
    cache: Path | None = None
    chosen: tuple[str, ...] = ()
    _given_index: TopicIndex | None = field(default=None, repr=False)
    _default: Knowledge | None = field(default=None, repr=False)
    _topics: dict[str, Topic] = field(default_factory=dict, repr=False)
    _criteria: dict[URIRef, Graph] = field(default_factory=dict, repr=False)
    _shapes: dict[URIRef, tuple[Shapes, Examiner]] = field(default_factory=dict, repr=False)
    _forms: dict[str, Shapes] = field(default_factory=dict, repr=False)

    @property
    def release(self) -> Sha256:
        """The SHA-256 of the ontology, guidelines and shapes."""
        return self.sources.release

    @cached_property
    def vocabulary(self) -> Graph:
        """The vocabularies, guideline documents and readings in one graph; not to be changed."""
        return graph_of(self._overlaid(self.sources.triples(*self.sources.vocabulary)))

    @cached_property
    def concepts(self) -> Concepts:
        """The clinical vocabulary."""
        return compile_concepts(self.vocabulary)

    @cached_property
    def case_format(self) -> Mapping[str, Form]:
        """The forms and keys of a case file."""
        return compile_case_format(graph_of(self.sources.form("case")))

    @cached_property
    def guidelines(self) -> Mapping[URIRef, Guideline]:
        """Guideline documents, by IRI."""
        return compile_guidelines(self.vocabulary)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Every reading, by name.

        Raises:
            KnowledgeError: if an alternative has no overlay, or an overlay is no alternative.
        """
        readings = compile_readings(self.graph)
        alternatives = {name for name, reading in readings.items() if not reading.default}
        if alternatives != set(self.sources.overlays):
            raise KnowledgeError(
                "every alternative reading needs an overlay, and every overlay a reading: "
                + ", ".join(sorted(alternatives ^ set(self.sources.overlays)))
            )
        return readings

    def _overlaid(self, triples: tuple[Triple, ...]) -> tuple[Triple, ...]:
        for name in self.chosen:
            triples = _overlay(triples, self.sources.overlay(name))
        return triples

    def _leaves(self, triples: tuple[Triple, ...]) -> bool:
        """Tell whether the readings taken leave triples as they are."""
        return self._overlaid(triples) is triples

    def topic(self, name: str) -> Topic:
        """Give a topic by its name, ``guideline/topic``.

        Raises:
            KnowledgeError: if its files are malformed, or lack what a recommendation needs.
        """
        if name not in self._topics:
            said = self.sources.triples(self.sources.guideline_of(name))
            checked = self.sources.triples(*self.sources.shapes_of(name))
            if self._default is not None and self._leaves(said) and self._leaves(checked):
                self._topics[name] = self._default.topic(name)
                return self._topics[name]
            graph = graph_of(self._overlaid(said))
            shapes = graph_of(self._overlaid(checked))
            targets = {
                shape: target
                for shape, target in shapes.subject_objects(SH.targetClass)
                if isinstance(shape, URIRef) and isinstance(target, URIRef)
            }
            recommendations = compile_recommendations(graph, dict(self.guidelines), targets)
            self._topics[name] = Topic(name, graph, shapes, recommendations)
        return self._topics[name]

    @cached_property
    def index(self) -> TopicIndex:
        """Which topic is about which treatment, and what prevails over what.

        A reading changes neither.
        """
        if self._given_index is not None:
            return self._given_index
        kept = cached_index(self.cache, self.release) if self.cache is not None else None
        if kept is not None:
            return kept
        index = self._build_index()
        if self.cache is not None:
            keep_index(self.cache, self.release, index)
        return index

    def _build_index(self) -> TopicIndex:
        from reasoner.precedence import displaced_by, precedence_graph

        about: dict[URIRef, list[str]] = {}
        for name in self.sources.topics:
            for treatment in {r.treatment for r in self.topic(name).recommendations}:
                about.setdefault(treatment, []).append(name)
        newer_than = [
            (newer, older)
            for newer in self.guidelines
            for older in iris(self.vocabulary, newer, CORE.supersedes)
        ]
        return TopicIndex(
            {treatment: tuple(sorted(names)) for treatment, names in about.items()},
            displaced_by(precedence_graph(newer_than, self.recommendations)),
        )

    def topics_about(self, treatments: Iterable[URIRef]) -> tuple[Topic, ...]:
        """Give the topics with a recommendation about one of several treatments, by name."""
        return tuple(self.topic(name) for name in self.names_about(treatments))

    def names_about(self, treatments: Iterable[URIRef]) -> tuple[str, ...]:
        """Give the names of the topics with a recommendation about one of several treatments."""
        return tuple(sorted({name for t in treatments for name in self.index.about.get(t, ())}))

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic, by name."""
        return tuple(self.topic(name) for name in sorted(self.sources.topics))

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """Every recommendation, in the order of their IRIs."""
        found = (r for topic in self.topics for r in topic.recommendations)
        return tuple(sorted(found, key=lambda r: r.iri))

    @cached_property
    def graph(self) -> Graph:
        """Vocabularies, guidelines and readings of all topics in one graph; not to be changed."""
        return graph_of(
            t for part in (self.vocabulary, *(t.graph for t in self.topics)) for t in part
        )

    @cached_property
    def criteria_graph(self) -> Graph:
        """Every criterion shape in one graph; not to be changed."""
        return graph_of(triple for topic in self.topics for triple in topic.shapes)

    def under(self, names: Iterable[str]) -> Knowledge:
        """Give the knowledge under alternative readings.

        Args:
            names: names of readings; the default ones change nothing.

        Raises:
            InputError: if a name is not known, or two readings settle the same ambiguity.
        """
        wanted = sorted(set(names))
        if not wanted:
            return self
        chosen: list[str] = []
        problems = []
        for name in wanted:
            reading = self.readings.get(name)
            if reading is None:
                problems.append(
                    Problem(
                        f"{name} is no reading.",
                        file="--reading",
                        expected="one of " + ", ".join(sorted(self.readings)),
                        nearest=nearest_word(name, self.readings),
                    )
                )
            elif not reading.default:
                chosen.append(name)
        for one in chosen:
            for other in chosen:
                if (
                    one < other
                    and self.readings[one].ambiguities & self.readings[other].ambiguities
                ):
                    problems.append(
                        Problem(f"{one} and {other} settle the same ambiguity.", file="--reading")
                    )
        if problems:
            raise InputError(problems)
        if not chosen:
            return self
        return Knowledge(self.sources, self.cache, tuple(chosen), self.index, self._default or self)

    def readings_of(self, recommendation: Recommendation) -> tuple[Reading, ...]:
        """Give the readings that the encoding of a recommendation rests on, defaults included."""
        found: dict[URIRef, Reading] = {}
        topic = self._topic_of(recommendation)
        for ambiguity in recommendation.ambiguities:
            taken = [
                reading
                for iri in iris(topic.graph, ambiguity, CORE.alternative)
                if (reading := compile_reading(self.vocabulary, topic.graph, iri)).name
                in self.chosen
            ] or [
                compile_reading(self.vocabulary, topic.graph, iri)
                for iri in iris(topic.graph, ambiguity, CORE.defaultReading)
            ]
            found.update((reading.iri, reading) for reading in taken)
        return tuple(found.values())

    def _topic_of(self, recommendation: Recommendation) -> Topic:
        """Give the topic that a recommendation of this knowledge belongs to."""
        (topic,) = (
            t
            for t in self.topics_about([recommendation.treatment])
            if recommendation in t.recommendations
        )
        return topic

    def shapes_of(self, recommendation: Recommendation) -> tuple[Shapes, Examiner]:
        """Give the criterion shapes of a recommendation, checked and prepared for both engines."""
        if recommendation.iri not in self._shapes:
            if self._is_default(recommendation):
                assert self._default is not None
                return self._default.shapes_of(recommendation)
            graph = self.criterion_shapes(recommendation)
            shapes = unchecked_shapes(graph, str(recommendation.iri))
            self._shapes[recommendation.iri] = (shapes, prepare(shapes))
        return self._shapes[recommendation.iri]

    def criterion_shapes(self, recommendation: Recommendation) -> Graph:
        """Give the criterion shapes of a recommendation, checked; not to be changed.

        Raises:
            KnowledgeError: if they are not what shapes are to be.
        """
        if recommendation.iri not in self._criteria:
            if self._is_default(recommendation):
                assert self._default is not None
                return self._default.criterion_shapes(recommendation)
            roots = [criterion.shape for criterion in recommendation.criteria]
            graph = graph_of(_reachable(self._topic_of(recommendation).shapes, roots))
            require_sound(graph, str(recommendation.iri))
            self._criteria[recommendation.iri] = graph
        return self._criteria[recommendation.iri]

    def _is_default(self, recommendation: Recommendation) -> bool:
        """Tell whether the readings taken leave the topic of a recommendation as it is."""
        topic = self._topic_of(recommendation)
        return self._default is not None and topic is self._default.topic(topic.name)

    def form_shapes(self, name: str) -> Shapes:
        """Give the shapes that check cases, guidelines, determinations or reviewers."""
        if name not in self._forms:
            self._forms[name] = check_shapes(
                graph_of(self.sources.form(name)), f"shapes/{name}.ttl"
            )
        return self._forms[name]


def _overlay(triples: tuple[Triple, ...], overlay: tuple[Triple, ...]) -> tuple[Triple, ...]:
    """Apply an overlay: for each subject and property it states, its values replace the others."""
    subjects = {s for s, _, _ in triples}
    stated = {(s, p) for s, p, _ in overlay if s in subjects}
    if not stated:
        return triples
    return (
        *(t for t in triples if (t[0], t[1]) not in stated),
        *(t for t in overlay if t[0] in subjects or isinstance(t[0], BNode)),
    )


def _reachable(graph: Graph, roots: list[URIRef]) -> Iterator[Triple]:
    """Give what describes shapes, following every node that the graph describes."""
    seen: set[Node] = set()
    frontier: list[Node] = list(roots)
    while frontier:
        node = frontier.pop()
        if node in seen:
            continue
        seen.add(node)
        for triple in graph.triples((node, None, None)):
            yield triple
            if triple[1] not in (RDF.type, CORE.criterion, SH.targetClass):
                frontier.append(triple[2])


def load_knowledge(
    ontology: Path | None = None, shapes: Path | None = None, *, cache: Path | None = None
) -> Knowledge:
    """Load the knowledge of this release, or of folders laid out like it.

    Args:
        ontology: a folder in place of our ``ontology``.
        shapes: a folder in place of our ``shapes``.
        cache: the folder that keeps what is made once a release; the user's cache folder
            unless one is given.

    Raises:
        KnowledgeError: if the folders hold no release.
    """
    sources = read_sources(ontology or data_folder("ontology"), shapes or data_folder("shapes"))
    return Knowledge(sources, cache or default_cache())
