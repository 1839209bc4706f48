"""SHACL shapes compiled to columns of frames.

What is not compiled is an error that names the shape; nothing is passed over. Of SHACL Core this
leaves out ``sh:pattern`` (its regular expressions are not those of a database), ``sh:closed``,
``sh:languageIn``, ``sh:uniqueLang``, ``sh:lessThan`` and its like, paths that repeat, and
``sh:qualifiedValueShapesDisjoint``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.corpus.frames import (
    Column,
    Frame,
    Path,
    any_of,
    counted,
    every,
    has_also,
    is_numbered,
    is_of,
    is_term,
    literal,
    some,
)
from reasoner.corpus.literals import day_number
from reasoner.corpus.store import DATATYPES
from reasoner.corpus.vectors import Array, np
from reasoner.errors import KnowledgeError, MtusError
from reasoner.terms import CORE, local_name

BLANK = 1 << 60
"""Blank nodes are numbered from here, IRIs between 0 and here, literals below 0."""


@dataclass(frozen=True)
class Violation:
    """When a focus node violates one constraint of a shape.

    Attributes:
        shape: the shape.
        component: the constraint component.
        condition: on the row of the focus node, that it is violated.
        values: the path whose values fail, and the condition that one does; None where the result
            is about the focus node and its path alone.
        own: whether the value is the focus node itself.
        below: whether it is for the property shapes of the path's values, whose results are about
            those and not about the focus node.
    """

    shape: Node
    component: URIRef
    condition: Column
    values: tuple[Path, Column] | None = None
    own: bool = False
    below: bool = False


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
_NODE_KINDS: dict[Node, Callable[[Array], Array]] = {
    SH.IRI: lambda nodes: (nodes >= 0) & (nodes < BLANK),
    SH.BlankNode: lambda nodes: nodes >= BLANK,
    SH.Literal: lambda nodes: nodes < 0,
    SH.BlankNodeOrIRI: lambda nodes: nodes >= 0,
    SH.BlankNodeOrLiteral: lambda nodes: (nodes < 0) | (nodes >= BLANK),
    SH.IRIOrLiteral: lambda nodes: nodes < BLANK,
}


def _of_node_kind(kind: URIRef, nodes: Array) -> Array:
    return _NODE_KINDS[kind](nodes)


class Compiler:
    """Compiles the shapes of a graph.

    Args:
        graph: the shapes.
        place: gives where a shape stands, for an error.
    """

    def __init__(self, graph: Graph, place: Callable[[Node], str] = str) -> None:
        self.graph = graph
        self._place = place
        self._query: Callable[[Node, Node], Column] | None = None

    def query_with(self, query: Callable[[Node, Node], Column]) -> None:
        """Compile the SPARQL constraints of shapes with a function.

        Args:
            query: gives the condition that a focus node violates a constraint of a shape.
        """
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

    def conforms(self, shape: Node) -> Column:
        """Give the condition that a value conforms to a shape."""
        return every(~violation.condition for violation in self.violations(shape))

    def violations(self, shape: Node) -> Iterator[Violation]:
        """Give the constraints of a shape, each with the condition that a row violates it.

        Those of property shapes below a node shape are given as well, under their own names.

        Raises:
            NotCompiledError: if a constraint is not compiled.
        """
        graph = self.graph
        if graph.value(shape, SH.deactivated) == Literal(True):
            return
        path = self.path(shape) if (shape, SH.path, None) in graph else None
        for predicate in sorted(set(graph.predicates(shape, None)), key=str):
            if not str(predicate).startswith(str(SH)) or predicate in _IGNORED:
                continue
            if predicate == SH.deactivated or (
                predicate in (SH.select, SH.prefixes) and (None, SH.sparql, shape) in graph
            ):
                continue  # a node that is its own constraint
            for value in sorted(graph.objects(shape, predicate), key=str):
                yield from self._constraint(shape, path, predicate, value)

    def _constraint(
        self, shape: Node, path: Path | None, predicate: Node, value: Node
    ) -> Iterator[Violation]:
        if predicate == SH.property:
            if path is None:
                yield from self.violations(value)
            else:
                fails = any_of(path, ~self.conforms(value))
                yield Violation(shape, SH.PropertyConstraintComponent, fails, below=True)
        elif predicate == SH.sparql:
            if self._query is None:
                raise self.refuse(shape, "a SPARQL constraint")
            yield Violation(shape, SH.SPARQLConstraintComponent, self._query(shape, value))
        elif predicate in (SH.minCount, SH.maxCount, SH.hasValue, SH.qualifiedValueShape):
            yield from self._counted(shape, path, predicate, value)
        elif predicate in (SH.equals, SH.disjoint):
            yield self._compared_sets(shape, path, predicate, value)
        else:
            found = self._of_value(shape, predicate, value)
            if found is None:
                raise self.refuse(shape, f"sh:{str(predicate).removeprefix(str(SH))}")
            component, fails = found
            if path is None:
                yield Violation(shape, component, fails, own=True)
            else:
                yield Violation(shape, component, any_of(path, fails), (path, fails))

    def _counted(
        self, shape: Node, path: Path | None, predicate: Node, value: Node
    ) -> Iterator[Violation]:
        if predicate == SH.hasValue:
            is_it = self._is(shape, value)
            condition = ~is_it if path is None else ~any_of(path, is_it)
            yield Violation(shape, SH.HasValueConstraintComponent, condition)
            return
        if path is None:
            raise self.refuse(shape, "a count without a path")
        if predicate == SH.minCount:
            yield Violation(shape, SH.MinCountConstraintComponent, _fewer(path, value))
        elif predicate == SH.maxCount:
            yield Violation(shape, SH.MaxCountConstraintComponent, _more(path, value))
        else:
            if (shape, SH.qualifiedValueShapesDisjoint, Literal(True)) in self.graph:
                raise self.refuse(shape, "sh:qualifiedValueShapesDisjoint")
            fits = self.conforms(value)
            for bound in self.graph.objects(shape, SH.qualifiedMinCount):
                component = SH.QualifiedMinCountConstraintComponent
                yield Violation(shape, component, _fewer(path, bound, fits))
            for bound in self.graph.objects(shape, SH.qualifiedMaxCount):
                component = SH.QualifiedMaxCountConstraintComponent
                yield Violation(shape, component, _more(path, bound, fits))

    def _compared_sets(
        self, shape: Node, path: Path | None, predicate: Node, value: Node
    ) -> Violation:
        if path is None or not isinstance(value, URIRef):
            raise self.refuse(shape, f"sh:{str(predicate).removeprefix(str(SH))} here")
        if predicate != SH.disjoint:
            raise self.refuse(shape, "sh:equals")
        shared = has_also(value)
        return Violation(
            shape, SH.DisjointConstraintComponent, any_of(path, shared), (path, shared)
        )

    def _of_value(self, shape: Node, predicate: Node, value: Node) -> tuple[URIRef, Column] | None:
        """Give the component of a constraint on single values, and the condition that one fails."""
        graph = self.graph
        if predicate == SH["class"] and isinstance(value, URIRef):
            return SH.ClassConstraintComponent, ~is_of(value)
        if predicate == SH.nodeKind and value in _NODE_KINDS:
            kind = URIRef(str(value))
            told = is_numbered(f"is {local_name(str(kind))}", partial(_of_node_kind, kind))
            return SH.NodeKindConstraintComponent, ~told
        if predicate == SH.datatype:
            number = DATATYPES.get(URIRef(str(value)))
            if number is None:
                raise self.refuse(shape, f"the datatype {value}")
            return SH.DatatypeConstraintComponent, ~literal("of", number)
        if predicate in _COMPARED and isinstance(value, Literal):
            operator, component = _COMPARED[URIRef(str(predicate))]
            return component, ~self._compare(shape, operator, value)
        if predicate == SH["in"]:
            return SH.InConstraintComponent, ~some(
                self._is(shape, item) for item in graph.items(value)
            )
        if predicate == SH["not"]:
            return SH.NotConstraintComponent, self.conforms(value)
        if predicate == SH.node:
            return SH.NodeConstraintComponent, ~self.conforms(value)
        if predicate == SH["and"]:
            return SH.AndConstraintComponent, ~every(map(self.conforms, graph.items(value)))
        if predicate == SH["or"]:
            return SH.OrConstraintComponent, ~some(map(self.conforms, graph.items(value)))
        if predicate == SH.xone:
            return SH.XoneConstraintComponent, ~_just_one(map(self.conforms, graph.items(value)))
        return None

    def _compare(self, shape: Node, operator: str, bound: Literal) -> Column:
        value = bound.value
        if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
            raise self.refuse(shape, f"a bound of the datatype {bound.datatype}")
        if isinstance(value, date) and bound.datatype == XSD.date:
            column, of = "day", Decimal(day_number(value))
        elif isinstance(value, int | Decimal) and bound.datatype in (XSD.integer, XSD.decimal):
            column, of = "num", Decimal(value)
        else:
            raise self.refuse(shape, f"a bound of the datatype {bound.datatype}")
        return literal("compared", column, operator, of)

    def _is(self, shape: Node, term: Node) -> Column:
        """Give the condition that a value is a term."""
        if isinstance(term, URIRef):
            return is_term(term)
        if isinstance(term, BNode) or not isinstance(term, Literal):
            raise self.refuse(shape, "a blank node as a value")
        number = DATATYPES.get(term.datatype or XSD.string)
        if number is None or term.language is not None or term.value is None:
            raise self.refuse(shape, f"the value {term.n3()}")
        column, value = {1: "num", 2: "num", 3: "day"}.get(number, "lex"), term.value
        if column == "day":
            value = day_number(value)
        elif column == "lex":
            value = str(term)
        return literal("same", number, column, value)


def _fewer(path: Path, bound: Node, condition: Column | None = None) -> Column:
    """Give the condition that a path has fewer values than a bound."""
    return counted(path, "<", int(str(bound)), condition)


def _more(path: Path, bound: Node, condition: Column | None = None) -> Column:
    """Give the condition that a path has more values than a bound."""
    return counted(path, ">", int(str(bound)), condition)


def _just_one(columns: Iterable[Column]) -> Column:
    listed = tuple(columns)  # each counts, though two were the same
    text = "; ".join(column.text for column in listed)
    return Column(f"(one of {text})", partial(_one_of, listed), any(c.deep for c in listed))


def _one_of(columns: Sequence[Column], frame: Frame) -> Array:
    number = np.sum([frame[column] for column in columns], axis=0, dtype=np.int64)
    found: Array = number == 1
    return found


__all__ = ["BLANK", "CORE", "Compiler", "MtusError", "NotCompiledError", "Violation"]
