"""Facts, requests and values in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from rdflib import Literal, URIRef
from rdflib.term import Node

from reasoner.case import Case
from reasoner.classification import ClassifiedCase
from reasoner.concepts import Concepts
from reasoner.guidelines import Criterion
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE


def listing(words: Iterable[str], conjunction: str = "and") -> str:
    """Join words as prose does: ``a, b and c``."""
    parts = list(words)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def counted_criteria(criteria: Sequence[Criterion]) -> str:
    """Name criteria by number: ``criterion 5`` or ``criteria 1a, 1b and 2``."""
    numbers = listing(c.number for c in criteria)
    return f"criterion {numbers}" if len(criteria) == 1 else f"criteria {numbers}"


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
    (CORE.outcome, "outcome {}"),
    (CORE.relief, "{} relief"),
    (CORE.reliefDuration, "lasting {}"),
)


def place_label(case: Case, knowledge: Knowledge, node: URIRef) -> str:
    """Give the regions and side of a fact or request: ``cervical region, left``."""
    concepts = knowledge.concepts
    regions = sorted(concepts.label(URIRef(str(r))) for r in case.graph.objects(node, CORE.region))
    side = case.term(node, CORE.side)
    parts = [listing(regions)] if regions else []
    return ", ".join(parts + ([concepts.label(side)] if side else []))


def fact_label(case: Case, knowledge: Knowledge, fact: URIRef) -> str:
    """Give a fact in words: ``tenderness, cervical region, by physical examination``.

    A fact that the record denies says so at its end: ``radiculopathy, neck: absent``.
    """
    concepts = knowledge.concepts
    parts = [concepts.label(case.concept(fact, knowledge))]
    place = place_label(case, knowledge, fact)
    if place:
        parts.append(place)
    for predicate, template in _DETAILS:
        for value in sorted(case.graph.objects(fact, predicate), key=str):
            parts.append(template.format(_shown(value, concepts)))
    absent = case.term(fact, CORE.status) == CORE.Absent
    return ", ".join(parts) + (f": {concepts.label(CORE.Absent)}" if absent else "")


def _shown(value: Node, concepts: Concepts) -> str:
    """Give a value of a fact in words: a label, a day, or a quantity with its unit."""
    if isinstance(value, URIRef):
        return concepts.label(value)
    if isinstance(value, Literal):
        plain = value.value
        if isinstance(plain, date):
            return day_in_words(plain)
        if value.datatype == CORE.Quantity:
            return quantity_in_words(str(value))
        if isinstance(plain, Decimal) and plain != plain.to_integral_value():
            # A derived number, such as months since the injury, has no more places than it can.
            return f"{round(plain, 1):f}"
    return str(value)


def quantity_in_words(text: str) -> str:
    """Write a quantity as prose does: ``4 months`` for ``4 month``, ``30%`` for ``30 %``."""
    number, _, unit = text.partition(" ")
    if unit == "%":
        return f"{number}%"
    return f"{number} {unit}s" if unit in _COUNTED and number != "1" else text


_COUNTED = frozenset({"day", "week", "month", "year"})


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
    """Say what a value is of a fact or request: ``quantity 6``, ``relief 30%``, ``in all 180``."""
    concepts = knowledge.concepts
    for predicate in sorted(classified.graph.predicates(node, value), key=str):
        if predicate == CORE.position:
            continue
        base = knowledge.vocabulary.value(predicate, CORE.derivedFrom)
        stated = classified.case.graph.value(node, base) if isinstance(base, URIRef) else None
        if isinstance(base, URIRef) and stated is not None:
            return f"{concepts.label(base)} {_shown(stated, concepts)}"
        return f"{concepts.label(URIRef(str(predicate)))} {_shown(value, concepts)}"
    return str(value) if isinstance(value.value, date) else f"in all {value}"
