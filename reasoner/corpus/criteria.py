"""A recommendation compiled to one query: an outcome for each criterion, and what they come to.

``reasoner.assessment`` and ``reasoner.decision`` say what an outcome is and how outcomes combine;
here the same is said of all requests at once. Outcomes are numbers: 0 is not met, 1 not documented,
2 met; what is not applicable is null, which the least and the greatest of numbers pass over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rdflib import SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.assessment import _BOUNDS, _LOWER, _UNREADABLE
from reasoner.corpus.compiler import Compiler, Violation
from reasoner.corpus.frames import Frame, Plan, Source
from reasoner.corpus.sparqlconstraints import Queries
from reasoner.decision import bound_of
from reasoner.guidelines import Criterion, Operand, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome
from reasoner.rdf import iris
from reasoner.terms import CORE

CODES = {Outcome.NOT_MET: 0, Outcome.NOT_DOCUMENTED: 1, Outcome.MET: 2}


@dataclass(frozen=True)
class Compiled:
    """A recommendation as a query.

    Attributes:
        sql: gives, for each request that it governs, ``node``; ``o0``, ``p0``, ... the outcome of
            each criterion and whether it is presumed; ``result``; ``unread``, whether a value
            could not be read; and for quantity limits ``room0``, ..., ``asked0``, ... and
            ``granted``.
        limits: the positions of the quantity limits among the criteria.
        steps: the relations that ``last`` rests on, in their order, by name; where there are many,
            each is better made a table than left to one plan.
        last: the query over them; the two together say what ``sql`` says.
    """

    recommendation: Recommendation
    sql: str
    limits: tuple[int, ...]
    steps: tuple[tuple[str, str], ...]
    last: str


def combined(operand: Operand, columns: dict[URIRef, str]) -> str:
    """Give the expression of what a combination comes to."""
    if isinstance(operand, Criterion):
        return columns[operand.iri]
    below = [combined(o, columns) for o in operand.operands]
    if operand.kind == "AnyOf":
        return _most(below)
    if operand.kind == "AtLeast":
        met = " + ".join(f"CAST(COALESCE({b} = 2, FALSE) AS INTEGER)" for b in below)
        open_ = " + ".join(f"CAST(COALESCE({b} = 1, FALSE) AS INTEGER)" for b in below)
        some = " AND ".join(f"({b}) IS NULL" for b in below)
        n = operand.threshold
        return (
            f"CASE WHEN {some} THEN NULL WHEN {met} >= {n} THEN 2"
            f" WHEN {met} + {open_} >= {n} THEN 1 ELSE 0 END"
        )
    if operand.kind == "Unless":
        assert operand.exception is not None
        asked = _least(below)
        lifted = combined(operand.exception, columns)
        return f"CASE WHEN ({asked}) IS NULL THEN NULL ELSE {_most([asked, lifted])} END"
    return _least(below)


def _least(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"LEAST({', '.join(parts)})"


def _most(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"GREATEST({', '.join(parts)})"


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


def compile_recommendation(
    recommendation: Recommendation,
    number: int,
    knowledge: Knowledge,
    source: Source,
    queries_of: Callable[[Compiler], Queries],
) -> Compiled:
    """Compile a recommendation that requires something.

    Args:
        recommendation: the recommendation.
        number: the number that ``governing`` has it by.
        knowledge: the shapes.
        source: the encoded graph.
        queries_of: makes what compiles the SPARQL constraints of a compiler's shapes.

    Raises:
        NotCompiledError: if a constraint is not compiled; its shape is named.
    """
    assert recommendation.requires is not None
    graph = knowledge.shapes_of(recommendation)[0].graph
    compiler = Compiler(graph, place_of(knowledge))
    queries = queries_of(compiler)
    compiler.query_with(queries.violating)
    plan = Plan(source)
    root = plan.root(f"SELECT node FROM governing WHERE rec = {number}")
    columns: list[str] = []
    unread: list[str] = []
    outcomes: dict[URIRef, str] = {}
    criteria = recommendation.criteria
    for at, criterion in enumerate(criteria):
        outcome, presumed, unreadable = _criterion(compiler, root, criterion)
        columns += [f"{outcome} AS o{at}", f"{presumed} AS p{at}"]
        unread += unreadable
        outcomes[criterion.iri] = f"w.o{at}"
    limits = tuple(at for at, c in enumerate(criteria) if c.limits is not None)
    for at in limits:
        columns += _amounts(root, graph, queries, criteria[at], at)
    if limits:
        columns.append(f"{_stated(root, CORE.granted)} AS granted")
    columns.append(f"({' OR '.join(dict.fromkeys(unread)) or 'FALSE'}) AS unread")
    inner = plan.select(root, ", ".join(["v.node", *columns]))
    result = combined(recommendation.requires, outcomes)
    whole = f"SELECT w.*, COALESCE({result}, 2) AS result FROM "
    steps = tuple(plan.relations.items())
    last = f"{whole}(SELECT {', '.join(['v.node', *columns])} {root.source()}) w"
    return Compiled(recommendation, f"{whole}({inner}) w", limits, steps, last)


def _criterion(compiler: Compiler, root: Frame, criterion: Criterion) -> tuple[str, str, list[str]]:
    """Give the expressions of a criterion's outcome and presumption, and of unreadable values."""
    graph = compiler.graph
    contradicted: list[str] = []
    lacking: list[str] = []
    unread: list[str] = []
    target = root.is_of(criterion.target)
    for violation in compiler.violations(criterion.shape, root):
        if violation.below is not None:
            raise compiler.refuse(violation.shape, "a property shape of its values")
        declared = graph.value(violation.shape, CORE.onViolation)
        if declared is None:
            unread += [f"({target} AND {u})" for u in _unreadable(graph, violation, root)]
        outcome = (
            next(o for o in Outcome if o.iri == declared)
            if declared is not None
            else Outcome.NOT_DOCUMENTED
            if violation.component in _LOWER
            else Outcome.NOT_MET
        )
        (contradicted if outcome is Outcome.NOT_MET else lacking).append(violation.condition)
    witnesses = [
        witness
        for shape in iris(graph, criterion.shape, SH.property)
        if (witness := _witness(compiler, root, shape)) is not None
    ]
    held = " OR ".join(dict.fromkeys(witnesses)) or "FALSE"
    silent = 2 if criterion.presumed_met else 1
    against = " OR ".join(dict.fromkeys(contradicted)) or "FALSE"
    wanting = " OR ".join(dict.fromkeys(lacking)) or "FALSE"
    outcome_sql = (
        f"CASE WHEN NOT {target} THEN NULL WHEN {against} THEN 0"
        f" WHEN NOT ({wanting}) AND ({held}) THEN 2 ELSE {silent} END"
    )
    inapplicable = "FALSE"
    if criterion.presumption is not None:
        inapplicable = "TRUE"
        if criterion.ruled_out_by is not None:
            inapplicable = f"NOT {root.is_of(criterion.ruled_out_by)}"
    applicable = (
        f"NOT ({against}) AND (({wanting}) OR NOT ({held}))" if criterion.presumed_met else "FALSE"
    )
    presumed = f"CASE WHEN NOT {target} THEN {inapplicable} ELSE {applicable} END"
    return outcome_sql, presumed, unread


def _witness(compiler: Compiler, root: Frame, shape: URIRef) -> str | None:
    """Give the condition that a property shape examined something that held."""
    graph = compiler.graph
    qualified = graph.value(shape, SH.qualifiedValueShape)
    if qualified is not None and (shape, SH.qualifiedMinCount, None) not in graph:
        return None
    if (shape, SH.sparql, None) in graph and (shape, SH.minCount, None) not in graph:
        return None
    path = compiler.path(shape)
    if qualified is None:
        return f"{root.count(path)} > 0"
    return f"{root.count(path, compiler.conforms(qualified, root.child(path)))} > 0"


def _unreadable(graph: Graph, violation: Violation, root: Frame) -> list[str]:
    """Give the conditions that a value could not be read, or not be compared."""
    if violation.component in _UNREADABLE:
        return [violation.condition]
    if violation.component in _BOUNDS and violation.values is not None:
        bound = graph.value(violation.shape, _BOUNDS[violation.component])
        frame, _ = violation.values
        path = next(path for path, child in root.children.items() if child is frame)
        assert isinstance(bound, Literal)
        column = "num" if bound.datatype != _DATE else "day"
        unread = f"NOT {frame.literal(f'l.{column} IS NOT NULL')}"
        return [f"{root.count(path, unread)} > 0"]
    return []


_DATE = URIRef("http://www.w3.org/2001/XMLSchema#date")


def _stated(root: Frame, property_: URIRef) -> str:
    """Give the number that a request states for a property."""
    child = root.child(property_)
    child.literal("TRUE")
    return root.measured(property_, "MAX(l.num)")


def _amounts(root: Frame, graph: Graph, queries: Queries, limit: Criterion, at: int) -> list[str]:
    """Give how much a quantity limit leaves, and how much is asked for."""
    assert limit.limits is not None
    asked = _stated(root, limit.limits)
    bound = bound_of(limit, graph)
    room = "NULL" if bound is None else str(bound)
    if bound is not None and limit.counts is not None:
        used = root.total(limit.counts, CORE["count"])
        room = f"{bound} - COALESCE({used}, 0)"
    if bound is not None and limit.limit is not None:
        tables = [queries.greatest(*found, root) for found in _queried(graph, limit)]
        totals = [root.beside(f"g{at}_{n}", t) for n, t in enumerate(tables) if t is not None]
        if totals:
            room = f"COALESCE({bound} - ({_most(totals)} - {asked}), {room})"
    return [f"{room} AS room{at}", f"{asked} AS asked{at}"]


def _queried(graph: Graph, limit: Criterion) -> list[tuple[Node, Node]]:
    """Give the property shapes of a limit that have a SPARQL constraint, with that."""
    return [
        (shape, constraint)
        for shape in iris(graph, limit.shape, SH.property)
        for constraint in sorted(graph.objects(shape, SH.sparql), key=str)
    ]
