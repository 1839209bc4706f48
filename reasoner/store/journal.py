"""The journal of a store: commits that are safe on the disk before the database has them.

A commit is written in N-Quads, with what is said beside the quads in comments::

    # begin mtus.journal/1
    # drop <graph>
    <subject> <predicate> <object> <graph> .
    # commit <SHA-256 of all the lines above>

It counts once its last line is there, and its digest is right.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reasoner.errors import MtusError

_BEGIN = b"# begin mtus.journal/1\n"
_DROP, _COMMIT = b"# drop <", b"# commit "


@dataclass(frozen=True, slots=True)
class Commit:
    """What is written together.

    Attributes:
        drops: names of graphs that go, with their entries in the catalogue, before any comes.
        quads: lines of N-Quads.
    """

    drops: tuple[str, ...]
    quads: bytes


class Journal:
    """The journal of a store, open to append.

    Args:
        path: the file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        fresh = not path.exists()
        self._file = path.open("ab", buffering=0)
        if fresh:
            _sync_folder(path.parent)

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return os.fstat(self._file.fileno()).st_size

    def append(self, commit: Commit) -> None:
        """Write a commit, and force it to the disk; it counts from then on.

        Raises:
            MtusError: if it cannot be written; the journal is as it was.
        """
        head = _BEGIN + b"".join(_DROP + name.encode() + b">\n" for name in commit.drops)
        digest = hashlib.sha256(head)
        digest.update(commit.quads)
        before = self.size
        try:
            for part in (head, commit.quads, _COMMIT + digest.hexdigest().encode() + b"\n"):
                _write_all(self._file.fileno(), part)
            os.fsync(self._file.fileno())
        except OSError as error:
            os.ftruncate(self._file.fileno(), before)
            raise MtusError(
                f"{self._path} cannot be written: {error.strerror}; nothing was stored"
            ) from error

    def commits(self) -> Iterator[Commit]:
        """Give the commits that are whole, in their order."""
        return read_journal(self._path)

    def clear(self) -> None:
        """Forget every commit; the database has them."""
        os.ftruncate(self._file.fileno(), 0)
        os.utime(self._file.fileno())  # whoever watches it sees that something was written
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def read_journal(path: Path) -> Iterator[Commit]:
    """Give the commits of a journal that are whole, in their order."""
    if not path.exists():
        return
    with path.open("rb") as file:
        digest = hashlib.sha256()
        drops: list[str] = []
        lines: list[bytes] = []
        for line in file:
            if line == _BEGIN:
                digest, drops, lines = hashlib.sha256(), [], []
            elif line.startswith(_COMMIT):
                if line == _COMMIT + digest.hexdigest().encode() + b"\n":
                    yield Commit(tuple(drops), b"".join(lines))
                drops, lines = [], []
                continue
            elif line.startswith(_DROP):
                drops.append(line[len(_DROP) : -2].decode())
            else:
                lines.append(line)
            digest.update(line)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
