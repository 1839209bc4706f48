"""Assess all requests of a chunk: an outcome for each criterion, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from reasoner.corpus.amounts import smaller_amounts
from reasoner.corpus.criteria import Compiled
from reasoner.corpus.encoded import Gathered
from reasoner.corpus.engine import Connection, load
from reasoner.corpus.frames import Frame, Pairs, Source
from reasoner.corpus.vectors import np


@dataclass
class Assessed:
    """What the requests of a chunk come to by themselves.

    Attributes:
        criteria: a row for each request and criterion.
        requests: a row for each request.
        amounts: requests of which a smaller amount would do, with its property and that amount.
    """

    criteria: Gathered = field(default_factory=Gathered)
    requests: Gathered = field(default_factory=Gathered)
    amounts: list[tuple[int, str, int]] = field(default_factory=list)

    def load(self, connection: Connection) -> None:
        """Make the tables ``assessed``, ``own`` and ``amount``."""
        self.criteria.load(
            connection, "assessed",
            {"node": "BIGINT", "rec": "INTEGER", "place": "INTEGER", "outcome": "INTEGER",
             "presumed": "BOOLEAN"},
        )  # fmt: skip
        self.requests.load(
            connection, "own",
            {"node": "BIGINT", "rec": "INTEGER", "result": "INTEGER", "unread": "BOOLEAN"},
        )  # fmt: skip
        # Nothing is required: the guideline does not support it.
        connection.execute("UPDATE own SET result = NULL WHERE result = -1")
        load(
            connection, "amount",
            {"node": "BIGINT", "limited": "VARCHAR", "supported": "BIGINT"}, self.amounts,
        )  # fmt: skip


def assess(source: Source, governing: Pairs, plan_of: Callable[[int], Compiled | None]) -> Assessed:
    """Assess requests.

    Args:
        source: the graph.
        governing: the numbers of recommendations, each with the requests that it governs.
        plan_of: gives what a recommendation is compiled to; None if it requires nothing.
    """
    found = Assessed()
    for number in governing.subjects.tolist():
        _, nodes = governing.of(np.array([number]))
        plan = plan_of(number)
        if plan is None:
            found.requests.add(node=nodes, rec=number, result=-1, unread=False)
            continue
        frame = Frame(source, nodes)
        for place, (outcome, presumed) in enumerate(zip(plan.outcomes, plan.presumed, strict=True)):
            found.criteria.add(
                node=nodes, rec=number, place=place, outcome=frame[outcome],
                presumed=frame[presumed],
            )  # fmt: skip
        result = plan.result(frame)
        found.requests.add(node=nodes, rec=number, result=result, unread=frame[plan.unread])
        found.amounts += smaller_amounts(plan, frame, result)
    return found
