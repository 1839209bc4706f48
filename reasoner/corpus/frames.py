"""Shapes over all nodes at once: rows of values, and columns that tell a condition of each row.

A frame is what validation looks at in one place: its rows are value nodes, each of a focus node.
The first frame has a row for each focus node, which is its own value. A column tells something of
each row. What a column says of the values of a path, such as how many meet a condition, it learns
from the frame of those values, whose rows are counted by focus node; a path is followed once, and a
column told once, however many constraints ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from typing import Any, Protocol, TypeAlias

from rdflib import URIRef

from reasoner.corpus.literals import Literals
from reasoner.corpus.vectors import (
    Array,
    distinct_pairs,
    found_in,
    greatest,
    lead,
    np,
    numbered,
    objects,
    places,
    ranges,
    steps,
    sums,
)

Path: TypeAlias = URIRef | tuple[str, tuple["Path", ...]]
"""As ``reasoner.paths`` has it, with ``optional`` besides."""


class Pairs:
    """The subjects and objects of a property.

    Args:
        subjects, objects: each pair once, in ascending order.
    """

    def __init__(self, subjects: Array, objects: Array) -> None:
        self.objects = objects
        starts = np.flatnonzero(steps(subjects))
        self.subjects: Array = subjects[starts]
        self._bounds = np.append(starts, len(objects))

    @cached_property
    def inverse(self) -> Pairs:
        """The same from objects to subjects."""
        subjects = np.repeat(self.subjects, np.diff(self._bounds))
        return Pairs(*distinct_pairs(self.objects, subjects))

    def of(self, nodes: Array) -> tuple[Array, Array]:
        """Give the objects of nodes that are in ascending order: the node's place, the object."""
        at, known = places(nodes, self.subjects)
        stops = np.where(known, self._bounds[at + 1], 0) if len(self.subjects) else at
        starts = np.where(known, self._bounds[at], 0)
        of, at = ranges(starts, stops)
        return of, self.objects[at]


class Source(Protocol):
    """An encoded graph: what frames draw on."""

    literals: Literals

    def pairs(self, predicate: URIRef) -> Pairs:
        """Give the pairs of a property."""
        ...

    def number(self, term: URIRef) -> int:
        """Give the number of a term."""
        ...

    def type_sets(self, nodes: Array) -> Array:
        """Give the number of the set of classes that each node is of, in ascending order."""
        ...

    def holding(self, kind: URIRef) -> Array:
        """Tell, by number, which sets of classes hold a class."""
        ...


@dataclass(frozen=True)
class Column:
    """Something of each row of a frame.

    What gives it is a function of a module with its first arguments, and no closure, so that what
    is compiled can be kept in a file.

    Attributes:
        text: what it says; of the same frame, columns of one text are the same.
        of: gives it, row by row.
        deep: whether paths are followed for it.
    """

    text: str
    of: Callable[[Frame], Array] = field(compare=False, repr=False)
    deep: bool = field(default=False, compare=False)

    def __invert__(self) -> Column:
        return Column(f"(not {self.text})", partial(_not, self), self.deep)

    def __and__(self, other: Column) -> Column:
        return Column(
            f"({self.text} and {other.text})", partial(_both, self, other), self.deep or other.deep
        )

    def __or__(self, other: Column) -> Column:
        return Column(
            f"({self.text} or {other.text})", partial(_either, self, other),
            self.deep or other.deep,
        )  # fmt: skip

    def then(self, other: Column) -> Column:
        """Give the condition that both hold, the other told only of the rows of which this does."""
        return Column(
            f"({self.text} and {other.text})", partial(_one_then, self, other),
            self.deep or other.deep,
        )  # fmt: skip


def _not(column: Column, frame: Frame) -> Array:
    return ~frame[column]


def _both(one: Column, other: Column, frame: Frame) -> Array:
    found: Array = frame[one] & frame[other]
    return found


def _either(one: Column, other: Column, frame: Frame) -> Array:
    found: Array = frame[one] | frame[other]
    return found


def _one_then(one: Column, other: Column, frame: Frame) -> Array:
    told = frame[one].copy()
    told[told] = frame.where(one)[other]
    return told


def _all_alike(value: bool, frame: Frame) -> Array:
    return np.full(len(frame.nodes), value)


ALWAYS = Column("true", partial(_all_alike, True))
NEVER = Column("false", partial(_all_alike, False))


def every(columns: Iterable[Column]) -> Column:
    """Give the condition that all conditions hold; paths are followed where the others do."""
    found = list(dict.fromkeys(columns))
    shallow, deep = ([c for c in found if c.deep is deep] for deep in (False, True))
    if shallow and deep:
        return reduce(Column.__and__, shallow).then(reduce(Column.__and__, deep))
    return reduce(Column.__and__, found) if found else ALWAYS


def some(columns: Iterable[Column]) -> Column:
    """Give the condition that a condition holds."""
    found = list(dict.fromkeys(columns))
    return reduce(Column.__or__, found) if found else NEVER


class Frame:
    """Rows of value nodes.

    Args:
        source: the graph.
        nodes: the value of each row.
        of: for each row the place of its focus node among the starts; None if each row is its own.
        starts: the distinct nodes of the frame above, from which the path leads here.

    Attributes:
        distinct: the distinct values, in ascending order.
        at: for each row, the place of its value among them.
    """

    def __init__(
        self, source: Source, nodes: Array, of: Array | None = None, starts: Array | None = None
    ) -> None:
        self.source = source
        self.nodes: Array = nodes
        self.of = np.arange(len(nodes)) if of is None else of
        self.starts = nodes if starts is None else starts
        self.distinct, self.at = numbered(nodes)
        self._columns: dict[str, Array] = {}
        self._below: dict[Path, Frame] = {}
        self._parts: dict[str, Frame] = {}

    def __getitem__(self, column: Column) -> Array:
        """Tell a column, row by row."""
        if column.text not in self._columns:
            self._columns[column.text] = column.of(self)
        return self._columns[column.text]

    @property
    def focus(self) -> Array:
        """The focus node of each row."""
        return self.starts[self.of]

    def where(self, column: Column) -> Frame:
        """Give the frame of the rows of which a condition holds."""
        kept = self[column]
        if kept.all():
            return self
        if column.text not in self._parts:
            self._parts[column.text] = Frame(
                self.source, self.nodes[kept], self.of[kept], self.starts
            )
        return self._parts[column.text]

    def values(self, path: Path) -> Frame:
        """Give the frame of the values of a path."""
        if path not in self._below:
            of, nodes = reach(self.source, path, self.distinct)
            self._below[path] = Frame(self.source, nodes, of, self.distinct)
        return self._below[path]

    def count(self, path: Path, condition: Column | None) -> Array:
        """Count the values of a path, or those that meet a condition, row by row."""
        values = self.values(path)
        counted = values.of if condition is None else values.of[values[condition]]
        return np.bincount(counted, minlength=len(self.distinct))[self.at]

    def of_kind(self, kind: URIRef) -> Array:
        """Tell which rows' values are of a class."""
        found: Array = self.source.holding(kind)[self._type_sets]
        return found

    @cached_property
    def _type_sets(self) -> Array:
        found: Array = self.source.type_sets(self.distinct)[self.at]
        return found

    @cached_property
    def literal_places(self) -> Array:
        """For each row the place of its literal in what ``Literals`` tells; 0 if it is none."""
        return np.where(self.nodes < 0, -self.nodes, 0)


def reach(source: Source, path: Path, nodes: Array) -> tuple[Array, Array]:
    """Follow a path from nodes that are in ascending order.

    Returns:
        Each value once for each node: the place of the node, and the value.
    """
    if isinstance(path, URIRef):
        return source.pairs(path).of(nodes)
    form, parts = path
    if form == "inverse" and isinstance(parts[0], URIRef):
        return source.pairs(parts[0]).inverse.of(nodes)
    if form in ("alternative", "optional"):
        found = [reach(source, part, nodes) for part in parts]
        if form == "optional":
            found.append((np.arange(len(nodes)), nodes))
        return distinct_pairs(*map(np.concatenate, zip(*found, strict=True)))
    of, values = reach(source, parts[0], nodes)
    for part in parts[1:]:
        starts, at = numbered(values)
        rows, reached = lead(*reach(source, part, starts), at)
        of, values = distinct_pairs(of[rows], reached)
    return of, values


# Columns


def is_of(kind: URIRef) -> Column:
    """Give the condition that the value is of a class."""
    return Column(f"a <{kind}>", partial(_of_kind, kind))


def _of_kind(kind: URIRef, frame: Frame) -> Array:
    return frame.of_kind(kind)


def is_term(term: URIRef) -> Column:
    """Give the condition that the value is a term."""
    return Column(f"is <{term}>", partial(_is_term, term))


def _is_term(term: URIRef, frame: Frame) -> Array:
    found: Array = frame.nodes == frame.source.number(term)
    return found


def is_numbered(text: str, tell: Callable[[Array], Array]) -> Column:
    """Give a condition on the number of the value, and what it says."""
    return Column(text, partial(_numbered, tell))


def _numbered(tell: Callable[[Array], Array], frame: Frame) -> Array:
    return tell(frame.nodes)


def literal(method: str, *arguments: Any) -> Column:
    """Give a condition on the literal that the value is; false if it is none.

    Args:
        method: the method of ``Literals`` that tells it.
        arguments: what that takes.
    """
    text = " ".join(map(str, ("literal", method, *arguments)))
    return Column(text, partial(_literal, method, arguments))


def _literal(method: str, arguments: tuple[Any, ...], frame: Frame) -> Array:
    told: Array = getattr(frame.source.literals, method)(*arguments)
    found: Array = told[frame.literal_places]
    return found


def has_also(predicate: URIRef) -> Column:
    """Give the condition that the value is one of a property of the focus node too."""
    return Column(f"is also <{predicate}>", partial(_has_also, predicate), deep=True)


def _has_also(predicate: URIRef, frame: Frame) -> Array:
    focus, at = np.unique(frame.focus, return_inverse=True)
    of, values = frame.source.pairs(predicate).of(focus)
    # Each pair becomes one number: a place among the focus nodes, and one among the values.
    known, numbers = np.unique(np.concatenate([values, frame.nodes]), return_inverse=True)
    pairs = np.sort(of * len(known) + numbers[: len(values)])
    return found_in(at * len(known) + numbers[len(values) :], pairs)


def counted(path: Path, operator: str, bound: int, condition: Column | None = None) -> Column:
    """Give a condition on how many values a path has, or how many meet a condition.

    Args:
        path: the path.
        operator: ``<`` or ``>``.
        bound: what the number is compared with.
        condition: on the values that are counted.
    """
    of = "" if condition is None else f" where {condition.text}"
    number = Column(f"[count {path}{of}]", partial(_count, path, condition))
    return Column(
        f"({number.text} {operator} {bound})",
        partial(_compared, number, operator, bound),
        deep=True,
    )


def _count(path: Path, condition: Column | None, frame: Frame) -> Array:
    return frame.count(path, condition)


def _compared(number: Column, operator: str, bound: int, frame: Frame) -> Array:
    found: Array = frame[number] < bound if operator == "<" else frame[number] > bound
    return found


def any_of(path: Path, condition: Column | None = None) -> Column:
    """Give the condition that a path has a value, or one that meets a condition."""
    return counted(path, ">", 0, condition)


def stated(property_: URIRef) -> Column:
    """Give the greatest number that the value states for a property, as Python's; or None."""
    return Column(f"[greatest {property_}]", partial(_greatest, property_))


def _greatest(property_: URIRef, frame: Frame) -> Array:
    values = frame.values(property_)
    numbers = frame.source.literals.numbers[values.literal_places]
    return greatest(values.of, numbers, len(frame.distinct))[frame.at]


def total(path: Path, property_: URIRef) -> Column:
    """Give the sum of a number over the values of a path; a value without one counts as 1."""
    return Column(f"[sum {path} / {property_}]", partial(_total, path, property_))


def _total(path: Path, property_: URIRef, frame: Frame) -> Array:
    values = frame.values(path)
    below = values.values(property_)
    numbers = frame.source.literals.numbers[below.literal_places]
    own = sums(below.of, numbers, len(values.distinct))[values.at]
    each = objects(1 if number is None else number for number in own)
    return sums(values.of, each, len(frame.distinct))[frame.at]
