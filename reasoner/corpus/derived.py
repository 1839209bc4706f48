"""What follows from a chunk by arithmetic and definition, property by property.

``reasoner.derivation`` says what is derived; its functions are called here once for each distinct
value that is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from rdflib import XSD, URIRef

from reasoner.corpus.engine import load
from reasoner.corpus.kinds import stated_values
from reasoner.derivation import _RECENT
from reasoner.quantities import PLACES, calendar_months, in_unit, kind_of, parse_quantity
from reasoner.terms import CORE

if TYPE_CHECKING:
    from reasoner.corpus.store import Store

_SINCE = {"durationDays": 0, "durationWeeks": 1, "durationMonths": 2}


def _in_unit(store: Store, base: str, unit: str) -> str:
    """Make the values of a stated quantity in a unit, as subjects and values."""

    def convert(stated: str) -> Iterable[Decimal]:
        quantity = parse_quantity(stated, kind_of(stated) or "")
        value = None if quantity is None else in_unit(quantity, unit)
        return () if value is None else (value,)

    facts = store.facts(base)
    store.values(
        f"SELECT DISTINCT object FROM {facts}",
        {"object": "VARCHAR", "value": "DECIMAL(38,10)"},
        convert,
    )
    return store.make(
        "loaded",
        f"SELECT v.base + f.subject AS s, g.value FROM {facts} f"
        " JOIN given g ON g.object = f.object JOIN view v ON v.case_no = f.case_no",
    )


def converted(store: Store, name: str, base: str, unit: str) -> str:
    """Make a derived quantity as subjects and values.

    Args:
        store: the chunk.
        name: the derived property.
        base: the property that states it.
        unit: the unit that it is derived in.
    """
    source = _in_unit(store, base, unit)
    if name in _SINCE:
        _since(store, name)
        return store.make("either", f"SELECT * FROM {source} UNION SELECT * FROM since")
    if name == "dailyDoseMg":
        _doses(store)
        return store.make("either", f"SELECT * FROM {source} UNION SELECT * FROM dose")
    return source


def _since(store: Store, name: str) -> None:
    def count(start: date, end: date) -> Iterable[Decimal]:
        days = Decimal((end - start).days)
        return ((days, (days / 7).quantize(PLACES), calendar_months(start, end))[_SINCE[name]],)

    onset, duration = store.facts("onset"), store.facts("duration")
    store.make(
        "since",
        f"""SELECT v.base + f.subject AS s, f.object AS onset, v.day FROM {onset} f
        JOIN view v ON v.case_no = f.case_no AND f.object <= v.day
        JOIN said n ON n.case_no = f.case_no AND n.node = f.subject AND n.form = 'fact'
        ANTI JOIN {duration} d ON d.case_no = f.case_no AND d.subject = f.subject""",
    )
    store.values(
        "SELECT DISTINCT onset, day FROM since",
        {"onset": "DATE", "day": "DATE", "value": "DECIMAL(38,10)"},
        count,
    )
    store.make("since", "SELECT x.s, g.value FROM since x JOIN given g USING (onset, day)")


def _doses(store: Store) -> None:
    def multiply(strength: str, times: Decimal) -> Iterable[Decimal]:
        quantity = parse_quantity(strength, "mass")
        if quantity is not None:
            yield (quantity.value * quantity.factor * times).quantize(PLACES)

    strength, times, dose = (store.facts(n) for n in ("strength", "timesADay", "dailyDose"))
    store.make(
        "dose",
        f"""SELECT a.case_no, a.subject, a.object AS strength, b.object AS times
        FROM {strength} a JOIN {times} b ON b.case_no = a.case_no AND b.subject = a.subject
        ANTI JOIN {dose} d ON d.case_no = a.case_no AND d.subject = a.subject""",
    )
    store.values(
        "SELECT DISTINCT strength, times FROM dose",
        {"strength": "VARCHAR", "times": "DECIMAL(38,10)", "value": "DECIMAL(38,10)"},
        multiply,
    )
    store.make(
        "dose",
        "SELECT v.base + d.subject AS s, g.value FROM dose d"
        " JOIN given g ON g.strength = d.strength AND g.times = d.times"
        " JOIN view v ON v.case_no = d.case_no",
    )


def tell_recent(store: Store) -> None:
    """Tell which nodes are dated within some months before the day: the least that holds."""
    days = [day for (day,) in store.run("SELECT DISTINCT day FROM view")]
    load(
        store.sql, "within", {"day": "DATE", **{f"m{most}": "DATE" for most, _ in _RECENT}},
        [(day, *(_first_within(most, day) for most, _ in _RECENT)) for day in days],
    )  # fmt: skip
    least = " ".join(f"WHEN f.object >= w.m{most} THEN {most}" for most, _ in _RECENT)
    store.make(
        "recent",
        f"""SELECT v.base + f.subject AS s, CASE {least} END AS value FROM {store.facts("date")} f
        JOIN view v ON v.case_no = f.case_no AND f.object <= v.day
        JOIN within w ON w.day = v.day AND f.object >= w.m{_RECENT[-1][0]}""",
    )


def _first_within(most: int, end: date) -> date:
    """Give the first day from which at most some months pass to an end."""
    year, month = divmod(end.year * 12 + end.month - 1 - most, 12)
    start = date(year, month + 1, 1) if year > 0 else date.min
    while calendar_months(start, end) > most:
        start += timedelta(days=1)
    return start


def _within_region(store: Store) -> None:
    store.make(
        "p_withinRegion",
        "SELECT p.node AS s, w.whole AS o FROM place p JOIN place_part w USING (number)",
    )


def _conversion(store: Store) -> None:
    """What a kind of drug has by definition; a request has it by the drug that is asked for."""
    by_class = stated_values(store.knowledge)
    rows = []
    for number, closed in enumerate(store.closed):
        rows += [(number, store.ids[v]) for c in closed for p, v in by_class.get(c, ())
                 if p == CORE.conversion]  # fmt: skip
    load(store.sql, "by_definition", {"closed": "INTEGER", "o": "BIGINT"}, rows)
    ancestors = store.knowledge.concepts.ancestors
    load(
        store.sql, "by_drug", {"concept": "INTEGER", "o": "BIGINT"},
        [(store.ids[k], store.ids[v]) for k, above in ancestors.items() for c in above
         for p, v in by_class.get(c, ()) if p == CORE.conversion],
    )  # fmt: skip
    store.make(
        "p_conversion",
        """SELECT DISTINCT n.node AS s, d.o FROM node n JOIN by_definition d USING (closed)
        UNION SELECT v.base + a.num, d.o FROM asked a JOIN view v ON v.case_no = a.case_no
        JOIN by_drug d ON d.concept = a.concept""",
    )


def _of_conversions(name: str) -> Callable[[Store], None]:
    def make(store: Store) -> None:
        graph = store.knowledge.vocabulary
        load(
            store.sql, "loaded", {"s": "BIGINT", "value": "DECIMAL(38,10)"},
            [(store.ids[s], Decimal(str(o))) for s, o in graph.subject_objects(CORE[name])
             if isinstance(s, URIRef)],
        )  # fmt: skip
        store.literals(f"p_{name}", "loaded", XSD.decimal)

    return make


def _request_date(store: Store) -> None:
    store.make("loaded", "SELECT node AS s, day AS value FROM request")
    store.literals("p_requestDate", "loaded", XSD.date)


def _worker_age(store: Store) -> None:
    store.make(
        "loaded",
        f"""SELECT r.node AS s, a.object AS value FROM request r
        JOIN {store.facts("worker")} w ON w.case_no = r.case_no
        JOIN {store.facts("age")} a ON a.case_no = w.case_no AND a.subject = w.object""",
    )
    store.literals("p_workerAge", "loaded", XSD.integer)


def _since_injury(store: Store) -> None:
    store.make(
        "since",
        f"""SELECT r.node AS s, d.object AS injured, r.day FROM request r
        JOIN {store.facts("injury")} i ON i.case_no = r.case_no
        JOIN {store.facts("date")} d ON d.case_no = i.case_no AND d.subject = i.object
        WHERE d.object <= r.day""",
    )
    store.values(
        "SELECT DISTINCT injured, day FROM since",
        {"injured": "DATE", "day": "DATE", "value": "DECIMAL(38,10)"},
        lambda start, end: (calendar_months(start, end),),
    )
    store.make("since", "SELECT x.s, g.value FROM since x JOIN given g USING (injured, day)")
    store.literals("p_sinceInjuryMonths", "since", XSD.decimal)


MAKERS: Mapping[str, Callable[[Store], None]] = {
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
