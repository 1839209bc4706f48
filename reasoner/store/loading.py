"""Into a store: releases, determinations of this process or of files, letters; what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reasoner.errors import InputError, Problem
from reasoner.store.catalogue import ENTRIES, Entry, entries_of, entry_triples
from reasoner.store.graphs import (
    NamedGraph,
    case_terms,
    determination_graphs,
    lines_of,
    release_graph,
    split,
)
from reasoner.store.journal import Commit
from reasoner.store.names import CATALOGUE, release_name
from reasoner.store.reading import read_lines as read_lines

if TYPE_CHECKING:
    from reasoner.determination import Determination
    from reasoner.knowledge import Knowledge

_BATCH = 200_000
"""Triples from which a batch of finished cases is committed."""


class GraphStore(Protocol):
    """A store that can be written, embedded or at an endpoint."""

    place: str

    def select(self, text: str) -> Iterator[tuple[str | None, ...]]:
        """Ask a query of ours."""

    def commit(self, commit: Commit) -> None:
        """Write what belongs together."""

    def lines(self) -> Iterator[bytes]:
        """Give every quad."""

    def arrange(self) -> None:
        """Lay out what is there for reading."""


def is_url(place: str) -> bool:
    """Tell whether a store is an endpoint."""
    return place.lower().startswith(("http://", "https://"))


def open_store(place: str, *, new: bool = True) -> AbstractContextManager[GraphStore]:
    """Open a store to write.

    Args:
        place: a folder, or the URL of an endpoint.
        new: whether to make a folder where there is none.

    Raises:
        InputError: if it is no store.
        MtusError: if it cannot be opened.
    """
    if is_url(place):
        from reasoner.store.endpoint import open_endpoint

        return open_endpoint(place)
    from reasoner.store.embedded import writing

    return writing(Path(place), new=new)


@dataclass
class Loaded:
    """What a load wrote, by kind; and what was there already."""

    written: dict[str, int] = field(default_factory=dict)
    triples: int = 0
    known: int = 0

    def add(self, graph: NamedGraph) -> None:
        """Count a graph that is written."""
        self.written[graph.kind] = self.written.get(graph.kind, 0) + 1
        self.triples += len(graph.lines)


class Loader:
    """Writes graphs into a store, what belongs together at once.

    Args:
        store: the store.
        replace: whether a case takes the place of another of its id.
        now: the time that entries bear; the present unless one is given.
    """

    def __init__(
        self, store: GraphStore, *, replace: bool = False, now: datetime | None = None
    ) -> None:
        self._store = store
        self._replace = replace
        self._issued = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        self.entries: dict[str, Entry] = entries_of(store.select(ENTRIES))
        self.loaded = Loaded()
        self._drops: list[str] = []
        self._quads: list[bytes] = []
        self._pending = 0

    def require_room(self, graphs: Iterable[NamedGraph]) -> None:
        """Require that no case stands in the place of one with other content.

        Raises:
            InputError: if one does, and it is not to be replaced.
        """
        problems = []
        given: dict[str, str] = {}
        for graph in graphs:
            if graph.kind != "case":
                continue
            if given.setdefault(graph.name, graph.identifier) != graph.identifier:
                problems.append(Problem(f"{graph.name} is given twice, with other content.",
                                        self._store.place))  # fmt: skip
            elif not self._replace and self._holds_another(graph):
                problems.append(
                    Problem(f"{graph.name} is in the store with other content.", self._store.place,
                            expected="an id of its own, or --replace")
                )  # fmt: skip
        if problems:
            raise InputError(problems)

    def _holds_another(self, graph: NamedGraph) -> bool:
        entry = self.entries.get(graph.name)
        return entry is not None and entry.identifier != graph.identifier

    def add(self, graphs: Sequence[NamedGraph], *, now: bool = True) -> None:
        """Write graphs that belong together.

        Args:
            graphs: a case and what was derived from it, or a release.
            now: whether to commit at once; otherwise with others, once they are many.

        Raises:
            InputError: if a case stands in the place of another.
            MtusError: if they cannot be written.
        """
        self.require_room(graphs)
        for graph in graphs:
            before = self.entries.get(graph.name)
            if before is not None and before.identifier == graph.identifier:
                self.loaded.known += 1
                continue
            if before is not None:
                self._drop(before)
            if graph.kind == "release":  # has blank nodes, which would be there twice if redone
                self._drops.append(graph.name)
            self._quads.append(_quads(graph.lines, graph.name))
            self._quads.append(_quads(lines_of(entry_triples(graph, self._issued)), CATALOGUE))
            self.entries[graph.name] = Entry(
                graph.name, graph.kind, graph.identifier, len(graph.lines),
                graph.derived_from, self._issued,
            )  # fmt: skip
            self._pending += len(graph.lines)
            self.loaded.add(graph)
        if now or self._pending >= _BATCH:
            self.commit()

    def _drop(self, entry: Entry) -> None:
        """Take a graph back, with what was derived from it."""
        self.commit()  # what is dropped may have come in this batch
        gone = [e for e in self.entries.values() if entry.name in e.derived_from] + [entry]
        self._drops.extend(e.name for e in gone)
        for one in gone:
            del self.entries[one.name]

    def commit(self) -> None:
        """Write what was added and is not written yet."""
        if self._drops or self._quads:
            self._store.commit(Commit(tuple(self._drops), b"".join(self._quads)))
        self._drops, self._quads, self._pending = [], [], 0

    def add_release(self, knowledge: Knowledge) -> None:
        """Write this release, unless it is there."""
        if release_name(knowledge.release) not in self.entries:
            self.add([release_graph(knowledge)])

    def add_determination(self, determination: Determination) -> None:
        """Write a determination, with its case and, once, its release."""
        self.add_release(determination.knowledge)
        self.add(determination_graphs(determination))

    def add_files(self, files: Sequence[Path], knowledge: Knowledge) -> None:
        """Write the determinations of files; all are read and checked before any is written.

        Raises:
            InputError: with every problem found.
        """
        terms = case_terms(knowledge)
        problems: list[Problem] = []
        units: list[list[NamedGraph]] = []
        known = {release_name(knowledge.release), *self.entries}
        for file in files:
            try:
                graphs = list(split(read_lines(file), str(file), terms))
                for graph in graphs:
                    if graph.kind == "determination" and graph.derived_from[1] not in known:
                        problems.append(_no_release(graph, str(file)))
                units.extend([graphs[n], graphs[n + 1]] for n in range(0, len(graphs), 2))
            except InputError as error:
                problems.extend(error.problems)
        if not problems:
            try:
                self.require_room(graph for unit in units for graph in unit)
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError(problems)
        self.add_release(knowledge)
        units.reverse()
        while units:  # what is written is held no longer
            self.add(units.pop(), now=False)
        self.commit()
        # It takes as long as the whole store is large, and queries half as long as before.
        if 4 * self.loaded.triples >= sum(entry.triples for entry in self.entries.values()):
            self._store.arrange()


def _no_release(graph: NamedGraph, file: str) -> Problem:
    release = graph.derived_from[1].rsplit("/", 1)[-1]
    return Problem(
        f"It was made with the release {release}, which is not in the store.", file,
        expected="a determination of this release; mtus determine makes one",
    )  # fmt: skip


def _quads(lines: Sequence[str], graph: str) -> bytes:
    end = f" <{graph}> .\n"
    return (end.join(lines) + end).encode() if lines else b""
