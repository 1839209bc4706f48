"""A query with an end: a limit of time, memory and rows, and a way to stop it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from reasoner.errors import EngineError, InputError, MtusError, Problem
from reasoner.queries import Answer, Value
from reasoner.store.loading import is_url
from reasoner.store.querytext import QUERY, require_local, states_dataset


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a query may go.

    Attributes:
        seconds: of wall time.
        megabytes: of memory beyond what the open store takes.
        rows: of the answer.
    """

    seconds: float = 60.0
    megabytes: int = 2000
    rows: int = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query is asked: the folder of a database, a file of N-Quads, or an endpoint."""

    folder: Path | None = None
    file: Path | None = None
    url: str | None = None


@contextmanager
def place_of(store: str) -> Iterator[Place]:
    """Give the place of a store, held so that none writes to it meanwhile.

    Raises:
        InputError: if there is no such store, or it has another form.
        MtusError: if another process is writing to it.
    """
    if is_url(store):
        yield Place(url=store)
        return
    from reasoner.store.embedded import reading

    with reading(Path(store)) as folder:
        yield Place(folder=folder)


@contextmanager
def place_of_quads(quads: Iterable[ox.Quad]) -> Iterator[Place]:
    """Give quads a place for as long as they are asked about."""
    with tempfile.TemporaryDirectory(prefix="mtus-") as folder:
        file = Path(folder) / "graph.nq"
        ox.serialize(quads, str(file), format=ox.RdfFormat.N_QUADS)
        yield Place(file=file)


def ask(
    place: Place,
    text: str,
    limits: Limits = Limits(),
    *,
    name: str = "query",
    stopped: Callable[[], bool] | None = None,
) -> Answer:
    """Ask a query, with an end.

    Args:
        place: where.
        text: a query of SPARQL 1.1.
        limits: how far it may go.
        name: what to call it in an error.
        stopped: asked a few times a second whether the answer is still wanted.

    Raises:
        InputError: if it is malformed, changes data, or asks another machine.
        MtusError: if it goes beyond a limit, or is stopped.
        EngineError: if the engine fails.
    """
    require_local(text, name)
    if place.url is not None:
        return _ask_endpoint(place.url, text, limits, stopped)
    return _ask_process(place, text, limits, name, stopped)


def _ask_process(
    place: Place,
    text: str,
    limits: Limits,
    name: str,
    stopped: Callable[[], bool] | None,
) -> Answer:
    until = time.monotonic() + limits.seconds
    task = {
        "folder": None if place.folder is None else str(place.folder),
        "file": None if place.file is None else str(place.file),
        "query": text,
        "union": not states_dataset(text),
        "memory": limits.megabytes,
        "seconds": limits.seconds,
        "rows": limits.rows,
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "reasoner.store.worker"],
            stdin=subprocess.PIPE, stdout=out, stderr=errors,
        )  # fmt: skip
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(task).encode())
                process.stdin.close()
            pause = 0.002
            while process.poll() is None:
                if time.monotonic() > until:
                    raise MtusError(f"{name} took longer than {limits.seconds:g} s and was stopped")
                if stopped is not None and stopped():
                    raise MtusError(f"{name} was stopped")
                time.sleep(pause)
                pause = min(pause * 1.5, 0.05)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        out.seek(0)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
        return _read(out, process.returncode, said, limits, name)


def _read(out: IO[bytes], code: int, said: str, limits: Limits, name: str) -> Answer:
    columns: tuple[str, ...] = ()
    rows: list[tuple[Value, ...]] = []
    table = b""
    lines = iter(out)
    while line := next(lines, b""):
        try:
            told = json.loads(line)
        except ValueError:
            break  # the process was cut off within a line
        if not isinstance(told, dict | list):
            break  # within a row of numbers
        if isinstance(told, list):
            rows.append(tuple(map(_term, told)))
        elif "columns" in told:
            columns = tuple(told["columns"])
            if told.get("tsv"):
                table, _, end = out.read().rstrip(b"\n").rpartition(b"\n")
                lines = iter([end])
        elif "end" in told:
            return Answer(columns, tuple(_rows(table)) if table else tuple(rows))
        elif told["kind"] == "Rows":
            raise MtusError(
                f"{name} has more than {limits.rows:,} rows; add LIMIT, or ask for --rows more"
            )
        elif told["kind"] == "SyntaxError":
            raise InputError([Problem(f"{_sentence(told['error'])}", name, expected=QUERY)])
        elif told["kind"] != "MemoryError":
            raise EngineError(f"{name}: Oxigraph failed: {told['error']}")
    if code in (-6, -9, -11) or "memory" in said.lower():
        raise MtusError(f"{name} needed more than {limits.megabytes:,} MB and was stopped")
    last = (said.strip().splitlines() or ["without a word"])[-1]
    raise EngineError(f"{name}: the process of the query ended with {code}: {last}")


def _rows(table: bytes) -> Iterator[tuple[Value, ...]]:
    found = ox.parse_query_results(table, format=ox.QueryResultsFormat.TSV)
    assert isinstance(found, ox.QuerySolutions)
    for solution in found:
        yield tuple(solution)


def _sentence(text: str) -> str:
    line = " ".join(text.split())[:300]
    return f"The query is malformed: {line}."


def _term(told: list[str] | None) -> Value:
    if told is None:
        return None
    kind, value, *more = told
    if kind == "iri":
        return ox.NamedNode(value)
    if kind == "blank":
        return ox.BlankNode(value)
    if kind == "lang":
        return ox.Literal(value, language=more[0])
    return ox.Literal(value, datatype=ox.NamedNode(more[0]))


def _ask_endpoint(
    url: str, text: str, limits: Limits, stopped: Callable[[], bool] | None
) -> Answer:
    from reasoner.store.endpoint import EndpointStore, address_of

    answer = EndpointStore(address_of(url)).ask(text, limits.seconds, stopped)
    if len(answer.rows) > limits.rows:
        raise MtusError(f"the answer has more than {limits.rows:,} rows; add LIMIT")
    return answer
