"""Numbers at, inside and outside the bounds that a property shape sets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from rdflib import SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.querytrials import decimal_of

_ONE, _TENTH = Decimal(1), Decimal("0.1")
# For each bound, the steps from it to values inside and to values outside.
_STEPS: dict[URIRef, tuple[tuple[Decimal, ...], tuple[Decimal, ...]]] = {
    SH.minInclusive: ((Decimal(0),), (-_ONE, -_TENTH)),
    SH.minExclusive: ((_ONE, _TENTH), (Decimal(0), -_ONE)),
    SH.maxInclusive: ((Decimal(0),), (_ONE, _TENTH)),
    SH.maxExclusive: ((-_ONE, -_TENTH), (Decimal(0), _ONE)),
}


def numbers_at_bounds(shapes: Graph, prop: Node, *, inside: bool) -> list[Decimal]:
    """Give numbers at the bounds of a property shape, those inside or those outside."""
    found: list[Decimal] = []
    for parameter, steps in _STEPS.items():
        for bound in shapes.objects(prop, parameter):
            number = decimal_of(bound)
            if number is not None:
                found.extend(number + step for step in steps[0 if inside else 1])
    if inside and found:
        found.append(Decimal(1))
    return [n for n in dict.fromkeys(found) if n >= 0]


def days_at_bounds(shapes: Graph, prop: Node, *, inside: bool) -> list[date]:
    """Give days at the bounds of a property shape, those inside or those outside."""
    found = []
    for parameter, steps in _STEPS.items():
        for bound in shapes.objects(prop, parameter):
            day = bound.value if isinstance(bound, Literal) else None
            if isinstance(day, date):
                whole = (s for s in steps[0 if inside else 1] if s == int(s))
                found += [day + timedelta(days=int(step)) for step in whole]
    return found
