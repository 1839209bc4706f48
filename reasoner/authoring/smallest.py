"""The smallest cases of a topic, from its shapes alone: one that meets it, and one short of each.

For each recommendation, a case is built in which what it requires is met; then, for each criterion,
one in which that criterion alone stands in the way: contradicted if any record can, else
undocumented. Every case is decided, so that a wrong guess shows, and taken apart until nothing can
be left out. Where none is found, that is what is said; it is no proof that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain, combinations, product

from rdflib import URIRef

from reasoner.adjudication import decide
from reasoner.authoring.demands import Demands
from reasoner.authoring.drafts import (
    Change,
    Draft,
    Judge,
    Thing,
    Verdict,
    apply,
    override,
    smaller,
    thing,
    to_yaml,
)
from reasoner.case import parse_case
from reasoner.decision import required
from reasoner.guidelines import Combination, Criterion, Operand, Recommendation
from reasoner.knowledge import Knowledge, Topic
from reasoner.outcomes import Outcome, Role
from reasoner.rdf import graph_of
from reasoner.terms import BASE, local_name

MOST_ROUTES = 48
"""How many sets of criteria that would be enough are tried, the smallest first."""

MOST_MENDED = 6
"""How many contradictions that spoil other criteria are tried to be mended."""

_SATISFIED = (Outcome.MET, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Smallest:
    """A smallest case, or that none was found.

    Attributes:
        criterion: the criterion that alone stands in the way; None where all is met.
        outcome: the outcome of that criterion.
        draft: the case; None if none was found.
        verdict: what is decided of it.
    """

    recommendation: Recommendation
    criterion: Criterion | None
    outcome: Outcome | None
    draft: Draft | None
    verdict: Verdict | None


def smallest_cases(
    knowledge: Knowledge, name: str, *, number: str | None = None
) -> Iterator[Smallest]:
    """Find the smallest cases of every recommendation of a topic.

    Args:
        knowledge: the release, under the readings wanted.
        name: ``guideline/topic``.
        number: the one criterion to look at; all of them, and the case that meets all, if None.

    Raises:
        KnowledgeError: if the files of the topic are malformed.
    """
    topic = knowledge.topic(name)
    for recommendation in topic.recommendations:
        if recommendation.requires is None:
            continue
        search = Search(knowledge, topic, recommendation)
        if number is None:
            draft = search.plainest
            verdict = None if draft is None else search.judge(draft)
            yield Smallest(recommendation, None, None, draft, verdict)
        for criterion in recommendation.criteria:
            if number in (None, criterion.number):
                yield search.failing(criterion)


@dataclass(frozen=True, eq=False)
class Search:
    """Looks for cases of one recommendation."""

    knowledge: Knowledge
    topic: Topic
    recommendation: Recommendation

    @cached_property
    def judge(self) -> Judge:
        """What decides drafts, each once."""
        return Judge(self.knowledge)

    @cached_property
    def _requires(self) -> Combination:
        assert self.recommendation.requires is not None
        return self.recommendation.requires

    def _demands(self, day: date) -> Demands:
        treatment = local_name(self.recommendation.treatment)
        axioms = graph_of(chain(self.knowledge.vocabulary, self.topic.graph))
        return Demands(self.knowledge, axioms, self.topic.shapes, treatment, day)

    @cached_property
    def starts(self) -> tuple[tuple[Draft, Demands], ...]:
        """Requests that the recommendation governs, each with what reads its shapes."""
        concepts = self.knowledge.concepts
        for day in days_in_force(self.recommendation):
            demands = self._demands(day)
            bare = Draft(day, thing(treatment=local_name(self.recommendation.treatment)))
            found: list[tuple[Draft, Demands]] = []
            for change in demands.entering(self.recommendation.applies_to):
                draft = apply(bare, replace(change, own=(), request=_both(change)), concepts)
                if draft is not None and self._governs(draft) is not None:
                    found.append((draft, demands))
            if found:
                return tuple(found)
        return ()

    @property
    def start(self) -> tuple[Draft, Demands] | None:
        """The plainest of these; None if there is none."""
        return self.starts[0] if self.starts else None

    def _governs(self, draft: Draft) -> Verdict | None:
        verdict = self.judge(draft)
        if verdict is None or verdict.governing != self.recommendation:
            return None
        return verdict

    # A case that meets what is required

    def meeting(self, criterion: Criterion | None = None) -> Draft | None:
        """Find a case that meets what the recommendation requires; None if none is found.

        Args:
            criterion: a criterion that has to be met and to be needed.
        """
        begins = [begin for begin, _ in self.starts]
        if criterion is not None and self.plainest is not None:
            begins.insert(0, self.plainest)
        for begin in begins:
            for route in self._routes(criterion):
                reached = self._along(begin, route, criterion)
                if reached is not None:
                    return self.shrink(reached, lambda v: v.met and _is(v, criterion, Outcome.MET))
        return None

    def _routes(self, criterion: Criterion | None) -> list[frozenset[URIRef]]:
        found = sorted(
            set(routes(self._requires)), key=lambda r: (len(r), sorted(map(self._place, r)))
        )
        if criterion is not None:
            found = [r for r in found if criterion.iri in r] or [r | {criterion.iri} for r in found]
        return found[:MOST_ROUTES]

    def _place(self, iri: URIRef) -> int:
        return [c.iri for c in self.recommendation.criteria].index(iri)

    def _along(
        self, draft: Draft, route: frozenset[URIRef], forced: Criterion | None
    ) -> Draft | None:
        """Add what each criterion of a route asks for, one after the other, deciding each time."""
        assert self.start is not None
        _, demands = self.start
        goals = [c for c in self.recommendation.criteria if c.iri in route]
        for _ in range(2 * len(goals) + 1):
            verdict = self._governs(draft)
            if verdict is None:
                return None
            if verdict.met and all(_reached(verdict, g, forced) for g in goals):
                return draft
            unmet = [g for g in goals if not _reached(verdict, g, forced)]
            if not unmet:
                # Of what does not apply nothing is wanted, unless nothing else is there.
                unmet = [g for g in goals if verdict.outcomes[g.iri] is Outcome.NOT_APPLICABLE]
            further = next(
                (d for g in unmet if (d := self._further(draft, g, goals, demands))), None
            )
            if further is None:
                return None
            draft = further
        return None

    def _further(
        self, draft: Draft, goal: Criterion, goals: list[Criterion], demands: Demands
    ) -> Draft | None:
        before = self._governs(draft)
        assert before is not None
        applies = before.outcomes[goal.iri] is not Outcome.NOT_APPLICABLE
        for change in demands.met_by(goal, applies=applies):
            changed = apply(draft, change, self.knowledge.concepts)
            after = None if changed is None else self._governs(changed)
            if after is None or after.outcomes[goal.iri] is not Outcome.MET:
                continue
            if not any(_is_worse(before, after, other) for other in goals if other != goal):
                return changed
        return None

    def shrink(self, draft: Draft, holds: Callable[[Verdict], bool]) -> Draft:
        """Take a draft apart until nothing can be left out without its verdict failing."""
        tried = 0
        while True:
            less = list(smaller(draft, self.knowledge.concepts))
            # What could not be left out before rarely can be now; it is tried again at the end.
            for step in range(len(less)):
                candidate = less[(tried + step) % len(less)]
                verdict = self._governs(candidate) if candidate.size < draft.size else None
                if verdict is not None and holds(verdict):
                    draft, tried = candidate, (tried + step) % len(less)
                    break
            else:
                return draft

    # A case in which one criterion stands in the way

    def failing(self, criterion: Criterion) -> Smallest:
        """Find a case in which a criterion alone stands in the way, contradicted if possible."""
        met = self._meeting_by(criterion)
        if met is None or self.start is None:
            return Smallest(self.recommendation, criterion, None, None, None)
        _, demands = self.start
        silent: list[Draft] = []
        spoilt: list[Draft] = []
        for draft in self._variants(met, criterion, demands):
            verdict = self._governs(draft)
            if verdict is None:
                continue
            outcome = verdict.outcomes[criterion.iri]
            if self._alone(verdict, criterion):
                if outcome is Outcome.NOT_MET:
                    return self._shrunk(draft, criterion, Outcome.NOT_MET)
                silent.append(draft)
            elif outcome is Outcome.NOT_MET:
                spoilt.append(draft)
        for draft in spoilt[:MOST_MENDED]:
            mended = self._mended(draft, criterion, demands)
            if mended is not None:
                return self._shrunk(mended, criterion, Outcome.NOT_MET)
        if silent:
            return self._shrunk(
                min(silent, key=lambda d: d.size), criterion, Outcome.NOT_DOCUMENTED
            )
        return Smallest(self.recommendation, criterion, None, None, None)

    @cached_property
    def plainest(self) -> Draft | None:
        """The smallest case found that meets what the recommendation requires."""
        return self.meeting()

    def _meeting_by(self, criterion: Criterion) -> Draft | None:
        """Find a case that meets what is required, and a criterion of it by its shape."""
        plainest = self.plainest
        if plainest is not None and _is(self.judge(plainest), criterion, Outcome.MET):
            return plainest
        return self.meeting(criterion)

    def _mended(self, draft: Draft, criterion: Criterion, demands: Demands) -> Draft | None:
        """Meet again what a contradiction of one criterion spoilt of the others."""
        others = [c for c in self.recommendation.criteria if c != criterion]
        for _ in others:
            verdict = self._governs(draft)
            if verdict is None or not _is(verdict, criterion, Outcome.NOT_MET):
                return None
            if self._alone(verdict, criterion):
                return draft
            unmet = [c for c in others if verdict.outcomes[c.iri] not in _SATISFIED]
            found = (self._further(draft, goal, others, demands) for goal in unmet)
            further = next((d for d in found if d is not None), None)
            if further is None:
                return None
            draft = further
        return None

    def _shrunk(self, draft: Draft, criterion: Criterion, outcome: Outcome) -> Smallest:
        draft = self.shrink(
            draft, lambda v: _is(v, criterion, outcome) and self._alone(v, criterion)
        )
        verdict = self.judge(draft)
        return Smallest(self.recommendation, criterion, outcome, draft, verdict)

    def _alone(self, verdict: Verdict, criterion: Criterion) -> bool:
        """Tell whether all that is required would be met, were it not for one criterion."""
        if verdict.met or verdict.outcomes[criterion.iri] in _SATISFIED:
            return False
        otherwise = {**verdict.outcomes, criterion.iri: Outcome.MET}
        return required(self._requires, otherwise) is Outcome.MET

    def _variants(self, met: Draft, criterion: Criterion, demands: Demands) -> Iterator[Draft]:
        """Give variants of a case that meets all, those first that may contradict a criterion."""
        concepts = self.knowledge.concepts
        breaking = demands.broken_by(criterion)
        yield from (override(met, change) for change in breaking)
        for change in breaking:
            for place, fact in enumerate(met.facts):
                if not any(self._related(fact, wrong) for wrong in change.facts):
                    continue
                rest = replace(met, facts=met.facts[:place] + met.facts[place + 1 :])
                yield override(rest, change)
                for wrong in change.facts:
                    worse = thing(**{**dict(fact), **{k: v for k, v in wrong if k != "is"}})
                    yield replace(met, facts=(*rest.facts, worse))
        yield from self._edits(met)
        yield from smaller(met, concepts)

    def _related(self, one: Thing, other: Thing) -> bool:
        kinds = [self.knowledge.concepts.find(str(dict(t)["is"])) for t in (one, other)]
        first, second = (k for k in kinds)
        if first is None or second is None:
            return False
        concepts = self.knowledge.concepts
        return concepts.is_kind_of(first, second) or concepts.is_kind_of(second, first)

    def _edits(self, met: Draft) -> Iterator[Draft]:
        """Turn the status of each fact, and the outcome of each treatment."""
        for place, fact in enumerate(met.facts):
            for turned in _turned(fact):
                yield replace(met, facts=(*met.facts[:place], turned, *met.facts[place + 1 :]))


def _both(change: Change) -> Thing:
    return thing(**{**dict(change.request), **dict(change.own)})


def _turned(fact: Thing) -> Iterator[Thing]:
    keys = dict(fact)
    if keys.get("status") == "absent":
        yield thing(**{k: v for k, v in keys.items() if k != "status"})
    else:
        yield thing(**{"is": keys["is"], "status": "absent"})
        yield thing(**{**keys, "status": "absent"})
    if "outcome" in keys:
        yield thing(**{**keys, "outcome": "Improved"})


def _is(verdict: Verdict | None, criterion: Criterion | None, outcome: Outcome) -> bool:
    if verdict is None:
        return False
    return criterion is None or verdict.outcomes[criterion.iri] is outcome


def _reached(verdict: Verdict, goal: Criterion, forced: Criterion | None) -> bool:
    outcome = verdict.outcomes[goal.iri]
    return outcome is Outcome.MET or (outcome is Outcome.NOT_APPLICABLE and goal != forced)


def _is_worse(before: Verdict, after: Verdict, goal: Criterion) -> bool:
    """Tell whether a step loses a goal; that one begins to apply and is silent can be mended."""
    was, now = before.outcomes[goal.iri], after.outcomes[goal.iri]
    return now is Outcome.NOT_MET or (was is Outcome.MET and now not in _SATISFIED)


def routes(operand: Operand) -> list[frozenset[URIRef]]:
    """Give sets of criteria whose being met satisfies an operand, none containing another."""
    if isinstance(operand, Criterion):
        return [frozenset({operand.iri})]
    below = [routes(o) for o in operand.operands]
    if operand.kind == "AnyOf":
        found = [route for options in below for route in options]
    elif operand.kind == "AtLeast":
        found = [
            frozenset[URIRef]().union(*chosen)
            for group in combinations(below, operand.threshold)
            for chosen in product(*group)
        ]
    else:
        found = [frozenset[URIRef]().union(*chosen) for chosen in product(*below)]
        if operand.kind == "Unless" and operand.exception is not None:
            found += routes(operand.exception)
    kept: list[frozenset[URIRef]] = []
    for route in sorted(set(found), key=lambda r: (len(r), sorted(r))):
        if not any(smaller <= route for smaller in kept):
            kept.append(route)
    return kept[: 4 * MOST_ROUTES]


def days_in_force(recommendation: Recommendation) -> list[date]:
    """Give a day of each year in which a guideline is in force, that of our cases first."""
    guideline = recommendation.guideline
    first = 2004 if guideline.start is None else guideline.start.year
    last = first + 15 if guideline.end is None else guideline.end.year
    days = [date(year, month, 10) for year in range(first, last + 1) for month in (9, 3)]
    return sorted((d for d in days if guideline.in_force(d)), key=lambda d: abs(d.year - 2014))


def describe(found: Smallest) -> str:
    """Say what a smallest case shows, in a line."""
    label = found.recommendation.label
    criterion = found.criterion
    if criterion is None:
        if found.draft is None:
            return f"No case was found that meets {label}."
        return f"Meets {label}; nothing can be left out."
    said = f"criterion {criterion.number} ({criterion.statement})"
    if found.draft is None or found.outcome is None:
        return f"No case was found in which {said} alone stands in the way."
    how = "is contradicted" if found.outcome is Outcome.NOT_MET else "is not documented"
    return f"All is met but {said}, which {how}."


def name_of(found: Smallest) -> str:
    """Give the id of a smallest case."""
    topic = str(found.recommendation.iri).split("/")[-1]
    stem = topic.replace("#recommendation", "").replace("#", "-").replace("--", "-")
    if found.criterion is None:
        return f"{stem}-smallest-met"
    how = "contradicted" if found.outcome is Outcome.NOT_MET else "undocumented"
    return f"{stem}-{found.criterion.number}-{how}"


def to_case_file(found: Smallest, knowledge: Knowledge, *, expect: bool = False) -> str:
    """Write a smallest case as a case file, under a comment that says what it shows.

    Args:
        found: a case that was found.
        knowledge: what it was found with.
        expect: whether to add what is expected of it, as cases of the library have it.
    """
    assert found.draft is not None
    name = name_of(found)
    head, _, rest = to_yaml(found.draft, name).partition("\n")
    lines = [f"# {describe(found)}", head]
    if expect:
        lines += _expectation(found, knowledge)
    if found.draft.parent is not None:
        lines.insert(1, "# It is judged by itself; it stands or falls with the operation, though.")
    return "\n".join((*lines, rest))


def _expectation(found: Smallest, knowledge: Knowledge) -> Iterator[str]:
    assert found.draft is not None
    case = parse_case(to_yaml(found.draft, name_of(found)).encode(), "case.yaml", knowledge)
    request = case.requests[0]
    item = decide(case, knowledge, Role.IMR, only=request).items[request]
    yield "expect:"
    yield f"  {local_name(request)}:"
    yield f"    decision: {item.necessity.value}"
    if item.basis is not None:
        yield f"    basis: {item.basis.value}"
    if item.supported is not None:
        yield f"    supported: {item.supported}"
    yield f"    governedBy: {topic_of(found.recommendation)}"
    outcomes = (
        f'"{a.criterion.number}": '
        + ("PresumedMet" if a.presumed and a.outcome is Outcome.MET else a.outcome.value)
        for a in item.assessments
    )
    yield f"    criteria: {{{', '.join(outcomes)}}}"


def topic_of(recommendation: Recommendation) -> str:
    """Give the topic of a recommendation, as ``guideline/topic``."""
    return str(recommendation.iri).removeprefix(BASE + "guideline/").split("#")[0]
