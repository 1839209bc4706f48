"""What governs each request of a chunk: dates in force, scope, the search sequence, precedence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reasoner.corpus.engine import load
from reasoner.corpus.store import Store
from reasoner.guidelines import Recommendation


def select(store: Store, recommendations: Sequence[Recommendation]) -> None:
    """Make the tables ``governing`` (a request and the number of a recommendation) and ``torn``.

    ``torn`` holds the requests that two recommendations govern of which neither prevails.

    Args:
        store: the chunk, its requests classified.
        recommendations: those that can govern, numbered by their place.
    """
    numbers = {r.iri: n for n, r in enumerate(recommendations)}
    load(
        store.sql, "recommendation",
        {"rec": "INTEGER", "step": "INTEGER", "start": "DATE", "until": "DATE"},
        [(n, r.guideline.step, r.guideline.start, r.guideline.end)
         for n, r in enumerate(recommendations)],
    )  # fmt: skip
    load(
        store.sql, "about", {"tset": "INTEGER", "rec": "INTEGER"},
        _about(store, recommendations),
    )  # fmt: skip
    displaced = store.knowledge.index.displaced
    load(
        store.sql, "displaced", {"over": "INTEGER", "rec": "INTEGER"},
        [(numbers[o], numbers[u]) for o in numbers for u in displaced.get(o, ()) if u in numbers],
    )  # fmt: skip
    store.make(
        "candidate",
        """SELECT q.node, r.rec, r.step FROM request q
        JOIN classified c ON c.node = q.node JOIN about a ON a.tset = c.tset
        JOIN recommendation r ON r.rec = a.rec
        WHERE (r.start IS NULL OR r.start <= q.day) AND (r.until IS NULL OR q.day <= r.until)""",
    )
    store.make(
        "candidate",
        """SELECT c.node, c.rec FROM candidate c JOIN
        (SELECT node, MIN(step) AS step FROM candidate GROUP BY node) f USING (node, step)""",
    )
    store.make(
        "standing",
        """SELECT c.node, c.rec FROM candidate c ANTI JOIN
        (SELECT o.node, d.rec FROM candidate o JOIN displaced d ON d.over = o.rec) x
        ON x.node = c.node AND x.rec = c.rec""",
    )
    store.make("torn", "SELECT node FROM standing GROUP BY node HAVING COUNT(*) > 1")
    store.make("governing", "SELECT * FROM standing s ANTI JOIN torn t ON t.node = s.node")


def _about(store: Store, recommendations: Sequence[Recommendation]) -> Iterator[tuple[int, int]]:
    """Give the type sets of requests, each with the recommendations that are about such a one."""
    by_treatment: dict[int, list[tuple[int, int]]] = {}
    for number, r in enumerate(recommendations):
        by_treatment.setdefault(store.ids[r.treatment], []).append(
            (number, store.ids[r.applies_to])
        )
    there = set(store.classes.tolist())
    for kinds, tset in store.numbers.type_sets.items():
        if tset in there:
            for kind in kinds & by_treatment.keys():
                yield from ((tset, n) for n, applies in by_treatment[kind] if applies in kinds)
