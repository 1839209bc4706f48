"""Stage 5, decide: each request by its assessments, and the case by its requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rdflib import SH, Graph, Literal, URIRef

from reasoner.assessment import Assessment
from reasoner.case import Case
from reasoner.classification import ClassifiedCase
from reasoner.guidelines import Combination, Criterion, Operand, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import (
    Basis,
    ItemOutcome,
    Necessity,
    Outcome,
    Role,
    all_of,
    any_of,
    at_least,
    unless,
)
from reasoner.rdf import iris
from reasoner.selection import Selection
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """The decision on one request.

    Attributes:
        selection: what governs the request, and what was passed over.
        assessments: one for each criterion of what governs.
        basis: why the request is not medically necessary; None if it is, or nothing governs.
        limited: the property of the request whose amount alone stands in the way.
        supported: the amount of it that the guideline supports in all.
        parent: the request that this one falls with, where the basis is dependency.
    """

    request: URIRef
    selection: Selection
    assessments: tuple[Assessment, ...]
    necessity: Necessity
    basis: Basis | None
    outcome: ItemOutcome
    limited: URIRef | None
    supported: int | None
    parent: URIRef | None

    @property
    def recommendation(self) -> Recommendation | None:
        """The recommendation that governs the request."""
        return self.selection.governing


def combine(operand: Operand, outcomes: Mapping[URIRef, Outcome]) -> Outcome:
    """Combine criterion outcomes as a recommendation asks, in strong Kleene logic."""
    if isinstance(operand, Criterion):
        return outcomes[operand.iri]
    below = [combine(o, outcomes) for o in operand.operands]
    if operand.kind == "AnyOf":
        return any_of(below)
    if operand.kind == "AtLeast":
        return at_least(operand.threshold, below)
    if operand.kind == "Unless":
        assert operand.exception is not None
        return unless(all_of(below), combine(operand.exception, outcomes))
    return all_of(below)


def required(combination: Combination, outcomes: Mapping[URIRef, Outcome]) -> Outcome:
    """Combine what a recommendation requires; where no criterion applies, nothing is wanting."""
    result = combine(combination, outcomes)
    return Outcome.MET if result is Outcome.NOT_APPLICABLE else result


def bound_of(criterion: Criterion, shapes: Graph) -> int | None:
    """Give the number that a quantity limit sets: its shape's upper bound, or what it states."""
    bounds = [
        Decimal(bound.value)
        for shape in iris(shapes, criterion.shape, SH.property)
        if shapes.value(shape, SH.path) == criterion.limits
        for bound in shapes.objects(shape, SH.maxInclusive)
        if isinstance(bound, Literal) and type(bound.value) in (int, Decimal)
    ]
    if not bounds and criterion.limit is not None:
        bounds = [criterion.limit]
    return int(min(bounds)) if bounds else None


def room_under(
    classified: ClassifiedCase, shapes: Graph, request: URIRef, assessment: Assessment
) -> int | None:
    """Give how much a quantity limit allows, what was given before counted.

    What counts, the limit's own query says, where it found the sum too high; otherwise the prior
    treatments that the limit names. One that does not say how much it comprised counts as one.

    Args:
        classified: the case.
        shapes: the criterion shapes.
        request: the request.
        assessment: the outcome of the limit for it.

    Returns:
        The quantity, which may be nothing or less; None if the limit sets no number.
    """
    limit = assessment.criterion
    bound = bound_of(limit, shapes)
    if bound is None:
        return None
    assert limit.limits is not None
    asked = classified.graph.value(request, limit.limits)
    sums = [
        Decimal(result.term.value)
        for result in assessment.results
        if limit.limit is not None
        and result.component == SH.SPARQLConstraintComponent
        and isinstance(result.term, Literal)
        and type(result.term.value) in (int, Decimal)
    ]
    if sums and asked is not None:
        return int(bound - (max(sums) - Decimal(str(asked))))
    used = 0
    if limit.counts is not None:
        for fact in iris(classified.graph, request, limit.counts):
            stated = [int(str(n)) for n in classified.graph.objects(fact, CORE.count)]
            used += sum(stated) if stated else 1
    return bound - used


def supported_amount(
    classified: ClassifiedCase,
    shapes: Graph,
    request: URIRef,
    combination: Combination,
    assessments: Iterable[Assessment],
) -> tuple[URIRef, int] | None:
    """Find the largest smaller amount with which a request would meet what is required.

    Args:
        classified: the case.
        shapes: the criterion shapes.
        request: the request.
        combination: what is required.
        assessments: the outcomes of its criteria.

    Returns:
        The property of the request that is limited and the amount, what utilization review
        granted included; None if no smaller amount would do, or nothing would be left of it.
    """
    assessments = tuple(assessments)
    outcomes = {a.criterion.iri: a.outcome for a in assessments}
    exceeded = [
        a for a in assessments if a.criterion.limits is not None and a.outcome is Outcome.NOT_MET
    ]
    if len({a.criterion.limits for a in exceeded}) != 1:
        return None
    limited = exceeded[0].criterion.limits
    assert limited is not None
    rooms = {a.criterion.iri: room_under(classified, shapes, request, a) for a in exceeded}
    granted = (
        (classified.case.number(request, CORE.granted) or 0) if limited == CORE.quantity else 0
    )
    stated = classified.graph.value(request, limited)
    asked = None if stated is None else Decimal(str(stated))
    for amount in sorted({room for room in rooms.values() if room is not None}, reverse=True):
        if amount <= granted or asked is None or amount >= asked:
            continue
        within = {
            iri: Outcome.MET for iri, room in rooms.items() if room is not None and amount <= room
        }
        if required(combination, {**outcomes, **within}) is Outcome.MET:
            return limited, amount
    return None


def decide_item(
    classified: ClassifiedCase,
    knowledge: Knowledge,
    selection: Selection,
    assessments: tuple[Assessment, ...],
    decided: Mapping[URIRef, ItemDecision],
    role: Role,
) -> ItemDecision:
    """Decide one request.

    Args:
        classified: the case.
        knowledge: the guidelines, for the bounds of quantity limits.
        selection: what governs the request.
        assessments: an outcome for each of its criteria.
        decided: the decisions on requests that this one may depend on.
        role: who decides.
    """
    request, recommendation = selection.request, selection.governing

    def decision(
        necessity: Necessity,
        basis: Basis | None = None,
        limited: URIRef | None = None,
        supported: int | None = None,
        parent: URIRef | None = None,
    ) -> ItemDecision:
        return ItemDecision(
            request,
            selection,
            assessments,
            necessity,
            basis,
            item_outcome(necessity, role),
            limited,
            supported,
            parent,
        )

    parent = classified.case.term(request, CORE.dependsOn)
    if parent is not None:
        above = decided[parent].necessity
        if above is Necessity.NOT_NECESSARY:
            return decision(Necessity.NOT_NECESSARY, Basis.DEPENDENT, parent=parent)
        if above is Necessity.NO_GUIDELINE:
            return decision(Necessity.NO_GUIDELINE, parent=parent)
    if recommendation is None:
        return decision(Necessity.NO_GUIDELINE)
    if recommendation.requires is None:
        return decision(Necessity.NOT_NECESSARY, Basis.NOT_SUPPORTED)
    outcomes = {a.criterion.iri: a.outcome for a in assessments}
    result = required(recommendation.requires, outcomes)
    if result is Outcome.MET:
        return decision(Necessity.NECESSARY)
    smaller = supported_amount(
        classified,
        knowledge.shapes_of(recommendation)[0].graph,
        request,
        recommendation.requires,
        assessments,
    )
    if smaller is not None:
        return decision(Necessity.AS_MODIFIED, limited=smaller[0], supported=smaller[1])
    basis = Basis.CONTRADICTED if result is Outcome.NOT_MET else Basis.NOT_ESTABLISHED
    return decision(Necessity.NOT_NECESSARY, basis)


def unit_of(decision: ItemDecision, limited: URIRef) -> str:
    """Give what one unit of a limited amount is called: a visit, an injection, a level, a week."""
    named = {CORE.levels: "level", CORE.courseDays: "day", CORE.courseWeeks: "week"}
    if limited in named:
        return named[limited]
    return "unit" if decision.recommendation is None else decision.recommendation.noun


_OUTCOMES = {
    Role.IMR: {
        Necessity.NECESSARY: ItemOutcome.OVERTURNED,
        Necessity.AS_MODIFIED: ItemOutcome.UPHELD,
        Necessity.NOT_NECESSARY: ItemOutcome.UPHELD,
        Necessity.NO_GUIDELINE: ItemOutcome.UNDETERMINED,
    },
    Role.UR: {
        Necessity.NECESSARY: ItemOutcome.APPROVED,
        Necessity.AS_MODIFIED: ItemOutcome.MODIFIED,
        Necessity.NOT_NECESSARY: ItemOutcome.DENIED,
        Necessity.NO_GUIDELINE: ItemOutcome.UNDETERMINED,
    },
}


def item_outcome(necessity: Necessity, role: Role) -> ItemOutcome:
    """Put a necessity in the words of a role; a reviewer decides the item as requested."""
    return _OUTCOMES[role][necessity]


def case_outcome(items: Iterable[ItemOutcome], role: Role) -> ItemOutcome:
    """Decide a case by its items.

    One item that nothing governs leaves the case undetermined: the others stand as decided,
    but the case cannot be closed.
    """
    outcomes = set(items)
    if ItemOutcome.UNDETERMINED in outcomes or not outcomes:
        return ItemOutcome.UNDETERMINED
    if len(outcomes) == 1:
        return next(iter(outcomes))
    return ItemOutcome.OVERTURNED_IN_PART if role is Role.IMR else ItemOutcome.MODIFIED


def in_order_of_dependence(case: Case, requests: Iterable[URIRef]) -> list[URIRef]:
    """Give requests, and those that they depend on, each after the one it depends on."""
    ordered: list[URIRef] = []

    def place(request: URIRef) -> None:
        parent = case.term(request, CORE.dependsOn)
        if parent is not None and parent not in ordered:
            place(parent)
        if request not in ordered:
            ordered.append(request)

    for request in requests:
        place(request)
    return ordered


def bearing(decision: ItemDecision) -> frozenset[URIRef]:
    """Give the criteria that keep an item from being medically necessary.

    A criterion that is not met, and is one of several alternatives of which another is met,
    keeps nothing back.
    """
    recommendation = decision.recommendation
    if recommendation is None or recommendation.requires is None:
        return frozenset()
    outcomes = {a.criterion.iri: a.outcome for a in decision.assessments}

    def below(operand: Operand) -> Iterator[URIRef]:
        if combine(operand, outcomes) in (Outcome.MET, Outcome.NOT_APPLICABLE):
            return
        if isinstance(operand, Criterion):
            yield operand.iri
            return
        for part in (*operand.operands, *((operand.exception,) if operand.exception else ())):
            yield from below(part)

    return frozenset(below(recommendation.requires))
