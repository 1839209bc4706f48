"""Which facts bear on which request; ``reasoner.derivation`` says what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reasoner.corpus.engine import load
from reasoner.terms import CORE

if TYPE_CHECKING:
    from reasoner.corpus.store import Store

RELEVANCE = ("relevantFact", "presentFact", "absentFact", "priorTreatment", "claimTreatment")
"""The properties that relevance is told by."""

CLOSING = {
    "relevantFact": "relevant AND NOT withheld",
    "presentFact": "relevant AND NOT absent",
    "absentFact": "relevant AND absent AND NOT withheld",
    "priorTreatment": "relevant AND same AND NOT absent",
    "claimTreatment": "same AND NOT absent",
}
"""For each of them, the rows of ``bears`` that classes of requests are told from."""


def _places(store: Store) -> dict[int, frozenset[int]]:
    """Number the sets of regions of nodes: the table ``place``, and what each set holds."""
    store.property("region")
    store.make(
        "place_list",
        "SELECT s AS node, list(o ORDER BY o) AS regions FROM p_region GROUP BY s",
    )
    store.make(
        "place_set",
        "SELECT regions, row_number() OVER () AS number FROM"
        " (SELECT DISTINCT regions FROM place_list)",
    )
    store.make("place", "SELECT node, number FROM place_list JOIN place_set USING (regions)")
    return {n: frozenset(r) for r, n in store.run("SELECT regions, number FROM place_set")}


def relate(store: Store) -> None:
    """Tell which facts bear on which request; ``reasoner.derivation`` says what that is."""
    concepts = store.knowledge.concepts
    store.property("side")
    places = _places(store)
    # Joined here, and not below: there are more pairs of the two than of either.
    for name, nodes, columns in (
        ("fact", "node", "n.concept, n.absent, n.closed"), ("asking", "request", "n.concept"),
    ):  # fmt: skip
        store.make(
            name,
            f"""SELECT n.node, n.base, {columns}, p.number AS place, d.o AS side FROM {nodes} n
            LEFT JOIN place p ON p.node = n.node LEFT JOIN p_side d ON d.s = n.node
            {"WHERE n.form = 'fact'" if name == "fact" else ""}""",
        )
    wholes = {
        store.ids[r]: frozenset(store.ids[w] for w in concepts.wholes.get(r, {r}))
        for r in store.known_terms
    }
    load(
        store.sql, "place_part", {"number": "BIGINT", "whole": "BIGINT"},
        [(n, w) for n, regions in places.items()
         for w in frozenset().union(*(wholes[r] for r in regions))],
    )  # fmt: skip

    def overlap(some: frozenset[int], others: frozenset[int]) -> bool:
        return any(b in wholes[a] or a in wholes[b] for a in some for b in others)

    asked = [n for (n,) in store.run("SELECT DISTINCT place FROM asking WHERE place IS NOT NULL")]
    load(
        store.sql, "elsewhere", {"asked": "BIGINT", "stated": "BIGINT"},
        [(a, f) for a in asked for f, others in places.items() if not overlap(places[a], others)],
    )  # fmt: skip
    load(
        store.sql, "narrower", {"kind": "INTEGER", "above": "INTEGER"},
        [(store.ids[k], store.ids[a]) for k, above in concepts.ancestors.items() for a in above],
    )  # fmt: skip
    left, right = store.ids[CORE.Left], store.ids[CORE.Right]
    store.make(
        "bears",
        f"""SELECT r.node AS s, f.node AS o, COALESCE(r.concept, 0) AS concept, f.closed, f.absent,
            k.kind IS NOT NULL AS same,
            e.asked IS NULL AND NOT COALESCE(
                (r.side = {left} AND f.side = {right}) OR (r.side = {right} AND f.side = {left}),
                FALSE
            ) AS relevant,
            f.absent AND k.kind IS NOT NULL AND f.concept <> r.concept AS withheld
        FROM asking r JOIN fact f ON f.base = r.base
        LEFT JOIN narrower k ON k.kind = f.concept AND k.above = r.concept
        LEFT JOIN elsewhere e ON e.asked = r.place AND e.stated = f.place""",
    )
    for name, condition in {
        "relevantFact": "relevant",
        "presentFact": "relevant AND NOT absent",
        "absentFact": "relevant AND absent",
        "priorTreatment": "relevant AND same AND NOT absent",
        "claimTreatment": "same AND NOT absent",
    }.items():
        store.make(f"p_{name}", f"SELECT s, o FROM bears WHERE {condition}")
