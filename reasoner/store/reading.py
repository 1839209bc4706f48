"""Files of determinations, read as the lines of a graph: a large one in parts, by processes."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import pyoxigraph as ox

from reasoner.errors import InputError, Problem
from reasoner.processes import can_share, cores, in_processes
from reasoner.rdfcase import RDF_FORMATS

MAX_BYTES = 2_000_000_000
"""The largest file of determinations that is read."""
_PART = 16_000_000
"""Bytes of a part; a file is read in parts from twice as many."""
_BY_LINES = (ox.RdfFormat.N_QUADS, ox.RdfFormat.N_TRIPLES)
"""Formats in which a part that ends with a line can be read by itself."""


def read_lines(file: Path) -> Iterator[str]:
    """Read the triples of a file as the lines of a graph, its named graphs merged.

    Raises:
        InputError: if it cannot be read, is malformed or too large, or of an unknown format.
    """
    form = RDF_FORMATS.get(file.suffix.lower())
    if form is None:
        raise InputError(
            [Problem("This is no RDF that we know.", str(file),
                     expected="a file that ends in one of " + ", ".join(RDF_FORMATS))]
        )  # fmt: skip
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise InputError([Problem(f"The file has {size / 1e9:.1f} GB.", str(file),
                                      expected="several files")])  # fmt: skip
        if size >= 2 * _PART and form in _BY_LINES and cores() > 1 and can_share():
            try:
                yield from _read_in_parts(file, form)
                return
            except (SyntaxError, ValueError):
                pass  # read again as a whole, it is told in which line of the file
        yield from map(str, map(attrgetter("triple"), ox.parse(path=str(file), format=form)))
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError([Problem(f"The file cannot be read: {why}.", str(file))]) from error
    except (SyntaxError, ValueError) as error:
        raise InputError([Problem(f"{str(error).splitlines()[0]}.", str(file),
                                  getattr(error, "lineno", None))]) from error  # fmt: skip


def _read_in_parts(file: Path, form: ox.RdfFormat) -> Iterator[str]:
    tasks = [(file, form.media_type, start, end) for start, end in _parts(file)]
    # The processes are begun beside a database that is open, and do not touch it.
    with in_processes(_read_part, tasks, cores()) as texts:
        for text in texts:
            yield from text.split("\n") if text else ()


def _parts(file: Path) -> Iterator[tuple[int, int]]:
    """Give where the parts of a file begin and end, each with the end of a line."""
    with file.open("rb") as data:
        start = 0
        while data.seek(start + _PART) and data.readline():
            yield start, data.tell()
            start = data.tell()
        yield start, -1


def _read_part(task: tuple[Path, str, int, int]) -> str:
    file, media_type, start, end = task
    with file.open("rb") as data:
        data.seek(start)
        part = data.read(end - start if end >= 0 else -1)
    parsed = ox.parse(part, format=ox.RdfFormat.from_media_type(media_type))
    return "\n".join(map(str, map(attrgetter("triple"), parsed)))
