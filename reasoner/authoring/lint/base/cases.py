"""What the cases of a library show of each criterion, decided once and kept.

Deciding a thousand cases takes minutes. What a case showed is kept in the cache folder, under its
own bytes and everything that deciding it looked at: the vocabularies, the forms, the topics about
the treatments that it names, what prevails over what in them, the overlays of its readings, and the
code. So after an edit of one topic only the cases that come near it are decided again, and after a
new topic those of its treatments.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rdflib import RDF, URIRef

from reasoner.authoring.decidingcode import deciding_code
from reasoner.authoring.librarycases import (
    decide_library_case,
    differences,
    read_library_case,
    shown,
)
from reasoner.authoring.lint.base.release import CRITERIA, GUIDELINES, OVERLAYS, Release
from reasoner.authoring.mutation.parsedqueries import use_parsed_queries
from reasoner.errors import MtusError
from reasoner.knowledge import Knowledge
from reasoner.terms import BASE, CORE

_KEEP_EVERY = 50
_FORMAT = "mtus.lint.cases/2"


@dataclass(frozen=True)
class Shown:
    """What one case file shows.

    Attributes:
        file: the file, from the root of the release.
        outcomes: pairs of a criterion and an outcome; ``PresumedMet`` where it is presumed.
        wrong: where it is not decided as it says, or why it could not be; empty if all is well.
        readings: the readings that it is decided under.
        treatments: every kind of treatment that it names; the topics about them are what deciding
            it looks at. None if it failed before that was known.
    """

    file: str
    outcomes: frozenset[tuple[URIRef, str]]
    wrong: tuple[str, ...]
    readings: tuple[str, ...]
    treatments: tuple[str, ...] | None


@lru_cache(maxsize=4)
def shown_by_cases(release: Release) -> tuple[Shown, ...]:
    """Decide every case of a release, as far as it is not known what it shows.

    Returns:
        What each case shows, in the order of the files; nothing if there are no cases.

    Raises:
        KnowledgeError: if the topics cannot be loaded, which other rules say.
    """
    if release.cases is None:
        return ()
    use_parsed_queries()
    files = sorted(release.cases.rglob("*.yaml"))
    kept = _read_kept(release)
    fingerprint = _Fingerprint(release)
    found: list[Shown] = []
    for number, path in enumerate(files, start=1):
        digest = _hash(path.read_bytes())
        name = str(path.relative_to(release.root))
        known = _from_json(name, kept.get(digest))
        if known is None or kept[digest]["key"] != fingerprint.of(known):
            known = _decide(release.knowledge, release.cases, name, path)
            kept[digest] = _to_json(known, fingerprint.of(known))
            if number % _KEEP_EVERY == 0:
                _keep(release, kept)  # an interrupted run is not lost
            if release.progress is not None:
                release.progress(number, len(files))
        found.append(known)
    _keep(release, kept)
    return tuple(found)


def outcomes_of(shown: Iterable[Shown]) -> Mapping[URIRef, frozenset[str]]:
    """Give, for each criterion, every outcome that some case shows."""
    found: dict[URIRef, set[str]] = {}
    for case in shown:
        for criterion, outcome in case.outcomes:
            found.setdefault(criterion, set()).add(outcome)
    return {criterion: frozenset(outcomes) for criterion, outcomes in found.items()}


def _decide(knowledge: Knowledge, library: Path, name: str, path: Path) -> Shown:
    readings: tuple[str, ...] = ()
    treatments: tuple[str, ...] | None = None
    try:
        case = read_library_case(library, str(path.relative_to(library)), knowledge)
        readings = case.readings
        treatments = _treatments(knowledge, case.case.triples)
        items = decide_library_case(case, knowledge)
    except MtusError as error:
        return Shown(name, frozenset(), (str(error),), readings, treatments)
    return Shown(
        name,
        frozenset((a.criterion.iri, shown(a)) for i in items.values() for a in i.assessments),
        tuple(
            line
            for request, expected in case.expected.items()
            for line in differences(request, expected, items[request])
        ),
        readings,
        treatments,
    )


def _treatments(knowledge: Knowledge, triples: Iterable[tuple[object, ...]]) -> tuple[str, ...]:
    """Give every kind of treatment that a case names, and what those are kinds of."""
    ancestors = knowledge.concepts.ancestors
    named = (o for _, p, o in triples if p == RDF.type and isinstance(o, URIRef))
    above = {kind for name in named for kind in ancestors.get(name, ())}
    return tuple(sorted(str(k) for k in above if CORE.Treatment in ancestors.get(k, ())))


class _Fingerprint:
    """Hashes of what deciding a case looks at."""

    def __init__(self, release: Release) -> None:
        self._files = {name: _hash(release.sources.files[name]) for name in release.files}
        self._index = release.knowledge.index
        self._release = release.sources.release
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self._always = [
            _FORMAT,
            deciding_code(),
            *(
                digest
                for name, digest in sorted(self._files.items())
                if not name.startswith((GUIDELINES, CRITERIA, OVERLAYS))
                or name.endswith("/guideline.ttl")
            ),
        ]

    def of(self, shown: Shown) -> str:
        """Give one hash of what a case depends on: the whole release, if that is not known."""
        if shown.treatments is None:
            return _hash(f"{deciding_code()} {self._release}".encode())
        near = (shown.treatments, shown.readings)
        if near not in self._known:
            self._known[near] = self._of(*near)
        return self._known[near]

    def _of(self, treatments: tuple[str, ...], readings: tuple[str, ...]) -> str:
        about = self._index.about
        topics = sorted({t for k in treatments for t in about.get(URIRef(k), ())})
        names = [
            *(f"{folder}{t}.ttl" for t in topics for folder in (GUIDELINES, CRITERIA)),
            *(f"{OVERLAYS}{r}.ttl" for r in readings),
        ]
        begins = tuple(f"{BASE}guideline/{topic}#" for topic in topics)
        order = [
            f"{iri} {' '.join(sorted(below))}"
            for iri, below in sorted(self._index.displaced.items())
            if str(iri).startswith(begins)
        ]
        parts = [*self._always, *(f"{n} {self._files.get(n, '')}" for n in names), *order]
        return _hash("\n".join(parts).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# What is kept: one JSON file for each release folder, by the hash of a case's bytes.


def _path(release: Release) -> Path:
    return release.cache / f"lint-cases-{_hash(str(release.root.resolve()).encode())[:16]}.json"


def _read_kept(release: Release) -> dict[str, dict[str, Any]]:
    try:
        kept = json.loads(_path(release).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
        return {}
    cases: dict[str, dict[str, Any]] = kept["cases"]
    return cases


def _to_json(shown: Shown, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "outcomes": [" ".join(pair) for pair in sorted(shown.outcomes)],
        "wrong": list(shown.wrong),
        "readings": list(shown.readings),
        "treatments": None if shown.treatments is None else list(shown.treatments),
    }


def _from_json(name: str, kept: Mapping[str, Any] | None) -> Shown | None:
    if kept is None:
        return None
    pairs = (pair.rpartition(" ") for pair in kept["outcomes"])
    return Shown(
        name,
        frozenset((URIRef(criterion), outcome) for criterion, _, outcome in pairs),
        tuple(kept["wrong"]),
        tuple(kept["readings"]),
        None if kept["treatments"] is None else tuple(kept["treatments"]),
    )


def _keep(release: Release, kept: Mapping[str, object]) -> None:
    """Write what is kept, in full or not at all; without a cache it is found out again."""
    try:
        release.cache.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=release.cache, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump({"format": _FORMAT, "cases": kept}, stream)
        Path(name).replace(_path(release))
    except OSError:
        pass
