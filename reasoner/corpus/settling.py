"""What items and cases come to: what falls with another, and the tables of outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rdflib import URIRef

from reasoner.corpus.amounts import NAMES
from reasoner.corpus.assessing import Assessed
from reasoner.corpus.engine import arrow
from reasoner.corpus.facts import key_of
from reasoner.corpus.governing import Governing
from reasoner.corpus.schema import short
from reasoner.corpus.store import Store
from reasoner.corpus.vectors import Array, np, places
from reasoner.decision import case_outcome, item_outcome
from reasoner.errors import InputError, Problem
from reasoner.guidelines import Recommendation
from reasoner.outcomes import Basis, ItemOutcome, Necessity, Outcome, Role
from reasoner.terms import BASE

_NECESSITIES = tuple(Necessity)
_BASES = (None, *Basis)
_REFUSED = len(_NECESSITIES)
"""In the place of a necessity: the case is refused."""


@dataclass(frozen=True)
class Outcomes:
    """What is decided of a chunk, as tables of Arrow in the order that they are written in.

    Attributes:
        items: a row for each request.
        criteria: a row for each request and criterion.
        cases: a row for each case that is decided.
        refused: a row for each case that is not.
    """

    items: Any
    criteria: Any
    cases: Any
    refused: Any


@dataclass
class _Items:
    """The items of a chunk, row by row as ``Store.asked`` has them, by place or number.

    Attributes:
        recommendations: what governs; -1 for nothing.
        necessities, bases: places in ``_NECESSITIES`` and ``_BASES``.
        fell: which fell with another.
        parents: the row of what each depends on; -1 for nothing.
    """

    recommendations: Array
    necessities: Array
    bases: Array
    fell: Array
    parents: Array


def settle(
    store: Store,
    governing: Governing,
    assessed: Assessed,
    recommendations: Sequence[Recommendation],
    role: Role,
    cases: Collection[int] | None = None,
) -> Outcomes:
    """Decide the items and cases of a chunk, what depends on another with it.

    Args:
        store: the chunk.
        governing: what governs its requests.
        assessed: what these come to by themselves.
        recommendations: what governs, by the numbers that ``governing`` has it by.
        role: who decides.
        cases: the numbers of the cases that are decided; all, unless some are named.

    Raises:
        InputError: if requests depend on each other in a circle.
    """
    found = _alone(store, governing, assessed)
    wanted = np.ones(len(store.asked.cases), dtype=bool)
    if cases is not None:
        numbers = np.array(sorted(cases), dtype=np.int64)
        wanted = places(store.facts.cases[store.asked.cases], numbers)[1]
    _depend(store, found, wanted)
    refused = np.zeros(len(store.facts.cases), dtype=bool)
    refused[store.asked.cases[wanted & (found.necessities == _REFUSED)]] = True
    rows = np.flatnonzero(wanted & ~refused[store.asked.cases])
    return Outcomes(
        _items(store, found, assessed, recommendations, role, rows),
        _criteria(store, assessed, recommendations, rows),
        _cases(store, found, role, rows),
        _refusals(store, found, governing, recommendations, np.flatnonzero(refused), wanted),
    )


def _alone(store: Store, governing: Governing, assessed: Assessed) -> _Items:
    """Tell what each request comes to by itself."""
    asked, count = store.asked, len(store.asked.cases)
    of_request = np.full(len(store.requests.nodes), -1)
    of_request[governing.requests[~governing.torn]] = governing.numbers[~governing.torn]
    results = np.full(len(of_request), -1)
    unread = np.zeros(len(of_request), dtype=bool)
    nodes, result, cannot = assessed.requests.columns("node", "result", "unread")
    at = np.searchsorted(store.requests.nodes, nodes)
    results[at], unread[at] = result, cannot
    modified = np.zeros(len(of_request), dtype=bool)
    modified[np.searchsorted(store.requests.nodes, [node for node, *_ in assessed.amounts])] = True
    unread[governing.requests[governing.torn]] = True
    # A request without a day is governed by nothing.
    dated = asked.requests >= 0

    def of(values: Array, missing: Any) -> Array:
        found = np.full(count, missing)
        found[dated] = values[asked.requests[dated]]
        return found

    recommendation, outcome = of(of_request, -1), of(results, -1)
    necessary, smaller = outcome == 2, of(modified, False)
    nothing = recommendation < 0
    necessities = np.select(
        [of(unread, False), nothing, necessary, smaller],
        [_REFUSED, *(_NECESSITIES.index(n) for n in
                     (Necessity.NO_GUIDELINE, Necessity.NECESSARY, Necessity.AS_MODIFIED))],
        _NECESSITIES.index(Necessity.NOT_NECESSARY),
    )  # fmt: skip
    bases = np.select(
        [nothing | necessary | smaller, outcome == -1, outcome == 0],
        [0, _BASES.index(Basis.NOT_SUPPORTED), _BASES.index(Basis.CONTRADICTED)],
        _BASES.index(Basis.NOT_ESTABLISHED),
    )
    return _Items(
        recommendation, necessities, bases, np.zeros(count, dtype=bool), np.full(count, -1)
    )


def _depend(store: Store, items: _Items, wanted: Array) -> None:
    """Let what depends on another fall with it, round by round.

    Raises:
        InputError: if requests depend on each other in a circle, or on none of the case.
    """
    asked = store.asked
    keys = key_of(asked.cases, asked.numbers)
    stated = store.facts.of("dependsOn")
    rows, here = places(stated.keys, keys)
    rows = rows[here]
    parents, known = places(key_of(stated.cases[here], stated.objects[here]), keys)
    items.parents[rows] = np.where(known, parents, -1)
    waiting = np.zeros(len(keys), dtype=bool)
    waiting[rows] = True
    waiting &= wanted
    settled = ~waiting
    no, nothing = (_NECESSITIES.index(n) for n in (Necessity.NOT_NECESSARY, Necessity.NO_GUIDELINE))
    while waiting.any():
        ready = np.flatnonzero(waiting & (items.parents >= 0))
        ready = ready[settled[items.parents[ready]]]
        if not len(ready):
            raise InputError([Problem("Requests depend on each other in a circle.",
                                      str(store.folder))])  # fmt: skip
        above = items.necessities[items.parents[ready]]
        fell = ready[np.isin(above, (no, nothing))]
        above = items.necessities[items.parents[fell]]
        items.fell[fell] = True
        kept = items.necessities[fell] == _REFUSED
        items.necessities[fell] = np.where(kept, _REFUSED, above)
        items.bases[fell] = np.where(above == no, _BASES.index(Basis.DEPENDENT), 0)
        waiting[ready] = False
        settled[ready] = True


def _items(
    store: Store,
    items: _Items,
    assessed: Assessed,
    recommendations: Sequence[Recommendation],
    role: Role,
    rows: Array,
) -> Any:
    pa = arrow()
    asked = store.asked
    limited, supported = np.full(len(asked.cases), -1), np.zeros(len(asked.cases), dtype=np.int64)
    names = sorted({name for _, name, _ in assessed.amounts})
    for node, name, amount in assessed.amounts:
        row = store.requests.rows[np.searchsorted(store.requests.nodes, node)]
        limited[row], supported[row] = names.index(name), amount
    limited[items.fell] = -1
    governs = items.recommendations[rows]
    necessities = items.necessities[rows]
    words = [str(item_outcome(n, role)) for n in _NECESSITIES]
    days = np.ma.masked_array(asked.days[rows], asked.requests[rows] < 0)
    fell = items.fell[rows]
    return pa.table(
        {
            **_named(store, rows),
            "treatment": _words(asked.kinds[rows], store.facts.nodes.kind_names),
            "region": _regions(store, rows),
            "day": pa.array(days.astype(np.int32)).cast(pa.date32()),
            "recommendation": _words(governs, [str(r.iri) for r in recommendations]),
            "topic": _words(governs, [topic_of(r.iri) for r in recommendations]),
            "guideline": _words(governs, [short(r.guideline.iri) for r in recommendations]),
            "necessity": _words(necessities, [str(n) for n in _NECESSITIES]),
            "basis": _words(items.bases[rows] - 1, [str(b) for b in Basis]),
            "outcome": _words(necessities, words),
            "limited": _words(limited[rows], names),
            "supported": pa.array(np.ma.masked_array(supported[rows], limited[rows] < 0)),
            "parent": store.asked.names.take(
                pa.array(np.ma.masked_array(np.where(fell, items.parents[rows], 0), ~fell))
            ),
        }
    )


def _named(store: Store, rows: Array) -> dict[str, Any]:
    """Give the columns that name the items of some rows."""
    pa = arrow()
    cases = store.asked.cases[rows]
    return {
        "case_no": pa.array(store.facts.cases[cases]),
        "case_id": store.facts.identifiers.take(pa.array(cases)),
        "request": store.asked.names.take(pa.array(rows)),
    }


def _words(places_: Array, words: Sequence[str | None]) -> Any:
    """Give a column of words by their places; one below zero is missing."""
    pa = arrow()
    known = {word: at for at, word in enumerate(dict.fromkeys(w for w in words if w is not None))}
    at = np.array([-1 if w is None else known[w] for w in words] or [-1], dtype=np.int32)
    codes = np.where(places_ < 0, -1, at[places_])
    return pa.DictionaryArray.from_arrays(
        pa.array(np.ma.masked_array(codes, codes < 0)), pa.array(list(known), pa.string())
    )


def _regions(store: Store, rows: Array) -> Any:
    """Give the first of the regions that are stated of the items of some rows."""
    asked = store.asked
    stated = store.facts.of("region")
    assert stated.values is not None
    order = sorted(range(len(stated.values)), key=stated.values.__getitem__)
    rank = np.zeros(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    at, here = places(stated.keys, key_of(asked.cases, asked.numbers))
    first = np.full(len(asked.cases), len(order))
    np.minimum.at(first, at[here], rank[stated.objects[here]])
    found = np.where(first < len(order), first, -1)
    return _words(found[rows], [stated.values[n] for n in order])


def _criteria(
    store: Store, assessed: Assessed, recommendations: Sequence[Recommendation], rows: Array
) -> Any:
    pa = arrow()
    nodes, number, place, outcome, presumed = assessed.criteria.columns(
        "node", "rec", "place", "outcome", "presumed"
    )
    of = store.requests.rows[np.searchsorted(store.requests.nodes, nodes)]
    taken = np.zeros(len(store.asked.cases), dtype=bool)
    taken[rows] = True
    most = 1 + int(place.max(initial=0))
    order = np.argsort(of * most + place, kind="stable")
    order = order[taken[of[order]]]
    starts = np.cumsum([0, *(len(r.criteria) for r in recommendations)])
    criteria = [c for r in recommendations for c in r.criteria]
    at = starts[number[order]] + place[order]
    codes = {-1: Outcome.NOT_APPLICABLE, **NAMES}
    return pa.table(
        {
            **_named(store, of[order]),
            "criterion": _words(at, [str(c.iri) for c in criteria]),
            "number": _words(at, [c.number for c in criteria]),
            "outcome": _words(outcome[order] + 1, [str(codes[n - 1]) for n in range(4)]),
            "presumed": pa.array(presumed[order]),
        }
    )


def _cases(store: Store, items: _Items, role: Role, rows: Array) -> Any:
    """Decide the cases by their items."""
    pa = arrow()
    cases = store.asked.cases[rows]
    outcomes = [item_outcome(n, role) for n in _NECESSITIES]
    kinds = np.array([1 << list(ItemOutcome).index(o) for o in outcomes], dtype=np.int64)
    held = np.zeros(len(store.facts.cases), dtype=np.int64)
    np.bitwise_or.at(held, cases, kinds[items.necessities[rows]])
    decided = np.flatnonzero(held)
    distinct, at = np.unique(held[decided], return_inverse=True)
    words = [
        str(case_outcome((o for n, o in enumerate(ItemOutcome) if kind >> n & 1), role))
        for kind in distinct.tolist()
    ]
    return pa.table(
        {
            "case_no": pa.array(store.facts.cases[decided]),
            "case_id": store.facts.identifiers.take(pa.array(decided)),
            "source": store.facts.sources.take(pa.array(decided)),
            "outcome": _words(at, words),
        }
    )


def _refusals(
    store: Store,
    items: _Items,
    governing: Governing,
    recommendations: Sequence[Recommendation],
    refused: Array,
    wanted: Array,
) -> Any:
    """Say of each case that is refused why."""
    pa = arrow()
    rivals: Mapping[int, list[str]] = {
        request: sorted(topic_of(recommendations[n].iri) for _, n in several)
        for request, several in groupby(
            zip(governing.requests[governing.torn].tolist(),
                governing.numbers[governing.torn].tolist(), strict=True),
            key=lambda pair: pair[0],
        )
    }  # fmt: skip
    why: dict[int, list[str]] = {case: [] for case in refused.tolist()}
    for row in np.flatnonzero(wanted & (items.necessities == _REFUSED)).tolist():
        name = store.asked.names[row].as_py()
        between = rivals.get(int(store.asked.requests[row]))
        why[int(store.asked.cases[row])].append(
            f"a value of {name} cannot be read" if between is None
            else f"recommendations of one rank govern {name}, and neither prevails: "
            + ", ".join(between)
        )  # fmt: skip
    at = pa.array(refused)
    return pa.table(
        {
            "case_no": pa.array(store.facts.cases[refused]),
            "case_id": store.facts.identifiers.take(at),
            "source": store.facts.sources.take(at),
            "why": pa.array(["; ".join(reasons) for reasons in why.values()], pa.string()),
        }
    )


def topic_of(iri: URIRef) -> str:
    """Give the topic that a recommendation or criterion belongs to, as ``guideline/topic``."""
    return str(iri).removeprefix(BASE + "guideline/").partition("#")[0]
