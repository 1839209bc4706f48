"""What the cases of a library gave, decided once and kept.

Deciding some thousand cases takes minutes. What a case gave is kept in the user's cache folder, by
the hash of its file and of everything that deciding it looked at: the vocabularies, the forms, the
topics about the treatments that it names, what prevails over what in them, the overlays of its
readings, and the code. So after an edit of one topic only the cases that come near it are decided
again, and after a new topic those of its treatments; lint, coverage and mutants share what is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rdflib import RDF, URIRef

from reasoner.authoring.decidingcode import deciding_code
from reasoner.authoring.expectedcases import (
    LibraryCase,
    decide_library_case,
    differences,
    read_library_case,
    shown,
    topic_of,
)
from reasoner.authoring.mutation.parsedqueries import use_parsed_queries
from reasoner.cachefolder import keep_text, kept_text
from reasoner.errors import MtusError
from reasoner.knowledge import Knowledge
from reasoner.processes import in_processes
from reasoner.sources import Sources
from reasoner.terms import BASE, CORE
from reasoner.topicindex import TopicIndex

_FORMAT = 2
_CHUNK = 25
_WORTH_A_PROCESS = 100
"""Cases to decide from which on another process, which has to load the release, saves time."""
_GUIDELINES, _CRITERIA, _OVERLAYS = "ontology/guidelines/", "shapes/criteria/", "ontology/readings/"


@dataclass(frozen=True)
class ObservedItem:
    """What was decided of one request.

    Attributes:
        request: its local name.
        topic: the topic that governs; None if none does.
        outcomes: for each criterion, by IRI, its outcome as an expectation names it.
        stated: the numbers of the criteria of which the case states the outcome.
    """

    request: str
    topic: str | None
    outcomes: Mapping[str, str]
    stated: tuple[str, ...]


@dataclass(frozen=True)
class Observed:
    """What a case of the library gave.

    Attributes:
        name: the path of its file from the folder of the library.
        items: what was decided of each request.
        wrong: where that is not as expected, or why nothing was decided; empty if all is well.
        readings: the readings that it is decided under.
        treatments: every kind of treatment that it names; the topics about them are what deciding
            it looks at. None if it failed before that was known.
    """

    name: str
    items: tuple[ObservedItem, ...]
    wrong: tuple[str, ...]
    readings: tuple[str, ...] = ()
    treatments: tuple[str, ...] | None = None


def observe_case(library: Path, name: str, knowledge: Knowledge) -> Observed:
    """Read and decide a case, and compare it with its expectation; errors are part of the answer.

    Args:
        library: the folder of the library.
        name: the path of the file from it.
        knowledge: this release, under its default readings.
    """
    readings: tuple[str, ...] = ()
    treatments: tuple[str, ...] | None = None
    try:
        case = read_library_case(library, name, knowledge)
        readings, treatments = case.readings, _treatments(case, knowledge)
        items = decide_library_case(case, knowledge)
    except MtusError as error:
        return Observed(name, (), (str(error),), readings, treatments)
    return Observed(
        name,
        tuple(
            ObservedItem(
                request,
                topic_of(item.recommendation),
                {str(a.criterion.iri): shown(a) for a in item.assessments},
                tuple(map(str, case.expected.get(request, {}).get("criteria", ()))),
            )
            for request, item in items.items()
        ),
        tuple(
            line
            for request, expected in case.expected.items()
            for line in differences(request, expected, items[request])
        ),
        readings,
        treatments,
    )


def _treatments(case: LibraryCase, knowledge: Knowledge) -> tuple[str, ...]:
    """Give every kind of treatment that a case names, and what those are kinds of."""
    ancestors = knowledge.concepts.ancestors
    named = (o for _, p, o in case.case.triples if p == RDF.type and isinstance(o, URIRef))
    above = {kind for name in named for kind in ancestors.get(name, ())}
    return tuple(sorted(str(k) for k in above if CORE.Treatment in ancestors.get(k, ())))


def observe(
    library: Path,
    names: Iterable[str],
    knowledge: Knowledge,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    jobs: int = 1,
) -> dict[str, Observed]:
    """Decide cases, those from the cache that are known to give what they gave.

    Args:
        library: the folder of the library.
        names: the cases, by their paths from it.
        knowledge: this release, under its default readings; its cache folder is used.
        progress: told how many are done, of how many.
        jobs: how many processes, where there are many cases to decide.

    Returns:
        What each case gave, in the order of the names.
    """
    wanted = list(names)
    kept = _Kept(library, knowledge)
    digests = {name: digest_of(library, name) for name in wanted}
    found = {name: kept.get(digests[name], name) for name in wanted}
    left = [name for name in wanted if found[name] is None]
    done = len(wanted) - len(left)
    for seen in _decided(library, left, knowledge, jobs):
        kept.add(digests[seen.name], seen)
        found[seen.name] = seen
        done += 1
        progress(done, len(wanted))
    return {name: seen for name, seen in found.items() if seen is not None}


def _decided(
    library: Path, names: Sequence[str], knowledge: Knowledge, jobs: int
) -> Iterator[Observed]:
    if jobs <= 1 or len(names) < _WORTH_A_PROCESS:
        use_parsed_queries()
        for name in names:
            yield observe_case(library, name, knowledge)
        return
    # Started afresh: native libraries with threads do not survive a fork.
    sources = Sources(knowledge.sources.files, knowledge.sources.release)
    given = (sources, knowledge.cache, knowledge.index, library)
    with in_processes(
        _observe, names, jobs, _start, given, together=_CHUNK, shared=False, in_order=False
    ) as observed:
        yield from observed


_WORKER: list[tuple[Knowledge, Path]] = []


def _start(sources: Sources, cache: Path | None, index: TopicIndex, library: Path) -> None:
    """Set a process up: it is handed the files, so that it has the release that we have."""
    use_parsed_queries()
    _WORKER[:] = [(Knowledge(sources, cache, (), index), library)]


def _observe(name: str) -> Observed:
    ((knowledge, library),) = _WORKER
    return observe_case(library, name, knowledge)


class _Fingerprint:
    """Hashes of what deciding a case looks at."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._files = {name: _hash(data) for name, data in knowledge.sources.files.items()}
        self._index = knowledge.index
        self._whole = _hash(f"{deciding_code()} {knowledge.release}".encode())
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self._always = [
            deciding_code(),
            *(
                digest
                for name, digest in sorted(self._files.items())
                if not name.startswith((_GUIDELINES, _CRITERIA, _OVERLAYS))
                or name.endswith("/guideline.ttl")
            ),
        ]

    def of(self, treatments: Sequence[str] | None, readings: Sequence[str]) -> str:
        """Give one hash of what a case depends on: the whole release, if that is not known."""
        if treatments is None:
            return self._whole
        near = (tuple(treatments), tuple(readings))
        if near not in self._known:
            self._known[near] = self._of(*near)
        return self._known[near]

    def _of(self, treatments: tuple[str, ...], readings: tuple[str, ...]) -> str:
        about = self._index.about
        topics = sorted({t for k in treatments for t in about.get(URIRef(k), ())})
        names = [
            *(f"{folder}{t}.ttl" for t in topics for folder in (_GUIDELINES, _CRITERIA)),
            *(f"{_OVERLAYS}{r}.ttl" for r in readings),
        ]
        begins = tuple(f"{BASE}guideline/{topic}#" for topic in topics)
        order = [
            f"{iri} {' '.join(sorted(below))}"
            for iri, below in sorted(self._index.displaced.items())
            if str(iri).startswith(begins)
        ]
        parts = [*self._always, *(f"{n} {self._files.get(n, '')}" for n in names), *order]
        return _hash("\n".join(parts).encode())


def digest_of(library: Path, name: str) -> str:
    """Give the hash of a case's file, or of why it cannot be read, which deciding it tells."""
    try:
        return _hash((library / name).read_bytes())
    except OSError as error:
        return _hash(str(error).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Kept:
    """What the cases of a folder gave, a line of JSON each, the latest of a case last."""

    def __init__(self, library: Path, knowledge: Knowledge) -> None:
        self._file: Path | None = None
        self._seen: dict[str, dict[str, Any]] = {}
        if knowledge.cache is None:
            return
        self._fingerprint = _Fingerprint(knowledge)
        name = _hash(str(library.resolve()).encode())[:16]
        self._file = knowledge.cache / f"cases-{name}.jsonl"
        lines = (kept_text(self._file) or "").splitlines()
        for line in lines:
            try:
                entry = json.loads(line)
                if entry["format"] == _FORMAT:
                    self._seen[entry["case"]] = entry
            except (ValueError, KeyError, TypeError):
                continue  # a line that was cut short
        if len(lines) > 2 * len(self._seen) + 100:
            keep_text(self._file, "".join(map(_line, self._seen.values())))

    def get(self, digest: str, name: str) -> Observed | None:
        entry = self._seen.get(digest)
        if entry is None:
            return None
        try:
            if entry["key"] != self._fingerprint.of(entry["treatments"], entry["readings"]):
                return None
            items = tuple(
                ObservedItem(i["request"], i["topic"], i["outcomes"], tuple(i["stated"]))
                for i in entry["items"]
            )
            treatments = entry["treatments"]
            return Observed(
                name,
                items,
                tuple(entry["wrong"]),
                tuple(entry["readings"]),
                None if treatments is None else tuple(treatments),
            )
        except (KeyError, TypeError):
            return None

    def add(self, digest: str, seen: Observed) -> None:
        if self._file is None:
            return
        entry = {"format": _FORMAT, "case": digest, **asdict(seen)}
        entry["key"] = self._fingerprint.of(seen.treatments, seen.readings)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(_line(entry))
        except OSError:
            self._file = None


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"
