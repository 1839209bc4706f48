"""Try a mutant on the cases of its topic: does one of them decide otherwise than it says?

Slips touch shapes and combinations only, so a case is classified once and never again. Of the
criteria, those are assessed anew that a mutant touches, on what of the case their shapes can see;
the others keep the outcome that they had. The first case that notices ends the trial.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.assessment import Assessment, assess
from reasoner.authoring.librarycases import (
    LibraryCase,
    Observed,
    differences,
    read_library_case,
    shown,
    topic_of,
    under,
)
from reasoner.authoring.mutation.mutant import GUIDELINE, Encoding, Mutant, encoding_of
from reasoner.authoring.mutation.parsedqueries import use_parsed_queries
from reasoner.classification import ClassifiedCase, classify
from reasoner.decision import ItemDecision, decide_item, in_order_of_dependence
from reasoner.errors import EngineError, KnowledgeError
from reasoner.evidence import Examiner
from reasoner.guidelines import Combination, Criterion, Recommendation, compile_recommendations
from reasoner.knowledge import Knowledge, Topic
from reasoner.outcomes import Outcome, Role
from reasoner.rdf import Triple, canonical_hash
from reasoner.selection import Selection, select
from reasoner.shacl import Shapes
from reasoner.terms import CORE, local_name

KILLED, SURVIVED, REFUSED, EQUIVALENT = "killed", "survived", "refused", "equivalent"


@dataclass(frozen=True)
class Verdict:
    """How a mutant fared.

    Attributes:
        result: ``killed``, ``survived``, ``refused`` at load, or ``equivalent`` by construction.
        by: the case that noticed it, or why it was not tried.
        tried: how many cases were asked.
    """

    result: str
    by: str = ""
    tried: int = 0


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
        self.selections: dict[URIRef, Selection] = {
            r: select(self.classified[r], setting.knowledge, r) for r in of_case.requests
        }
        for selection in self.selections.values():
            if selection.governing is not None:
                # Loads every topic about the treatment, which those made from this one share.
                setting.knowledge.topics_about([selection.governing.treatment])
        self._views: dict[tuple[URIRef, frozenset[URIRef] | None], View] = {}

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

    def view(self, request: URIRef, named: frozenset[URIRef] | None) -> View:
        """Give of the case what shapes can see that name certain terms; all of it for None."""
        key = (request, named)
        if key not in self._views:
            self._views[key] = _view(self.classified[request], request, named)
        return self._views[key]


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


def _named_by(part: Recommendation, shapes: Graph) -> frozenset[URIRef] | None:
    named = terms_named(shapes)
    if named is None:
        return None
    ruled_out = {c.ruled_out_by for c in part.criteria if c.ruled_out_by is not None}
    return named | ruled_out | {c.target for c in part.criteria}


class Trials:
    """The cases of one topic, ready for its mutants.

    Args:
        knowledge: this release, under its default readings.
        topic: ``guideline/topic``.
        library: the folder of the library.
        observed: what each case of the topic gave.
    """

    def __init__(
        self, knowledge: Knowledge, topic: str, library: Path, observed: Mapping[str, Observed]
    ) -> None:
        use_parsed_queries()
        self.topic = topic
        self._settings: dict[tuple[str, ...], Setting] = {}
        self.cases: list[PreparedCase] = []
        self._setting(knowledge, ())
        for name, seen in sorted(observed.items()):
            if seen.wrong or not any(item.topic == topic for item in seen.items):
                continue
            case = read_library_case(library, name, knowledge)
            self.cases.append(PreparedCase(case, seen, self._setting(knowledge, case.readings)))

    def _setting(self, knowledge: Knowledge, readings: tuple[str, ...]) -> Setting:
        if readings not in self._settings:
            chosen = under(knowledge, readings)
            self._settings[readings] = Setting(chosen, encoding_of(chosen, self.topic))
        return self._settings[readings]

    def run(self, mutant: Mutant) -> Verdict:
        """Try a mutant."""
        if mutant.equivalent is not None:
            return Verdict(EQUIVALENT, mutant.equivalent)
        tried = 0
        for setting in self._settings.values():
            if not setting.encoding.holds(mutant):
                continue
            with setting.encoding.applied(mutant):
                try:
                    changed = Changed(setting, mutant)
                except KnowledgeError as error:
                    return Verdict(REFUSED, str(error), tried)
                for prepared in self._in_order(setting, changed):
                    tried += 1
                    if changed.noticed_by(prepared):
                        return Verdict(KILLED, prepared.case.name, tried)
        return Verdict(SURVIVED, "", tried)

    def _in_order(self, setting: Setting, changed: Changed) -> list[PreparedCase]:
        """Put those cases first that say something of what is changed, and of little else."""
        return sorted(
            (p for p in self.cases if p.setting is setting),
            key=lambda p: (not p.stated & changed.numbers, len(p.stated), p.case.name),
        )


class Changed:
    """A mutant applied under a setting, and what it changes.

    Raises:
        KnowledgeError: if the mutant is refused when it is loaded.
    """

    def __init__(self, setting: Setting, mutant: Mutant) -> None:
        self._setting = setting
        self._mutant = mutant
        encoding = setting.encoding
        recompiled = mutant.part == GUIDELINE or mutant.predicate == SH.targetClass
        self._recommendations = {
            r.iri: r for r in (setting.recompiled() if recompiled else encoding.recommendations)
        }
        touched = mutant.touched
        self._affected = frozenset(
            c.iri
            for c in encoding.criteria
            if (c.iri in touched and mutant.predicate != CORE.limit)
            or (encoding.reach[c.iri] & touched)
        )
        self.numbers = frozenset(c.number for c in encoding.criteria if c.iri in self._affected)
        # A threshold or a limit changes what is decided though no outcome changes.
        self._decides = mutant.part == GUIDELINE or mutant.operator == "bound-by-one"
        self._knowledge = setting.with_recommendations(self._recommendations.values())
        if not any(c.limits for c in encoding.criteria if c.iri in self._affected):
            # To decide takes the bounds of quantity limits, which this leaves as they are.
            for iri in self._recommendations:
                shapes = setting.shapes_of(iri)
                if shapes is not None:
                    self._knowledge._shapes[iri] = shapes
        self._parts = {
            iri: part
            for iri, recommendation in self._recommendations.items()
            if (part := self._part(recommendation)) is not None
        }
        self._assessing = setting.with_recommendations(self._parts.values())
        self._named = {
            iri: _named_by(part, self._assessing.shapes_of(part)[0].graph)
            for iri, part in self._parts.items()
        }
        # Cases that look the same to the shapes are assessed once.
        self._assessed: dict[tuple[URIRef, str], dict[URIRef, Assessment]] = {}

    def _part(self, recommendation: Recommendation) -> Recommendation | None:
        """Give a recommendation that requires the affected criteria only, to assess them by."""
        criteria = tuple(c for c in recommendation.criteria if c.iri in self._affected)
        if not criteria:
            return None
        only = Combination(recommendation.iri, "AllOf", criteria, 0, None, None)
        return replace(recommendation, requires=only)

    def noticed_by(self, prepared: PreparedCase) -> bool:
        """Tell whether a case decides otherwise than it says."""
        assessed: dict[URIRef, tuple[Assessment, ...]] = {}
        differs = self._decides
        for request, governing in prepared.governed(self._setting.encoding.topic).items():
            recommendation = self._recommendations[governing.iri]
            before = prepared.outcomes[local_name(request)]
            try:
                new = self._assess(prepared, request, recommendation)
            except EngineError:
                return True  # nothing is decided, which is not what the case says
            differs |= any(shown(a) != before[str(iri)] for iri, a in new.items())
            assessed[request] = tuple(
                new[c.iri] if c.iri in new else _as_before(c, before[str(c.iri)])
                for c in recommendation.criteria
            )
        return differs and self._decided_otherwise(prepared, assessed)

    def _assess(
        self, prepared: PreparedCase, request: URIRef, recommendation: Recommendation
    ) -> dict[URIRef, Assessment]:
        part = self._parts.get(recommendation.iri)
        if part is None:
            return {}
        view = prepared.view(request, self._named[recommendation.iri])
        key = (recommendation.iri, view.key)
        if key not in self._assessed:
            assessed = assess(view.classified, self._assessing, part)[request]
            self._assessed[key] = {a.criterion.iri: a for a in assessed}
        return self._assessed[key]

    def _decided_otherwise(
        self, prepared: PreparedCase, assessed: Mapping[URIRef, tuple[Assessment, ...]]
    ) -> bool:
        items: dict[URIRef, ItemDecision] = {}
        of_case = prepared.case.case
        for request in in_order_of_dependence(of_case, of_case.requests):
            selection = prepared.selections[request]
            assessments = assessed.get(request)
            if selection.governing is not None and assessments is not None:
                governing = self._recommendations[selection.governing.iri]
                selection = replace(selection, governing=governing)
            elif selection.governing is not None:
                before = prepared.outcomes[local_name(request)]
                assessments = tuple(
                    _as_before(c, before[str(c.iri)]) for c in selection.governing.criteria
                )
            try:
                items[request] = decide_item(
                    prepared.classified[request],
                    self._knowledge,
                    selection,
                    assessments or (),
                    items,
                    Role.IMR,
                )
            except EngineError:
                return True
        by_name = {local_name(r): item for r, item in items.items()}
        return any(
            True
            for name, expected in prepared.case.expected.items()
            for _ in differences(name, expected, by_name[name])
        )


def _as_before(criterion: Criterion, outcome: str) -> Assessment:
    presumed = outcome == "PresumedMet"
    return Assessment(criterion, Outcome.MET if presumed else Outcome(outcome), presumed, (), ())
