"""Ontology, guidelines and shapes, loaded once as one immutable value with a hash.

``load_knowledge()`` gives the ``Knowledge`` of this release; every stage is handed it. A
reading is an overlay: ``knowledge.under(["lower-end-of-range"])`` is another ``Knowledge``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.caseformat import Form, compile_case_format
from reasoner.concepts import Concepts, compile_concepts
from reasoner.errors import InputError, KnowledgeError, Problem, nearest_word
from reasoner.evidence import Examiner, prepare
from reasoner.guidelines import (
    Guideline,
    Reading,
    Recommendation,
    compile_guidelines,
    compile_readings,
    compile_recommendations,
)
from reasoner.rdf import Triple, graph_of, iris, parse_triples
from reasoner.shacl import Shapes, check_shapes
from reasoner.terms import CORE, Sha256, data_folder


@dataclass(frozen=True)
class Sources:
    """The files of a release, parsed.

    Attributes:
        vocabulary: the core and clinical vocabularies and their alignments.
        guidelines: guideline documents, topics, and descriptions of readings.
        overlays: for each alternative reading, what it states.
        criteria: criterion shapes, with the prefixes that their queries use.
        forms: the other shapes, by file name: case, guideline, determination, reviewer.
        release: the SHA-256 of all of it.
    """

    vocabulary: tuple[Triple, ...]
    guidelines: tuple[Triple, ...]
    overlays: Mapping[str, tuple[Triple, ...]]
    criteria: tuple[Triple, ...]
    forms: Mapping[str, tuple[Triple, ...]]
    release: Sha256


def _turtle_files(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        name = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _turtle_files(entry, name + "/")
        elif name.endswith(".ttl"):
            yield name, entry


def read_sources(ontology: Traversable, shapes: Traversable) -> Sources:
    """Read the Turtle of a release.

    Raises:
        KnowledgeError: if a file is no Turtle; the file and line are named.
    """
    digest = hashlib.sha256()
    parsed: dict[str, tuple[Triple, ...]] = {}
    for folder, prefix in ((ontology, "ontology/"), (shapes, "shapes/")):
        for name, file in _turtle_files(folder):
            data = file.read_bytes()
            for part in ((prefix + name).encode(), data):
                digest.update(len(part).to_bytes(8, "big"))
                digest.update(part)
            try:
                parsed[prefix + name] = tuple(parse_triples(data, ox.RdfFormat.TURTLE))
            except SyntaxError as error:
                raise KnowledgeError(f"{prefix}{name}: {error}") from error
    if not parsed:
        raise KnowledgeError("no ontology and no shapes were found")

    def gather(*starts: str) -> tuple[Triple, ...]:
        return tuple(t for name in parsed if name.startswith(starts) for t in parsed[name])

    return Sources(
        vocabulary=gather("ontology/core", "ontology/clinical", "ontology/alignments"),
        guidelines=gather("ontology/guidelines/", "ontology/readings.ttl"),
        overlays={
            name.removeprefix("ontology/readings/").removesuffix(".ttl"): triples
            for name, triples in parsed.items()
            if name.startswith("ontology/readings/")
        },
        criteria=gather("shapes/criteria/", "shapes/prefixes.ttl"),
        forms={
            name.removeprefix("shapes/").removesuffix(".ttl"): triples
            for name, triples in parsed.items()
            if name.startswith("shapes/") and name.count("/") == 1
        },
        release=Sha256(digest.hexdigest()),
    )


def _overlay(triples: tuple[Triple, ...], overlay: tuple[Triple, ...]) -> tuple[Triple, ...]:
    """Apply an overlay: for each subject and property it states, its values replace the others."""
    subjects = {s for s, _, _ in triples}
    stated = {(s, p) for s, p, _ in overlay if s in subjects}
    return (
        *(t for t in triples if (t[0], t[1]) not in stated),
        *(t for t in overlay if t[0] in subjects or isinstance(t[0], BNode)),
    )


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Everything that a determination rests on beside the case.

    Attributes:
        release: the SHA-256 of ontology, guidelines and shapes.
        chosen: the names of the alternative readings taken.
    """

    sources: Sources = field(repr=False)
    chosen: tuple[str, ...] = ()
    _shapes: dict[URIRef, tuple[Shapes, Examiner]] = field(default_factory=dict, repr=False)

    @property
    def release(self) -> Sha256:
        """The SHA-256 of the ontology, guidelines and shapes."""
        return self.sources.release

    @cached_property
    def _guideline_triples(self) -> tuple[Triple, ...]:
        triples = self.sources.guidelines
        for name in self.chosen:
            triples = _overlay(triples, self.sources.overlays[name])
        return triples

    @cached_property
    def graph(self) -> Graph:
        """Vocabularies, guidelines and readings in one graph; not to be changed."""
        return graph_of((*self.sources.vocabulary, *self._guideline_triples))

    @cached_property
    def criteria_graph(self) -> Graph:
        """Every criterion shape in one graph; not to be changed."""
        triples = self.sources.criteria
        for name in self.chosen:
            triples = _overlay(triples, self.sources.overlays[name])
        return graph_of(triples)

    @cached_property
    def concepts(self) -> Concepts:
        """The clinical vocabulary."""
        return compile_concepts(graph_of(self.sources.vocabulary))

    @cached_property
    def case_format(self) -> Mapping[str, Form]:
        """The forms and keys of a case file."""
        return compile_case_format(graph_of(self.sources.forms["case"]))

    @cached_property
    def guidelines(self) -> Mapping[URIRef, Guideline]:
        """Guideline documents, by IRI."""
        return compile_guidelines(self.graph)

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """Every recommendation, in the order of their IRIs."""
        targets = {
            shape: target
            for shape, target in self.criteria_graph.subject_objects(SH.targetClass)
            if isinstance(shape, URIRef) and isinstance(target, URIRef)
        }
        return compile_recommendations(self.graph, dict(self.guidelines), targets)

    @cached_property
    def displaced(self) -> Mapping[URIRef, frozenset[URIRef]]:
        """For each guideline or recommendation, everything that it displaces."""
        from reasoner.precedence import displaced_by, precedence_graph

        pairs = [
            (newer, older)
            for newer in self.guidelines
            for older in iris(self.graph, newer, CORE.supersedes)
        ]
        return displaced_by(precedence_graph(pairs, self.recommendations))

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Every reading, by name."""
        readings = compile_readings(self.graph)
        alternatives = {name for name, reading in readings.items() if not reading.default}
        if alternatives != set(self.sources.overlays):
            raise KnowledgeError(
                "every alternative reading needs an overlay, and every overlay a reading: "
                + ", ".join(sorted(alternatives ^ set(self.sources.overlays)))
            )
        return readings

    def under(self, names: Iterable[str]) -> Knowledge:
        """Give the knowledge under alternative readings.

        Args:
            names: names of readings; the default ones change nothing.

        Raises:
            InputError: if a name is not known, or two readings settle the same ambiguity.
        """
        chosen: list[str] = []
        problems = []
        for name in sorted(set(names)):
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
                if one < other and self.readings[one].ambiguities & self.readings[other].ambiguities:
                    problems.append(
                        Problem(f"{one} and {other} settle the same ambiguity.", file="--reading")
                    )
        if problems:
            raise InputError(problems)
        return Knowledge(self.sources, tuple(chosen)) if chosen else self

    def readings_of(self, recommendation: Recommendation) -> tuple[Reading, ...]:
        """Give the readings that the encoding of a recommendation rests on, defaults included."""
        found: list[Reading] = []
        for ambiguity in recommendation.ambiguities:
            of = [r for r in self.readings.values() if ambiguity in r.ambiguities]
            taken = [r for r in of if r.name in self.chosen] or [r for r in of if r.default]
            found.extend(r for r in taken if r not in found)
        return tuple(found)

    def shapes_of(self, recommendation: Recommendation) -> tuple[Shapes, Examiner]:
        """Give the criterion shapes of a recommendation, prepared for both engines."""
        if recommendation.iri not in self._shapes:
            roots = [criterion.shape for criterion in recommendation.criteria]
            graph = graph_of(_reachable(self.criteria_graph, roots))
            shapes = check_shapes(graph, str(recommendation.iri))
            self._shapes[recommendation.iri] = (shapes, prepare(shapes))
        return self._shapes[recommendation.iri]

    def form_shapes(self, name: str) -> Shapes:
        """Give the shapes that check cases, guidelines, determinations or reviewers."""
        key = URIRef(f"urn:form:{name}")
        if key not in self._shapes:
            shapes = check_shapes(graph_of(self.sources.forms[name]), f"shapes/{name}.ttl")
            self._shapes[key] = (shapes, prepare(shapes))
        return self._shapes[key][0]


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
    ontology: Path | None = None, shapes: Path | None = None
) -> Knowledge:
    """Load the knowledge of this release, or of folders laid out like it.

    Args:
        ontology: a folder in place of our ``ontology``.
        shapes: a folder in place of our ``shapes``.

    Raises:
        KnowledgeError: if a file is malformed or the release does not hang together.
    """
    return Knowledge(
        read_sources(ontology or data_folder("ontology"), shapes or data_folder("shapes"))
    )
