"""Stage 5, decide: each request by its assessments, and the case by its requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rdflib import SH, Graph, URIRef

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
        supported: the quantity that the guideline supports in all, where less was asked for.
        parent: the request that this one falls with, where the basis is dependency.
    """

    request: URIRef
    selection: Selection
    assessments: tuple[Assessment, ...]
    necessity: Necessity
    basis: Basis | None
    outcome: ItemOutcome
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
        Decimal(str(bound))
        for shape in iris(shapes, criterion.shape, SH.property)
        if shapes.value(shape, SH.path) == criterion.limits
        for bound in shapes.objects(shape, SH.maxInclusive)
    ]
    if not bounds and criterion.limit is not None:
        bounds = [criterion.limit]
    return int(min(bounds)) if bounds else None


def supported_quantity(
    classified: ClassifiedCase, shapes: Graph, request: URIRef, limits: Iterable[Criterion]
) -> int | None:
    """Give the largest quantity that every exceeded limit allows, earlier treatment counted.

    Args:
        classified: the case.
        shapes: the criterion shapes.
        request: the request.
        limits: the limits that it exceeds.

    Returns:
        The quantity, which may be nothing or less; None if a limit sets no number.
    """
    room: list[int] = []
    for criterion in limits:
        bound = bound_of(criterion, shapes)
        if bound is None:
            return None
        used = Decimal(0)
        if criterion.counts is not None:
            for fact in iris(classified.graph, request, criterion.counts):
                used += sum(Decimal(str(n)) for n in classified.graph.objects(fact, CORE.count))
        room.append(int(bound - used))
    return min(room, default=None)


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
    exceeded = [
        a.criterion
        for a in assessments
        if a.criterion.limits is not None and a.outcome is Outcome.NOT_MET
    ]
    if exceeded:
        spared = {**outcomes, **{criterion.iri: Outcome.MET for criterion in exceeded}}
        shapes = knowledge.shapes_of(recommendation)[0].graph
        supported = supported_quantity(classified, shapes, request, exceeded)
        granted = classified.case.number(request, CORE.granted) or 0
        if (
            required(recommendation.requires, spared) is Outcome.MET
            and supported is not None
            and supported > granted
        ):
            return decision(Necessity.AS_MODIFIED, supported=supported)
    basis = Basis.CONTRADICTED if result is Outcome.NOT_MET else Basis.NOT_ESTABLISHED
    return decision(Necessity.NOT_NECESSARY, basis)


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
