"""What the cases of a library show of each criterion, decided once and kept.

Deciding a thousand cases takes minutes. What a case showed is kept in the cache folder, under its
own bytes and everything that deciding it looked at: the vocabularies, the forms, the topics about
what it names, the overlays of its readings, and the code. So after an edit of one topic only the
cases that come near it are decided again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from rdflib import RDF, URIRef

from reasoner.adjudication import decide
from reasoner.authoring.lint.base.release import CRITERIA, GUIDELINES, OVERLAYS, Release
from reasoner.case import parse_case
from reasoner.errors import MtusError
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome, Role

_KEEP_EVERY = 50
_FORMAT = "mtus.lint.cases/1"


@dataclass(frozen=True)
class Shown:
    """What one case file shows.

    Attributes:
        file: the file, from the root of the release.
        outcomes: pairs of a criterion and an outcome; ``PresumedMet`` where it is presumed.
        error: why the case could not be read or decided; None if it could.
        near: the topics that deciding it looked at.
    """

    file: str
    outcomes: frozenset[tuple[URIRef, str]]
    error: str | None
    near: tuple[str, ...]


@lru_cache(maxsize=4)
def shown_by_cases(release: Release) -> tuple[Shown, ...]:
    """Decide every case of a release, as far as it is not known what it shows.

    Returns:
        What each case shows, in the order of the files; nothing if there are no cases, or if
        the knowledge cannot be loaded, which other rules say.
    """
    if release.cases is None:
        return ()
    files = sorted(release.cases.rglob("*.yaml"))
    kept = _read_kept(release)
    fingerprint = _Fingerprint(release)
    found: list[Shown] = []
    for number, path in enumerate(files, start=1):
        data = path.read_bytes()
        name = str(path.relative_to(release.root))
        known = kept.get(_hash(data))
        if known is not None and known["key"] == fingerprint.of(known["near"], known["readings"]):
            found.append(_from_json(name, known))
            continue
        shown, readings = _decide(release.knowledge, name, data)
        kept[_hash(data)] = _to_json(shown, readings, fingerprint.of(shown.near, readings))
        found.append(shown)
        if release.progress is not None:
            release.progress(number, len(files))
        if len(found) % _KEEP_EVERY == 0:
            _keep(release, kept)  # an interrupted run is not lost
    _keep(release, kept)
    return tuple(found)


def outcomes_of(shown: Iterable[Shown]) -> Mapping[URIRef, frozenset[str]]:
    """Give, for each criterion, every outcome that some case shows."""
    found: dict[URIRef, set[str]] = {}
    for case in shown:
        for criterion, outcome in case.outcomes:
            found.setdefault(criterion, set()).add(outcome)
    return {criterion: frozenset(outcomes) for criterion, outcomes in found.items()}


def _decide(knowledge: Knowledge, name: str, data: bytes) -> tuple[Shown, list[str]]:
    readings: list[str] = []
    near: set[str] = set()
    try:
        content = yaml.safe_load(data)
        expected = content.pop("expect", None) or {}
        readings = sorted({*content.pop("readings", ()), *expected.pop("readings", ())})
        under = knowledge.under(readings)
        plain = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
        case = parse_case(plain, name, under)
        decided = decide(case, under, Role.IMR)
    except (MtusError, yaml.YAMLError, AttributeError, TypeError) as error:
        # What a case that fails looked at is not known, so it is decided again each time that
        # anything changes.
        return Shown(
            name, frozenset(), str(error), tuple(sorted(knowledge.sources.topics))
        ), readings
    for classified in decided.classified.values():
        for kind in set(classified.graph.objects(None, RDF.type)):
            near.update(under.index.about.get(kind, ()))  # type: ignore[call-overload]
    outcomes = frozenset(
        (
            a.criterion.iri,
            "PresumedMet" if a.presumed and a.outcome is Outcome.MET else a.outcome.value,
        )
        for item in decided.items.values()
        for a in item.assessments
    )
    return Shown(name, outcomes, None, tuple(sorted(near))), readings


class _Fingerprint:
    """Hashes of what deciding a case looks at."""

    def __init__(self, release: Release) -> None:
        self._files = {name: _hash(release.sources.files[name]) for name in release.files}
        index = release.knowledge.index.to_json().encode()
        self._always = [
            _FORMAT,
            _code(),
            _hash(index),
            *(
                digest
                for name, digest in sorted(self._files.items())
                if not name.startswith((GUIDELINES, CRITERIA, OVERLAYS))
                or name.endswith("/guideline.ttl")
            ),
        ]

    def of(self, topics: Iterable[str], readings: Iterable[str]) -> str:
        """Give one hash of what cases near some topics, under some readings, depend on."""
        names = [
            *(f"{folder}{t}.ttl" for t in topics for folder in (GUIDELINES, CRITERIA)),
            *(f"{OVERLAYS}{r}.ttl" for r in readings),
        ]
        return _hash("\n".join([*self._always, *(self._files.get(n, "") for n in names)]).encode())


@cache
def _code() -> str:
    """Give a hash of the modules that decide."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).resolve().parents[3].glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
    return kept["cases"] if isinstance(kept, dict) and kept.get("format") == _FORMAT else {}


def _to_json(shown: Shown, readings: list[str], key: str) -> dict[str, object]:
    return {
        "key": key,
        "near": list(shown.near),
        "readings": readings,
        "error": shown.error,
        "outcomes": [" ".join(pair) for pair in sorted(shown.outcomes)],
    }


def _from_json(name: str, kept: Mapping[str, object]) -> Shown:
    outcomes, near, error = kept["outcomes"], kept["near"], kept["error"]
    assert isinstance(outcomes, list)
    assert isinstance(near, list)
    pairs = (pair.rpartition(" ") for pair in outcomes)
    return Shown(
        name,
        frozenset((URIRef(criterion), outcome) for criterion, _, outcome in pairs),
        None if error is None else str(error),
        tuple(near),
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
