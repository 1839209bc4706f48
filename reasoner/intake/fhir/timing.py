"""How often, how much and for how long: FHIR timings, quantities and doses in our units."""

from __future__ import annotations

from decimal import Decimal

from reasoner.intake.fhir.codes import codes_in, words_of
from reasoner.intake.fhir.element import Element, plain

# UCUM, and what people write for it.
_TIME = {
    "d": "days", "day": "days", "days": "days",
    "wk": "weeks", "week": "weeks", "weeks": "weeks",
    "mo": "months", "mo_j": "months", "month": "months", "months": "months",
    "a": "years", "a_j": "years", "year": "years", "years": "years", "yr": "years",
}  # fmt: skip
_MASS = {"mg": "mg", "g": "g", "ug": "mcg", "mcg": "mcg"}
_DOSE = {f"{unit}/{per}": f"{ours}/day" for unit, ours in _MASS.items() for per in ("d", "day")}
_RATE = {f"{unit}/{per}": "mcg/h" for unit in ("ug", "mcg") for per in ("h", "hr")}
_PERCENT = {"%": "%", "percent": "%"}
UNITS = {"time": _TIME, "mass": _MASS, "dose": _DOSE, "rate": _RATE, "percent": _PERCENT}
_DAYS = {"d": Decimal(1), "wk": Decimal(7), "h": Decimal(1) / 24}
# GTSAbbreviation codes of HL7 v3, in times a day.
_CODED = {
    "QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1, "BED": 1, "QHS": 1,
    "Q4H": 6, "Q6H": 4, "Q8H": 3, "Q12H": 2,
}  # fmt: skip


def quantity_of(quantity: Element | None, kind: str) -> str | None:
    """Give a Quantity as a case file writes it, such as ``4 months``; None if it is of another kind.

    Args:
        quantity: a Quantity, Duration or Age.
        kind: ``time``, ``mass``, ``dose``, ``rate`` or ``percent``.
    """
    if quantity is None or quantity.has("comparator"):
        return None
    value = quantity.number("value")
    if value is None or value < 0:
        return None
    for unit in (quantity.text("code"), quantity.text("unit")):
        ours = UNITS[kind].get(unit or "")
        if ours is not None:
            return f"{plain(value)} {ours}"
    return None


def count_of(quantity: Element | None) -> int | None:
    """Give a Quantity as a whole number of things; None if it measures, or is not whole."""
    if quantity is None or quantity.has("comparator"):
        return None
    value = quantity.number("value")
    measures = any(
        (quantity.text(key) or "") in units for key in ("code", "unit") for units in UNITS.values()
    )
    if value is None or measures or value != value.to_integral_value() or value < 0:
        return None
    return int(value)


def times_in(timing: Element | None, days: int) -> Decimal | None:
    """Give how often a Timing repeats within some days; None where it does not say."""
    if timing is None:
        return None
    repeat = timing.one("repeat")
    if repeat is not None:
        frequency, period = repeat.number("frequency"), repeat.number("period")
        unit = _DAYS.get(repeat.text("periodUnit") or "")
        if period and unit:
            return (frequency or Decimal(1)) * days / (period * unit)
    for code in sorted(codes_in(timing.one("code"))):
        if code in _CODED:
            return Decimal(_CODED[code] * days)
    return None


def course_of(timing: Element | None) -> str | None:
    """Give for how long a Timing goes on, such as ``3 weeks``."""
    repeat = None if timing is None else timing.one("repeat")
    if repeat is None:
        return None
    bound = quantity_of(repeat.one("boundsDuration"), "time")
    period = repeat.one("boundsPeriod")
    if bound is None and period is not None:
        start, end = period.day("start"), period.day("end")
        if start and end and start.exact and end.exact and end.exact >= start.exact:
            return f"{(end.exact - start.exact).days + 1} days"
    return bound


def repetitions_of(timing: Element | None) -> int | None:
    """Give how often a Timing repeats in all."""
    repeat = None if timing is None else timing.one("repeat")
    count = None if repeat is None else repeat.number("count")
    return int(count) if count is not None and count == count.to_integral_value() else None


def rounded(number: Decimal) -> Decimal:
    """Round to what a case file can hold."""
    return number.quantize(Decimal("0.0001")).normalize()


def dose_of(dosages: list[Element]) -> tuple[dict[str, str], list[str]]:
    """Give what dosages say, in the keys ``timesADay``, ``dailyDose`` and ``deliveryRate``.

    Several dosages at the same time are not added up; that they are several is noted.

    Returns:
        The keys, and what is to be noted.
    """
    keys: dict[str, str] = {}
    notes: list[str] = []
    if len(dosages) > 1:
        return keys, [f"It has {len(dosages)} dosages, which are not added up."]
    for dosage in dosages:
        a_day = times_in(dosage.one("timing"), 1)
        rates = dosage.many("doseAndRate")
        dose = rates[0].one("doseQuantity") if rates else None
        rate = quantity_of(rates[0].one("rateQuantity"), "rate") if rates else None
        mass = quantity_of(dose, "mass")
        if rate is not None:
            keys["deliveryRate"] = rate
        if a_day is not None and mass is not None:
            number, unit = mass.split()
            keys["dailyDose"] = f"{plain(rounded(Decimal(number) * a_day))} {unit}/day"
        elif a_day is not None and rate is None:
            units = None if dose is None else dose.number("value")
            keys["timesADay"] = plain(rounded(a_day * (units or 1)))
            if units is None:
                notes.append("Taken for granted: one unit is taken each time.")
        needed = dosage.one("asNeededCodeableConcept")
        if dosage.flag("asNeededBoolean") or needed is not None:
            why = f" ({words_of(needed)})" if needed is not None and words_of(needed) else ""
            notes.append(f"It is taken as needed{why}; the dose is the most that may be taken.")
    return keys, notes
