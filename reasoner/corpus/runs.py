"""A population decided chunk by chunk into tables of outcomes.

A chunk's files are moved to their places when they are whole, ``cases`` last. A run that is taken
up passes over the chunks whose ``cases`` are there; the others are decided anew, to the same bytes.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoner.corpus.determine import Population
from reasoner.corpus.engine import arrow, bytes_of, explained, own_folder
from reasoner.corpus.schema import part_name
from reasoner.corpus.settling import Outcomes
from reasoner.corpus.tables import (
    Progress,
    files_in,
    no_progress,
    write_tables,
    write_text,
)
from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.processes import in_processes
from reasoner.sources import Sources
from reasoner.terms import Sha256
from reasoner.wholefile import new_file

RUN = "mtus.corpus-run/1"

_TABLES = ("items", "criteria", "refused", "cases")
"""In the order that they are written in."""


@dataclass(frozen=True)
class Run:
    """What a run decided.

    Attributes:
        cases, items, refused: how many.
        chunks: how many chunks were decided now; the others were there.
    """

    cases: int
    items: int
    refused: int
    chunks: int


@dataclass(frozen=True)
class Task:
    """Chunks of a population that are to be decided, wherever that is done.

    Attributes:
        folder: the tables.
        out: the folder of the tables of outcomes.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        memory: how much memory there is, such as ``3GB``.
        threads: how many threads it may use.
        jobs: how many processes of this machine decide.
        chunks: the parts of each chunk.
    """

    folder: Path
    out: Path
    knowledge: Knowledge
    role: Role
    memory: str | None
    threads: int | None
    jobs: int
    chunks: Sequence[range]

    def population(self) -> Population:
        """Give what decides the chunks."""
        return Population(self.folder, self.knowledge, self.role, self.memory, self.threads)


Engine = Callable[[Task, Progress], None]
"""Decides the chunks of a task, told how many are done of how many."""


def here(task: Task, progress: Progress) -> None:
    """Decide the chunks of a task on this machine, in as many processes as it says."""
    jobs = min(task.jobs, len(task.chunks))
    if jobs > 1:
        _share_out(task, jobs, progress)
        return
    population = task.population()
    for done, parts in enumerate(task.chunks, 1):
        decide_chunk(population, parts, task.out)
        progress(done, len(task.chunks))


def _share_out(task: Task, jobs: int, progress: Progress) -> None:
    sources, cache = task.knowledge.sources, task.knowledge.cache
    memory = None if task.memory is None else bytes_of(task.memory)
    share = task.memory if memory is None else f"{memory // jobs // 1000}KB"
    given = (dict(sources.files), sources.release, cache, task.knowledge.chosen,
             task.folder, task.out, task.role, share, task.threads or 1)  # fmt: skip
    # Begun anew: what NumPy, Arrow and DuckDB have begun here does not survive a copy.
    with in_processes(
        _decide_parts, task.chunks, jobs, _prepare, given, shared=False, in_order=False,
        lost="What it was at is done again by the same command",
    ) as results:  # fmt: skip
        for done, error in enumerate(results, 1):
            if error is not None:
                raise error if isinstance(error, MtusError) else InputError(error)
            progress(done, len(task.chunks))


_DECIDING: list[tuple[Population, Path]] = []
"""What a process decides, and where to."""


def _prepare(
    files: Mapping[str, bytes],
    release: Sha256,
    cache: Path | None,
    readings: tuple[str, ...],
    folder: Path,
    out: Path,
    role: Role,
    memory: str | None,
    threads: int,
) -> None:
    knowledge = Knowledge(Sources(files, release), cache).under(readings)
    _DECIDING[:] = [(Population(folder, knowledge, role, memory, threads), out)]


def _decide_parts(parts: range) -> MtusError | list[Problem] | None:
    """Decide a chunk in a process; gives what is wrong, as it can be handed over."""
    ((population, out),) = _DECIDING
    try:
        decide_chunk(population, parts, out)
    except InputError as error:
        return list(error.problems)
    except MtusError as error:
        return MtusError(str(error))
    return None


def decide_chunk(population: Population, parts: Sequence[int], out: Path) -> None:
    """Decide a chunk and write its files, each whole or not at all.

    Raises:
        InputError: if the tables of its cases cannot be used.
        KnowledgeError: if something of the release is not compiled.
        MtusError: if it cannot be decided, or a file cannot be written.
    """
    with explained(f"{population.folder}, parts {parts[0]} to {parts[-1]} cannot be decided"):
        outcomes = population.decide(parts)
    _write(outcomes, population.folder, parts, out)


def determine_cases(
    places: Sequence[Path],
    out: Path,
    knowledge: Knowledge,
    *,
    role: Role = Role.IMR,
    chunk: int | None = None,
    jobs: int = 1,
    memory: str | None = None,
    threads: int | None = None,
    engine: Engine = here,
    progress: Progress = no_progress,
) -> Run:
    """Decide a population, and write its tables.

    Args:
        places: a folder of tables, or case files and folders of them.
        out: the folder of the tables of outcomes.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        chunk: about how many cases are decided at once; as many as memory has room for, and no
            more than 200,000, unless it is told.
        jobs: how many processes read case files, and decide.
        memory: how much memory there is, such as ``3GB``.
        threads: how many threads it may use.
        engine: where chunks are decided; in this process, unless another is given.
        progress: told how many cases are decided.

    Raises:
        InputError: if the cases cannot be used, or the folder holds another run.
        KnowledgeError: if something of the release is not compiled.
        MtusError: if a chunk cannot be decided, or a table cannot be written.
    """
    with own_folder() as made:
        folder = places[0]
        if len(places) != 1 or not (folder / "corpus.json").exists():
            folder = Path(made) / "tables"
            write_tables(files_in(places), folder, knowledge, jobs=jobs, memory=memory)
        population = Population(folder, knowledge, role, memory)
        chunks = list(population.chunks(chunk or population.at_once(share=jobs)))
        _take_up(out, population, chunks)
        left = [parts for parts in chunks if not (out / "cases" / part_name(parts[0])).exists()]

        def done(many: int, of: int) -> None:
            share = (len(chunks) - of + many) / len(chunks)
            progress(round(population.cases * share), population.cases)

        if left:
            task = Task(folder, out, knowledge, role, memory, threads, jobs, left)
            try:
                engine(task, done)
            finally:
                _remove_unfinished(out)
    return Run(_rows(out, "cases"), _rows(out, "items"), _rows(out, "refused"), len(left))


def _rows(out: Path, table: str) -> int:
    files = sorted((out / table).glob("*.parquet"))
    return sum(arrow().parquet.read_metadata(f).num_rows for f in files)


def _take_up(out: Path, population: Population, chunks: Sequence[range]) -> None:
    """Say what run a folder holds; stop if it holds another. What was left unfinished goes."""
    about = {
        "format": RUN,
        "release": population.knowledge.release,
        "readings": list(population.knowledge.chosen),
        "role": str(population.role),
        "cases": population.cases,
        "parts": population.parts,
        "chunks": len(chunks),
    }
    file = out / "run.json"
    content = json.dumps(about, indent=2) + "\n"
    done = any(f for table in _TABLES for f in (out / table).glob("[!.]*"))
    if not done:  # whatever was begun there, nothing came of it
        write_text(file, content)
    elif not file.exists() or file.read_text("utf-8") != content:
        raise InputError([Problem("The folder holds another run.", str(out),
                                  expected="an empty folder, or the same run")])  # fmt: skip
    _remove_unfinished(out)


def _remove_unfinished(out: Path) -> None:
    """Remove the files that were being written when whoever did was stopped."""
    for table in _TABLES:
        for unfinished in (out / table).glob(".*.part"):
            unfinished.unlink(missing_ok=True)


def _write(outcomes: Outcomes, folder: Path, parts: Sequence[int], out: Path) -> None:
    """Write the tables of a chunk, each whole or not at all."""
    pa = arrow()
    name = part_name(parts[0])
    unread = [f for part in parts if (f := folder / "refused" / part_name(part)).exists()]
    tables = {table: getattr(outcomes, table) for table in _TABLES}
    if unread:
        rows = pa.concat_tables([pa.parquet.read_table(file) for file in unread])
        missing = {n: pa.nulls(len(rows), outcomes.refused.schema.field(n).type)
                   for n in ("case_no", "case_id")}  # fmt: skip
        more = pa.table({**missing, **{n: rows.column(n) for n in ("source", "why")}})
        tables["refused"] = pa.concat_tables([outcomes.refused, more.sort_by("source")])
    for table, rows in tables.items():
        path = out / table / name
        # Of this process alone: two may decide the same chunk, where the first was taken for lost.
        own = f".{socket.gethostname()}-{os.getpid()}"
        with explained(f"{path} cannot be written"), new_file(path, own) as unfinished:
            pa.parquet.write_table(
                rows, unfinished, compression="zstd", store_schema=False, row_group_size=122_880
            )
