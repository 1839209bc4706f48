"""The smaller amount that a guideline supports, where quantity limits alone stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rdflib import URIRef

from reasoner.corpus.criteria import Compiled
from reasoner.corpus.store import Store
from reasoner.decision import required
from reasoner.outcomes import Outcome
from reasoner.terms import CORE, local_name

NAMES = {0: Outcome.NOT_MET, 1: Outcome.NOT_DOCUMENTED, 2: Outcome.MET}
"""What the numbers of outcomes stand for."""


def smaller_amounts(store: Store, plan: Compiled) -> Iterator[tuple[int, str, int]]:
    """Find the smaller amount that would do, where only quantity limits stand in the way.

    ``reasoner.decision.supported_amount`` says what that is; requests that are alike in all that
    it asks about are looked at once.
    """
    criteria = plan.recommendation.criteria
    assert plan.recommendation.requires is not None
    columns = [f"o{n}" for n in range(len(criteria))]
    measures = [f"{m}{n}" for n in plan.limits for m in ("room", "asked")] + ["granted"]
    exceeded = " OR ".join(f"o{n} = 0" for n in plan.limits)
    rows = store.run(
        f"SELECT {', '.join([*columns, *measures])}, list(node) FROM wide"
        f" WHERE result <> 2 AND ({exceeded}) GROUP BY ALL"
    )
    for row in rows:
        outcomes = {
            c.iri: NAMES.get(code, Outcome.NOT_APPLICABLE)
            for c, code in zip(criteria, row, strict=False)
        }
        measured = dict(zip(measures, row[len(criteria) :], strict=False))
        found = _smaller(plan, outcomes, measured)
        if found is not None:
            for node in row[-1]:
                yield node, local_name(str(found[0])), found[1]


def _smaller(
    plan: Compiled, outcomes: dict[URIRef, Outcome], measured: dict[str, Any]
) -> tuple[URIRef, int] | None:
    criteria = plan.recommendation.criteria
    requires = plan.recommendation.requires
    assert requires is not None
    exceeded = [n for n in plan.limits if outcomes[criteria[n].iri] is Outcome.NOT_MET]
    properties = {criteria[n].limits for n in exceeded}
    if len(properties) != 1:
        return None
    (limited,) = properties
    assert limited is not None
    rooms = {criteria[n].iri: measured[f"room{n}"] for n in exceeded}
    granted = int(measured["granted"] or 0) if limited == CORE.quantity else 0
    asked: Decimal | None = measured[f"asked{exceeded[0]}"]
    for amount in sorted({int(r) for r in rooms.values() if r is not None}, reverse=True):
        if amount <= granted or asked is None or amount >= asked:
            continue
        within = {
            iri: Outcome.MET for iri, room in rooms.items() if room is not None and amount <= room
        }
        if required(requires, {**outcomes, **within}) is Outcome.MET:
            return limited, amount
    return None
