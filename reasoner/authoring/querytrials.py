"""What to try on a SPARQL constraint: the kinds, times and numbers that its text names.

The query is looked through, not understood. Whoever tries a change decides the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from rdflib.term import Node

from reasoner.authoring.drafts import Change, thing
from reasoner.terms import CLINICAL

_INTERVAL = re.compile(r'"P(\d+)([DMY])"')
_KIND = re.compile(r"clinical:(\w+)")
_COMPARED = re.compile(r"[<>]=?\s*(\d+(?:\.\d+)?)")
_MOST_KINDS = 4


def trials_of(query: str, treatment: str, day: date) -> Iterator[Change]:
    """Give changes to try on a query.

    Args:
        query: its text.
        treatment: the name of the treatment that is asked for.
        day: the day of the request.
    """
    known = set(CLINICAL)
    kinds = [kind for kind in dict.fromkeys(_KIND.findall(query)) if kind in known][:_MOST_KINDS]
    found = (decimal_of(number) for number in _COMPARED.findall(query))
    numbers = [f"{int(number) + 1}" for number in found if number is not None]
    for kind in ([treatment] if "priorTreatment" in query else []) + kinds:
        yield Change(facts=(thing(**{"is": kind}),))
        for when in _days(query, day):
            yield Change(facts=(thing(**{"is": kind, "date": str(when)}),))
            if "core:count" in query:
                yield Change(facts=(thing(**{"is": kind, "date": str(when), "count": "97"}),))
        for number in numbers:
            yield Change(facts=(thing(**{"is": kind, "count": number}),))
        if "nerveRoot" in query:
            yield Change(facts=(thing(**{"is": kind, "nerveRoot": "C6"}),))
    for number in numbers:
        yield Change(request=thing(quantity=number))
        if "dailyDoseMg" in query:
            yield Change(request=thing(dailyDose=f"{number} mg/day"))


def _days(query: str, day: date) -> list[date]:
    """Give days on either side of each interval that a query counts back from the request."""
    found: list[date] = []
    for number, unit in _INTERVAL.findall(query):
        back = timedelta(days=int(number) * {"D": 1, "M": 30, "Y": 365}[unit])
        months = int(number) * (12 if unit == "Y" else 1)
        exact = day - back if unit == "D" else months_before(day, months)
        one = timedelta(days=1)
        found += [exact + one, exact, exact - one, day - back / 2, exact - back]
    if "core:date" in query:
        found += [day - timedelta(days=n) for n in (7, 4000)]
    return list(dict.fromkeys(found))


def months_before(day: date, months: int) -> date:
    """Give the day some calendar months before another, at the latest the 28th."""
    past = day.year * 12 + day.month - 1 - months
    return date(past // 12, past % 12 + 1, min(day.day, 28))


def decimal_of(text: Node | str) -> Decimal | None:
    """Read a number; None if it is none."""
    try:
        return Decimal(str(text)).normalize()
    except InvalidOperation:
        return None
