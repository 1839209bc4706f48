"""A recommendation compiled to columns: an outcome for each criterion, and what they come to.

``reasoner.assessment`` and ``reasoner.decision`` say what an outcome is and how outcomes combine;
here the same is said of all requests at once. Outcomes are numbers: 0 is not met, 1 not documented,
2 met, and -1 not applicable, which the least and the greatest of outcomes pass over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from rdflib import SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.assessment import _BOUNDS, _LOWER, _UNREADABLE
from reasoner.corpus.compiler import Compiler, Violation
from reasoner.corpus.frames import (
    ALWAYS,
    NEVER,
    Column,
    Frame,
    any_of,
    is_of,
    literal,
    some,
    stated,
    total,
)
from reasoner.corpus.sparqlconstraints import Queries
from reasoner.corpus.vectors import Array, np
from reasoner.decision import bound_of
from reasoner.guidelines import Criterion, Operand, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome
from reasoner.rdf import iris
from reasoner.terms import CORE

CODES = {
    Outcome.NOT_MET: 0, Outcome.NOT_DOCUMENTED: 1, Outcome.MET: 2, Outcome.NOT_APPLICABLE: -1,
}  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """What a quantity limit leaves of an amount; the columns give Python's numbers, or None.

    Attributes:
        place: the place of the criterion.
        limits: the property that it limits.
        asked: how much is asked for.
        bound: how much the limit allows at all; None if it does not say.
        used: how much of that was used before, where that counts.
        reported: the sums of what was used and is asked for that its own queries report.
    """

    place: int
    limits: URIRef
    asked: Column
    bound: int | None
    used: Column | None
    reported: tuple[Column, ...]


@dataclass(frozen=True)
class Compiled:
    """A recommendation as columns of the frame of the requests that it governs.

    Attributes:
        criteria: those of the recommendation, in their order.
        outcomes: of each criterion.
        presumed: of each criterion, whether the outcome rests on a presumption.
        unread: whether a value could not be read.
        limits: the quantity limits among the criteria.
        granted: the amount that utilization review granted.
    """

    recommendation: Recommendation
    criteria: tuple[Criterion, ...]
    outcomes: tuple[Column, ...]
    presumed: tuple[Column, ...]
    unread: Column
    limits: tuple[Limit, ...]
    granted: Column

    def result(self, frame: Frame) -> Array:
        """Give what the criteria come to for each request, 2 where none applies."""
        requires = self.recommendation.requires
        assert requires is not None
        outcomes = {
            criterion.iri: frame[column]
            for criterion, column in zip(self.criteria, self.outcomes, strict=True)
        }
        found = combined(requires, outcomes)
        return np.where(found < 0, 2, found)


def combined(operand: Operand, outcomes: Mapping[URIRef, Array]) -> Array:
    """Give what a combination comes to, from the outcomes of its criteria."""
    if isinstance(operand, Criterion):
        return outcomes[operand.iri]
    below = np.stack([combined(o, outcomes) for o in operand.operands])
    if operand.kind == "AnyOf":
        most: Array = np.max(below, axis=0)
        return most
    if operand.kind == "AtLeast":
        assert operand.threshold is not None
        met, lacking = (below == 2).sum(axis=0), (below == 1).sum(axis=0)
        many = operand.threshold
        reached = np.where(met >= many, 2, np.where(met + lacking >= many, 1, 0))
        return np.where((below < 0).all(axis=0), -1, reached)
    least = np.min(np.where(below < 0, 3, below), axis=0)
    asked = np.where(least == 3, -1, least)
    if operand.kind == "Unless":
        assert operand.exception is not None
        lifted = np.maximum(asked, combined(operand.exception, outcomes))
        return np.where(asked < 0, -1, lifted)
    return asked


def place_of(knowledge: Knowledge) -> Callable[[Node], str]:
    """Give what tells the file and line of a shape, as an error names it."""

    def place(shape: Node) -> str:
        iri = str(shape)
        folder, _, name = iri.partition("#")
        file = "shapes/criteria/" + "/".join(folder.rsplit("/", 2)[-2:]) + ".ttl"
        content = knowledge.sources.files.get(file)
        if content is None:
            return f"<{iri}>"
        found = re.search(rf"^\S*[:#]{re.escape(name)}>?\s+a\s", content.decode(), re.MULTILINE)
        line = 1 if found is None else content[: found.start()].count(b"\n") + 1
        return f"{file}:{line}: <{iri}>"

    return place


def compile_recommendation(recommendation: Recommendation, knowledge: Knowledge) -> Compiled:
    """Compile a recommendation that requires something.

    Args:
        recommendation: the recommendation.
        knowledge: the shapes, and the vocabularies.

    Raises:
        NotCompiledError: if a constraint is not compiled; its shape is named.
    """
    compiler = Compiler(knowledge.criterion_shapes(recommendation), place_of(knowledge))
    queries = Queries(knowledge, compiler)
    compiler.query_with(queries.violated)
    criteria = tuple(recommendation.criteria)
    outcomes, presumed, unread = [], [], []
    for criterion in criteria:
        outcome, presumption, unreadable = _criterion(compiler, criterion)
        outcomes.append(outcome)
        presumed.append(presumption)
        unread += unreadable
    limits = [
        _limit(compiler.graph, queries, criterion, place)
        for place, criterion in enumerate(criteria)
        if criterion.limits is not None
    ]
    return Compiled(
        recommendation, criteria, tuple(outcomes), tuple(presumed), some(unread), tuple(limits),
        stated(CORE.granted),
    )  # fmt: skip


def _criterion(compiler: Compiler, criterion: Criterion) -> tuple[Column, Column, list[Column]]:
    """Give the columns of a criterion's outcome and presumption, and of unreadable values."""
    graph = compiler.graph
    contradicted: list[Column] = []
    lacking: list[Column] = []
    unread: list[Column] = []
    target = is_of(criterion.target)
    for violation in compiler.violations(criterion.shape):
        if violation.below:
            raise compiler.refuse(violation.shape, "a property shape of its values")
        declared = graph.value(violation.shape, CORE.onViolation)
        if declared is None:
            unread += [target.then(u) for u in _unreadable(graph, violation)]
        outcome = (
            next(o for o in Outcome if o.iri == declared)
            if declared is not None
            else Outcome.NOT_DOCUMENTED
            if violation.component in _LOWER
            else Outcome.NOT_MET
        )
        (contradicted if outcome is Outcome.NOT_MET else lacking).append(violation.condition)
    against, wanting = some(contradicted), some(lacking)
    held = some(_witnesses(compiler, criterion.shape))
    inapplicable = NEVER
    if criterion.presumption is not None:
        inapplicable = ALWAYS
        if criterion.ruled_out_by is not None:
            inapplicable = ~is_of(criterion.ruled_out_by)
    outcome_of = _outcome(target, against, ~wanting & held, CODES[_silent(criterion)])
    applicable = ~against & (wanting | ~held) if criterion.presumed_met else NEVER
    return outcome_of, target.then(applicable) | (~target & inapplicable), unread


def _silent(criterion: Criterion) -> Outcome:
    """Give the outcome where nothing speaks for or against a criterion."""
    return Outcome.MET if criterion.presumed_met else Outcome.NOT_DOCUMENTED


def _outcome(target: Column, against: Column, held: Column, silent: int) -> Column:
    return Column(
        f"[outcome {target.text} {against.text} {held.text} {silent}]",
        partial(_told, target, against, held, silent),
    )


def _told(target: Column, against: Column, held: Column, silent: int, frame: Frame) -> Array:
    asked = frame.where(target)
    told = np.full(len(frame.nodes), CODES[Outcome.NOT_APPLICABLE], dtype=np.int8)
    told[frame[target]] = np.where(asked[against], 0, np.where(asked[held], 2, silent))
    return told


def _witnesses(compiler: Compiler, shape: URIRef) -> Iterable[Column]:
    """Give the conditions that a property shape examined something that held."""
    graph = compiler.graph
    for property_ in iris(graph, shape, SH.property):
        qualified = graph.value(property_, SH.qualifiedValueShape)
        if qualified is not None and (property_, SH.qualifiedMinCount, None) not in graph:
            continue
        if (property_, SH.sparql, None) in graph and (property_, SH.minCount, None) not in graph:
            continue
        fits = None if qualified is None else compiler.conforms(qualified)
        yield any_of(compiler.path(property_), fits)


def _unreadable(graph: Graph, violation: Violation) -> list[Column]:
    """Give the conditions that a value could not be read, or not be compared."""
    if violation.component in _UNREADABLE:
        return [violation.condition]
    if violation.component in _BOUNDS and violation.values is not None:
        bound = graph.value(violation.shape, _BOUNDS[violation.component])
        assert isinstance(bound, Literal)
        column = "day" if bound.datatype == XSD.date else "num"
        return [any_of(violation.values[0], ~literal("has", column))]
    return []


def _limit(graph: Graph, queries: Queries, limit: Criterion, place: int) -> Limit:
    """Give what a quantity limit leaves; ``reasoner.decision.room_under`` says what that is."""
    assert limit.limits is not None
    bound = bound_of(limit, graph)
    used, reported = None, []
    if bound is not None and limit.counts is not None:
        used = total(limit.counts, CORE["count"])
    if bound is not None and limit.limit is not None:
        found = [queries.greatest(*one) for one in _queried(graph, limit)]
        reported = [column for column in found if column is not None]
    return Limit(place, limit.limits, stated(limit.limits), bound, used, tuple(reported))


def _queried(graph: Graph, limit: Criterion) -> list[tuple[Node, Node]]:
    """Give the property shapes of a limit that have a SPARQL constraint, with that."""
    return [
        (shape, constraint)
        for shape in iris(graph, limit.shape, SH.property)
        for constraint in sorted(graph.objects(shape, SH.sparql), key=str)
    ]
