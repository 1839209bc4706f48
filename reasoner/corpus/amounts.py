"""The smaller amount that a guideline supports, where quantity limits alone stand in the way."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import URIRef

from reasoner.corpus.criteria import Compiled, Limit, combined
from reasoner.corpus.frames import Frame
from reasoner.corpus.vectors import Array, np, objects
from reasoner.outcomes import Outcome
from reasoner.terms import CORE, local_name

NAMES = {0: Outcome.NOT_MET, 1: Outcome.NOT_DOCUMENTED, 2: Outcome.MET}
"""What the numbers of outcomes stand for."""


def smaller_amounts(plan: Compiled, frame: Frame, result: Array) -> Iterator[tuple[int, str, int]]:
    """Find the smaller amount that would do, where only quantity limits stand in the way.

    ``reasoner.decision.supported_amount`` says what that is.

    Args:
        plan: the recommendation.
        frame: the requests that it governs.
        result: what its criteria come to for each.

    Returns:
        Requests, each with the property that is limited, by its local name, and the amount.
    """
    exceeded = {limit: frame[plan.outcomes[limit.place]] == 0 for limit in plan.limits}
    by_property: dict[URIRef, list[Limit]] = {}
    for limit in plan.limits:
        by_property.setdefault(limit.limits, []).append(limit)
    beyond = {
        property_: np.any([exceeded[limit] for limit in limits], axis=0)
        for property_, limits in by_property.items()
    }
    for property_, limits in by_property.items():
        # Where limits of several properties are exceeded, no one amount would do.
        alone = beyond[property_] & (sum(b.astype(int) for b in beyond.values()) == 1)
        rows = np.flatnonzero((result != 2) & alone)
        if len(rows):
            supported = _supported(plan, frame, rows, limits)
            for row, amount in zip(rows.tolist(), supported.tolist(), strict=True):
                if amount != _NONE:
                    yield int(frame.nodes[row]), local_name(str(property_)), amount


_NONE = np.iinfo(np.int64).min
"""No amount."""
_MOST = 1 << 62


def _supported(plan: Compiled, frame: Frame, rows: Array, limits: list[Limit]) -> Array:
    """Give the greatest amount below what is asked for with which all would be met."""
    requires = plan.recommendation.requires
    assert requires is not None
    few = Frame(frame.source, frame.nodes[rows])
    outcomes = {
        criterion.iri: frame[column][rows]
        for criterion, column in zip(plan.criteria, plan.outcomes, strict=True)
    }
    exceeded = [outcomes[plan.criteria[limit.place].iri] == 0 for limit in limits]
    nothing = np.full(len(rows), _NONE, dtype=np.int64)
    rooms = [
        np.where(over, _room(limit, few), _NONE) if over.any() else nothing
        for over, limit in zip(exceeded, limits, strict=True)
    ]
    asked = few[limits[0].asked]
    least = np.zeros(len(rows), dtype=np.int64)  # nothing would be left
    if limits[0].limits == CORE.quantity:
        least = whole(few[plan.granted], 0)
    found = nothing
    for amount in np.sort(np.stack(rooms), axis=0)[::-1]:
        open_ = (found == _NONE) & (amount > least) & _below(amount, asked)
        if not open_.any():
            continue
        tried = dict(outcomes)
        for limit, over, room in zip(limits, exceeded, rooms, strict=True):
            iri = plan.criteria[limit.place].iri
            within = over & (room != _NONE) & (amount <= room)
            tried[iri] = np.where(within, 2, outcomes[iri])
        come_to = combined(requires, tried)
        found = np.where(open_ & ((come_to == 2) | (come_to < 0)), amount, found)
    return found


def _room(limit: Limit, frame: Frame) -> Array:
    """Give how much a limit leaves, in whole units."""
    if limit.bound is None:
        return np.full(len(frame.nodes), _NONE, dtype=np.int64)
    asked = frame[limit.asked].tolist()
    nothing = [None] * len(asked)
    used = nothing if limit.used is None else frame[limit.used].tolist()
    sums = [frame[column].tolist() for column in limit.reported]
    rooms = []
    for amount, before, *reported in zip(asked, used, *sums, strict=True):
        known = [number for number in reported if number is not None]
        if known and amount is not None:
            before = max(known) - amount
        rooms.append(limit.bound - (before or 0))
    return whole(objects(rooms), _NONE)


def _below(amounts: Array, asked: Array) -> Array:
    """Tell which amounts are below what is asked for; none is where that is not known."""
    told = [a is not None and n < a for n, a in zip(amounts.tolist(), asked.tolist(), strict=True)]
    return np.array(told, dtype=bool)


def whole(numbers: Array, missing: int) -> Array:
    """Give numbers of Python as whole ones; one beyond all amounts as the greatest or the least."""
    told = (missing if n is None else max(-_MOST, min(_MOST, int(n))) for n in numbers.tolist())
    return np.array(list(told), dtype=np.int64)
