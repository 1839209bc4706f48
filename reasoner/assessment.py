"""Stage 4, assess: an outcome for every criterion, from the SHACL report and what bears it out.

A report that is silent proves nothing: a criterion is ``Met`` only if no shape of it was
violated **and** something was examined that satisfied it, or if it declares that silence counts
as met. What a violation means depends on its constraint component: too few values is silence,
anything else is contradiction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rdflib import RDF, SH, Literal, URIRef
from rdflib.term import Node

from reasoner.classification import ClassifiedCase
from reasoner.errors import EngineError
from reasoner.evidence import require_agreement
from reasoner.guidelines import Criterion, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome
from reasoner.paths import Path, follow, parse_path
from reasoner.rdf import iris
from reasoner.shacl import Result, Shapes, validate
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that an outcome rests on.

    Attributes:
        node: a fact, or the request itself.
        values: the values examined, where they are literals.
        supports: whether it speaks for the criterion.
    """

    node: URIRef
    values: tuple[Literal, ...]
    supports: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """The outcome of one criterion for one request.

    Attributes:
        presumed: whether the outcome rests on a presumption, which the criterion states.
        evidence: what the outcome rests on.
        results: the validation results behind it.
    """

    criterion: Criterion
    outcome: Outcome
    presumed: bool
    evidence: tuple[Evidence, ...]
    results: tuple[Result, ...]


_LOWER = frozenset({SH.MinCountConstraintComponent, SH.QualifiedMinCountConstraintComponent})
_UNREADABLE = frozenset({SH.DatatypeConstraintComponent, SH.NodeKindConstraintComponent})
_BOUNDS = {
    SH.MinInclusiveConstraintComponent: SH.minInclusive,
    SH.MaxInclusiveConstraintComponent: SH.maxInclusive,
    SH.MinExclusiveConstraintComponent: SH.minExclusive,
    SH.MaxExclusiveConstraintComponent: SH.maxExclusive,
}
_COMPARABLE: tuple[frozenset[type], ...] = (
    frozenset({int, Decimal, float}),
    frozenset({date}),
    frozenset({datetime}),
)
"""The types of values that compare with one another. A bool is no number, a datetime no date."""


def assess(
    classified: ClassifiedCase, knowledge: Knowledge, recommendation: Recommendation
) -> dict[URIRef, tuple[Assessment, ...]]:
    """Assess every criterion of a recommendation, for every request that it governs.

    Returns:
        For each request of the case, an assessment for each criterion, none left out.

    Raises:
        EngineError: if an engine fails, two disagree, or a value could not be compared.
    """
    criteria = recommendation.criteria
    if not criteria:
        return dict.fromkeys(classified.requests, ())
    shapes, examiner = knowledge.shapes_of(recommendation)
    results = validate(data=classified.graph, shapes=shapes)
    require_agreement(classified.graph, results, examiner)
    by_criterion: dict[tuple[URIRef, URIRef], list[Result]] = {}
    for result in results:
        criterion = shapes.graph.value(result.shape, CORE.criterion)
        if not isinstance(criterion, URIRef):
            raise EngineError(f"<{result.shape}> belongs to no criterion")
        by_criterion.setdefault((result.focus, criterion), []).append(result)
    return {
        request: tuple(
            _assess_one(
                classified,
                shapes,
                criterion,
                request,
                tuple(by_criterion.get((request, criterion.iri), ())),
            )
            for criterion in criteria
        )
        for request in classified.requests
    }


def _assess_one(
    classified: ClassifiedCase,
    shapes: Shapes,
    criterion: Criterion,
    request: URIRef,
    results: tuple[Result, ...],
) -> Assessment:
    types = classified.types(request)
    if criterion.target not in types:
        ruled_out = criterion.ruled_out_by is not None and criterion.ruled_out_by in types
        presumed = criterion.presumption is not None and not ruled_out
        return Assessment(criterion, Outcome.NOT_APPLICABLE, presumed, (), ())
    outcomes = {result: outcome_of(shapes, result) for result in results}
    properties = _property_shapes(shapes, criterion.shape)
    if Outcome.NOT_MET in outcomes.values():
        against = [r for r, o in outcomes.items() if o is Outcome.NOT_MET]
        evidence = _against(classified, shapes, request, against)
        return Assessment(criterion, Outcome.NOT_MET, False, evidence, results)
    if not results:
        witnesses = _witnesses(classified, shapes, request, properties)
        if witnesses:
            return Assessment(criterion, Outcome.MET, False, witnesses, ())
    if criterion.presumed_met:
        return Assessment(criterion, Outcome.MET, True, (), results)
    partly = _witnesses(
        classified, shapes, request, [p for p in properties if p not in {r.shape for r in results}]
    )
    return Assessment(criterion, Outcome.NOT_DOCUMENTED, False, partly, results)


def outcome_of(shapes: Shapes, result: Result) -> Outcome:
    """Tell what a result means for its criterion: contradiction, or silence.

    Raises:
        EngineError: if it is about a value that could not be read or compared.
    """
    declared = shapes.graph.value(result.shape, CORE.onViolation)
    if declared is not None:
        return next(outcome for outcome in Outcome if outcome.iri == declared)
    if result.component in _LOWER:
        return Outcome.NOT_DOCUMENTED
    if result.component in _UNREADABLE:
        raise EngineError(f"<{result.shape}> met a value that it cannot read; nothing is decided")
    if result.component in _BOUNDS:
        bound = shapes.graph.value(result.shape, _BOUNDS[result.component])
        if not _comparable(bound, result.term):
            raise EngineError(
                f"<{result.shape}> compared a value that is not of its kind; nothing is decided"
            )
    return Outcome.NOT_MET


def _comparable(bound: Node | None, value: Node | None) -> bool:
    if not isinstance(bound, Literal) or not isinstance(value, Literal):
        return False
    return any({type(bound.value), type(value.value)} <= kinds for kinds in _COMPARABLE)


def _property_shapes(shapes: Shapes, node_shape: URIRef) -> list[URIRef]:
    return iris(shapes.graph, node_shape, SH.property)


def _path_of(shapes: Shapes, shape: URIRef) -> Path:
    node = shapes.graph.value(shape, SH.path)
    if node is None:
        raise EngineError(f"<{shape}> has no path")
    return parse_path(shapes.graph, node)


def _witnesses(
    classified: ClassifiedCase, shapes: Shapes, request: URIRef, properties: list[URIRef]
) -> tuple[Evidence, ...]:
    """Gather the value nodes that were examined and held, over property shapes that held."""
    found: list[tuple[Node, frozenset[Node]]] = []
    for shape in properties:
        qualified = shapes.graph.value(shape, SH.qualifiedValueShape)
        if qualified is not None and (shape, SH.qualifiedMinCount, None) not in shapes.graph:
            continue  # an upper bound on how many: absence is no witness
        if (shape, SH.sparql, None) in shapes.graph and (
            shape,
            SH.minCount,
            None,
        ) not in shapes.graph:
            continue  # a query examines what it will, which need not be all that the path reaches
        for value, via in follow(classified.graph, request, _path_of(shapes, shape)).items():
            if qualified is None or shapes.conforms(classified.graph, value, qualified):
                found.append((value, via))
    return _evidence(classified, request, found, supports=True)


def _against(
    classified: ClassifiedCase, shapes: Shapes, request: URIRef, results: list[Result]
) -> tuple[Evidence, ...]:
    """Gather the value nodes that a contradiction rests on."""
    found: list[tuple[Node, frozenset[Node]]] = []
    for result in results:
        if (result.shape, SH.path, None) not in shapes.graph:
            found.extend(
                _looked_at(classified, shapes, request, result.shape) or [(request, frozenset())]
            )
            continue
        qualified = shapes.graph.value(result.shape, SH.qualifiedValueShape)
        counted = result.component in (
            SH.QualifiedMaxCountConstraintComponent,
            SH.MaxCountConstraintComponent,
        )
        reached = follow(classified.graph, request, _path_of(shapes, result.shape))
        if isinstance(result.term, Literal) and result.term not in reached:
            # A query computed the value, from all that the path leads to.
            found.append((result.term, frozenset()))
            found.extend(reached.items())
            continue
        for value, via in reached.items():
            if counted:
                if qualified is None or shapes.conforms(classified.graph, value, qualified):
                    found.append((value, via))
            elif result.term is None or value == result.term:
                found.append((value, via))
    return _evidence(classified, request, found, supports=False)


_NESTING = (SH.property, SH.node, SH["not"])
_NESTING_LISTS = (SH["or"], SH["and"], SH.xone)


def _looked_at(
    classified: ClassifiedCase, shapes: Shapes, request: URIRef, shape: URIRef
) -> list[tuple[Node, frozenset[Node]]]:
    """Gather the facts of the kinds that the parts of a shape look for, whatever they lack.

    The report of ``sh:or`` or ``sh:not`` names the focus node only; what a reader wants to see is
    the pain of one month that no alternative accepted.
    """
    graph = shapes.graph
    found: list[tuple[Node, frozenset[Node]]] = []
    frontier, seen = [shape], {shape}
    while frontier:
        part = frontier.pop()
        below: list[Node] = [b for p in _NESTING for b in iris(graph, part, p)]
        below += [
            b for p in _NESTING_LISTS for head in graph.objects(part, p) for b in graph.items(head)
        ]
        frontier.extend(b for b in below if isinstance(b, URIRef) and b not in seen)
        seen.update(b for b in below if isinstance(b, URIRef))
        qualified = graph.value(part, SH.qualifiedValueShape)
        if qualified is None or (part, SH.path, None) not in graph:
            continue
        kinds = iris(graph, qualified, SH["class"])
        for value, via in follow(classified.graph, request, _path_of(shapes, part)).items():
            if kinds and all((value, RDF.type, kind) in classified.graph for kind in kinds):
                found.append((value, via))
    return found


def _evidence(
    classified: ClassifiedCase,
    request: URIRef,
    found: list[tuple[Node, frozenset[Node]]],
    *,
    supports: bool,
) -> tuple[Evidence, ...]:
    """Turn value nodes and the nodes on the way into facts, or the request, with their values."""
    values: dict[URIRef, set[Literal]] = {}
    for value, via in found:
        facts = [
            node
            for node in (value, *via)
            if isinstance(node, URIRef) and (node, RDF.type, CORE.Fact) in classified.graph
        ] or [request]
        for fact in facts:
            values.setdefault(fact, set()).update([value] if isinstance(value, Literal) else [])
    case = classified.case
    in_order = sorted(values, key=lambda node: (case.number(node, CORE.position) or 0, node))
    return tuple(Evidence(node, tuple(sorted(values[node])), supports) for node in in_order)
