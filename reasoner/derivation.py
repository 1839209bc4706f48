"""What follows from a case by arithmetic and by region: comparable numbers, dates, relevance.

OWL cannot subtract dates or compare two body regions; what criteria need of that is derived
here, each property defined in the core vocabulary, before the case is classified.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from rdflib import RDF, Literal, URIRef

from reasoner.case import Case
from reasoner.knowledge import Knowledge
from reasoner.quantities import PLACES, calendar_months, in_unit, in_weeks, kind_of, parse_quantity
from reasoner.rdf import Triple, iris
from reasoner.terms import CORE


def derive(case: Case, knowledge: Knowledge, day: date | None) -> Iterator[Triple]:
    """Give what follows from a case, for the requests of one day.

    Args:
        case: the case.
        knowledge: the vocabularies.
        day: the day of the requests; None if the case states none.
    """
    requests = [r for r in case.requests if case.request_date(r) == day]
    yield from _quantities(case, knowledge)
    yield from _regions(case, knowledge)
    yield from _doses(case)
    yield from _since_onset(case, day)
    yield from _recent(case, day)
    for request in requests:
        yield from _of_request(case, request, day)
        yield from _relevance(case, knowledge, request)


def _quantities(case: Case, knowledge: Knowledge) -> Iterator[Triple]:
    """Restate each quantity in the units that criteria ask in."""
    derived = [
        (URIRef(str(p)), URIRef(str(base)), str(knowledge.vocabulary.value(p, CORE.unitName)))
        for p, base in knowledge.vocabulary.subject_objects(CORE.derivedFrom)
    ]
    for subject, predicate, value in case.triples:
        if not isinstance(value, Literal) or value.datatype != CORE.Quantity:
            continue
        quantity = parse_quantity(str(value), kind_of(str(value)) or "")
        for target, base, unit in derived:
            if base == predicate and quantity is not None:
                converted = in_unit(quantity, unit)
                if converted is not None:
                    yield (subject, target, Literal(converted))


def _regions(case: Case, knowledge: Knowledge) -> Iterator[Triple]:
    """Find the regions that the regions concerned are part of.

    The ontology says so by a property chain, which the run-time closure does not follow.
    """
    for node in (*case.ordered(CORE.fact), *case.requests):
        for region in iris(case.graph, node, CORE.region):
            for whole in knowledge.concepts.wholes.get(region, (region,)):
                yield (node, CORE.withinRegion, whole)


def _doses(case: Case) -> Iterator[Triple]:
    """Multiply strength by times a day, where no daily dose is stated."""
    for node in (*case.ordered(CORE.fact), *case.requests):
        strength, times = case.text(node, CORE.strength), case.text(node, CORE.timesADay)
        if strength is None or times is None or case.text(node, CORE.dailyDose) is not None:
            continue
        quantity = parse_quantity(strength, "mass")
        if quantity is not None:
            milligrams = quantity.value * quantity.factor * Decimal(times)
            yield (node, CORE.dailyDoseMg, Literal(milligrams.quantize(PLACES)))


def _durations(node: URIRef, start: date, end: date) -> Iterator[Triple]:
    days = (end - start).days
    yield (node, CORE.durationDays, Literal(Decimal(days)))
    yield (node, CORE.durationWeeks, Literal(in_weeks(days)))
    yield (node, CORE.durationMonths, Literal(calendar_months(start, end)))


def _since_onset(case: Case, day: date | None) -> Iterator[Triple]:
    """Count from a stated onset to the request, where no duration is stated."""
    for fact in case.ordered(CORE.fact):
        onset = case.day(fact, CORE.onset)
        if onset is None or day is None or onset > day:
            continue
        if case.text(fact, CORE.duration) is None:
            yield from _durations(fact, onset, day)


_RECENT = (
    (3, CORE.InLastThreeMonths),
    (4, CORE.InLastFourMonths),
    (6, CORE.InLastSixMonths),
)


def _recent(case: Case, day: date | None) -> Iterator[Triple]:
    """Tell which facts are dated within some months before the request."""
    for fact in case.ordered(CORE.fact):
        dated = case.day(fact, CORE.date)
        if day is None or dated is None or dated > day:
            continue
        months = calendar_months(dated, day)
        yield from ((fact, RDF.type, kind) for most, kind in _RECENT if months <= most)


def _of_request(case: Case, request: URIRef, day: date | None) -> Iterator[Triple]:
    if day is not None:
        yield (request, CORE.requestDate, Literal(day))
        injury = case.term(case.iri, CORE.injury)
        injured = case.day(injury) if injury is not None else None
        if injured is not None and injured <= day:
            yield (request, CORE.sinceInjuryMonths, Literal(calendar_months(injured, day)))
    worker = case.term(case.iri, CORE.worker)
    age = case.number(worker, CORE.age) if worker is not None else None
    if age is not None:
        yield (request, CORE.workerAge, Literal(age))


def _relevance(case: Case, knowledge: Knowledge, request: URIRef) -> Iterator[Triple]:
    """Find the facts that bear on a request, and among them treatments of the same kind."""
    concepts = knowledge.concepts
    regions = set(case.graph.objects(request, CORE.region))
    side = case.term(request, CORE.side)
    asked = case.concept(request, knowledge)
    for fact in case.ordered(CORE.fact):
        given = (
            iris(case.graph, fact, RDF.type) if case.term(fact, CORE.status) == CORE.Present else []
        )
        same = any(concepts.is_kind_of(kind, asked) for kind in given)
        if any(concepts.counts_as(kind, asked) for kind in given):
            yield (request, CORE.claimTreatment, fact)
        where = set(case.graph.objects(fact, CORE.region))
        if (
            regions
            and where
            and not any(
                concepts.overlap(URIRef(str(a)), URIRef(str(b))) for a in regions for b in where
            )
        ):
            continue
        other = case.term(fact, CORE.side)
        if {side, other} == {CORE.Left, CORE.Right}:
            continue
        yield (request, CORE.relevantFact, fact)
        if case.term(fact, CORE.status) != CORE.Present:
            yield (request, CORE.absentFact, fact)
            continue
        yield (request, CORE.presentFact, fact)
        if same:
            yield (request, CORE.priorTreatment, fact)
