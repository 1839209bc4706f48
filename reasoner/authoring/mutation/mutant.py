"""A mutant: one slip in the encoding of a topic, as a value.

An encoding is what a topic's two files state under a reading. Operators look at an encoding and
give mutants; a mutant names the triples that it takes out and puts in, so that it can be applied
to graphs in memory and taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.concepts import Concepts
from reasoner.guidelines import Combination, Criterion, Recommendation, number_key
from reasoner.knowledge import Knowledge
from reasoner.rdf import Triple, graph_of, iris
from reasoner.terms import CORE, local_name

SHAPES, GUIDELINE = "shapes", "guideline"


@dataclass(frozen=True)
class Mutant:
    """One slip.

    Attributes:
        key: names it within its topic, the same from run to run.
        operator: the kind of slip.
        part: the file that it is in, ``shapes`` or ``guideline``.
        subject, predicate: what is changed, to find its line by.
        description: the slip in clinical terms.
        hint: which case would tell it from the encoding.
        removed, added: the triples that it takes out and puts in.
        equivalent: why no case can notice it, where that follows from how it is made.
    """

    topic: str
    key: str
    operator: str
    part: str
    subject: URIRef
    predicate: URIRef
    description: str
    hint: str
    removed: frozenset[Triple] = field(repr=False)
    added: frozenset[Triple] = field(repr=False)
    equivalent: str | None = None

    @property
    def touched(self) -> frozenset[Node]:
        """The nodes that it says something else of."""
        return frozenset(s for s, _, _ in self.removed | self.added)


@dataclass(frozen=True, eq=False)
class Encoding:
    """What the two files of a topic state under a reading.

    Attributes:
        guideline: what the guideline says; a copy of its own, which mutants are applied to.
        shapes: the criterion shapes; a copy likewise.
        labels: what properties and classes are called.
    """

    topic: str
    guideline: Graph
    shapes: Graph
    recommendations: tuple[Recommendation, ...]
    concepts: Concepts
    vocabulary: Graph

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion, each once, in the order of their numbers."""
        found = {c.iri: c for r in self.recommendations for c in r.criteria}
        return tuple(sorted(found.values(), key=lambda c: (number_key(c.number), c.iri)))

    @cached_property
    def combinations(self) -> tuple[Combination, ...]:
        """Every combination, each once, in the order of their IRIs."""
        found = {
            c.iri: c
            for r in self.recommendations
            if r.requires is not None
            for c in r.requires.combinations()
        }
        return tuple(found[iri] for iri in sorted(found))

    @cached_property
    def reach(self) -> dict[URIRef, frozenset[Node]]:
        """For each criterion, by IRI, every node that its shape is made of."""
        return {c.iri: frozenset(_reachable(self.shapes, c.shape)) for c in self.criteria}

    @cached_property
    def shape_nodes(self) -> tuple[URIRef, ...]:
        """Every named node that some criterion's shape is made of, sorted."""
        nodes = {n for reached in self.reach.values() for n in reached}
        return tuple(
            sorted(n for n in nodes if isinstance(n, URIRef) and (n, None, None) in self.shapes)
        )

    @cached_property
    def roots(self) -> dict[URIRef, tuple[Criterion, ...]]:
        """For each named shape, the criteria that it is the whole or a part of."""
        owners: dict[URIRef, list[Criterion]] = {}
        for criterion in self.criteria:
            for node in self.reach[criterion.iri]:
                if isinstance(node, URIRef):
                    owners.setdefault(node, []).append(criterion)
        return {node: tuple(found) for node, found in owners.items()}

    def label(self, term: Node) -> str:
        """Give what a class, individual or property is called."""
        return self.concepts.label(term) if isinstance(term, URIRef) else str(term)

    def of_shape(
        self,
        operator: str,
        subject: URIRef,
        predicate: URIRef,
        change: str,
        hint: str,
        removed: Iterable[Triple],
        added: Iterable[Triple],
        detail: str = "",
        equivalent: str | None = None,
    ) -> Mutant:
        """Make a mutant of a shape.

        Args:
            operator: the kind of slip.
            subject: the named shape that is changed.
            predicate: the property of it that is changed.
            change: the slip, to follow the criterion's number.
            hint: the case to write, to follow "a case".
            removed: triples taken out.
            added: triples put in.
            detail: tells it from others of the same kind on the same shape.
            equivalent: why no case can notice it.
        """
        owners = self.roots.get(subject, ())
        numbers = ", ".join(dict.fromkeys(c.number for c in owners))
        statement = f" ({owners[0].statement.rstrip('.')})" if len(owners) == 1 else ""
        key = f"{operator}:{local_name(subject)}:{local_name(predicate)}"
        return Mutant(
            self.topic,
            f"{key}:{detail}" if detail else key,
            operator,
            SHAPES,
            subject,
            predicate,
            f"Criterion {numbers}{statement}: {change}",
            f"a case {hint}",
            frozenset(removed),
            frozenset(added),
            equivalent,
        )

    def of_guideline(
        self,
        operator: str,
        subject: URIRef,
        predicate: URIRef,
        change: str,
        hint: str,
        removed: Iterable[Triple],
        added: Iterable[Triple],
        detail: str = "",
        equivalent: str | None = None,
    ) -> Mutant:
        """Make a mutant of a criterion or combination; the arguments are those of a shape's."""
        key = f"{operator}:{local_name(subject)}:{local_name(predicate)}"
        return Mutant(
            self.topic,
            f"{key}:{detail}" if detail else key,
            operator,
            GUIDELINE,
            subject,
            predicate,
            change,
            f"a case {hint}",
            frozenset(removed),
            frozenset(added),
            equivalent,
        )

    def graph(self, part: str) -> Graph:
        """Give the graph of a part."""
        return self.shapes if part == SHAPES else self.guideline

    def holds(self, mutant: Mutant) -> bool:
        """Tell whether what a mutant changes is stated here; a reading may say otherwise."""
        graph = self.graph(mutant.part)
        return all(triple in graph for triple in mutant.removed) and not any(
            triple in graph for triple in mutant.added
        )

    @contextmanager
    def applied(self, mutant: Mutant) -> Iterator[None]:
        """Apply a mutant for the time of a block."""
        # What shapes are made of is read once, and from the encoding as it is.
        _ = self.reach, self.combinations
        graph = self.graph(mutant.part)
        for triple in mutant.removed:
            graph.remove(triple)
        for triple in mutant.added:
            graph.add(triple)
        try:
            yield
        finally:
            for triple in mutant.added:
                graph.remove(triple)
            for triple in mutant.removed:
                graph.add(triple)


def encoding_of(knowledge: Knowledge, topic: str) -> Encoding:
    """Copy the encoding of a topic under the readings that a knowledge has."""
    found = knowledge.topic(topic)
    return Encoding(
        topic,
        graph_of(found.graph),
        graph_of(found.shapes),
        found.recommendations,
        knowledge.concepts,
        knowledge.vocabulary,
    )


def _reachable(graph: Graph, root: URIRef) -> Iterator[Node]:
    seen: set[Node] = set()
    frontier: list[Node] = [root]
    while frontier:
        node = frontier.pop()
        if node in seen or isinstance(node, Literal):
            continue
        seen.add(node)
        yield node
        for _, predicate, value in graph.triples((node, None, None)):
            if predicate not in (RDF.type, CORE.criterion, SH.targetClass):
                frontier.append(value)


def members(graph: Graph, head: Node) -> Iterator[tuple[Node, Node]]:
    """Give the nodes of an RDF list, each with its member."""
    while head != RDF.nil:
        member = graph.value(head, RDF.first)
        following = graph.value(head, RDF.rest)
        if member is None or following is None:
            return
        yield head, member
        head = following


def without(graph: Graph, holder: Triple, place: Node) -> tuple[list[Triple], list[Triple]]:
    """Give the triples to take out and to put in so that an RDF list loses one node.

    Args:
        graph: where the list is.
        holder: the triple that leads to the head of the list.
        place: the node of the list that goes.
    """
    following = graph.value(place, RDF.rest)
    before = list(graph.subjects(RDF.rest, place))
    assert following is not None, "a list has an end"
    link: Triple = (before[0], RDF.rest, place) if before else holder
    return [link], [(link[0], link[1], following)]


def steps_of_path(graph: Graph, shape: URIRef) -> Iterator[Triple]:
    """Give the triples in which the path of a shape names its properties."""
    frontier: list[Triple] = list(graph.triples((shape, SH.path, None)))
    while frontier:
        triple = frontier.pop(0)
        node = triple[2]
        if isinstance(node, URIRef):
            if node != RDF.nil:
                yield triple
        elif isinstance(node, BNode):
            for place, member in members(graph, node):
                frontier.append((place, RDF.first, member))
            frontier.extend(
                t for t in graph.triples((node, None, None)) if t[1] in (SH.inversePath, *_PATHS)
            )


_PATHS = (SH.alternativePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath)


def property_name(encoding: Encoding, shape: URIRef) -> str:
    """Give what the path of a shape is about: the label of its last property."""
    names = [t[2] for t in steps_of_path(encoding.shapes, shape)]
    return encoding.label(names[-1]) if names else "the value"


def property_shapes(encoding: Encoding, criterion: Criterion) -> list[URIRef]:
    """Give the property shapes that a criterion's own shape has."""
    return iris(encoding.shapes, criterion.shape, SH.property)
