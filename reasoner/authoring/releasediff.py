"""Two releases compared by meaning: what was added, dropped, tightened, loosened or reworded.

``compare(old, new)`` takes two ``Knowledge`` values and changes neither. What a criterion asks for
counts as changed if its shape states something else. Whether that tightens or loosens it is not
read off the shape but shown by cases: of all that the search for boundary cases comes upon, those
that the two releases decide differently. The smallest of them is given. How criteria are combined
is compared exactly, by the sets of criteria that are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rdflib import URIRef

from reasoner.authoring.drafts import Draft, Verdict, apply, override, smaller, to_yaml
from reasoner.authoring.smallest import MOST_ROUTES, Search, routes
from reasoner.authoring.statedshapes import restated, stated_of
from reasoner.classification import topic_axioms
from reasoner.guidelines import Criterion, Recommendation, number_key
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome
from reasoner.rdf import canonical_hash
from reasoner.terms import BASE, local_name

_RANK = {Outcome.NOT_MET: 0, Outcome.NOT_DOCUMENTED: 1, Outcome.MET: 2, Outcome.NOT_APPLICABLE: 2}
MOST_TRIED = 60
"""How many boundary cases of each release are tried on a criterion that changed."""


@dataclass(frozen=True, slots=True)
class Separating:
    """A case that two releases decide differently; nothing can be left out of it.

    Attributes:
        case: the case file.
        old, new: what each release makes of it.
    """

    case: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two releases.

    Attributes:
        what: the kind of thing: guideline, recommendation, criterion, definition, concept, reading.
        name: its name: for a criterion ``guideline/topic number``.
        kind: ``added``, ``dropped``, ``tightened``, ``loosened``, ``shifted`` (some cases fare
            better, others worse), ``rewritten`` (stated differently, and no case was found that is
            decided differently) or ``described`` (words, page or confidence alone).
        details: what differs, one thing a line.
        separating: the smallest case found that shows it.
    """

    what: str
    name: str
    kind: str
    details: tuple[str, ...] = ()
    separating: Separating | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two releases.

    Attributes:
        old, new: the release hashes.
    """

    old: str
    new: str
    changes: tuple[Change, ...]


def compare(old: Knowledge, new: Knowledge, *, separate: bool = True) -> Difference:
    """Compare two releases.

    Args:
        old: the earlier release.
        new: the later one.
        separate: whether to look for cases that show the changes; without, a change of what a
            criterion asks is ``rewritten``.

    Raises:
        KnowledgeError: if a file of one of them is malformed.
    """
    changes = (
        *_of_documents(old, new),
        *_of_vocabulary(old, new),
        *_of_readings(old, new),
        *(change for name in _topics(old, new) for change in _of_topic(old, new, name, separate)),
    )
    return Difference(old.release, new.release, changes)


# Documents, vocabulary, readings


def _of_documents(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    for iri in sorted({*old.guidelines, *new.guidelines}):
        one, other = old.guidelines.get(iri), new.guidelines.get(iri)
        name = str(iri).removeprefix(BASE + "guideline/")
        if one is None or other is None:
            yield Change("guideline", name, "added" if one is None else "dropped")
            continue
        details = tuple(_fields(one, other, old, new, _OF_GUIDELINE))
        if details:
            yield Change("guideline", name, "described", details)


def _of_vocabulary(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    before, after = old.concepts, new.concepts
    for term in sorted({*before.ancestors, *after.ancestors, *before.kinds, *after.kinds}):
        was = before.ancestors.get(term, before.kinds.get(term))
        now = after.ancestors.get(term, after.kinds.get(term))
        if was is None or now is None:
            yield Change("concept", local_name(term), "added" if was is None else "dropped")
            continue
        details = [
            *(f"is a kind of {local_name(k)} now" for k in sorted(now - was)),
            *(f"is no kind of {local_name(k)} any more" for k in sorted(was - now)),
        ]
        if before.wholes.get(term) != after.wholes.get(term):
            details.append("is part of other regions")
        if details:
            yield Change("concept", local_name(term), "shifted", tuple(details))


def _of_readings(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    for name in sorted({*old.readings, *new.readings}):
        one, other = old.readings.get(name), new.readings.get(name)
        if one is None or other is None:
            yield Change("reading", name, "added" if one is None else "dropped")
            continue
        details = [f"definition: {one.definition} -> {other.definition}"] * (
            one.definition != other.definition
        )
        if one.default != other.default:
            details.append(f"is {'' if other.default else 'no '}default now")
        if _overlay(old, name) != _overlay(new, name):
            details.append("changes other statements of the encoding")
        if details:
            yield Change("reading", name, "described", tuple(details))


def _overlay(knowledge: Knowledge, name: str) -> str:
    if name not in knowledge.sources.overlays:
        return ""
    return canonical_hash(knowledge.sources.overlay(name))


# Topics


def _topics(old: Knowledge, new: Knowledge) -> list[str]:
    """Give the topics of which a file differs."""

    def files(knowledge: Knowledge, name: str) -> list[bytes]:
        if name not in knowledge.sources.topics:
            return []
        of_topic = (knowledge.sources.guideline_of(name), *knowledge.sources.shapes_of(name))
        return [knowledge.sources.files[file] for file in of_topic]

    names = {*old.sources.topics, *new.sources.topics}
    return sorted(name for name in names if files(old, name) != files(new, name))


def _of_topic(old: Knowledge, new: Knowledge, name: str, separate: bool) -> Iterator[Change]:
    before = _recommendations(old, name)
    after = _recommendations(new, name)
    for iri in sorted({*before, *after}):
        one, other = before.get(iri), after.get(iri)
        label = name if local_name(iri) == "recommendation" else f"{name}#{local_name(iri)}"
        if one is None or other is None:
            yield Change("recommendation", label, "added" if one is None else "dropped")
            continue
        pair = _Pair(old, new, name, one, other, separate)
        yield from pair.of_recommendation(label)
        yield from pair.of_criteria()
        yield from pair.of_definitions()


def _recommendations(knowledge: Knowledge, name: str) -> dict[URIRef, Recommendation]:
    if name not in knowledge.sources.topics:
        return {}
    return {r.iri: r for r in knowledge.topic(name).recommendations}


@dataclass(frozen=True, eq=False)
class _Pair:
    """A recommendation as two releases have it."""

    old: Knowledge
    new: Knowledge
    topic: str
    one: Recommendation
    other: Recommendation
    separate: bool

    def of_recommendation(self, label: str) -> Iterator[Change]:
        one, other = self.one, self.other
        words = tuple(_fields(one, other, self.old, self.new, _OF_RECOMMENDATION))
        kind, combined = _combined(one, other)
        if kind is None:
            if words:
                yield Change("recommendation", label, "described", words)
            return
        separating = self._separating_whole() if self.separate else None
        yield Change("recommendation", label, kind, (*combined, *words), separating)

    def of_criteria(self) -> Iterator[Change]:
        before = {c.iri: c for c in self.one.criteria}
        after = {c.iri: c for c in self.other.criteria}
        for iri in dict.fromkeys((*before, *after)):
            one, other = before.get(iri), after.get(iri)
            found = one or other
            assert found is not None
            name = f"{self.topic} {found.number}"
            if one is None or other is None:
                kind = "added" if one is None else "dropped"
                yield Change("criterion", name, kind, (found.statement,))
                continue
            words = tuple(_fields(one, other, self.old, self.new, _OF_CRITERION))
            stated = tuple(
                restated(self._described(self.old, one), self._described(self.new, other))
            )
            asked = tuple(_fields(one, other, self.old, self.new, _ASKED))
            if stated or asked:
                kind, separating = self._separated(one, other)
                yield Change("criterion", name, kind, (*asked, *stated, *words), separating)
            elif words:
                yield Change("criterion", name, "described", words)

    def of_definitions(self) -> Iterator[Change]:
        """Compare the classes of requests that the topic defines."""
        before = topic_axioms(self.old.topic(self.topic).graph)
        after = topic_axioms(self.new.topic(self.topic).graph)
        if canonical_hash(before) == canonical_hash(after):
            return
        found = self._differing(self._entering(), _shown_whole)
        separating = self._smallest(found, _shown_whole)
        kind = "rewritten" if separating is None else "shifted"
        details = ("the classes of requests are defined otherwise",)
        yield Change("definition", self.topic, kind, details, separating)

    def _described(self, knowledge: Knowledge, criterion: Criterion) -> dict[str, list[str]]:
        return stated_of(knowledge.topic(self.topic).shapes, criterion.shape)

    # Cases that separate

    @cached_property
    def _searches(self) -> tuple[Search, Search]:
        return (
            Search(self.old, self.old.topic(self.topic), self.one),
            Search(self.new, self.new.topic(self.topic), self.other),
        )

    def _separated(self, one: Criterion, other: Criterion) -> tuple[str, Separating | None]:
        """Tell which way a criterion changed, by cases at the bounds of either release."""
        if not self.separate:
            return "rewritten", None
        ranks: set[int] = set()
        found: list[Draft] = []
        for draft, before, after in self._judged(self._of_criterion(one, other)):
            was, now = before.outcomes.get(one.iri), after.outcomes.get(other.iri)
            if was is None or now is None or was is now:
                continue
            found.append(draft)
            ranks.add((_RANK[now] > _RANK[was]) - (_RANK[now] < _RANK[was]))

        def shown(verdict: Verdict) -> str:
            outcome = verdict.outcomes.get(one.iri)
            return "not assessed" if outcome is None else outcome.value

        if not found:
            return "rewritten", None
        one_way = {1: "loosened", -1: "tightened"}
        kind = one_way.get(max(ranks), "shifted") if len(ranks) == 1 else "shifted"
        return kind, self._smallest(found, shown)

    def _of_criterion(self, one: Criterion, other: Criterion) -> Iterator[Draft]:
        """Give drafts at the bounds that either release sets to a criterion."""
        for search, criterion in zip(self._searches, (one, other), strict=True):
            if search.start is None:
                continue
            start, demands = search.start
            yield start
            target = demands.entering(criterion.target)
            ways = [*demands.met_by(criterion), *demands.broken_by(criterion)][:MOST_TRIED]
            concepts = search.knowledge.concepts
            for way in ways:
                yield override(start, way)
                for enter in target[:2]:
                    entered = apply(start, replace(enter, own=(), request=enter.own), concepts)
                    if entered is not None:
                        yield override(entered, way)

    def _entering(self) -> Iterator[Draft]:
        for search in self._searches:
            if search.start is None:
                continue
            start, demands = search.start
            targets = {c.target for c in (*self.one.criteria, *self.other.criteria)}
            for target in sorted({*targets, self.one.applies_to, self.other.applies_to}):
                for way in demands.entering(target):
                    yield override(start, replace(way, own=(), request=way.own))

    def _separating_whole(self) -> Separating | None:
        def drafts() -> Iterator[Draft]:
            for search in self._searches:
                if search.recommendation.requires is not None and search.plainest is not None:
                    yield search.plainest
                    yield from smaller(search.plainest, search.knowledge.concepts)

        return self._smallest(self._differing(drafts(), _shown_met), _shown_met)

    def _differing(self, drafts: Iterable[Draft], shown: _Shown) -> list[Draft]:
        if not self.separate:
            return []
        return [
            draft for draft, before, after in self._judged(drafts) if shown(before) != shown(after)
        ]

    def _judged(self, drafts: Iterable[Draft]) -> Iterator[tuple[Draft, Verdict, Verdict]]:
        """Decide drafts under both releases, the smallest first, each once."""
        ours, theirs = (search.judge for search in self._searches)
        for draft in sorted(dict.fromkeys(drafts), key=lambda d: d.size):
            before, after = ours(draft), theirs(draft)
            if before is not None and after is not None:
                yield draft, before, after

    def _smallest(self, found: list[Draft], shown: _Shown) -> Separating | None:
        """Take the smallest of drafts apart until it separates the two releases no more."""
        if not found:
            return None
        ours, theirs = (search.judge for search in self._searches)

        def parted(draft: Draft) -> tuple[str, str] | None:
            before, after = ours(draft), theirs(draft)
            if before is None or after is None or shown(before) == shown(after):
                return None
            return shown(before), shown(after)

        draft = min(found, key=lambda d: d.size)
        wanted = parted(draft)
        shrunk = True
        while shrunk:
            shrunk = False
            for less in smaller(draft, self.old.concepts):
                if less.size < draft.size and parted(less) == wanted:
                    draft, shrunk = less, True
                    break
        assert wanted is not None
        return Separating(to_yaml(draft, f"{self.topic.split('/')[1]}-separating"), *wanted)


_Shown = Callable[[Verdict], str]


def _shown_met(verdict: Verdict) -> str:
    return "met" if verdict.met else "not met"


def _shown_whole(verdict: Verdict) -> str:
    """Say what is made of a request: what governs it, and whether its requirements are met."""
    if verdict.governing is None:
        return "nothing governs"
    name = str(verdict.governing.iri).removeprefix(BASE + "guideline/").removesuffix(
        "#recommendation"
    )  # fmt: skip
    outcomes = verdict.outcomes.values()
    if verdict.met:
        return f"{name}: met"
    return f"{name}: {'contradicted' if Outcome.NOT_MET in outcomes else 'not established'}"


# What is stated of things, field by field

_Field = tuple[str, Callable[[Knowledge, object], str]]


def _plain(attribute: str) -> _Field:
    def value(_: Knowledge, of: object) -> str:
        found = getattr(of, attribute)
        if isinstance(found, (tuple, frozenset)):
            return ", ".join(sorted(map(local_name, found))) or "none"
        return "none" if found is None else str(found)

    return attribute.replace("_", " "), value


def _named(attribute: str, label: str = "") -> _Field:
    def value(knowledge: Knowledge, of: object) -> str:
        found = getattr(of, attribute)
        return "none" if found is None else knowledge.concepts.label(found)

    return label or attribute.replace("_", " "), value


_OF_GUIDELINE: tuple[_Field, ...] = (
    _plain("label"), _plain("title"), _plain("citation"), _plain("step"), _plain("start"),
    _plain("end"), _plain("silent_on"), _named("attestation", "confidence"),
)  # fmt: skip
_OF_RECOMMENDATION: tuple[_Field, ...] = (
    _plain("label"), _named("stance"), _plain("section"), _plain("page"), _plain("noun"),
    _named("attestation", "confidence"), _named("treatment"), _named("applies_to"),
    _plain("prevails_over"), _named("ambiguity"),
)  # fmt: skip
_OF_CRITERION: tuple[_Field, ...] = (
    _plain("number"), _plain("statement"), _plain("if_missing"), _plain("page"), _plain("section"),
    _named("attestation", "confidence"), _named("cited_from"), _plain("presumption"),
    _named("ambiguity"), _plain("cured_by"), _named("limits"), _named("counts"), _plain("limit"),
)  # fmt: skip
_ASKED: tuple[_Field, ...] = (
    _named("target"), _plain("presumed_met"), _named("ruled_out_by"),
)  # fmt: skip


def _fields(
    one: object, other: object, old: Knowledge, new: Knowledge, fields: tuple[_Field, ...]
) -> Iterator[str]:
    for label, value in fields:
        was, now = value(old, one), value(new, other)
        if was != now:
            yield f"{label}: {was} -> {now}"


def _combined(one: Recommendation, other: Recommendation) -> tuple[str | None, tuple[str, ...]]:
    """Compare how criteria are combined: by the sets of criteria that are enough."""
    if one.requires is None or other.requires is None:
        if (one.requires is None) == (other.requires is None):
            return None, ()
        if one.requires is None:
            return "loosened", ("has criteria now, under which the treatment is supported",)
        return "tightened", ("has no criteria any more; nothing supports the treatment",)
    before, after = routes(one.requires), routes(other.requires)
    if set(before) == set(after):
        return None, ()
    names = {c.iri: c.number for c in (*one.criteria, *other.criteria)}
    always = frozenset.intersection(*before, *after)
    beside = f" beside {_listed(always, names)}" if always else ""
    details = (
        f"what was enough{beside}: {_enough(before, always, names)}",
        f"what is enough{beside}: {_enough(after, always, names)}",
    )
    if max(len(before), len(after)) >= 4 * MOST_ROUTES:
        return "shifted", details
    harder = all(any(was <= now for was in before) for now in after)
    easier = all(any(now <= was for now in after) for was in before)
    return ("tightened" if harder else "loosened" if easier else "shifted"), details


_MOST_SHOWN = 4


def _enough(
    found: list[frozenset[URIRef]], always: frozenset[URIRef], names: Mapping[URIRef, str]
) -> str:
    shown = [_listed(route - always, names) or "nothing more" for route in found[:_MOST_SHOWN]]
    more = len(found) - len(shown)
    return "; or ".join(shown) + (f"; or one of {more} other sets" if more else "")


def _listed(criteria: frozenset[URIRef], names: Mapping[URIRef, str]) -> str:
    return " and ".join(sorted((names[c] for c in criteria), key=number_key))
