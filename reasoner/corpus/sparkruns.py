"""Chunks of a population decided on a Spark cluster.

Cases do not depend on each other, so what Spark is asked for is to hand out chunks, and to hand a
chunk out again when the process that had it was killed. Each is decided by the same code in the
same database as on one machine, so the outcomes are the same by construction. Spark is sent the
release and the numbers of parts; the tables are read and written in place, by folders that every
worker sees under the same path.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reasoner.corpus.determine import Population
from reasoner.corpus.runs import Task, decide_chunk
from reasoner.corpus.schema import part_name
from reasoner.corpus.tables import Progress
from reasoner.errors import MissingExtraError, MtusError
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.sources import Sources
from reasoner.terms import Sha256

_SECONDS = 0.5
"""Between two looks at how many chunks are done."""


@dataclass(frozen=True)
class _Sent:
    """A task as it is sent to a worker."""

    folder: str
    out: str
    files: Mapping[str, bytes]
    release: str
    readings: tuple[str, ...]
    role: str
    memory: str | None
    threads: int


def on_spark(master: str) -> Callable[[Task, Progress], None]:
    """Give the engine that decides chunks on a Spark cluster.

    Args:
        master: the URL of the cluster, such as ``spark://host:7077``.
    """

    def engine(task: Task, progress: Progress) -> None:
        """Decide the chunks of a task.

        Raises:
            MissingExtraError: if the extra ``spark`` is not installed.
            InputError, KnowledgeError: as deciding in this process would.
            MtusError: if Spark cannot be started, or gives up.
        """
        context = _context(master)
        try:
            sent = context.broadcast(_sent(task))
            work = context.parallelize(list(task.chunks), len(task.chunks))
            with _watched(task, progress):
                failures = work.mapPartitions(lambda chunks: _decide(sent.value, chunks)).collect()
        except Exception as error:
            if isinstance(error, MtusError):
                raise
            raise MtusError(f"Spark gave up: {_reason(error)}") from error
        finally:
            with contextlib.suppress(Exception):
                context.stop()
        if failures:
            raise MtusError(failures[0])
        progress(len(task.chunks), len(task.chunks))

    return engine


def _context(master: str) -> Any:
    """Start a Spark context; the workers are to run the Python that this is."""
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError as error:
        raise MissingExtraError("A run on Spark", "spark") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
        "spark.task.maxFailures": "4",
        # Each worker keeps the plans that it compiled for its next chunk.
        "spark.python.worker.reuse": "true",
    }
    conf = SparkConf(loadDefaults=True).setMaster(master).setAppName("mtus corpus determine")
    for name, value in settings.items():
        conf.setIfMissing(name, value)
    try:
        return SparkContext(conf=conf)
    except Exception as error:
        raise MtusError(
            f"Spark cannot be started at {master}: {_reason(error)} It needs Java 17 or later, and"
            " a master that answers."
        ) from error


def _sent(task: Task) -> _Sent:
    knowledge = task.knowledge
    return _Sent(
        str(task.folder.resolve()), str(task.out.resolve()), dict(knowledge.sources.files),
        str(knowledge.release), knowledge.chosen, task.role.value, task.memory, task.threads or 1,
    )  # fmt: skip


@cache
def _knowledge(release: str, readings: tuple[str, ...]) -> Knowledge:
    """Give the knowledge of a worker, which is made of what the first task brought."""
    return Knowledge(Sources(_FILES[release], Sha256(release))).under(readings)


_FILES: dict[str, Mapping[str, bytes]] = {}
_POPULATIONS: dict[tuple[str, str, tuple[str, ...], str], Population] = {}


def _decide(sent: _Sent, chunks: Iterable[range]) -> Iterator[str]:
    """Decide chunks in a worker; gives what is wrong with the cases, which no retry would mend."""
    _FILES.setdefault(sent.release, sent.files)
    key = (sent.folder, sent.release, sent.readings, sent.role)
    for chunk in chunks:
        try:
            if key not in _POPULATIONS:
                _POPULATIONS[key] = Population(
                    Path(sent.folder), _knowledge(sent.release, sent.readings), Role(sent.role),
                    sent.memory, sent.threads,
                )  # fmt: skip
            decide_chunk(_POPULATIONS[key], chunk, Path(sent.out))
        except MtusError as error:
            yield str(error)
            return


@contextlib.contextmanager
def _watched(task: Task, progress: Progress) -> Iterator[None]:
    """Tell progress from the files that are there, while Spark is at work."""
    places = [task.out / "cases" / part_name(parts[0]) for parts in task.chunks]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_SECONDS):
            progress(sum(place.exists() for place in places), len(places))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _reason(error: Exception) -> str:
    """Give the line of an error of Spark that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("org.apache.spark", "Caused by", "java."))]
    line = (told or lines or [type(error).__name__])[-1 if not told else 0]
    return line if line.endswith(".") else line + "."
