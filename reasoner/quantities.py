"""Quantities as records state them: a number with its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_DAYS_IN_MONTH = Decimal("30.4375")
"""The mean Gregorian month, 365.25 / 12; used only where a stated unit differs from the one
that a criterion asks in. Three months compared with three months needs no conversion."""

_TIME = {
    "day": Decimal(1),
    "week": Decimal(7),
    "month": _DAYS_IN_MONTH,
    "year": _DAYS_IN_MONTH * 12,
}
_MASS = {"mcg": Decimal("0.001"), "mg": Decimal(1), "g": Decimal(1000)}

# For each kind: the written unit, and its (dimension, factor to the dimension's base).
_UNITS: dict[str, dict[str, tuple[str, Decimal]]] = {
    "time": {
        **{u: (u, f) for u, f in _TIME.items()},
        **{f"{u}s": (u, f) for u, f in _TIME.items()},
        "d": ("day", _TIME["day"]),
        "wk": ("week", _TIME["week"]),
        "mo": ("month", _TIME["month"]),
        "yr": ("year", _TIME["year"]),
    },
    "percent": {"%": ("%", Decimal(1)), "percent": ("%", Decimal(1))},
    "mass": {unit: (unit, factor) for unit, factor in _MASS.items()},
    "dose": {
        f"{unit}/{per}": ("mg/day", factor)
        for unit, factor in _MASS.items()
        for per in ("day", "d")
    },
    "rate": {
        f"{unit}/{per}": ("mcg/h", Decimal(1)) for unit in ("mcg", "ug") for per in ("h", "hr")
    },
}

KINDS = tuple(_UNITS)
"""The kinds of quantity that a key of a case file can take."""

_PATTERN = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([A-Za-z%]+(?:\s*/\s*[A-Za-z]+)?)\s*")
PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit.

    Attributes:
        value: the number as stated.
        unit: the unit, in the form that the kind's own list gives it.
        factor: how many base units (days, milligrams, ...) one unit is.
    """

    value: Decimal
    unit: str
    factor: Decimal


def units_of(kind: str) -> list[str]:
    """Give the units that a kind of quantity may be stated in."""
    return sorted(_UNITS[kind])


def parse_quantity(text: str, kind: str) -> Quantity | None:
    """Read a quantity such as ``3 months``; None if the number or the unit is not of the kind."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    unit = re.sub(r"\s", "", match.group(2))
    known = _UNITS[kind].get(unit) or _UNITS[kind].get(unit.lower())
    if known is None:
        return None
    return Quantity(Decimal(match.group(1)), known[0], known[1])


def kind_of(text: str) -> str | None:
    """Tell what kind of quantity a text states, or None if it states none."""
    return next((kind for kind in KINDS if parse_quantity(text, kind) is not None), None)


def in_unit(quantity: Quantity, unit: str) -> Decimal | None:
    """Convert a quantity to another unit of its kind; None if it is of another kind.

    A quantity in the unit asked for keeps its number exactly.
    """
    for units in _UNITS.values():
        if unit in units and any(dimension == quantity.unit for dimension, _ in units.values()):
            dimension, factor = units[unit]
            if dimension == quantity.unit and factor == quantity.factor:
                return quantity.value
            return (quantity.value * quantity.factor / factor).quantize(PLACES)
    return None


def calendar_months(start: date, end: date) -> Decimal:
    """Count months from one day to another by the calendar; the rest as a share of a month.

    From 19 May to 19 August is exactly three months; a day more is more than three.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    anchor = _shift(start, months)
    if anchor > end:
        months -= 1
        anchor = _shift(start, months)
    return in_months(months, (end - anchor).days)


def in_months(months: int, days: int) -> Decimal:
    """Give months, and days beyond them, as a number of months."""
    return (Decimal(months) + Decimal(days) / _DAYS_IN_MONTH).quantize(PLACES)


def in_weeks(days: int) -> Decimal:
    """Give days as a number of weeks."""
    return (Decimal(days) / 7).quantize(PLACES)


def _shift(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
