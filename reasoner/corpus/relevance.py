"""Which facts bear on which request; ``reasoner.derivation`` says what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reasoner.corpus.engine import load
from reasoner.terms import CORE

if TYPE_CHECKING:
    from reasoner.corpus.store import Store

RELEVANCE = ("relevantFact", "presentFact", "absentFact", "priorTreatment", "claimTreatment")
"""The properties that relevance is told by."""


def _sets(store: Store, name: str, nodes: str) -> dict[int, frozenset[int]]:
    """Number the sets of regions of nodes: the table ``name``, and what each set holds."""
    store.property("region")
    store.make(
        f"{name}_list",
        f"SELECT p.s AS node, list(p.o ORDER BY p.o) AS regions FROM p_region p"
        f" SEMI JOIN {nodes} n ON n.node = p.s GROUP BY p.s",
    )
    store.make(
        f"{name}_sets",
        "SELECT regions, row_number() OVER () AS number FROM"
        f" (SELECT DISTINCT regions FROM {name}_list)",
    )
    store.make(name, f"SELECT node, number FROM {name}_list JOIN {name}_sets USING (regions)")
    return {n: frozenset(r) for r, n in store.run(f"SELECT regions, number FROM {name}_sets")}


def relate(store: Store) -> None:
    """Tell which facts bear on which request; ``reasoner.derivation`` says what that is."""
    concepts = store.knowledge.concepts
    store.property("side")
    store.make("fact", "SELECT node, base, concept, absent FROM node WHERE form = 'fact'")
    of_facts, of_requests = (
        _sets(store, "fact_place", "fact"),
        _sets(store, "asked_place", "request"),
    )
    wholes = {
        store.ids[r]: frozenset(store.ids[w] for w in concepts.wholes.get(r, {r}))
        for r in store.known_terms
    }

    def overlap(some: frozenset[int], others: frozenset[int]) -> bool:
        return any(b in wholes[a] or a in wholes[b] for a in some for b in others)

    load(
        store.sql, "elsewhere", {"asked": "BIGINT", "stated": "BIGINT"},
        [(a, f) for a, some in of_requests.items() for f, others in of_facts.items()
         if not overlap(some, others)],
    )  # fmt: skip
    load(
        store.sql, "narrower", {"kind": "INTEGER", "above": "INTEGER"},
        [(store.ids[k], store.ids[a]) for k, above in concepts.ancestors.items() for a in above],
    )  # fmt: skip
    left, right = store.ids[CORE.Left], store.ids[CORE.Right]
    store.make(
        "bears",
        f"""SELECT r.node AS s, f.node AS o, f.absent, k.kind IS NOT NULL AS same,
            e.asked IS NULL AND NOT COALESCE(
                (x.o = {left} AND y.o = {right}) OR (x.o = {right} AND y.o = {left}), FALSE
            ) AS relevant,
            f.absent AND k.kind IS NOT NULL AND f.concept <> r.concept AS withheld
        FROM request r JOIN fact f ON f.base = r.base
        LEFT JOIN narrower k ON k.kind = f.concept AND k.above = r.concept
        LEFT JOIN asked_place a ON a.node = r.node LEFT JOIN fact_place b ON b.node = f.node
        LEFT JOIN elsewhere e ON e.asked = a.number AND e.stated = b.number
        LEFT JOIN p_side x ON x.s = r.node LEFT JOIN p_side y ON y.s = f.node""",
    )
    for name, condition in {
        "relevantFact": "relevant",
        "presentFact": "relevant AND NOT absent",
        "absentFact": "relevant AND absent",
        "priorTreatment": "relevant AND same AND NOT absent",
        "claimTreatment": "same AND NOT absent",
    }.items():
        store.make(f"p_{name}", f"SELECT s, o FROM bears WHERE {condition}")
