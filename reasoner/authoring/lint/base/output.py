"""Findings for a terminal, and for an editor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from reasoner.authoring.lint.base.finding import Finding
from reasoner.authoring.lint.base.registry import rules
from reasoner.authoring.lint.base.release import Release
from reasoner.authoring.lint.base.run import Report
from reasoner.terms import BASE

_ERROR, _WARNING = 1, 2
_DOCS = Path(__file__).resolve().parents[4] / "docs" / "lint"


def as_text(release: Release, report: Report, *, first: Iterable[str] = ()) -> str:
    """Write findings a line each, then how many there are of each rule.

    Args:
        release: what was linted.
        report: what was found.
        first: files whose findings come first.
    """
    ahead = set(first)
    findings = sorted(report.findings, key=lambda f: f.file not in ahead)
    lines = [_line(release, finding) for finding in findings]
    if findings:
        counts = Counter(f.rule for f in findings)
        lines.append("")
        lines += [f"{number:>5} {rule}" for rule, number in sorted(counts.items())]
        lines.append(f"{len(findings):>5} in all; mtus lint --explain RULE says more")
    else:
        lines.append("Nothing found.")
    return "\n".join(lines) + "\n"


def _line(release: Release, finding: Finding) -> str:
    place = str(release.root / finding.file)
    if finding.line is not None:
        place += f":{finding.line}"
    text = f"{place}: {finding.rule}: {finding.text} {finding.mend}"
    return text if finding.nearest is None else f"{text} Did you mean {finding.nearest}?"


def as_diagnostics(
    release: Release, report: Report, *, cleared: Iterable[str] = ()
) -> list[dict[str, object]]:
    """Give findings as an editor takes them: a list of PublishDiagnosticsParams.

    Args:
        release: what was linted.
        report: what was found.
        cleared: files that had findings; those that have none any more get an empty list.

    Source: Language Server Protocol 3.17, ``textDocument/publishDiagnostics``.
    """
    by_file: dict[str, list[dict[str, object]]] = {name: [] for name in sorted(cleared)}
    for finding in report.findings:
        by_file.setdefault(finding.file, []).append(_diagnostic(release, finding))
    return [
        {"uri": (release.root / name).resolve().as_uri(), "diagnostics": diagnostics}
        for name, diagnostics in sorted(by_file.items())
    ]


def as_json(diagnostics: list[dict[str, object]], *, indent: int | None = None) -> str:
    """Write diagnostics as JSON, on one line unless it is to be read by people."""
    return json.dumps(diagnostics, ensure_ascii=False, indent=indent) + "\n"


def _diagnostic(release: Release, finding: Finding) -> dict[str, object]:
    message = f"{finding.text} {finding.mend}"
    if finding.nearest is not None:
        message += f" Did you mean {finding.nearest}?"
    known = rules()
    is_advice = finding.rule in known and known[finding.rule].is_advice
    return {
        "range": _range(release, finding),
        "severity": _WARNING if is_advice else _ERROR,
        "code": finding.rule,
        "codeDescription": {"href": page_of(finding.rule)},
        "source": "mtus lint",
        "message": message,
    }


def _range(release: Release, finding: Finding) -> Mapping[str, Mapping[str, int]]:
    """Give the text of a line, blanks at both ends left out, in UTF-16 units from 0."""
    number = (finding.line or 1) - 1
    try:
        lines = (release.root / finding.file).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    text = lines[number].rstrip() if number < len(lines) else ""
    start = len(text) - len(text.lstrip())
    return {
        "start": {"line": number, "character": start},
        "end": {"line": number, "character": len(text.encode("utf-16-le")) // 2},
    }


def page_of(rule: str) -> str:
    """Give where the page of a rule is: the file in a source tree, else its name on the web."""
    file = _DOCS / f"{rule}.md"
    return file.as_uri() if file.is_file() else f"{BASE}docs/lint/{rule}"
