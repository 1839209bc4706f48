"""Rules run on a release: every finding once, in the order of files and lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reasoner.authoring.lint.base.finding import Finding
from reasoner.authoring.lint.base.registry import Rule
from reasoner.authoring.lint.base.release import VOCABULARIES, Release
from reasoner.errors import EngineError, MissingExtraError

_NEEDED = (*VOCABULARIES[:2], "shapes/case.ttl")
_ALWAYS = "malformed-turtle"


@dataclass(frozen=True)
class Report:
    """What rules found.

    Attributes:
        findings: every finding once, in the order of files and lines.
        notes: what was not looked at, and why.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def run(release: Release, rules: Iterable[Rule]) -> Report:
    """Run rules on a release.

    A rule that needs a part that is not installed is left out and noted. If a vocabulary is
    malformed, no rule but that one has anything to stand on.
    """
    chosen = list(rules)
    notes: list[str] = []
    broken = [name for name in _NEEDED if name in release.malformed]
    if broken:
        left = [rule for rule in chosen if rule.name == _ALWAYS]
        notes.append(f"{', '.join(broken)}: no other rule was run, because it is no Turtle.")
        chosen = left
    found: dict[tuple[str, str, str], Finding] = {}
    for rule in sorted(chosen, key=lambda r: r.is_fallback):
        explained = {_topic(f.file) for f in found.values()} if rule.is_fallback else set()
        try:
            for finding in rule.check(release):
                # Under a reading the same is found again; it is said once, of the default.
                if not _is_explained(finding, explained):
                    found.setdefault((finding.rule, finding.subject, finding.message), finding)
        except (MissingExtraError, EngineError) as error:
            notes.append(f"{rule.name} was not run: {error}")
    return Report(tuple(sorted(found.values(), key=lambda f: f.sort_key)), tuple(notes))


def _is_explained(finding: Finding, explained: set[str]) -> bool:
    """Tell whether what was found may be why: in its topic, or anywhere if it is of no topic."""
    topic = _topic(finding.file)
    return topic in explained or (topic == finding.file and bool(explained))


def _topic(file: str) -> str:
    """Give what the files of one topic have in common."""
    for folder in ("ontology/guidelines/", "shapes/criteria/"):
        file = file.removeprefix(folder)
    return file
