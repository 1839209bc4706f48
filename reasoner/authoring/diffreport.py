"""What differs between two releases, as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from reasoner.authoring.casediff import CaseDifferences
from reasoner.authoring.releasediff import Change, Difference


def to_json(difference: Difference, cases: CaseDifferences | None = None) -> str:
    """Write a difference as JSON, form ``mtus.diff/1``."""
    stated = {
        "format": "mtus.diff/1",
        **asdict(difference),
        "cases": None if cases is None else asdict(cases),
    }
    return json.dumps(stated, indent=2, ensure_ascii=False)


def to_text(difference: Difference, cases: CaseDifferences | None = None) -> str:
    """Write a difference as plain text."""
    lines = [f"{difference.old[:12]} against {difference.new[:12]}", ""]
    for change in difference.changes:
        lines.append(f"{change.what} {change.name}: {_KINDS[change.kind]}")
        lines.extend(f"    {detail}" for detail in change.details)
        if change.separating is not None:
            lines.append(f"    {_told(change)}")
            lines.extend(f"        {line}" for line in change.separating.case.splitlines())
    if not difference.changes:
        lines.append("The releases say the same.")
    for case in () if cases is None else cases.differing:
        for item in case.items:
            lines.append(f"{case.file} {item.request}: {item.old} -> {item.new}")
            lines.extend(f"    {why}" for why in item.why)
    lines.extend(_closing(cases))
    return "\n".join(lines) + "\n"


def to_markdown(difference: Difference, cases: CaseDifferences | None = None) -> str:
    """Write a difference as Markdown."""
    lines = [f"# `{difference.old[:12]}` against `{difference.new[:12]}`", ""]
    if not difference.changes:
        lines += ["The releases say the same.", ""]
    shown = ""
    for change in difference.changes:
        if change.what != shown:
            lines += [f"## {_HEADINGS[change.what]}", ""]
            shown = change.what
        lines += [f"### {change.name}: {_KINDS[change.kind]}", ""]
        lines += [f"- {_escaped(detail)}" for detail in change.details]
        if change.details:
            lines.append("")
        if change.separating is not None:
            lines += [_told(change), "", "```yaml", change.separating.case.rstrip(), "```", ""]
    if cases is not None and cases.differing:
        lines += ["## Cases that are decided differently", ""]
        lines += ["| case | request | before | after | why |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {case.file} | {item.request} | {item.old} | {item.new} |"
            f" {'<br>'.join(map(_escaped, item.why))} |"
            for case in cases.differing
            for item in case.items
        ]
        lines.append("")
    lines += list(_closing(cases))
    return "\n".join(lines).rstrip() + "\n"


def _told(change: Change) -> str:
    assert change.separating is not None
    return (
        f"The smallest case found that separates them: {change.separating.old} before,"
        f" {change.separating.new} after."
    )


def _closing(cases: CaseDifferences | None) -> Iterator[str]:
    if cases is None:
        return
    yield f"{cases.decided} cases decided, {len(cases.differing)} of them differently."
    for reason in cases.unreadable:
        yield f"Not decided under both: {reason}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


_KINDS = {
    "added": "added",
    "dropped": "dropped",
    "tightened": "tightened",
    "loosened": "loosened",
    "shifted": "shifted, for some better and for others worse",
    "rewritten": "stated differently; no case was found that is decided differently",
    "described": "only described differently",
}
_HEADINGS = {
    "guideline": "Guidelines",
    "recommendation": "Recommendations",
    "criterion": "Criteria",
    "definition": "Definitions",
    "concept": "Concepts",
    "reading": "Readings",
}
