"""What follows from a chunk by arithmetic and definition, property by property.

``reasoner.derivation`` says what is derived; its functions are called here once for each distinct
value that is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from rdflib import XSD, URIRef

from reasoner.corpus.facts import Stated, key_of
from reasoner.corpus.kinds import stated_values
from reasoner.corpus.literals import date_of, day_number
from reasoner.corpus.vectors import Array, coded, distinct, found_in, matching, np, places
from reasoner.derivation import _RECENT
from reasoner.quantities import (
    PLACES,
    calendar_months,
    in_months,
    in_unit,
    in_weeks,
    kind_of,
    parse_quantity,
)
from reasoner.terms import CORE

if TYPE_CHECKING:
    from reasoner.corpus.store import Store

Found: TypeAlias = "tuple[Array, Array]"
"""Subjects and objects."""

_SINCE = ("durationDays", "durationWeeks", "durationMonths")


def converted(store: Store, name: str, base: str, unit: str) -> Found:
    """Give a derived quantity.

    Args:
        store: the chunk.
        name: the derived property.
        base: the property that states it.
        unit: the unit that it is derived in.
    """

    def convert(stated: str) -> Decimal | None:
        quantity = parse_quantity(stated, kind_of(stated) or "")
        return None if quantity is None else in_unit(quantity, unit)

    stated = store.literal_pairs(store.facts.of(base).given(convert), XSD.decimal)
    if name in _SINCE:
        return _both(stated, _since(store, name))
    return _both(stated, _doses(store)) if name == "dailyDoseMg" else stated


def _both(some: Found, others: Found) -> Found:
    return np.concatenate([some[0], others[0]]), np.concatenate([some[1], others[1]])


def _literals_of(
    store: Store, numbers: Array, datatype: URIRef, make: Callable[[int], object]
) -> Array:
    """Give the literal of what a function makes of each whole number."""
    values, at = coded(numbers)
    found: Array = store.literals(map(make, values.tolist()), datatype)[at]
    return found


def _in_months(store: Store, starts: Array, ends: Array) -> Array:
    """Give the literals of how many calendar months pass from days to others."""
    months, rest = months_between(starts, ends)

    def count(number: int) -> Decimal:
        return in_months(*divmod(number, _MOST_DAYS))

    return _literals_of(store, months * _MOST_DAYS + rest, XSD.decimal, count)


_MOST_DAYS = 32
"""More than are left over when months are counted."""


def months_between(starts: Array, ends: Array) -> tuple[Array, Array]:
    """Count months from days to later ones by the calendar, as ``calendar_months`` does.

    Returns:
        The months, and the days that are left.
    """
    first = starts.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    nth = starts - _first_days(first)
    last = ends.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

    def anchor(months: Array) -> Array:
        begin, after = _first_days(first + months), _first_days(first + months + 1)
        found: Array = np.minimum(begin + nth, after - 1)
        return found

    months = last - first
    months = np.where(anchor(months) > ends, months - 1, months)
    return months, ends - anchor(months)


def _first_days(months: Array) -> Array:
    found: Array = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return found


def _since(store: Store, name: str) -> Found:
    """Give how long what has an onset and no stated duration has lasted."""
    nodes = store.facts.nodes
    facts = nodes.of_form("fact")
    onset, duration = store.facts.of("onset"), store.facts.of("duration")
    onset = onset.where(
        found_in(onset.keys, distinct(key_of(nodes.cases[facts], nodes.numbers[facts])))
        & ~found_in(onset.keys, distinct(duration.keys))
    )
    rows, view = store.views.of(onset.cases)
    starts, ends = onset.days[onset.objects][rows], store.views.days[view]
    begun = starts <= ends
    subjects = (store.views.bases[view] + onset.subjects[rows])[begun]
    starts, ends = starts[begun], ends[begun]
    if name == "durationMonths":
        return subjects, _in_months(store, starts, ends)
    count = Decimal if name == "durationDays" else in_weeks
    return subjects, _literals_of(store, ends - starts, XSD.decimal, count)


def _doses(store: Store) -> Found:
    """Give the daily dose where it is not stated, but strength and times are."""

    def multiply(strength: str, times: Decimal) -> Decimal | None:
        quantity = parse_quantity(strength, "mass")
        if quantity is None:
            return None
        return (quantity.value * quantity.factor * times).quantize(PLACES)

    strength, times = store.facts.of("strength"), store.facts.of("timesADay")
    stated = store.facts.of("dailyDose")
    strength = strength.where(~found_in(strength.keys, distinct(stated.keys)))
    assert strength.values is not None
    assert times.values is not None
    rows, others = matching(strength.keys, times.keys)
    many = max(1, len(times.values))
    pairs, at = coded(strength.objects[rows] * many + times.objects[others])
    values = [
        multiply(strength.values[one // many], Decimal(times.values[one % many]))
        for one in pairs.tolist()
    ]
    doses = Stated(strength.cases[rows], strength.subjects[rows], at, values)
    return store.literal_pairs(doses.given(lambda value: value), XSD.decimal)


def recent(store: Store, nodes: Array) -> Array:
    """Give within how many months before the day of their view nodes are dated.

    Args:
        store: the chunk.
        nodes: in ascending order.

    Returns:
        The least of the numbers of months that are asked about; 0 where none holds.
    """
    dates = store.facts.of("date")
    rows, view = store.views.of(dates.cases)
    days, ends = dates.days[dates.objects][rows], store.views.days[view]
    distinct, at = coded(ends)
    months = np.zeros(len(days), dtype=np.int64)
    for most, _ in sorted(_RECENT, reverse=True):
        first = [day_number(_first_within(most, date_of(end))) for end in distinct.tolist()]
        months[days >= np.array(first, dtype=np.int64)[at]] = most
    told = (months > 0) & (days <= ends)
    subjects, months = (store.views.bases[view] + dates.subjects[rows])[told], months[told]
    order = np.lexsort((months, subjects))
    place, known = places(nodes, subjects[order])
    found = np.zeros(len(nodes), dtype=np.int64)
    found[known] = months[order][place[known]]
    return found


@lru_cache(maxsize=50_000)
def _first_within(most: int, end: date) -> date:
    """Give the first day from which at most some months pass to an end."""
    year, month = divmod(end.year * 12 + end.month - 1 - most, 12)
    start = date(year, month + 1, 1) if year > 0 else date.min
    while calendar_months(start, end) > most:
        start += timedelta(days=1)
    return start


def _within_region(store: Store) -> Found:
    subjects, regions = store.pairs("region")
    wholes = store.knowledge.concepts.wholes
    pairs = [
        (region, store.ids[whole])
        for region in distinct(regions).tolist()
        for whole in wholes.get(store.ids.terms[region - 1], (store.ids.terms[region - 1],))
    ]
    rows, values = _looked_up(regions, pairs)
    return subjects[rows], values


def _looked_up(keys: Array, pairs: Iterable[tuple[int, int]]) -> Found:
    """Give what each key leads to by some pairs: the rows, and the values."""
    listed = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    rows, at = matching(keys, listed[:, 0])
    return rows, listed[at, 1]


def _conversion(store: Store) -> Found:
    """What a kind of drug has by definition; a request has it by the drug that is asked for."""
    by_class = stated_values(store.knowledge)

    def values(classes: Iterable[URIRef]) -> Iterable[int]:
        return (store.ids[v] for c in classes for p, v in by_class.get(c, ())
                if p == CORE.conversion)  # fmt: skip

    by_definition = [(n, v) for n, closed in enumerate(store.closed) for v in values(closed)]
    rows, found = _looked_up(store.things.closed, by_definition)
    ancestors = store.knowledge.concepts.ancestors
    by_drug = [(store.ids[k], v) for k, above in ancestors.items() for v in values(above)]
    asked, more = _looked_up(store.placed.concepts, by_drug)
    return _both((store.things.nodes[rows], found), (store.placed.nodes[asked], more))


def _of_conversions(name: str) -> Callable[[Store], Found]:
    def make(store: Store) -> Found:
        stated = [
            (store.ids[s], Decimal(str(o)))
            for s, o in store.knowledge.vocabulary.subject_objects(CORE[name])
            if isinstance(s, URIRef)
        ]
        subjects = np.array([s for s, _ in stated], dtype=np.int64)
        return subjects, store.literals((value for _, value in stated), XSD.decimal)

    return make


def _request_date(store: Store) -> Found:
    days = _literals_of(store, store.requests.days, XSD.date, date_of)
    return store.requests.nodes, days


def _worker_age(store: Store) -> Found:
    worker, age = store.facts.of("worker"), store.facts.of("age")
    assert age.values is not None
    workers, ages = matching(key_of(worker.cases, worker.objects), age.keys)
    rows, at = matching(store.requests.cases, worker.cases[workers])
    numbers = store.literals(age.values, XSD.integer)
    return store.requests.nodes[rows], numbers[age.objects[ages[at]]]


def _since_injury(store: Store) -> Found:
    injury, dates = store.facts.of("injury"), store.facts.of("date")
    injuries, stated = matching(key_of(injury.cases, injury.objects), dates.keys)
    rows, at = matching(store.requests.cases, injury.cases[injuries])
    starts, ends = dates.days[dates.objects[stated[at]]], store.requests.days[rows]
    before = starts <= ends
    return (
        store.requests.nodes[rows][before],
        _in_months(store, starts[before], ends[before]),
    )


MAKERS: Mapping[str, Callable[[Store], Found]] = {
    "withinRegion": _within_region,
    "conversion": _conversion,
    "factor": _of_conversions("factor"),
    "aboveMg": _of_conversions("aboveMg"),
    "upToMg": _of_conversions("upToMg"),
    "requestDate": _request_date,
    "workerAge": _worker_age,
    "sinceInjuryMonths": _since_injury,
}
"""What makes the other properties that follow from a case, by name."""
