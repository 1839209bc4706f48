"""The one importer of pySHACL: checked shapes in, sorted results out.

pySHACL accepts misspelt arguments, misspelt constraints and shapes that target nothing, and
answers that the data conforms. Here a shapes graph becomes a ``Shapes`` value only by being
checked, and only a ``Shapes`` value can be validated against.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.errors import ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import OWL, RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.errors import EngineError, KnowledgeError, nearest_word
from reasoner.terms import CORE, local_name

_LOGGER = logging.getLogger("reasoner.shacl")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False  # pySHACL's log names nodes of a case

_SH = str(SH)
_SH_TERMS = frozenset(str(term).removeprefix(_SH) for term in dir(SH))

# Parameters that SHACL allows once on a shape (SHACL 4.1 - 4.8): a second value would be
# refused by one engine and ignored by another.
_SINGLE = frozenset(
    SH[name]
    for name in (
        "path", "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive",
        "maxExclusive", "maxInclusive", "minLength", "maxLength", "in", "qualifiedValueShape",
        "qualifiedMinCount", "qualifiedMaxCount", "uniqueLang", "closed", "severity", "deactivated",
    )
)  # fmt: skip
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
# What a shape may hold beside constraints.
_DESCRIPTIVE = frozenset(
    {SH.name, SH.description, SH.message, SH.order, SH.group, SH.severity, SH.path, SH.deactivated}
    | set(_TARGETS)
)
_PATHS = (
    SH.alternativePath, SH.inversePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath,
)  # fmt: skip
_REFERENCES = (
    SH.property, SH.node, SH.qualifiedValueShape, SH["not"], SH["and"], SH["or"], SH.xone,
)  # fmt: skip


# pySHACL writes a paragraph on every node that fails, in nested shapes as well, and throws most
# of them away; it takes a quarter of the time. The report graph does not hold these texts.
_WITHOUT_TEXT: ContextVar[bool] = ContextVar("_WITHOUT_TEXT", default=False)
_describe = ConstraintComponent.make_v_result_description


def _describe_unless_quiet(self: ConstraintComponent, *args: Any, **kwargs: Any) -> str:
    return "" if _WITHOUT_TEXT.get() else str(_describe(self, *args, **kwargs))


setattr(ConstraintComponent, "make_v_result_description", _describe_unless_quiet)  # noqa: B010


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One validation result.

    Attributes:
        focus: the focus node.
        shape: the source shape.
        component: the constraint component.
        value: the value node in N-Triples form, or the empty string.
        term: the value node itself.
    """

    focus: URIRef
    shape: URIRef
    component: URIRef
    value: str
    term: Node | None = field(compare=False)


# What a shape needs to be run on a node; it holds options only, no data.
_EXECUTOR = Validator(
    DataGraph.from_rdflib(Graph()), shacl_graph=Graph(), options={"logger": _LOGGER}
).make_executor()


@dataclass(frozen=True)
class Shapes:
    """A shapes graph that was checked; made by ``check_shapes`` only."""

    graph: Graph
    name: str
    _prepared: ShapesGraph = field(repr=False, compare=False)

    def conforms(self, data: Graph, node: Node, shape: Node) -> bool:
        """Tell whether a node conforms to a shape of this graph, targets aside."""
        if any(
            (node, RDF.type, kind) not in data for kind in self.graph.objects(shape, SH["class"])
        ):
            return False  # spares a run: the types of a classified case are closed
        quiet = _WITHOUT_TEXT.set(True)
        try:
            ok, _ = self._prepared.lookup_shape_from_node(shape).validate(
                _EXECUTOR,
                data,
                focus=[node],  # type: ignore[list-item]  # any node, whatever its stub says
            )
        finally:
            _WITHOUT_TEXT.reset(quiet)
        return bool(ok)


def _problems(graph: Graph) -> Iterable[str]:
    node_shapes = set(graph.subjects(RDF.type, SH.NodeShape))
    shapes = node_shapes | set(graph.subjects(RDF.type, SH.PropertyShape))
    if not shapes:
        yield "it holds no shape"
    named = {o for p in _REFERENCES for o in graph.objects(None, p)}
    lists = {head for head in named if (head, RDF.first, None) in graph}
    referenced = (named - lists) | {item for head in lists for item in graph.items(head)}
    # SHACL takes a node for a shape by its use alone; ours say that they are shapes.
    targeted = {s for t in _TARGETS for s in graph.subjects(t, None)}
    for untyped in (targeted | {n for n in referenced if isinstance(n, BNode)}) - shapes:
        if isinstance(untyped, BNode):
            yield "a shape is a blank node; a report could not name it"
        else:
            yield f"<{untyped}> has a target and is not said to be a shape"
    yield from _unknown_properties(graph)
    for term in {t for triple in graph for t in triple if isinstance(t, URIRef)}:
        if str(term).startswith(_SH) and term not in SH:
            near = nearest_word(str(term)[len(_SH) :], _SH_TERMS)
            yield f"sh:{str(term)[len(_SH) :]} is no term of SHACL" + (
                f"; did you mean sh:{near}?" if near else ""
            )
    if (None, OWL.imports, None) in graph:
        yield "it imports another graph; shapes are complete as they stand"
    for shape in shapes:
        if isinstance(shape, BNode):
            yield "a shape is a blank node; a report could not name it"
            continue
        predicates = list(graph.predicates(shape, None))
        for single in sorted(_SINGLE & set(predicates)):
            if predicates.count(single) > 1:
                yield f"<{shape}> has more than one <{single}>"
        if (shape, SH.deactivated, None) in graph:
            yield f"<{shape}> is deactivated"
        if shape not in referenced and not any((shape, t, None) in graph for t in _TARGETS):
            yield f"<{shape}> has no target and is used by no shape"
        if not any(str(p).startswith(_SH) and p not in _DESCRIPTIVE for p in predicates):
            yield f"<{shape}> constrains nothing"
    yield from (f"<{shape}> leads back to itself" for shape in sorted(_recursive(graph, shapes)))
    for missing in referenced - shapes:
        if isinstance(missing, URIRef) and missing != RDF.nil:
            yield f"<{missing}> is used as a shape and not defined"


def _recursive(graph: Graph, shapes: set[Node]) -> Iterable[URIRef]:
    """Find shapes that use themselves; SHACL leaves to each engine what they mean."""
    uses: dict[Node, set[Node]] = {shape: set() for shape in shapes}
    for predicate in _REFERENCES:
        for shape, value in graph.subject_objects(predicate):
            listed = graph.items(value) if (value, RDF.first, None) in graph else (value,)
            uses.setdefault(shape, set()).update(listed)
    for shape in shapes:
        found: set[Node] = set()
        frontier = [shape]
        while frontier:
            fresh = uses.get(frontier.pop(), set()) - found
            found |= fresh
            frontier.extend(fresh)
        if shape in found and isinstance(shape, URIRef):
            yield shape


def _unknown_properties(graph: Graph) -> Iterable[str]:
    """Find properties that paths and queries ask for, and the core vocabulary does not have."""
    asked = {step for path in graph.objects(None, SH.path) for step in _steps(graph, path)}
    for query in (*graph.objects(None, SH.select), *graph.objects(None, SH.ask)):
        asked |= {URIRef(f"{CORE}{name}") for name in re.findall(r"\bcore:([\w-]+)", str(query))}
    for term in asked:
        if str(term).startswith(str(CORE)) and term not in CORE:
            near = nearest_word(local_name(str(term)), CORE)
            yield f"core:{local_name(str(term))} is not defined" + (
                f"; did you mean core:{near}?" if near else ""
            )


def _steps(graph: Graph, path: Node) -> set[Node]:
    """Give every predicate of a path."""
    if not isinstance(path, BNode):
        return {path}
    return {
        step
        for part in (RDF.first, RDF.rest, *_PATHS)
        for below in graph.objects(path, part)
        if below != RDF.nil
        for step in _steps(graph, below)
    }


def check_shapes(graph: Graph, name: str) -> Shapes:
    """Check a shapes graph, and prepare it for validation.

    Args:
        graph: the shapes; not to be changed afterwards.
        name: what to call it in an error.

    Raises:
        KnowledgeError: if the graph is not what ``require_sound`` asks for.
    """
    require_sound(graph, name)
    return _prepare(graph, name)


def require_sound(graph: Graph, name: str) -> None:
    """Check a shapes graph.

    Args:
        graph: the shapes.
        name: what to call it in an error.

    Raises:
        KnowledgeError: if the graph holds no shape, a term that SHACL does not have, a shape
            that is blank, deactivated, without target and use, or without constraint, a
            property that the core vocabulary does not have, a parameter twice, a use of
            itself, or an import; all of them are named.
    """
    problems = sorted(set(_problems(graph)))
    if problems:
        raise KnowledgeError(f"shapes of {name}: " + "; ".join(problems))


def _prepare(graph: Graph, name: str) -> Shapes:
    try:
        prepared = ShapesGraph(graph, False, _LOGGER)
        _ = prepared.shapes
    except (ReportableRuntimeError, RuntimeError) as error:
        raise KnowledgeError(f"shapes of {name}: {error}") from error
    return Shapes(graph, name, prepared)


def unchecked_shapes(graph: Graph, name: str) -> Shapes:
    """Prepare shapes that were checked, or are not ours, such as a conformance test's."""
    return _prepare(graph, name)


def report(*, data: Graph, shapes: Shapes) -> Graph:
    """Validate a graph, and give the report as pySHACL makes it.

    Neither graph is changed; nothing is inferred, imported or fetched.

    Raises:
        EngineError: if pySHACL fails.
    """
    quiet = _WITHOUT_TEXT.set(True)
    try:
        validator = Validator(
            DataGraph.from_rdflib(data), shacl_graph=Graph(), options={"logger": _LOGGER}
        )
        validator.shacl_graph = shapes._prepared
        _, graph, _ = validator.run()  # type: ignore[no-untyped-call]
    except Exception as error:  # pySHACL raises a dozen unrelated kinds
        raise EngineError(f"pySHACL failed on the shapes of {shapes.name}: {error}") from error
    finally:
        _WITHOUT_TEXT.reset(quiet)
    assert isinstance(graph, Graph)
    return graph


def validate(*, data: Graph, shapes: Shapes) -> tuple[Result, ...]:
    """Validate a graph, and give its results, sorted.

    Raises:
        EngineError: if pySHACL fails, or a result has no focus node, shape or component.
    """
    return results_of(report(data=data, shapes=shapes))


def results_of(report: Iterable[tuple[Node, Node, Node]]) -> tuple[Result, ...]:
    """Read the results of a SHACL validation report, sorted.

    Only the results of the report itself are read, not those that ``sh:detail`` nests.

    Args:
        report: the triples of the report.

    Raises:
        EngineError: if a result has no focus node, shape or component.
    """
    stated: dict[Node, dict[Node, Node]] = {}
    results: list[Node] = []
    for subject, predicate, value in report:
        if predicate == SH.result:
            results.append(value)
        else:
            stated.setdefault(subject, {})[predicate] = value
    found = []
    for node in results:
        of = stated.get(node, {})
        focus, shape = of.get(SH.focusNode), of.get(SH.sourceShape)
        component, term = of.get(SH.sourceConstraintComponent), of.get(SH.value)
        if not (
            isinstance(focus, URIRef)
            and isinstance(shape, URIRef)
            and isinstance(component, URIRef)
        ):
            raise EngineError("a validation result lacks a focus node, shape or component")
        found.append(Result(focus, shape, component, "" if term is None else _n3(term), term))
    return tuple(sorted(found))


def _n3(term: Node) -> str:
    return term.n3() if isinstance(term, (URIRef, Literal, BNode)) else str(term)
