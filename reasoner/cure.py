"""Stage 6, explain: the smallest changes to the record or the request that turn a decision.

A cure never takes back what a record documents: it documents what is missing, or asks for the
treatment differently. Each is verified by deciding the changed case again. Where nothing of the
kind turns the decision, there is none, and the reason is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.adjudication import decide
from reasoner.assessment import Assessment
from reasoner.case import Case
from reasoner.classification import ClassifiedCase
from reasoner.decision import ItemDecision, bearing, room_under, unit_of
from reasoner.guidelines import Criterion, Operand
from reasoner.knowledge import Knowledge
from reasoner.labels import counted, counted_criteria
from reasoner.outcomes import Basis, ItemOutcome, Necessity, Outcome, Role
from reasoner.rdf import Triple, iris
from reasoner.terms import CORE
from reasoner.witness import Builder

MOST_CURES = 3
"""How many cures of one item are verified and shown, the smallest first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change that is part of a cure.

    Attributes:
        kind: ``document`` for something the record would have to hold, ``request`` for
            something that would have to be asked for differently.
        criterion: the criterion that the change is for.
        added, removed: the triples of the case that would differ.
    """

    kind: str
    text: str
    criterion: URIRef
    added: tuple[Triple, ...]
    removed: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Cure:
    """A smallest set of changes that turns a decision, found by deciding again."""

    text: str
    changes: tuple[Change, ...]
    outcome: ItemOutcome


@dataclass(frozen=True, slots=True)
class Cures:
    """What would turn the decision on an item.

    Attributes:
        note: why there is none, where there is none and one could be looked for.
    """

    cures: tuple[Cure, ...]
    note: str | None


def find_cures(
    classified: ClassifiedCase, knowledge: Knowledge, decision: ItemDecision, role: Role
) -> Cures:
    """Find the smallest sets of lawful changes that turn a decision.

    Args:
        classified: the case that the decision was made on.
        knowledge: the knowledge that it was made with.
        decision: the decision.
        role: who decides.
    """
    if decision.necessity is Necessity.NECESSARY:
        return Cures((), None)
    if decision.basis is Basis.DEPENDENT:
        return Cures((), "It turns with the request that it depends on, and not by itself.")
    recommendation = decision.recommendation
    if decision.necessity is Necessity.NO_GUIDELINE or recommendation is None:
        return Cures(
            (), "Nothing encoded governs the request, so nothing in the record decides it."
        )
    if recommendation.requires is None:
        return Cures(
            (),
            "The guideline does not support the treatment; nothing in the record or the request"
            " would turn the decision.",
        )
    changes = {
        a.criterion.iri: change
        for a in decision.assessments
        if (change := _change(classified, knowledge, decision, a)) is not None
    }
    outcomes = {a.criterion.iri: a.outcome for a in decision.assessments}
    found: list[Cure] = []
    for needed in _smallest(_needs(recommendation.requires, outcomes, frozenset(changes))):
        cure = _verified(classified.case, knowledge, decision, [changes[c] for c in needed], role)
        if cure is not None:
            found.append(cure)
        if len(found) == MOST_CURES:
            break
    if found:
        return Cures(tuple(found), None)
    return Cures((), _why_none(decision, frozenset(changes)))


def _why_none(decision: ItemDecision, curable: frozenset[URIRef]) -> str:
    """Say why no change was found: what stands in the way, or what could not be supposed."""
    keeping = [a for a in decision.assessments if a.criterion.iri in bearing(decision)]
    fixed = [
        a.criterion
        for a in keeping
        if a.outcome is Outcome.NOT_MET and a.criterion.iri not in curable
    ]
    named = counted_criteria(fixed or [a.criterion for a in keeping])
    if fixed:
        return (
            f"What is documented or asked for stands in the way ({named}); nothing added to the"
            " record, and no other quantity, was found to turn the decision."
        )
    return (
        f"What keeps the request back: {named}. No change was found, to the record or to the"
        " request, that would turn the decision."
    )


def _needs(
    operand: Operand, outcomes: dict[URIRef, Outcome], curable: frozenset[URIRef]
) -> list[frozenset[URIRef]]:
    """Give the sets of criteria whose cure would satisfy an operand, none containing another."""
    if isinstance(operand, Criterion):
        if outcomes[operand.iri] in (Outcome.MET, Outcome.NOT_APPLICABLE):
            return [frozenset()]
        return [frozenset({operand.iri})] if operand.iri in curable else []
    below = [_needs(o, outcomes, curable) for o in operand.operands]
    if operand.kind == "AnyOf":
        # What does not apply decides nothing, unless nothing else is there.
        sets = [s for options in below for s in options]
    elif operand.kind == "AtLeast":
        sets = [
            frozenset().union(*chosen)
            for group in combinations(below, operand.threshold)
            for chosen in product(*group)
        ]
    else:
        sets = [frozenset().union(*chosen) for chosen in product(*below)]
        if operand.kind == "Unless" and operand.exception is not None:
            sets += _needs(operand.exception, outcomes, curable)
    return list(_smallest(sets))[:64]


def _smallest(sets: list[frozenset[URIRef]]) -> Iterator[frozenset[URIRef]]:
    kept: list[frozenset[URIRef]] = []
    for candidate in sorted(set(sets), key=lambda s: (len(s), sorted(s))):
        if not any(smaller <= candidate for smaller in kept):
            kept.append(candidate)
            yield candidate


def _change(
    classified: ClassifiedCase,
    knowledge: Knowledge,
    decision: ItemDecision,
    assessment: Assessment,
) -> Change | None:
    """Find the change that would make one criterion met; None if there is no lawful one."""
    criterion = assessment.criterion
    assert decision.recommendation is not None
    shapes = knowledge.shapes_of(decision.recommendation)[0].graph
    builder = Builder(classified, knowledge, shapes, decision.request)
    if assessment.outcome is Outcome.NOT_MET:
        if criterion.limits is not None:
            return _less(classified, knowledge, shapes, decision, criterion)
        if criterion.cured_by:
            return _otherwise(classified.case, knowledge, shapes, decision, criterion, builder)
        return None
    if assessment.outcome is not Outcome.NOT_DOCUMENTED:
        return None
    added: list[Triple] = []
    of_request = True
    for shape in dict.fromkeys(result.shape for result in assessment.results):
        built = builder.satisfy(shape)
        if built is None:
            return None
        added.extend(built.triples)
        of_request = of_request and built.of_request
    if not added:
        return None
    return Change(
        "request" if of_request else "document",
        f"{'State in the request' if of_request else 'Document'} {criterion.if_missing}.",
        criterion.iri,
        tuple(_renamed(added, criterion)),
        (),
    )


def _renamed(triples: list[Triple], criterion: Criterion) -> Iterator[Triple]:
    """Give supposed nodes names that tell the criterion, so that several changes keep apart."""
    mark = f"-{criterion.number}-"

    def name(term: Node) -> Node:
        if isinstance(term, URIRef) and "#supposed-" in term:
            return URIRef(str(term).replace("#supposed-", f"#supposed{mark}"))
        return term

    for s, p, o in triples:
        yield (name(s), p, name(o))


def _less(
    classified: ClassifiedCase,
    knowledge: Knowledge,
    shapes: Graph,
    decision: ItemDecision,
    criterion: Criterion,
) -> Change | None:
    """Ask for as much as a limit supports."""
    assert criterion.limits is not None
    case = classified.case
    base = knowledge.vocabulary.value(criterion.limits, CORE.derivedFrom)
    stated = base if isinstance(base, URIRef) else criterion.limits
    asked = case.graph.value(decision.request, stated)
    granted = (
        (case.number(decision.request, CORE.granted) or 0)
        if criterion.limits == CORE.quantity
        else 0
    )
    (assessment,) = (a for a in decision.assessments if a.criterion.iri == criterion.iri)
    supported = room_under(classified, shapes, decision.request, assessment)
    if decision.limited == criterion.limits:
        supported = decision.supported
    if not isinstance(asked, Literal) or supported is None or supported <= granted:
        return None
    noun = unit_of(decision, criterion.limits)
    smaller = (
        Literal(f"{supported} {noun}s", datatype=CORE.Quantity)
        if stated != criterion.limits
        else Literal(supported)
    )
    return Change(
        "request",
        f"Ask for {counted(supported, noun)} in all instead of {asked}.",
        criterion.iri,
        ((decision.request, stated, smaller),),
        ((decision.request, stated, asked),),
    )


def _otherwise(
    case: Case,
    knowledge: Knowledge,
    shapes: Graph,
    decision: ItemDecision,
    criterion: Criterion,
    builder: Builder,
) -> Change | None:
    """Ask for the treatment in the way that a criterion wants."""
    removed: list[Triple] = [
        (decision.request, attribute, value)
        for attribute in criterion.cured_by
        for value in case.graph.objects(decision.request, attribute)
    ]
    added: list[Triple] = []
    for shape in iris(shapes, criterion.shape, SH.property):
        path = shapes.value(shape, SH.path)
        stated = {path, knowledge.vocabulary.value(path, CORE.derivedFrom)}
        if stated & set(criterion.cured_by) and (
            (shape, SH.qualifiedMinCount, None) in shapes or (shape, SH.minCount, None) in shapes
        ):
            built = builder.satisfy(shape)
            if built is not None:
                added.extend(built.triples)
    if not added:
        return None
    statement = criterion.statement.rstrip(".")
    return Change(
        "request",
        f"Ask for the treatment so that this holds: {statement[:1].lower()}{statement[1:]}.",
        criterion.iri,
        tuple(_renamed(added, criterion)),
        tuple(removed),
    )


def _verified(
    case: Case,
    knowledge: Knowledge,
    decision: ItemDecision,
    changes: list[Change],
    role: Role,
) -> Cure | None:
    """Decide the changed case again; None if the item is not medically necessary then."""
    order = {a.criterion.iri: n for n, a in enumerate(decision.assessments)}
    kept = sorted(changes, key=lambda c: order[c.criterion])
    again = _decided_with(case, knowledge, decision, kept, role)
    if not kept or again.necessity is not Necessity.NECESSARY:
        return None
    for change in list(kept):
        # Pain of five months is pain: a change can make another needless if both are about
        # things of one kind.
        rest = [c for c in kept if c is not change]
        if any(_kinds(change) & _kinds(other) for other in rest):
            without = _decided_with(case, knowledge, decision, rest, role)
            if without.necessity is Necessity.NECESSARY:
                kept, again = rest, without
    # Several limits can ask for the same smaller quantity; it is told once.
    text = " ".join(dict.fromkeys(c.text for c in kept))
    return Cure(
        f"{text} Then the item would be {again.outcome.value.lower()}.",
        tuple(kept),
        again.outcome,
    )


def _kinds(change: Change) -> frozenset[Node]:
    return frozenset(o for _, p, o in change.added if p == RDF.type and o != CORE.Fact)


def _decided_with(
    case: Case,
    knowledge: Knowledge,
    decision: ItemDecision,
    changes: list[Change],
    role: Role,
) -> ItemDecision:
    added = {t for change in changes for t in change.added}
    removed = {t for change in changes for t in change.removed}
    changed = replace(case, triples=(case.triples - removed) | added)
    return decide(changed, knowledge, role, only=decision.request).items[decision.request]
