"""Facts, requests and values in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rdflib import Literal, URIRef

from reasoner.case import Case
from reasoner.classification import ClassifiedCase
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE


def listing(words: Iterable[str], conjunction: str = "and") -> str:
    """Join words as prose does: ``a, b and c``."""
    parts = list(words)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun, in the plural where it has one: ``4 injections``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}" + ("" if noun.endswith("s") else "s")


def day_in_words(day: date) -> str:
    """Write a day as ``10 September 2014``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

# What of a fact is worth telling, in the order of telling, with the words around it.
_DETAILS = (
    (CORE.method, "by {}"),
    (CORE.nerveRoot, "{}"),
    (CORE.severity, "severity {} of 10"),
    (CORE.duration, "for {}"),
    (CORE.onset, "since {}"),
    (CORE.date, "on {}"),
    (CORE.count, "count {}"),
    (CORE.strength, "{}"),
    (CORE.timesADay, "{} times a day"),
    (CORE.dailyDose, "{}"),
    (CORE.deliveryRate, "{}"),
    (CORE.concentration, "{}"),
    (CORE.outcome, "outcome: {}"),
    (CORE.relief, "{} relief"),
    (CORE.reliefDuration, "lasting {}"),
)


def place_label(case: Case, knowledge: Knowledge, node: URIRef) -> str:
    """Give the regions and side of a fact or request: ``cervical region, left``."""
    concepts = knowledge.concepts
    regions = sorted(concepts.label(URIRef(r)) for r in case.graph.objects(node, CORE.region))
    side = case.term(node, CORE.side)
    return ", ".join(([listing(regions)] if regions else []) + ([concepts.label(side)] if side else []))


def fact_label(case: Case, knowledge: Knowledge, fact: URIRef) -> str:
    """Give a fact in words: ``tenderness, cervical region, by physical examination: present``."""
    concepts = knowledge.concepts
    parts = [concepts.label(case.concept(fact, knowledge))]
    place = place_label(case, knowledge, fact)
    if place:
        parts.append(place)
    for predicate, template in _DETAILS:
        for value in sorted(case.graph.objects(fact, predicate)):
            shown = concepts.label(value) if isinstance(value, URIRef) else str(value)
            parts.append(template.format(shown))
    status = case.term(fact, CORE.status)
    return ", ".join(parts) + (f": {concepts.label(status)}" if status else "")


def record_label(case: Case, knowledge: Knowledge, record: URIRef) -> str:
    """Give a record in words: ``progress report of 19 August 2014``."""
    day = case.day(record)
    kind = knowledge.concepts.label(case.concept(record, knowledge))
    return kind + (f" of {day_in_words(day)}" if day else "")


def request_label(case: Case, knowledge: Knowledge, request: URIRef) -> str:
    """Give a request in the words of the case file, or in ours where it has none."""
    wording = case.text(request, CORE.wording)
    if wording is not None:
        return wording
    label = knowledge.concepts.label(case.concept(request, knowledge))
    place = place_label(case, knowledge, request)
    quantity = case.number(request, CORE.quantity)
    return (
        label[:1].upper()
        + label[1:]
        + (f", {place}" if place else "")
        + (f", quantity {quantity}" if quantity is not None else "")
    )


def value_phrase(
    classified: ClassifiedCase, knowledge: Knowledge, node: URIRef, value: Literal
) -> str:
    """Say what a value is of a fact or request: ``quantity 6``, ``relief 30 %``, ``in all 180``."""
    for predicate in sorted(classified.graph.predicates(node, value)):
        base = knowledge.graph.value(predicate, CORE.derivedFrom)
        stated = classified.case.graph.value(node, base) if isinstance(base, URIRef) else None
        if isinstance(base, URIRef) and stated is not None:
            return f"{knowledge.concepts.label(base)} {stated}"
        return f"{knowledge.concepts.label(URIRef(predicate))} {value}"
    return f"in all {value}"
