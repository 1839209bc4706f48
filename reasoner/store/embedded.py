"""The embedded store: a folder with an Oxigraph database, a journal and a lock.

DIR/mtus-store.json   the form of the store
DIR/data/             Oxigraph's files
DIR/journal.nq        commits that the database may not have yet
DIR/lock              held while someone writes (alone) or reads (together)
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from reasoner.errors import InputError, MtusError, Problem
from reasoner.processes import cores
from reasoner.store.journal import Commit, Journal
from reasoner.store.names import CATALOGUE

FORM = "mtus.store/1"
_MARKER = "mtus-store.json"
_SMALL = 200_000
"""Bytes up to which a commit goes in as a transaction; a larger one is bulk-loaded."""
_CHECKPOINT = 1_000_000_000
"""Bytes of journal after which the database is flushed and the journal emptied.

It is waited for, with nothing at work meanwhile; a process that was stopped leaves as much to write
again, half a minute of work at the most."""
_LEFT = ("bulk-*.sst", "*.dbtmp", "LOG.old.*")
"""What a process that was killed leaves in ``data``, and nobody else takes away."""


class StoreBusyError(MtusError):
    """Another process has the store."""


def is_store(folder: Path) -> bool:
    """Tell whether a folder is a store, of whatever form."""
    return (folder / _MARKER).is_file()


def create(folder: Path) -> None:
    """Make an empty store.

    Raises:
        InputError: if the folder holds something else.
        MtusError: if it cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                [Problem("This is no store.", str(folder), expected="a store, or a new folder")]
            )
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{_MARKER}.part"
        unfinished.write_text(json.dumps({"format": FORM}) + "\n", "utf-8")
        unfinished.replace(folder / _MARKER)
    except OSError as error:
        raise MtusError(f"{folder} cannot be written: {error.strerror}") from error


def require_form(folder: Path) -> None:
    """Require that a folder is a store of this form.

    Raises:
        InputError: if it is none, or of another form.
    """
    if not is_store(folder):
        message = "This is no store." if folder.exists() else "There is no such store."
        raise InputError(
            [Problem(message, str(folder), expected="a folder that mtus store load made")]
        )
    try:
        stated = json.loads((folder / _MARKER).read_text("utf-8"))
        form = stated["format"] if isinstance(stated, dict) else None
    except (OSError, ValueError, KeyError):
        form = None
    if form != FORM:
        raise InputError(
            [
                Problem(
                    f"The store has the form {form or 'unknown'}.",
                    str(folder),
                    expected=f"{FORM}: back it up with the version that wrote it, and restore that",
                )
            ]
        )


@contextmanager
def locked(folder: Path, *, alone: bool, wait: float = 10.0) -> Iterator[None]:
    """Hold the lock of a store: alone to write, together with others to read.

    Raises:
        StoreBusyError: if others hold it for longer than ``wait`` seconds.
        MtusError: if it cannot be opened.
    """
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise MtusError(f"{folder} cannot be opened: {error.strerror}") from error
    try:
        until = time.monotonic() + wait
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        while True:
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() >= until:
                    doing = "using" if alone else "writing to"
                    raise StoreBusyError(
                        f"another process is {doing} {folder}; try again, or read a backup of it"
                    ) from error
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


class EmbeddedStore:
    """A store that this process writes, alone; made by ``writing``."""

    def __init__(self, folder: Path, database: ox.Store, journal: Journal) -> None:
        self.place = str(folder)
        self._database = database
        self._journal = journal
        self._changed = False
        self._workers = ThreadPoolExecutor(cores())
        self._at_work: deque[Future[None]] = deque()

    def select(self, text: str) -> Iterator[tuple[str | None, ...]]:
        """Ask a query of ours, and give the values of its rows."""
        self._settle()
        return values(self._database, text)

    def commit(self, commit: Commit) -> None:
        """Write what belongs together; it is finished when this returns.

        A large one may still be on its way from the journal into the database, beside others: to
        load one keeps one core busy.

        Raises:
            MtusError: if it cannot be written, or one before could not be.
        """
        self._changed = True
        self._journal.append(commit)
        try:
            self._put(commit)
            if self._journal.size > _CHECKPOINT:
                self.checkpoint()
        except OSError as error:
            raise MtusError(
                f"{self.place} cannot be written now: {error}; what was finished is in the journal"
            ) from error

    def _put(self, commit: Commit) -> None:
        """Write a commit of the journal to the database, a large one beside others."""
        beside = not commit.drops and len(commit.quads) > _SMALL
        self._settle(cores() - 1 if beside else 0)
        self._at_work.append(self._workers.submit(_apply, self._database, commit))
        if not beside:
            self._settle()

    def recover(self) -> None:
        """Write what the journal has from a process that was stopped."""
        if self._journal.size:
            for commit in self._journal.commits():
                self._put(commit)
            self.checkpoint()

    def update(self, text: str) -> None:
        """Run a SPARQL update: whole, and on the disk when this returns, or not at all.

        Raises:
            SyntaxError: if it is malformed.
            MtusError: if it cannot be written.
        """
        self._changed = True
        try:
            self._settle()
            self._database.update(text)
            self.checkpoint()
        except OSError as error:
            raise MtusError(f"{self.place} cannot be written now: {error}") from error

    def checkpoint(self) -> None:
        """Force the database to the disk, and empty the journal."""
        self._settle()
        self._database.flush()
        self._journal.clear()

    def close(self) -> None:
        """Force to the disk whatever was written.

        Raises:
            MtusError: if it cannot be; the journal stays.
        """
        try:
            if self._changed:
                self.checkpoint()
        except OSError as error:
            raise MtusError(
                f"{self.place} cannot be written now: {error}; what was finished is in the journal"
            ) from error
        finally:
            self._workers.shutdown()
            self._journal.close()

    def arrange(self) -> None:
        """Lay the database out for reading, as is worth while after much was written.

        Raises:
            MtusError: if it cannot be written.
        """
        try:
            self.checkpoint()
            self._database.optimize()
        except OSError as error:
            raise MtusError(f"{self.place} cannot be written now: {error}") from error

    def _settle(self, but: int = 0) -> None:
        """Wait until the database has every commit, but the last few.

        One that failed, or was not waited for, stays: the journal is not emptied while it is there.
        """
        while len(self._at_work) > but:
            self._at_work[0].result()
            self._at_work.popleft()

    def backup(self, folder: Path) -> None:
        """Copy the database, as it is now, into a folder that is not there yet."""
        self._settle()
        self._database.backup(str(folder))

    def count(self) -> int:
        """Give the number of quads."""
        self._settle()
        return len(self._database)

    def lines(self) -> Iterator[bytes]:
        """Give every quad, as lines of N-Quads."""
        self._settle()
        for quad in self._database:
            yield f"{quad} .\n".encode()


@contextmanager
def writing(folder: Path, *, new: bool = True, wait: float = 10.0) -> Iterator[EmbeddedStore]:
    """Open a store to write; what a process that was stopped had finished is written first.

    Args:
        folder: the store.
        new: whether to make one where there is none.
        wait: how many seconds to wait for another process.

    Raises:
        InputError: if the folder is no store, or one of another form.
        MtusError: if another process has it, or it cannot be opened.
    """
    if new and not is_store(folder):
        create(folder)
    require_form(folder)
    with locked(folder, alone=True, wait=wait):
        try:
            _sweep(folder / "data")
            database = ox.Store(str(folder / "data"))
            journal = Journal(folder / "journal.nq")
        except (OSError, ValueError) as error:
            raise MtusError(f"{folder} cannot be opened: {error}") from error
        store = EmbeddedStore(folder, database, journal)
        try:
            try:
                store.recover()
                yield store
            finally:
                store.close()
        except OSError as error:
            raise MtusError(f"{folder} cannot be written: {error}") from error
        finally:
            del database, store._database


def _sweep(data: Path) -> None:
    """Remove what a killed process has left of files that it had not put into the database.

    A bulk load writes ``bulk-*.sst`` beside the database, and what is taken into it gets a number
    in place of that name. RocksDB removes none of the others, and keeps a thousand old logs.
    Nobody may have the database open.
    """
    for pattern in _LEFT:
        for file in data.glob(pattern):
            file.unlink()


def state_of(folder: Path) -> tuple[int, ...]:
    """Give what is another once a store was written to."""
    found = (folder / "journal.nq").stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def reading(folder: Path, *, wait: float = 10.0) -> Iterator[Path]:
    """Hold a store to read, and give the folder of its database.

    What a process that was stopped had finished is written first.

    Raises:
        InputError: if the folder is no store, or one of another form.
        MtusError: if another process is writing.
    """
    require_form(folder)
    if _needs_recovery(folder):
        with writing(folder, new=False, wait=wait):
            pass
    with locked(folder, alone=False, wait=wait):
        yield folder / "data"


def _needs_recovery(folder: Path) -> bool:
    journal = folder / "journal.nq"
    return not (folder / "data").is_dir() or (journal.exists() and journal.stat().st_size > 0)


def values(database: ox.Store, text: str) -> Iterator[tuple[str | None, ...]]:
    """Ask a query, and give the values of its rows."""
    solutions = database.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    for solution in solutions:
        yield tuple(None if term is None else getattr(term, "value", None) for term in solution)


def _apply(database: ox.Store, commit: Commit) -> None:
    """Write a commit to the database; to do it again changes nothing."""
    for name in commit.drops:
        graph = ox.NamedNode(name)
        database.remove_graph(graph)
        for quad in list(database.quads_for_pattern(graph, None, None, ox.NamedNode(CATALOGUE))):
            database.remove(quad)
    if len(commit.quads) <= _SMALL:
        database.load(commit.quads, format=ox.RdfFormat.N_QUADS)
    else:
        # Oxigraph wrote these lines from terms that it had checked: a seventh of the work again.
        database.bulk_load(commit.quads, format=ox.RdfFormat.N_QUADS, lenient=True)
