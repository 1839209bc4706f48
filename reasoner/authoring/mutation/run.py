"""Try every mutant of some topics, in several processes, and keep what was found so far.

The record is a file of JSON lines, each the verdict on one mutant. A line counts for the encoding,
the vocabulary and the cases that it was found with, so that a run can be taken up where it stopped,
or after another topic has changed, and never mixes two states of the library.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reasoner.authoring.decidedcases import Observed, digest_of, observe
from reasoner.authoring.decidingcode import deciding_code
from reasoner.authoring.expectedcases import files_of, topics_of_file
from reasoner.authoring.mutation.mutant import Mutant
from reasoner.authoring.mutation.operators import mutants_of_topic
from reasoner.authoring.mutation.trial import Trials, Verdict
from reasoner.errors import MtusError
from reasoner.knowledge import Knowledge
from reasoner.processes import in_processes
from reasoner.sources import Sources
from reasoner.topicindex import TopicIndex

_CHUNK = 300
"""Mutants that a process tries before it turns to another topic, whose cases it has to prepare."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class TopicRun:
    """How the mutants of a topic fared.

    Attributes:
        verdicts: for each mutant, by its key.
        wrong: cases that are not decided as they say, which were left out.
    """

    topic: str
    cases: int
    mutants: tuple[Mutant, ...]
    verdicts: Mapping[str, Verdict]
    wrong: tuple[str, ...]

    def with_result(self, result: str) -> list[Mutant]:
        """Give the mutants that fared so."""
        return [m for m in self.mutants if self.verdicts[m.key].result == result]


def run_mutants(
    knowledge: Knowledge,
    library: Path,
    topics: Iterable[str],
    *,
    jobs: int = 1,
    record: Path | None = None,
    progress: Progress = lambda _what, _done, _all: None,
) -> list[TopicRun]:
    """Try the mutants of topics on the cases of a library.

    Args:
        knowledge: this release, under its default readings.
        library: the folder of the library.
        topics: each as ``guideline/topic``.
        jobs: how many processes.
        record: the file that verdicts are taken from and added to.
        progress: told what is being done, how much of it is done, and of how much.

    Raises:
        MtusError: if the record cannot be read or written.
    """
    wanted = sorted(set(topics))
    every = files_of(library, wanted) if wanted else []
    names: dict[str, list[str]] = {topic: [] for topic in wanted}
    for name in every:
        for topic in topics_of_file(library, name) & set(wanted):
            names[topic].append(name)
    observed = observe(
        library, every, knowledge, lambda done, of: progress("cases", done, of), jobs=jobs
    )
    states = {topic: _state(knowledge, library, topic, names[topic], observed) for topic in wanted}
    mutants = {topic: tuple(mutants_of_topic(knowledge, topic)) for topic in wanted}
    known = _read(record, states) if record is not None else {}
    tasks = [
        _Task(topic, tuple(left[at : at + _CHUNK]), {n: observed[n] for n in names[topic]})
        for topic in sorted(wanted, key=lambda t: -len(mutants[t]) * len(names[t]))
        for left in [[m.key for m in mutants[topic] if (topic, m.key) not in known]]
        for at in range(0, len(left), _CHUNK)
    ]
    total = sum(map(len, mutants.values()))
    done = sum((topic, m.key) in known for topic in wanted for m in mutants[topic])
    progress("mutants", done, total)
    for topic, found in _tried(knowledge, library, tasks, jobs):
        if record is not None:
            _add(record, topic, states[topic], found)
        known.update(((topic, key), verdict) for key, verdict in found.items())
        done += len(found)
        progress("mutants", done, total)
    return [
        TopicRun(
            topic,
            sum(any(item.topic == topic for item in observed[n].items) for n in names[topic]),
            mutants[topic],
            {m.key: known[topic, m.key] for m in mutants[topic]},
            tuple(n for n in names[topic] if observed[n].wrong),
        )
        for topic in wanted
    ]


def _state(
    knowledge: Knowledge,
    library: Path,
    topic: str,
    names: Iterable[str],
    observed: Mapping[str, Observed],
) -> str:
    """Hash what verdicts on a topic rest on: its files, the vocabulary, the code, and its cases.

    The files of other topics bear on them by what the cases gave, and in no other way.
    """
    sources = knowledge.sources
    others = {
        file
        for other in sources.topics
        if other != topic
        for file in (sources.guideline_of(other), *sources.shapes_of(other)[:1])
    }
    digest = hashlib.sha256(deciding_code().encode())
    for name, data in sorted(sources.files.items()):
        if name not in others:
            digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    for name in names:
        digest.update(f"{name}\0{digest_of(library, name)}".encode())
        digest.update(repr(observed[name]).encode())
    return digest.hexdigest()


def _read(record: Path, states: Mapping[str, str]) -> dict[tuple[str, str], Verdict]:
    try:
        lines = record.read_text("utf-8").splitlines() if record.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise MtusError(f"{record} cannot be read: {error}") from error
    found = {}
    for line in lines:
        try:
            entry = json.loads(line)
            if states.get(entry["topic"]) == entry["state"]:
                verdict = Verdict(entry["result"], entry["by"], entry["tried"])
                found[entry["topic"], entry["mutant"]] = verdict
        except (ValueError, KeyError, TypeError):
            continue  # the last line of a run that was stopped
    return found


def _add(record: Path, topic: str, state: str, found: Mapping[str, Verdict]) -> None:
    lines = [
        json.dumps(
            {"topic": topic, "mutant": key, "state": state, "result": v.result, "by": v.by,
             "tried": v.tried},
            ensure_ascii=False,
        )
        for key, v in found.items()
    ]  # fmt: skip
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        with record.open("ab+") as stream:
            # A run that was stopped may have left half a line.
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 1))
            half = stream.read(1) not in (b"", b"\n")
            stream.write((("\n" if half else "") + "\n".join(lines) + "\n").encode())
    except OSError as error:
        raise MtusError(f"{record} cannot be written: {error.strerror}") from error


@dataclass(frozen=True)
class _Task:
    """Some mutants of a topic, for one process."""

    topic: str
    keys: tuple[str, ...]
    observed: Mapping[str, Observed]


class _Worker:
    """What a process holds: the release, and the topic that it was last at."""

    def __init__(self, knowledge: Knowledge, library: Path) -> None:
        self._knowledge = knowledge
        self._library = library
        self._at: tuple[str, Trials, dict[str, Mutant]] | None = None

    def run(self, task: _Task) -> tuple[str, dict[str, Verdict]]:
        if self._at is None or self._at[0] != task.topic:
            self._at = (
                task.topic,
                Trials(self._knowledge, task.topic, self._library, task.observed),
                {m.key: m for m in mutants_of_topic(self._knowledge, task.topic)},
            )
        _, trials, mutants = self._at
        return task.topic, {key: trials.run(mutants[key]) for key in task.keys}


_WORKER: list[_Worker] = []


def _start(sources: Sources, cache: Path | None, index: TopicIndex, library: Path) -> None:
    """Set a process up: it is handed the files, so that it has the release that we have."""
    # A trial makes many things and few circles of them; to look for these takes an eighth of the
    # time unless it is done more rarely.
    gc.set_threshold(50_000, 20, 20)
    _WORKER[:] = [_Worker(Knowledge(sources, cache, (), index), library)]


def _run_task(task: _Task) -> tuple[str, dict[str, Verdict]]:
    return _WORKER[0].run(task)


def _tried(
    knowledge: Knowledge, library: Path, tasks: list[_Task], jobs: int
) -> Iterator[tuple[str, dict[str, Verdict]]]:
    if jobs <= 1 or len(tasks) <= 1:
        worker = _Worker(knowledge, library)
        yield from map(worker.run, tasks)
        return
    # Started afresh: native libraries with threads do not survive a fork.
    sources = Sources(knowledge.sources.files, knowledge.sources.release)
    given = (sources, knowledge.cache, knowledge.index, library)
    with in_processes(
        _run_task, tasks, min(jobs, len(tasks)), _start, given, shared=False, in_order=False
    ) as found:
        yield from found
