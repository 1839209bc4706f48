"""Shapes as aggregation: rows of nodes, and for each row counts over what a path reaches.

A frame is a relation of pairs, a focus node and a value node of it; the first frame pairs each
focus node with itself. A constraint is a condition on one row. Where it asks about values of a
path, the values are a frame of their own, whose rows are counted by condition and joined back. All
conditions of all criteria on one path are counted in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from rdflib import URIRef

Path: TypeAlias = URIRef | tuple[str, tuple["Path", ...]]
"""As ``reasoner.paths`` has it, with ``optional`` besides."""


class Source(Protocol):
    """An encoded graph: what frames draw on.

    Beside these, it has the tables ``typed`` (``node``, ``tset``), ``shown`` (``tset`` and what its
    classes are) and ``lit`` (literals by what they mean).
    """

    def pairs(self, predicate: URIRef) -> str:
        """Give the table of a predicate: ``s`` and ``o``."""
        ...

    def number(self, term: URIRef) -> int:
        """Give the number of a term."""
        ...

    def shows(self, kind: URIRef, alias: str) -> str:
        """Give the condition that a row of ``shown`` is of a set with a class."""
        ...


@dataclass
class Frame:
    """Rows of a focus node and a value node.

    Attributes:
        plan: what all frames of a query share.
        rows: the relation of pairs.
        alias: what its counts are called, where it is a child.
        distinct: whether no node is in two of its rows.
        counts: the conditions that are counted, by the column that counts them.
    """

    plan: Plan
    rows: str
    alias: str
    distinct: bool
    counts: dict[str, str] = field(default_factory=dict)
    children: dict[Path, Frame] = field(default_factory=dict)
    _joins: dict[str, str] = field(default_factory=dict)
    _flags: list[str] = field(default_factory=list)

    def is_of(self, kind: URIRef) -> str:
        """Give the condition that the value is of a class."""
        self._joins["t"] = "LEFT JOIN typed t ON t.node = v.node"
        self._joins["k"] = "LEFT JOIN shown k ON k.tset = t.tset"
        return f"COALESCE({self.plan.source.shows(kind, 'k')}, FALSE)"

    def literal(self, condition: str) -> str:
        """Give a condition on the literal ``l`` that the value is; false if it is none."""
        self._joins["l"] = "LEFT JOIN lit l ON l.o = v.node"
        return f"COALESCE({condition}, FALSE)"

    def among(self, table: str, on: str) -> str:
        """Give the condition that a row has a partner in a relation.

        Args:
            table: the relation.
            on: how ``{m}``, the relation, is joined to ``v``.
        """
        for alias, join in self._joins.items():
            if alias.startswith("m") and join.startswith(f"LEFT JOIN {table} "):
                return f"({alias}.s IS NOT NULL)"
        alias = f"m{len(self._joins)}"
        self._joins[alias] = f"LEFT JOIN {table} {alias} ON {on.format(m=alias)}"
        return f"({alias}.s IS NOT NULL)"

    def within(self, table: str) -> str:
        """Give the condition that the value is among the nodes ``s`` of a relation.

        All such relations are joined as one, however many there are.
        """
        if table not in self._flags:
            self._flags.append(table)
        return f"COALESCE(y.f{self._flags.index(table)} > 0, FALSE)"

    def beside(self, alias: str, table: str) -> str:
        """Give the number ``num`` that a relation has of the value; null where it has none."""
        self._joins[alias] = f"LEFT JOIN {table} {alias} ON {alias}.s = v.node"
        return f"{alias}.num"

    def child(self, path: Path) -> Frame:
        """Give the values of a path from this frame's values."""
        if path not in self.children:
            nodes = self.rows if self.distinct else f"(SELECT DISTINCT node FROM {self.rows})"
            rows = self.plan.relation(self.plan.reach(path, nodes))
            self.children[path] = Frame(self.plan, rows, self.plan.name("a"), False)
        return self.children[path]

    def count(self, path: Path, condition: str | None = None) -> str:
        """Give the number of values of a path, or of those that meet a condition on the child."""
        child = self.child(path)
        wanted = "COUNT(*)" if condition is None else f"COUNT(*) FILTER (WHERE {condition})"
        if wanted not in child.counts:
            child.counts[wanted] = f"x{len(child.counts)}"
        return f"COALESCE({child.alias}.{child.counts[wanted]}, 0)"

    def measured(self, path: Path, aggregate: str) -> str:
        """Give what an aggregate over the values of a path comes to; null where there is none."""
        child = self.child(path)
        if aggregate not in child.counts:
            child.counts[aggregate] = f"x{len(child.counts)}"
        return f"{child.alias}.{child.counts[aggregate]}"

    def total(self, path: Path, predicate: URIRef) -> str:
        """Give the sum of a number over the values of a path; a value without one counts as 1."""
        child = self.child(path)
        table = self.plan.source.pairs(predicate)
        child._joins["n"] = (
            f"LEFT JOIN (SELECT p.s, SUM(q.num) AS num FROM {table} p JOIN lit q ON q.o = p.o"
            " GROUP BY p.s) n ON n.s = v.node"
        )
        return self.measured(path, "SUM(COALESCE(n.num, 1))")

    def source(self) -> str:
        """Give the ``FROM`` of this frame's rows: ``v``, joined with all that conditions use."""
        joins = list(self._joins.values())
        if self._flags:
            union = " UNION ALL ".join(
                f"SELECT s, {n} AS n FROM {table}" for n, table in enumerate(self._flags)
            )
            counts = ", ".join(
                f"COUNT(*) FILTER (WHERE n = {n}) AS f{n}" for n in range(len(self._flags))
            )
            flags = self.plan.relation(f"SELECT s, {counts} FROM ({union}) GROUP BY s")
            joins.append(f"LEFT JOIN {flags} y ON y.s = v.node")
        for child in self.children.values():
            if child.counts:
                self.plan.aggregate(child)
                joins.append(f"LEFT JOIN {child.alias} ON {child.alias}.focus = v.node")
        return " ".join([f"FROM {self.rows} v", *joins])


@dataclass
class Plan:
    """The relations of one query, each named once, in the order of their use."""

    source: Source
    relations: dict[str, str] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _names: int = 0

    def name(self, stem: str) -> str:
        """Make a name."""
        self._names += 1
        return f"{stem}{self._names}"

    def relation(self, select: str) -> str:
        """Name a relation; the same one is named once."""
        for name, known in self.relations.items():
            if known == select:
                return name
        name = self.name("r")
        self.relations[name] = select
        return name

    def root(self, select: str) -> Frame:
        """Make the frame of focus nodes.

        Args:
            select: a query that gives ``node``, each once.
        """
        rows = self.relation(f"SELECT node AS focus, node FROM ({select})")
        return Frame(self, rows, self.name("a"), True)

    def reach(self, path: Path, nodes: str) -> str:
        """Give the query of a path's values, each once for each node that it starts from."""
        if isinstance(path, URIRef):
            return (
                f"SELECT f.node AS focus, p.o AS node FROM {nodes} f"
                f" JOIN {self.source.pairs(path)} p ON p.s = f.node"
            )
        form, parts = path
        if form == "inverse" and isinstance(parts[0], URIRef):
            return (
                f"SELECT f.node AS focus, p.s AS node FROM {nodes} f"
                f" JOIN {self.source.pairs(parts[0])} p ON p.o = f.node"
            )
        if form == "alternative":
            return " UNION ".join(f"SELECT * FROM ({self.reach(p, nodes)})" for p in parts)
        if form == "optional":
            return (
                f"SELECT * FROM ({self.reach(parts[0], nodes)}) UNION"
                f" SELECT node AS focus, node FROM {nodes}"
            )
        first, *rest = parts
        if not rest:
            return self.reach(first, nodes)
        start = self.relation(self.reach(first, nodes))
        inner = self.reach(("sequence", tuple(rest)), f"(SELECT DISTINCT node FROM {start})")
        return (
            f"SELECT DISTINCT a.focus, b.node FROM {start} a JOIN ({inner}) b ON b.focus = a.node"
        )

    def aggregate(self, child: Frame) -> None:
        """Add the relation of a frame's counts."""
        if child.alias in self._done:
            return
        self._done.add(child.alias)
        source = child.source()
        columns = ", ".join(f"{count} AS {column}" for count, column in child.counts.items())
        self.relations[child.alias] = f"SELECT v.focus, {columns} {source} GROUP BY v.focus"

    def select(self, frame: Frame, columns: str, where: str = "TRUE") -> str:
        """Give the query of a frame's rows, with all the relations that it uses."""
        source = frame.source()
        with_ = ", ".join(f"{name} AS ({select})" for name, select in self.relations.items())
        return f"WITH {with_} SELECT {columns} {source} WHERE {where}"
