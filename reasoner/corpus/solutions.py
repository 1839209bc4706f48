"""Solutions of a SPARQL pattern as columns, and what is done with them.

A row is a solution. A variable has a column of what it is bound to, by number, with 0 where it is
bound to nothing; or, where an expression made it, one of Python's numbers, days, or texts, with
None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reasoner.corpus.frames import Source
from reasoner.corpus.vectors import Array, distinct_pairs, lead, np, objects


@dataclass(frozen=True)
class Solutions:
    """Solutions of a pattern.

    Attributes:
        count: how many.
        nodes: for each variable that is bound to nodes, by number; 0 where it is unbound.
        values: for each variable that an expression made; None where it is unbound.
    """

    count: int
    nodes: Mapping[str, Array]
    values: Mapping[str, Array]

    def at(self, rows: Array) -> Solutions:
        """Give some of the rows, by their places or by whether they are wanted."""
        nodes = {name: column[rows] for name, column in self.nodes.items()}
        values = {name: column[rows] for name, column in self.values.items()}
        count = int(rows.sum()) if rows.dtype == bool else len(rows)
        return Solutions(count, nodes, values)

    def with_node(self, name: str, column: Array) -> Solutions:
        """Bind a variable to nodes."""
        return Solutions(self.count, {**self.nodes, name: column}, self.values)

    def with_value(self, name: str, column: Array) -> Solutions:
        """Bind a variable to values."""
        return Solutions(self.count, self.nodes, {**self.values, name: column})

    def only(self, names: frozenset[str]) -> Solutions:
        """Give some of the variables."""
        nodes = {n: c for n, c in self.nodes.items() if n in names}
        values = {n: c for n, c in self.values.items() if n in names}
        return Solutions(self.count, nodes, values)


def value_of(source: Source, solutions: Solutions, name: str, kind: str) -> Array:
    """Give a variable's values: numbers (``num``), days by number (``day``), texts (``lex``)."""
    if name in solutions.values:
        return solutions.values[name]
    literals = source.literals
    nodes = solutions.nodes[name]
    column = {"num": literals.numbers, "day": literals.days, "lex": literals.texts}[kind]
    return column[np.where(nodes < 0, -nodes, 0)]


def joined(left: Solutions, right: Solutions, shared: Sequence[str]) -> Solutions:
    """Join solutions on variables that both bind to nodes; what is unbound joins with nothing."""
    numbers = np.zeros(left.count + right.count, dtype=np.int64)
    bound = np.ones(left.count + right.count, dtype=bool)
    for name in shared:
        both = np.concatenate([left.nodes[name], right.nodes[name]])
        bound &= both != 0
        _, own = np.unique(both, return_inverse=True)
        _, numbers = np.unique(numbers * (len(both) + 1) + own, return_inverse=True)
    rows = np.flatnonzero(bound[left.count :])
    of, at = distinct_pairs(numbers[left.count :][rows], rows)
    keys = np.where(bound[: left.count], numbers[: left.count], -1)
    mine, others = lead(of, at, keys)
    found, more = left.at(mine), right.at(others)
    return Solutions(found.count, {**more.nodes, **found.nodes}, {**more.values, **found.values})


def together(parts: Sequence[Solutions]) -> Solutions:
    """Put solutions one after another; what a part does not bind is unbound in its rows."""

    def column(name: str, of: str, missing: Any) -> Array:
        pieces = []
        for part in parts:
            known: Mapping[str, Array] = getattr(part, of)
            pieces.append(known[name] if name in known else missing(part.count))
        return np.concatenate(pieces)

    nodes = dict.fromkeys(name for part in parts for name in part.nodes)
    values = dict.fromkeys(name for part in parts for name in part.values)
    return Solutions(
        sum(part.count for part in parts),
        {n: column(n, "nodes", lambda many: np.zeros(many, dtype=np.int64)) for n in nodes},
        {n: column(n, "values", lambda many: objects([None] * many)) for n in values},
    )
