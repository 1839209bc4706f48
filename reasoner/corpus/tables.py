"""Case files into tables: read in parallel, checked as ever, written part by part.

A part is a file in each table's folder, with the same cases in all of them. It is written beside
its place and moved there when it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.case import read_case
from reasoner.corpus.engine import arrow, arrow_table
from reasoner.corpus.quads import Quads, holds_many
from reasoner.corpus.schema import CASES, FORMAT, NODES, REFUSED, Rows, part_name, properties
from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge
from reasoner.processes import in_processes
from reasoner.rdfcase import RDF_FORMATS
from reasoner.wholefile import new_file

PART = 20_000
"""Cases of one part, unless another number is asked for."""

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


def no_progress(done: int, of: int) -> None:
    """Show nothing."""


def files_in(places: Iterable[Path]) -> list[Path]:
    """Give the case files of folders, and files as they are named, in order.

    Raises:
        InputError: if a place is not there, or holds no case file.
    """
    endings = {".yaml", ".yml", *RDF_FORMATS}
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = sorted(f for f in place.rglob("*") if f.suffix.lower() in endings)
            if not inside:
                raise InputError(
                    [Problem("The folder holds no case file.", str(place), expected="case files")]
                )
            found.extend(inside)
        elif place.exists():
            found.append(place)
        else:
            raise InputError([Problem("There is no such file.", str(place))])
    return found


def write_parquet(path: Path, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows as a Parquet file that is there whole or not at all.

    Raises:
        MtusError: if it cannot be written.
    """
    with new_file(path) as unfinished:
        arrow().parquet.write_table(arrow_table(columns, rows), unfinished, compression="zstd")


def write_text(path: Path, content: str) -> None:
    """Write a text file that is there whole or not at all.

    Raises:
        MtusError: if it cannot be written.
    """
    write_bytes(path, content.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all.

    Raises:
        MtusError: if it cannot be written.
    """
    with new_file(path) as unfinished:
        unfinished.write_bytes(content)


def write_part(folder: Path, part: int, rows: Rows, knowledge: Knowledge) -> None:
    """Write one part of every table that has rows in it."""
    name = part_name(part)
    known = properties(knowledge)
    for property_, facts in rows.facts.items():
        facts.sort()
        write_parquet(folder / "facts" / property_ / name, known[property_].columns, facts)
    write_parquet(folder / "nodes" / name, NODES, rows.nodes)
    if rows.refused:
        write_parquet(folder / "refused" / name, REFUSED, rows.refused)
    write_parquet(folder / "cases" / name, CASES, rows.cases)  # last: with it, the part is whole


@dataclass(frozen=True)
class Written:
    """What a folder of tables holds.

    Attributes:
        cases: how many cases.
        refused: how many files could not be read.
        parts: how many parts.
    """

    cases: int
    refused: int
    parts: int


_KNOWLEDGE: Knowledge | None = None


def _begin(knowledge: Knowledge) -> None:
    global _KNOWLEDGE
    _KNOWLEDGE = knowledge


def _read(numbered: tuple[int, str]) -> Rows:
    """Read one file into rows; what is wrong with it becomes a row as well."""
    number, file = numbered
    rows = Rows()
    assert _KNOWLEDGE is not None
    try:
        rows.add(number, read_case(file, _KNOWLEDGE), _KNOWLEDGE)
    except InputError as error:
        rows.refused.append((file, str(error)))
    return rows


def _in_order(files: Sequence[str], knowledge: Knowledge, jobs: int) -> Iterator[Rows]:
    numbered = list(enumerate(files))
    if jobs <= 1 or len(files) < 50:
        _begin(knowledge)
        yield from map(_read, numbered)
        return
    _ = knowledge.case_format, knowledge.concepts  # made before the fork, once
    with in_processes(_read, numbered, jobs, _begin, (knowledge,), together=20) as rows:
        yield from rows


def write_tables(
    files: Sequence[Path],
    folder: Path,
    knowledge: Knowledge,
    *,
    jobs: int = 1,
    part: int = PART,
    memory: str | None = None,
    progress: Progress = no_progress,
) -> Written:
    """Read cases, and write them as tables.

    Args:
        files: case files, and files that hold a population (``reasoner/corpus/quads.py``), which
            are numbered after the others.
        folder: where the tables go; tables that are there already are refused.
        knowledge: what names keys and concepts.
        jobs: how many processes read.
        part: how many cases to a part.
        memory: how much memory DuckDB may take, which reads populations.
        progress: told how many cases are read, of those that are read together.

    Raises:
        InputError: if the folder holds tables already, or a population cannot be read.
        MtusError: if a table cannot be written.
    """
    make_way(folder)
    populations = [file for file in files if holds_many(file)]
    single = [str(file) for file in files if file not in populations]
    parts = refused = cases = 0
    gathered = Rows()
    for done, rows in enumerate(_in_order(single, knowledge, jobs), 1):
        gathered.extend(rows)
        if done % part == 0 or done == len(single):
            write_part(folder, parts, gathered, knowledge)
            cases += len(gathered.cases)
            refused += len(gathered.refused)
            parts += 1
            gathered = Rows()
        progress(done, len(single))
    number = len(single)
    for file in populations:
        with Quads(file, knowledge, jobs, memory) as quads:
            for first in range(0, quads.cases, part):
                end = min(first + part, quads.cases)
                read, unread = quads.write(first, end, folder, parts, number)
                cases, refused, parts = cases + read, refused + unread, parts + 1
                progress(end, quads.cases)
            number += quads.cases
    finish(folder, cases, parts)
    return Written(cases, refused, parts)


def make_way(folder: Path) -> None:
    """See that a folder has no tables; what a run that was stopped left of some goes.

    Raises:
        InputError: if the folder holds tables already.
    """
    if (folder / "corpus.json").exists():
        raise InputError([Problem("The folder holds tables already.", str(folder))])
    for table in ("cases", "nodes", "refused", "facts/*"):
        for pattern in ("part-*.parquet", ".part-*.part"):
            for left in folder.glob(f"{table}/{pattern}"):
                left.unlink()


def finish(folder: Path, cases: int, parts: int) -> None:
    """Say what a folder of tables holds, which makes it one."""
    about = {"format": FORMAT, "cases": cases, "parts": parts}
    write_text(folder / "corpus.json", json.dumps(about, indent=2) + "\n")
