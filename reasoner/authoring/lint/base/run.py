"""Rules run on a release: every finding once, in the order of files and lines."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reasoner.authoring.lint.base.finding import Finding
from reasoner.authoring.lint.base.registry import Rule
from reasoner.authoring.lint.base.release import VOCABULARIES, Release
from reasoner.errors import EngineError, MissingExtraError
from reasoner.processes import can_share, in_processes

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


def run(release: Release, rules: Iterable[Rule], *, jobs: int = 1) -> Report:
    """Run rules on a release.

    A rule that needs a part that is not installed is left out and noted. If a vocabulary is
    malformed, no rule but that one has anything to stand on.

    Args:
        release: the release.
        rules: the rules.
        jobs: how many processes; one where processes cannot share what is loaded.
    """
    chosen = list(rules)
    notes: list[str] = []
    broken = [name for name in _NEEDED if name in release.malformed]
    if broken:
        left = [rule for rule in chosen if rule.name == _ALWAYS]
        notes.append(f"{', '.join(broken)}: no other rule was run, because it is no Turtle.")
        chosen = left
    found: dict[tuple[str, str, str], Finding] = {}
    in_order = sorted(chosen, key=lambda r: r.is_fallback)
    for rule, (findings, why_not) in zip(in_order, _checked(release, in_order, jobs), strict=True):
        explained = {_topic(f.file) for f in found.values()} if rule.is_fallback else set()
        for finding in findings:
            # Under a reading the same is found again; it is said once, of the default.
            if not _is_explained(finding, explained):
                found.setdefault((finding.rule, finding.subject, finding.message), finding)
        if why_not is not None:
            notes.append(f"{rule.name} was not run: {why_not}")
    return Report(tuple(sorted(found.values(), key=lambda f: f.sort_key)), tuple(notes))


_Checked = tuple[list[Finding], str | None]
_SHARED: list[tuple[Release, Sequence[Rule]]] = []


def _checked(release: Release, rules: Sequence[Rule], jobs: int) -> Iterator[_Checked]:
    """Give for each rule what it finds, and why it was not run to its end, if it was not."""
    if jobs <= 1 or len(rules) <= 1 or not can_share():
        for rule in rules:
            yield _check(release, rule)
        return
    # What is loaded before the processes are made is theirs without being copied, as long as their
    # garbage collectors leave it alone, which is also a fifth of the time.
    gc.disable()
    _SHARED.append((release, rules))
    try:
        _ = release.views, release.statements, release.knowledge
        gc.freeze()
        gc.enable()
        # This process decides the cases, in processes of its own, for all rules that look at them;
        # of the others a fallback is begun first, for it loads every topic.
        of_cases = [n for n, rule in enumerate(rules) if rule.looks_at_cases]
        others = [n for n in range(len(rules)) if n not in of_cases]
        others.sort(key=lambda n: not rules[n].is_fallback)
        with in_processes(_check_shared, others, jobs, in_order=False) as checked:
            of_each = {n: _check(release, rules[n]) for n in of_cases}
            of_each.update(checked)
        yield from (of_each[n] for n in range(len(rules)))
    finally:
        gc.enable()
        gc.unfreeze()
        _SHARED.pop()


def _check_shared(number: int) -> tuple[int, _Checked]:
    release, rules = _SHARED[-1]
    return number, _check(release, rules[number])


def _check(release: Release, rule: Rule) -> _Checked:
    found: list[Finding] = []
    try:
        found.extend(rule.check(release))
    except (MissingExtraError, EngineError) as error:
        return found, str(error)
    return found, None


def _is_explained(finding: Finding, explained: set[str]) -> bool:
    """Tell whether what was found may be why: in its topic, or anywhere if it is of no topic."""
    topic = _topic(finding.file)
    return topic in explained or (topic == finding.file and bool(explained))


def _topic(file: str) -> str:
    """Give what the files of one topic have in common."""
    for folder in ("ontology/guidelines/", "shapes/criteria/"):
        file = file.removeprefix(folder)
    return file
