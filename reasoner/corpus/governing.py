"""What governs each request of a chunk: dates in force, scope, the search sequence, precedence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reasoner.corpus.literals import day_number
from reasoner.corpus.store import Store
from reasoner.corpus.vectors import Array, found_in, matching, np
from reasoner.guidelines import Recommendation


@dataclass(frozen=True)
class Governing:
    """Requests, each with the recommendations that stand, in ascending order.

    Attributes:
        requests: the places of requests among ``Store.requests``.
        numbers: for each the number of a recommendation.
        torn: which are of a request that two recommendations govern of which neither prevails.
    """

    requests: Array
    numbers: Array
    torn: Array

    def at(self, rows: Array) -> Governing:
        """Give some of the rows: those of which an array of booleans is true."""
        return Governing(self.requests[rows], self.numbers[rows], self.torn[rows])


def select(store: Store, recommendations: Sequence[Recommendation]) -> Governing:
    """Tell what governs the requests of a chunk.

    Args:
        store: the chunk, its requests classified.
        recommendations: those that can govern, numbered by their place.
    """
    sets = store.classes[np.searchsorted(store.placed.nodes, store.requests.nodes)]
    about = np.array(_about(store, set(sets.tolist()), recommendations), dtype=np.int64)
    about = about.reshape(-1, 2)
    requests, at = matching(sets, about[:, 0])
    numbers = about[at, 1]
    days = store.requests.days[requests]
    starts, ends = _in_force(recommendations)
    kept = (starts[numbers] <= days) & (days <= ends[numbers])
    requests, numbers = requests[kept], numbers[kept]
    # Of the search sequence, the first step that has one.
    steps = np.array([r.guideline.step for r in recommendations] or [0], dtype=np.int64)[numbers]
    first = np.full(len(store.requests.nodes), np.iinfo(np.int64).max)
    np.minimum.at(first, requests, steps)
    kept = steps == first[requests]
    requests, numbers = requests[kept], numbers[kept]
    # What another displaces that could govern the same request does not stand.
    over = _displaced(store, recommendations)
    others, displaced = matching(numbers, over[:, 0])
    many = max(1, len(recommendations))
    fallen = np.sort(requests[others] * many + over[displaced, 1])
    keys = requests * many + numbers
    keys = np.sort(keys[~found_in(keys, fallen)])
    requests, numbers = keys // many, keys % many
    alone = np.bincount(requests, minlength=len(store.requests.nodes)) < 2
    return Governing(requests, numbers, ~alone[requests])


def _in_force(recommendations: Sequence[Recommendation]) -> tuple[Array, Array]:
    """Give the first and the last day on which each is in force."""

    def numbers(days: Sequence[date | None], open_: int) -> Array:
        told = [open_ if day is None else day_number(day) for day in days]
        return np.array(told or [open_], dtype=np.int64)

    limits = np.iinfo(np.int64)
    return (
        numbers([r.guideline.start for r in recommendations], limits.min),
        numbers([r.guideline.end for r in recommendations], limits.max),
    )


def _displaced(store: Store, recommendations: Sequence[Recommendation]) -> Array:
    """Give pairs of recommendations of which the first displaces the second."""
    numbers = {r.iri: n for n, r in enumerate(recommendations)}
    displaced = store.knowledge.index.displaced
    pairs = [
        (numbers[o], numbers[u]) for o in numbers for u in displaced.get(o, ()) if u in numbers
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _about(
    store: Store, sets: set[int], recommendations: Sequence[Recommendation]
) -> list[tuple[int, int]]:
    """Give sets of classes, each with the recommendations that are about a request of them."""
    by_treatment: dict[int, list[tuple[int, int]]] = {}
    for number, r in enumerate(recommendations):
        by_treatment.setdefault(store.ids[r.treatment], []).append(
            (number, store.ids[r.applies_to])
        )
    return [
        (tset, n)
        for kinds, tset in store.numbers.type_sets.items()
        if tset in sets
        for kind in kinds & by_treatment.keys()
        for n, applies in by_treatment[kind]
        if applies in kinds
    ]
