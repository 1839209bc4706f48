"""A case in the making: the keys of a case file, put together, taken apart, and decided.

A ``Draft`` has one request that matters, the facts that its record documents, and little else.
What is added to it is a ``Change``. Drafts are read by the case reader like any other file, so
that whatever is found with them can be written down and run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from rdflib import URIRef

from reasoner.assessment import assess
from reasoner.case import Case, parse_case
from reasoner.classification import classify
from reasoner.concepts import Concepts
from reasoner.decision import required
from reasoner.errors import EngineError, InputError, KnowledgeError
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome
from reasoner.selection import select

Value: TypeAlias = "str | tuple[Thing, ...]"
Thing: TypeAlias = tuple[tuple[str, Value], ...]
"""Keys of a case file with their values, sorted; a value is text, or a list of things."""


def thing(**values: Value) -> Thing:
    """Make a thing of keys and values."""
    return tuple(sorted(values.items()))


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to a draft.

    Attributes:
        own: keys of the node that is being described; of none once the description is whole.
        request: keys of the request.
        facts: facts that the record documents.
        case: keys of the worker and the injury, each with its form: ``worker.age``.
        parent: the treatment of a request that this one depends on.
    """

    own: Thing = ()
    request: Thing = ()
    facts: tuple[Thing, ...] = ()
    case: Thing = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A case in the making, with one request that matters.

    Attributes:
        day: the day of the utilization review, which picks the edition.
        case: keys of the worker and the injury, each with its form: ``worker.age``.
        parent: the treatment of a request that this one depends on.
    """

    day: date
    request: Thing
    facts: tuple[Thing, ...] = ()
    case: Thing = ()
    parent: str | None = None

    @property
    def size(self) -> int:
        """How many keys it has in all."""
        return (
            sum(map(_size, (self.request, self.case, *self.facts))) + len(self.facts)
            + (self.parent is not None)
        )  # fmt: skip


def _size(keys: Thing) -> int:
    return sum(1 if isinstance(v, str) else sum(map(_size, v)) + 1 for _, v in keys)


def merge(one: Thing, other: Thing, concepts: Concepts) -> Thing | None:
    """Merge keys; of two kinds of thing, the narrower; the later value of another key.

    Returns:
        The keys together; None if they state two regions, of which neither is in the other.
    """
    merged = dict(one)
    for key, value in other:
        before = merged.get(key)
        if before is None or before == value or not isinstance(value, str):
            both = (before or ()) if not isinstance(before, str) else ()
            merged[key] = value if isinstance(value, str) else (*both, *value)
        elif key in ("is", "treatment", "region") and isinstance(before, str):
            narrower = _narrower(before, value, concepts)
            if narrower is None:
                return None
            merged[key] = narrower
        else:
            merged[key] = value
    return tuple(sorted(merged.items()))


def _narrower(one: str, other: str, concepts: Concepts) -> str | None:
    first, second = concepts.find(one), concepts.find(other)
    if first is None or second is None:
        return None
    if concepts.is_kind_of(first, second) or second in concepts.wholes.get(first, ()):
        return one
    if concepts.is_kind_of(second, first) or first in concepts.wholes.get(second, ()):
        return other
    return None


def join(one: Change, other: Change, concepts: Concepts) -> Change | None:
    """Give two changes in one; None if they do not go together."""
    own = merge(one.own, other.own, concepts)
    request = merge(one.request, other.request, concepts)
    case = merge(one.case, other.case, concepts)
    if own is None or request is None or case is None:
        return None
    facts = tuple(dict.fromkeys((*one.facts, *other.facts)))
    return Change(own, request, facts, case, other.parent or one.parent)


def apply(draft: Draft, change: Change, concepts: Concepts) -> Draft | None:
    """Give a draft with a change; None if it does not fit."""
    before = Change((), draft.request, draft.facts, draft.case, draft.parent)
    joined = join(before, change, concepts)
    if joined is None:
        return None
    return Draft(draft.day, joined.request, joined.facts, joined.case, joined.parent)


def override(draft: Draft, change: Change) -> Draft:
    """Give a draft with a change whose values replace those of the draft."""
    return Draft(
        draft.day,
        thing(**{**dict(draft.request), **dict(change.request)}),
        tuple(dict.fromkeys((*draft.facts, *change.facts))),
        thing(**{**dict(draft.case), **dict(change.case)}),
        change.parent or draft.parent,
    )


def smaller(draft: Draft, concepts: Concepts) -> Iterator[Draft]:
    """Give drafts with one thing less: without a fact, a key, or with two facts made one."""
    for place, fact in enumerate(draft.facts):
        rest = draft.facts[:place] + draft.facts[place + 1 :]
        yield replace(draft, facts=rest)
        for later, other in enumerate(rest[place:], start=place):
            if _attribute(fact, "status") == _attribute(other, "status"):
                both = merge(other, fact, concepts)
                if both is not None:
                    yield replace(draft, facts=(*rest[:later], both, *rest[later + 1 :]))
        for less in _less(fact, "is"):
            yield replace(draft, facts=(*rest[:place], less, *rest[place:]))
    for less in _less(draft.request, "treatment"):
        yield replace(draft, request=less)
    for less in _less(draft.case, ""):
        yield replace(draft, case=less)
    if draft.parent is not None:
        yield replace(draft, parent=None)


def _attribute(fact: Thing, key: str) -> Value | None:
    return dict(fact).get(key)


def _less(keys: Thing, needed: str) -> Iterator[Thing]:
    for place, (key, value) in enumerate(keys):
        if key == needed:
            continue
        yield keys[:place] + keys[place + 1 :]
        if not isinstance(value, str):
            for at, part in enumerate(value):
                for less in (*_less(part, "is"), None):
                    parts = value[:at] + (() if less is None else (less,)) + value[at + 1 :]
                    if parts:
                        yield (*keys[:place], (key, parts), *keys[place + 1 :])


# As a case file

_ORDER = (
    "is", "treatment", "status", "region", "side", "by", "nerveRoot", "severity", "date", "onset",
    "duration", "outcome", "relief", "reliefDuration", "count", "phase", "quantity", "granted",
    "sessions", "levels", "perWeek", "course",
)  # fmt: skip


def flow(keys: Thing) -> str:
    """Write keys and values as a YAML flow mapping."""
    ordered = sorted(keys, key=lambda kv: (_ORDER.index(kv[0]) if kv[0] in _ORDER else 99, kv[0]))
    return "{" + ", ".join(f"{key}: {_shown(value)}" for key, value in ordered) + "}"


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "[" + ", ".join(str(t[0][1]) if len(t) == 1 else flow(t) for t in value) + "]"


def to_yaml(draft: Draft, name: str) -> str:
    """Write a draft as a case file.

    Args:
        draft: the draft.
        name: the id of the case.
    """
    forms: dict[str, list[tuple[str, Value]]] = {}
    for key, value in draft.case:
        form, _, below = key.partition(".")
        forms.setdefault(form, []).append((below, value))
    lines = [f"id: {name}"]
    lines += [f"{form}: {flow(tuple(keys))}" for form, keys in sorted(forms.items(), reverse=True)]
    lines.append(f"utilizationReview: {{date: {draft.day}, decision: Denied}}")
    if draft.facts:
        lines += ["records:", "  - {id: report, type: ProgressReport}", "facts:"]
        lines += [f"  - {flow(fact)[:-1]}, in: report}}" for fact in draft.facts]
    request = draft.request
    if draft.parent is not None:
        request = tuple(sorted((*request, ("dependsOn", "operation"))))
    lines += ["requests:", f"  - {flow(request)}"]
    if draft.parent is not None:
        lines.append(f"  - {{id: operation, treatment: {draft.parent}}}")
    return "".join(f"{line}\n" for line in lines)


# Decided


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided of the request of a draft.

    Attributes:
        governing: the recommendation that governs it; None if none does.
        outcomes: the outcome of each criterion, by its IRI.
        met: whether what the recommendation requires is met.
    """

    governing: Recommendation | None
    outcomes: Mapping[URIRef, Outcome]
    met: bool


@dataclass(frozen=True, eq=False)
class Judge:
    """Decides drafts, each once."""

    knowledge: Knowledge
    _kept: dict[Draft, Verdict | None] = field(default_factory=dict, repr=False)

    def __call__(self, draft: Draft) -> Verdict | None:
        """Decide a draft; None if it is no case, or an engine gives up on it."""
        if draft not in self._kept:
            self._kept[draft] = self._decide(draft)
        return self._kept[draft]

    def _decide(self, draft: Draft) -> Verdict | None:
        try:
            return judged(parse_case(to_yaml(draft, "draft").encode(), "draft", self.knowledge),
                          self.knowledge)  # fmt: skip
        except (InputError, EngineError, KnowledgeError):
            return None


def judged(case: Case, knowledge: Knowledge) -> Verdict:
    """Decide the first request of a case by itself, whatever it depends on.

    Raises:
        MtusError: if it cannot be decided.
    """
    request = case.requests[0]
    classified = classify(case, knowledge, case.request_date(request))
    governing = select(classified, knowledge, request).governing
    if governing is None:
        return Verdict(None, {}, met=False)
    found = assess(classified, knowledge, governing)[request]
    outcomes = {a.criterion.iri: a.outcome for a in found}
    met = governing.requires is not None and (required(governing.requires, outcomes) is Outcome.MET)
    return Verdict(governing, outcomes, met)
