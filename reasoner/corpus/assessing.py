"""Assess all requests of a chunk: an outcome for each criterion, and what they come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from reasoner.corpus.amounts import smaller_amounts
from reasoner.corpus.criteria import Compiled
from reasoner.corpus.encoded import Gathered
from reasoner.corpus.frames import Frame, Pairs, Source
from reasoner.corpus.vectors import np


@dataclass
class Assessed:
    """What the requests of a chunk come to by themselves.

    Attributes:
        criteria: a row for each request and criterion: ``node``, ``rec`` (the recommendation's
            number), ``place`` (the criterion's), ``outcome`` and ``presumed``.
        requests: a row for each request: ``node``, ``result`` (-1 where nothing is required, and so
            the guideline does not support it), and ``unread``, whether a value could not be read.
        amounts: requests of which a smaller amount would do, with its property and that amount.
    """

    criteria: Gathered = field(default_factory=Gathered)
    requests: Gathered = field(default_factory=Gathered)
    amounts: list[tuple[int, str, int]] = field(default_factory=list)


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
            found.requests.add(node=nodes, result=-1, unread=False)
            continue
        frame = Frame(source, nodes)
        for place, (outcome, presumed) in enumerate(zip(plan.outcomes, plan.presumed, strict=True)):
            found.criteria.add(
                node=nodes, rec=number, place=place, outcome=frame[outcome],
                presumed=frame[presumed],
            )  # fmt: skip
        result = plan.result(frame)
        found.requests.add(node=nodes, result=result, unread=frame[plan.unread])
        found.amounts += smaller_amounts(plan, frame, result)
    return found
