"""SHACL shapes compiled to conditions on frames.

What is not compiled is an error that names the shape; nothing is passed over. Of SHACL Core this
leaves out ``sh:pattern`` (its regular expressions are not those of a database), ``sh:closed``,
``sh:languageIn``, ``sh:uniqueLang``, ``sh:lessThan`` and its like, paths that repeat, and
``sh:qualifiedValueShapesDisjoint``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.corpus.engine import text
from reasoner.corpus.frames import Frame, Path
from reasoner.corpus.store import DATATYPES
from reasoner.errors import KnowledgeError, MtusError
from reasoner.terms import CORE

BLANK = 1 << 60
"""Blank nodes are numbered from here, IRIs between 0 and here, literals below 0."""


@dataclass(frozen=True)
class Violation:
    """When a focus node violates one constraint of a shape.

    Attributes:
        shape: the shape.
        component: the constraint component.
        condition: on the row of the focus node, that it is violated.
        values: the frame whose rows are the values that fail, and the condition that they do;
            None where the result is about the focus node and its path alone.
        own: whether the value is the focus node itself.
        below: the frame of values whose own property shape is violated, and that shape: its results
            are about the values, and not about the focus node.
    """

    shape: Node
    component: URIRef
    condition: str
    values: tuple[Frame, str] | None = None
    own: bool = False
    below: tuple[Frame, Node] | None = None


class NotCompiledError(KnowledgeError):
    """A constraint, path or query that is not compiled; the shape is named."""


_IGNORED = frozenset(
    {SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.path, SH.severity,
     SH.message, SH.name, SH.description, SH.order, SH.group, SH.defaultValue,
     SH.qualifiedMinCount, SH.qualifiedMaxCount}
)  # fmt: skip

_COMPARED = {
    SH.minInclusive: (">=", SH.MinInclusiveConstraintComponent),
    SH.maxInclusive: ("<=", SH.MaxInclusiveConstraintComponent),
    SH.minExclusive: (">", SH.MinExclusiveConstraintComponent),
    SH.maxExclusive: ("<", SH.MaxExclusiveConstraintComponent),
}
_NODE_KINDS = {
    SH.IRI: f"v.node BETWEEN 0 AND {BLANK - 1}",
    SH.BlankNode: f"v.node >= {BLANK}",
    SH.Literal: "v.node < 0",
    SH.BlankNodeOrIRI: "v.node >= 0",
    SH.BlankNodeOrLiteral: f"(v.node < 0 OR v.node >= {BLANK})",
    SH.IRIOrLiteral: f"v.node < {BLANK}",
}


class Compiler:
    """Compiles the shapes of a graph.

    Args:
        graph: the shapes.
        place: gives where a shape stands, for an error.
        query: compiles a SPARQL constraint of a shape to the relation of nodes that violate it,
            given the relation of focus nodes.
    """

    def __init__(
        self,
        graph: Graph,
        place: Callable[[Node], str] = str,
        query: Callable[[Node, Node, Frame], str] | None = None,
    ) -> None:
        self.graph = graph
        self._place = place
        self._query = query

    def query_with(self, query: Callable[[Node, Node, Frame], str]) -> None:
        """Compile SPARQL constraints with a function."""
        self._query = query

    def refuse(self, shape: Node, what: str) -> NotCompiledError:
        """Make the error that something of a shape is not compiled."""
        return NotCompiledError(f"{self._place(shape)}: {what} is not compiled for a corpus")

    # Paths

    def path(self, shape: Node) -> Path:
        """Read the path of a property shape."""
        return self._path(shape, self.graph.value(shape, SH.path))

    def _path(self, shape: Node, node: Node | None) -> Path:
        graph = self.graph
        if isinstance(node, URIRef):
            return node
        if (node, RDF.first, None) in graph:
            return ("sequence", tuple(self._path(shape, step) for step in graph.items(node)))  # type: ignore[arg-type]
        for predicate, form in ((SH.inversePath, "inverse"), (SH.zeroOrOnePath, "optional")):
            inner = graph.value(node, predicate)
            if inner is not None:
                below = self._path(shape, inner)
                if form == "inverse" and not isinstance(below, URIRef):
                    raise self.refuse(shape, "the inverse of a path")
                return (form, (below,))
        alternatives = graph.value(node, SH.alternativePath)
        if alternatives is not None:
            return (
                "alternative",
                tuple(self._path(shape, p) for p in graph.items(alternatives)),
            )
        raise self.refuse(shape, "its path")

    # Shapes

    def conforms(self, shape: Node, frame: Frame) -> str:
        """Give the condition that the value of a row conforms to a shape."""
        found = [f"NOT ({v.condition})" for v in self.violations(shape, frame)]
        return "(" + " AND ".join(dict.fromkeys(found)) + ")" if found else "TRUE"

    def violations(self, shape: Node, frame: Frame) -> Iterator[Violation]:
        """Give the constraints of a shape, each with the condition that a row violates it.

        Those of property shapes below a node shape are given as well, under their own names.

        Raises:
            NotCompiledError: if a constraint is not compiled.
        """
        graph = self.graph
        if graph.value(shape, SH.deactivated) == Literal(True):
            return
        has_path = (shape, SH.path, None) in graph
        path = self.path(shape) if has_path else None
        inner = frame if path is None else frame.child(path)

        def failing(component: URIRef, condition: str) -> Violation:
            """Give the violation that some value fails."""
            if path is None:
                return Violation(shape, component, condition, own=True)
            counted = f"{frame.count(path, condition)} > 0"
            return Violation(shape, component, counted, (inner, condition))

        for predicate in sorted(set(graph.predicates(shape, None)), key=str):
            if not str(predicate).startswith(str(SH)) or predicate in _IGNORED:
                continue
            if predicate == SH.deactivated or (
                predicate in (SH.select, SH.prefixes) and (None, SH.sparql, shape) in graph
            ):
                continue  # a node that is its own constraint
            for value in sorted(graph.objects(shape, predicate), key=str):
                if predicate == SH.property:
                    if path is None:
                        yield from self.violations(value, frame)
                    else:
                        fails = f"NOT {self.conforms(value, inner)}"
                        yield Violation(
                            shape,
                            SH.PropertyConstraintComponent,
                            f"{frame.count(path, fails)} > 0",
                            below=(inner, value),
                        )
                elif predicate == SH.sparql:
                    if self._query is None:
                        raise self.refuse(shape, "a SPARQL constraint")
                    table = self._query(shape, value, frame)
                    condition = frame.within(table)
                    yield Violation(shape, SH.SPARQLConstraintComponent, condition)
                elif predicate in (SH.minCount, SH.maxCount, SH.hasValue, SH.qualifiedValueShape):
                    yield from self._counted(shape, frame, path, predicate, value)
                elif predicate in (SH.equals, SH.disjoint):
                    yield from self._compared_sets(shape, frame, path, predicate, value)
                else:
                    found = self._of_value(shape, inner, predicate, value)
                    if found is None:
                        raise self.refuse(shape, f"sh:{str(predicate).removeprefix(str(SH))}")
                    yield failing(*found)

    def _counted(
        self, shape: Node, frame: Frame, path: Path | None, predicate: Node, value: Node
    ) -> Iterator[Violation]:
        if predicate == SH.hasValue:
            if path is None:
                condition = f"NOT {self._is(shape, frame, value)}"
            else:
                is_it = self._is(shape, frame.child(path), value)
                condition = f"{frame.count(path, is_it)} = 0"
            yield Violation(shape, SH.HasValueConstraintComponent, condition)
            return
        if path is None:
            raise self.refuse(shape, "a count without a path")
        if predicate == SH.minCount:
            condition = f"{frame.count(path)} < {int(str(value))}"
            yield Violation(shape, SH.MinCountConstraintComponent, condition)
        elif predicate == SH.maxCount:
            condition = f"{frame.count(path)} > {int(str(value))}"
            yield Violation(shape, SH.MaxCountConstraintComponent, condition)
        else:
            if (shape, SH.qualifiedValueShapesDisjoint, Literal(True)) in self.graph:
                raise self.refuse(shape, "sh:qualifiedValueShapesDisjoint")
            counted = frame.count(path, self.conforms(value, frame.child(path)))
            for bound in self.graph.objects(shape, SH.qualifiedMinCount):
                yield Violation(
                    shape,
                    SH.QualifiedMinCountConstraintComponent,
                    f"{counted} < {int(str(bound))}",
                )
            for bound in self.graph.objects(shape, SH.qualifiedMaxCount):
                yield Violation(
                    shape,
                    SH.QualifiedMaxCountConstraintComponent,
                    f"{counted} > {int(str(bound))}",
                )

    def _compared_sets(
        self, shape: Node, frame: Frame, path: Path | None, predicate: Node, value: Node
    ) -> Iterator[Violation]:
        if path is None or not isinstance(value, URIRef):
            raise self.refuse(shape, f"sh:{str(predicate).removeprefix(str(SH))} here")
        inner = frame.child(path)
        table = frame.plan.source.pairs(value)
        shared = inner.among(table, "{m}.s = v.focus AND {m}.o = v.node")
        if predicate == SH.disjoint:
            yield Violation(
                shape, SH.DisjointConstraintComponent, f"{frame.count(path, shared)} > 0",
                (inner, shared),
            )  # fmt: skip
            return
        raise self.refuse(shape, "sh:equals")

    def _of_value(
        self, shape: Node, row: Frame, predicate: Node, value: Node
    ) -> tuple[URIRef, str] | None:
        """Give the component of a constraint on single values, and the condition that one fails."""
        graph = self.graph
        if predicate == SH["class"] and isinstance(value, URIRef):
            return SH.ClassConstraintComponent, f"NOT {row.is_of(value)}"
        if predicate == SH.nodeKind and value in _NODE_KINDS:
            return SH.NodeKindConstraintComponent, f"NOT ({_NODE_KINDS[URIRef(str(value))]})"
        if predicate == SH.datatype:
            number = DATATYPES.get(URIRef(str(value)))
            if number is None:
                raise self.refuse(shape, f"the datatype {value}")
            return SH.DatatypeConstraintComponent, f"NOT {row.literal(f'l.dt = {number}')}"
        if predicate in _COMPARED and isinstance(value, Literal):
            operator, component = _COMPARED[URIRef(str(predicate))]
            return component, f"NOT {self._compare(shape, row, operator, value)}"
        if predicate == SH["in"]:
            items = [self._is(shape, row, item) for item in graph.items(value)]
            return SH.InConstraintComponent, f"NOT ({' OR '.join(items) or 'FALSE'})"
        if predicate == SH["not"]:
            return SH.NotConstraintComponent, self.conforms(value, row)
        if predicate == SH.node:
            return SH.NodeConstraintComponent, f"NOT {self.conforms(value, row)}"
        if predicate in (SH["and"], SH["or"], SH.xone):
            parts = [self.conforms(item, row) for item in graph.items(value)]
            if predicate == SH["and"]:
                return SH.AndConstraintComponent, f"NOT ({' AND '.join(parts)})"
            if predicate == SH["or"]:
                return SH.OrConstraintComponent, f"NOT ({' OR '.join(parts)})"
            total = " + ".join(f"CAST({part} AS INTEGER)" for part in parts)
            return SH.XoneConstraintComponent, f"({total}) <> 1"
        return None

    def _compare(self, shape: Node, row: Frame, operator: str, bound: Literal) -> str:
        value = bound.value
        if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
            raise self.refuse(shape, f"a bound of the datatype {bound.datatype}")
        if bound.datatype == XSD.date:
            return row.literal(f"l.day {operator} DATE '{value}'")
        if bound.datatype in (XSD.integer, XSD.decimal):
            return row.literal(f"l.num {operator} {value}")
        raise self.refuse(shape, f"a bound of the datatype {bound.datatype}")

    def _is(self, shape: Node, row: Frame, term: Node) -> str:
        """Give the condition that the value of a row is a term."""
        if isinstance(term, URIRef):
            return f"(v.node = {row.plan.source.number(term)})"
        if isinstance(term, BNode) or not isinstance(term, Literal):
            raise self.refuse(shape, "a blank node as a value")
        number = DATATYPES.get(term.datatype or XSD.string)
        if number is None or term.language is not None or term.value is None:
            raise self.refuse(shape, f"the value {term.n3()}")
        if number in (1, 2):
            return row.literal(f"l.dt = {number} AND l.num = {term.value}")
        if number == 3:
            return row.literal(f"l.dt = 3 AND l.day = DATE '{term.value}'")
        return row.literal(f"l.dt = {number} AND l.lex = {text(str(term))}")


__all__ = ["BLANK", "CORE", "Compiler", "MtusError", "NotCompiledError", "Violation"]
