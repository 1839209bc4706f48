"""The encoded graph of a chunk as arrays, which frames draw on, and rows gathered from frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rdflib import OWL, RDF, URIRef

from reasoner.corpus.frames import Pairs
from reasoner.corpus.literals import Literals
from reasoner.corpus.store import FIRST_NODE, VIEW, Store
from reasoner.corpus.vectors import Array, np, places
from reasoner.errors import KnowledgeError
from reasoner.terms import CORE, local_name


class EncodedChunk:
    """The graph of a chunk, as ``frames.Source`` has it.

    Args:
        store: the chunk, its nodes typed.
        predicates: properties that are read at once; others are read when they are asked for.

    Attributes:
        literals: those of the properties that were read.
    """

    def __init__(self, store: Store, predicates: Iterable[URIRef] = ()) -> None:
        self._store = store
        self._pairs: dict[URIRef, Pairs] = {}
        self.literals = Literals([])
        self._read_literals()
        nodes = np.concatenate([store.placed.nodes, store.things.nodes])
        order = np.argsort(nodes, kind="stable")
        self._nodes = nodes[order]
        self._sets = np.concatenate([store.classes, store.things.type_sets])[order]
        views = self._nodes // VIEW
        self._starts = np.searchsorted(views, np.arange(views[-1] + 2 if len(views) else 1))
        sets = store.numbers.type_sets
        numbers = [(kind, number) for kinds, number in sets.items() for kind in kinds]
        kinds, members = np.array(sorted(numbers), dtype=np.int64).reshape(-1, 2).T
        self._members = Pairs(kinds, members)
        self._set_count = len(sets)
        self._holding: dict[URIRef, Array] = {}
        for predicate in predicates:
            self.pairs(predicate)

    @property
    def predicates(self) -> tuple[URIRef, ...]:
        """The properties that were read."""
        return tuple(self._pairs)

    def pairs(self, predicate: URIRef) -> Pairs:
        """Give the pairs of a property.

        Raises:
            KnowledgeError: if no case can state or derive it.
        """
        if predicate not in self._pairs:
            if predicate in (OWL.bottomObjectProperty, OWL.bottomDataProperty):
                found = (np.zeros(0, dtype=np.int64),) * 2
            elif predicate == RDF.type or predicate not in CORE:
                raise KnowledgeError(f"<{predicate}> is not compiled for a corpus")
            else:
                found = self._store.pairs(local_name(str(predicate)))
            self._pairs[predicate] = Pairs(*found)
            self._read_literals()
        return self._pairs[predicate]

    def _read_literals(self) -> None:
        """Read the literals that came with a property."""
        more = self._store.meanings[len(self.literals) - 1 :]
        if more:
            self.literals = Literals(more, self.literals)

    def number(self, term: URIRef) -> int:
        """Give the number of a term."""
        return self._store.ids[term]

    def type_sets(self, nodes: Array) -> Array:
        """Give the number of the set of classes that each node is of, in ascending order."""
        if not len(self._nodes):
            return np.full(len(nodes), self._set_count)
        # Nodes are mostly numbered through within a view, so that it need not be looked for.
        views = np.clip(nodes // VIEW, 0, len(self._starts) - 1)
        at = np.minimum(self._starts[views] + nodes % VIEW, len(self._nodes) - 1)
        known = self._nodes[at] == nodes
        others = np.flatnonzero(~known & (nodes >= FIRST_NODE))
        at[others], known[others] = places(nodes[others], self._nodes)
        return np.where(known, self._sets[at], self._set_count)

    def holding(self, kind: URIRef) -> Array:
        """Tell, by number, which sets of classes hold a class; the last is that of no class."""
        if kind not in self._holding:
            _, sets = self._members.of(np.array([self.number(kind)]))
            self._holding[kind] = np.zeros(self._set_count + 1, dtype=bool)
            self._holding[kind][sets] = True
        return self._holding[kind]


class Gathered:
    """Rows gathered as columns, many at once."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}

    def add(self, **columns: Any) -> None:
        """Add rows; what is not an array is the same in all of them."""
        many = max(len(c) for c in columns.values() if isinstance(c, np.ndarray))
        for name, column in columns.items():
            whole = column if isinstance(column, np.ndarray) else np.full(many, column)
            self._parts.setdefault(name, []).append(whole)

    def columns(self, *names: str) -> tuple[Array, ...]:
        """Give columns of all rows."""
        empty = np.zeros(0, dtype=np.int64)
        return tuple(np.concatenate(self._parts.get(name) or [empty]) for name in names)
