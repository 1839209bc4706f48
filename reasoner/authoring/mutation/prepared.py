"""Cases and encodings made ready for many trials: classified once, cut to what shapes can see."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.assessment import Assessment, assess
from reasoner.authoring.decidedcases import Observed
from reasoner.authoring.expectedcases import LibraryCase, topic_of
from reasoner.authoring.mutation.mutant import Encoding
from reasoner.classification import ClassifiedCase, classify
from reasoner.evidence import Examiner
from reasoner.guidelines import Combination, Criterion, Recommendation, compile_recommendations
from reasoner.knowledge import Knowledge, Topic
from reasoner.outcomes import Outcome
from reasoner.rdf import Triple, canonical_hash, to_ntriples
from reasoner.selection import Selection, select
from reasoner.shacl import Shapes
from reasoner.terms import local_name


@dataclass(frozen=True, eq=False)
class Setting:
    """A topic under one set of readings: its encoding, and the knowledge it is part of."""

    knowledge: Knowledge
    encoding: Encoding

    def recompiled(self) -> tuple[Recommendation, ...]:
        """Read the recommendations from the graphs as they stand.

        Raises:
            KnowledgeError: if they lack what a recommendation needs.
        """
        targets = {
            shape: target
            for shape, target in self.encoding.shapes.subject_objects(SH.targetClass)
            if isinstance(shape, URIRef) and isinstance(target, URIRef)
        }
        return compile_recommendations(
            self.encoding.guideline, dict(self.knowledge.guidelines), targets
        )

    def shapes_of(self, recommendation: URIRef) -> tuple[Shapes, Examiner] | None:
        """Give the shapes of a recommendation as it is; None if it has no criteria."""
        found = next(r for r in self.encoding.recommendations if r.iri == recommendation)
        return self.knowledge.shapes_of(found) if found.criteria else None

    def with_recommendations(self, found: Iterable[Recommendation]) -> Knowledge:
        """Give the knowledge whose topic is the encoding as it stands."""
        topic = Topic(
            self.encoding.topic, self.encoding.guideline, self.encoding.shapes, tuple(found)
        )
        base = self.knowledge
        topics = {**base._topics, topic.name: topic}
        return Knowledge(base.sources, None, base.chosen, base.index, _topics=topics)


class PreparedCase:
    """A case of the topic, classified, with what was decided of it by the encoding as it is."""

    def __init__(self, case: LibraryCase, observed: Observed, setting: Setting) -> None:
        self.case = case
        self.setting = setting
        self.outcomes = {item.request: item.outcomes for item in observed.items}
        of_case = case.case
        days = dict.fromkeys(of_case.request_date(r) for r in of_case.requests)
        by_day = {day: classify(of_case, setting.knowledge, day) for day in days}
        self.classified: dict[URIRef, ClassifiedCase] = {
            r: by_day[of_case.request_date(r)] for r in of_case.requests
        }
        self._lines = {
            day: [(p, o, to_ntriples([(s, p, o)])) for s, p, o in classified.graph]
            for day, classified in by_day.items()
        }
        self.selections: dict[URIRef, Selection] = {
            r: select(self.classified[r], setting.knowledge, r) for r in of_case.requests
        }
        for selection in self.selections.values():
            if selection.governing is not None:
                # Loads every topic about the treatment, which those made from this one share.
                setting.knowledge.topics_about([selection.governing.treatment])
        self._wholly: dict[URIRef, dict[URIRef, Assessment]] = {}
        self._views: dict[tuple[URIRef, frozenset[URIRef] | None], View] = {}
        self._data: dict[tuple[URIRef, frozenset[URIRef] | None], bytes] = {}

    @cached_property
    def stated(self) -> frozenset[str]:
        """The numbers of the criteria of which the case says the outcome."""
        expected = self.case.expected.values()
        return frozenset(str(n) for e in expected for n in e.get("criteria", {}))

    def governed(self, topic: str) -> dict[URIRef, Recommendation]:
        """Give the requests that a topic governs, with what governs them."""
        return {
            request: selection.governing
            for request, selection in self.selections.items()
            if selection.governing is not None and topic_of(selection.governing) == topic
        }

    def as_before(self, request: URIRef, criterion: Criterion) -> Assessment:
        """Give what a criterion came to that a slip does not touch."""
        outcome = self.outcomes[local_name(request)][str(criterion.iri)]
        if criterion.limit is not None and outcome == Outcome.NOT_MET.value:
            # How much a limit leaves is told from the sum that its query reports.
            return replace(self._assessed(request)[criterion.iri], criterion=criterion)
        return without_results(criterion, outcome)

    def _assessed(self, request: URIRef) -> dict[URIRef, Assessment]:
        if request not in self._wholly:
            governing = self.selections[request].governing
            assert governing is not None
            found = assess(self.classified[request], self.setting.knowledge, governing)[request]
            self._wholly[request] = {a.criterion.iri: a for a in found}
        return self._wholly[request]

    def view(self, request: URIRef, named: frozenset[URIRef] | None) -> View:
        """Give of the case what shapes can see that name certain terms; all of it for None."""
        key = (request, named)
        if key not in self._views:
            self._views[key] = _view(self.classified[request], request, named)
        return self._views[key]

    def data(self, request: URIRef, named: frozenset[URIRef] | None) -> bytes:
        """Give the same as N-Triples, with the other requests of that day."""
        key = (request, named)
        if key not in self._data:
            self._data[key] = b"".join(
                line
                for predicate, value, line in self._lines[self.classified[request].day]
                if named is None or (value if predicate == RDF.type else predicate) in named
            )
        return self._data[key]


def only(recommendation: Recommendation, criteria: tuple[Criterion, ...]) -> Recommendation:
    """Give a recommendation that requires some of its criteria and no others."""
    asked = Combination(recommendation.iri, "AllOf", criteria, 0, None, None)
    return replace(recommendation, requires=asked)


def without_results(criterion: Criterion, outcome: str) -> Assessment:
    """Give an outcome, as an expectation names it, as an assessment that says no more."""
    presumed = outcome == "PresumedMet"
    return Assessment(criterion, Outcome.MET if presumed else Outcome(outcome), presumed, (), ())


@dataclass(frozen=True, eq=False)
class View:
    """What some shapes can see of a case, for one request.

    Attributes:
        key: the same for views that differ in the names of nodes only.
    """

    key: str
    request: URIRef
    classified: ClassifiedCase


def _view(classified: ClassifiedCase, request: URIRef, named: frozenset[URIRef] | None) -> View:
    if named is None:
        whole = replace(classified, requests=(request,))
        return View(str(request), request, whole)
    graph = Graph(bind_namespaces="none")
    for term in named:
        if term != RDF.type:
            for triple in classified.graph.triples((None, term, None)):
                graph.add(triple)
        for triple in classified.graph.triples((None, RDF.type, term)):
            graph.add(triple)
    own = f"{classified.case.iri}#"

    def unnamed(node: Node) -> Node:
        return BNode(str(node)[len(own) :]) if str(node).startswith(own) else node

    # The request is told from other nodes by a property that nothing else has.
    mark = unnamed(request)
    marked = [(unnamed(s), p, unnamed(o)) for s, p, o in graph]
    key = canonical_hash([*_told_apart(marked, mark), (mark, RDF.value, Literal(True))])
    return View(key, request, ClassifiedCase(classified.case, classified.day, graph, (request,)))


def _told_apart(triples: list[Triple], request: Node) -> list[Triple]:
    """Name the nodes that are known by what is stated of them, the equal ones by a number.

    Shapes see nothing of most facts but that they are facts of the request. To find the canonical
    names of a dozen nodes that look the same takes minutes (RDFC-1.0 tries every order).
    """
    about: dict[Node, list[tuple[str, ...]]] = {}
    entangled: set[Node] = set()
    for subject, predicate, value in triples:
        for node, other, side in ((subject, value, "s"), (value, subject, "o")):
            if isinstance(node, BNode) and node != request:
                if isinstance(other, BNode) and other != request:
                    entangled.add(node)
                seen = "request" if other == request else other.n3()
                about.setdefault(node, []).append((side, predicate.n3(), seen))
    names: dict[Node, URIRef] = {}
    alike: Counter[tuple[tuple[str, ...], ...]] = Counter()
    for node, stated in about.items():
        if node not in entangled:
            known_by = tuple(sorted(stated))
            alike[known_by] += 1
            digest = hashlib.sha256(repr(known_by).encode()).hexdigest()
            names[node] = URIRef(f"urn:node:{digest}:{alike[known_by]}")
    return [(names.get(s, s), p, names.get(o, o)) for s, p, o in triples]


def terms_named(shapes: Graph) -> frozenset[URIRef] | None:
    """Give the terms that shapes name; None if they see more than what they name.

    Core constraints follow the properties of their paths, and look at types. A query is taken at
    its prefixed names, unless it has a variable where a property stands.
    """
    if (None, SH.closed, None) in shapes:
        return None
    named = {t for triple in shapes for t in triple if isinstance(t, URIRef)}
    for text in shapes.objects(None, SH.select):
        names = _named_in(str(text), shapes)
        if names is None:
            return None
        named |= names
    return frozenset(named)


_PREFIXED = re.compile(r"\b([\w-]+):([\w-]+)\b")
_HEAD = re.compile(r"SELECT[^{]*|GROUP BY[^{}]*")
_VARIABLE_PROPERTY = re.compile(r"[?$]\w+\s+[?$]\w+\s+[?$\w\"]|<\w+:")
_VARIABLE_TYPE = re.compile(r"\sa\s+[?$]\w+")
_LISTED_TYPE = re.compile(r"FILTER \(\?\w+ IN \(")


def _named_in(query: str, shapes: Graph) -> set[URIRef] | None:
    """Give the terms that a query names; None if it may see others."""
    pattern = _HEAD.sub("", query)
    if _VARIABLE_PROPERTY.search(pattern):
        return None
    if len(_VARIABLE_TYPE.findall(pattern)) != len(_LISTED_TYPE.findall(pattern)):
        return None
    namespaces = {
        str(shapes.value(d, SH.prefix)): str(shapes.value(d, SH.namespace))
        for d in shapes.objects(None, SH.declare)
    }
    found = set()
    for prefix, local in _PREFIXED.findall(query):
        if prefix not in namespaces:
            return None
        found.add(URIRef(namespaces[prefix] + local))
    return found
