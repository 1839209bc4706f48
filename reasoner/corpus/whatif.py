"""What a reform would do to a population: decided before and after, and what differs."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reasoner.case import read_case
from reasoner.corpus.chart import bars, to_png
from reasoner.corpus.determine import Population
from reasoner.corpus.reform import Reform, to_json
from reasoner.corpus.tables import (
    Progress,
    files_in,
    no_progress,
    write_parquet,
    write_tables,
    write_text,
)
from reasoner.determination import adjudicate
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Basis, Role

FORMAT = "mtus.whatif/1"
FLIPS = {
    "case_no": "BIGINT", "case_id": "VARCHAR", "source": "VARCHAR", "request": "VARCHAR",
    "treatment": "VARCHAR", "region": "VARCHAR", "month": "VARCHAR", "topic": "VARCHAR",
    "before": "VARCHAR", "after": "VARCHAR", "necessity_before": "VARCHAR",
    "necessity_after": "VARCHAR", "rests_on": "VARCHAR", "criteria": "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What a reform changes.

    Attributes:
        cases: how many cases the population has.
        decided: how many of them the reform can touch, and were decided.
        items: how many items these have.
        flips: a row for each item that flips, by the columns of ``FLIPS``.
        revised: how many items keep their outcome, and not their necessity.
        refused: how many cases were left out, either not to be read or not to be decided.
    """

    reform: Reform
    cases: int
    decided: int
    items: int
    flips: tuple[dict[str, Any], ...]
    revised: int
    refused: int = 0

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the flips, by what a reader asks about."""
        by: dict[str, Counter[str]] = {
            name: Counter() for name in ("direction", "rests_on", "topic", "region", "month",
                                         "criterion")
        }  # fmt: skip
        for flip in self.flips:
            by["direction"][f"{flip['before']} to {flip['after']}"] += 1
            for name in ("rests_on", "topic", "region", "month"):
                by[name][flip[name] or "none stated"] += 1
            for criterion in (flip["criteria"] or "").split(", "):
                by["criterion"][criterion or "none of its own"] += 1
        return {
            name: dict(
                sorted(c.items(), key=lambda kv: (kv[0] if name == "month" else -kv[1], kv[0]))
            )
            for name, c in by.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the summary as JSON has it."""
        return {
            "format": FORMAT,
            "reform": self.reform.to_dict(),
            "cases": self.cases,
            "casesDecided": self.decided,
            "itemsDecided": self.items,
            "refused": self.refused,
            "flips": len(self.flips),
            "revised": self.revised,
            "by": self.counts(),
        }


_Items = dict[tuple[int, str], dict[str, Any]]


def compare(
    folder: Path,
    base: Knowledge,
    reform: Reform,
    role: Role = Role.IMR,
    memory: str | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Decide a folder of tables before and after a reform.

    Args:
        folder: the tables.
        base: the release before.
        reform: what changes.
        role: who decides.
        memory: how much memory DuckDB may take.
        progress: told how many parts are compared.

    Raises:
        InputError: if the tables cannot be used.
        KnowledgeError: if something of either release is not compiled.
    """
    before = Population(folder, base, role, memory)
    after = Population(folder, reform.after, role, memory)
    topics = reform.topics()
    flips: list[dict[str, Any]] = []
    decided = items = revised = 0
    refused: set[int] = set()
    for part in range(before.parts):
        old, new = before.begin([part]), after.begin([part])
        cases = None
        if topics is not None:
            cases = sorted({*before.touched(old, topics), *after.touched(new, topics)})
        before.finish(old, cases)
        after.finish(new, cases)
        ours, theirs = _items(old.sql), _items(new.sql)
        decided += len({number for number, _ in ours.keys() | theirs.keys()})
        items += len(ours)
        for key in sorted(ours.keys() & theirs.keys()):
            one, other = ours[key], theirs[key]
            if one["outcome"] != other["outcome"]:
                flips.append(_flip(one, other))
            elif one["necessity"] != other["necessity"]:
                revised += 1
        refused |= {
            number for store in (old, new) for (number,) in store.run("SELECT case_no FROM refusal")
        }
        old.sql.close()
        new.sql.close()
        progress(part + 1, before.parts)
    return Comparison(reform, before.cases, decided, items, tuple(flips), revised, len(refused))


def _items(connection: Any) -> _Items:
    found: _Items = {}
    names = ("case_no", "case_id", "source", "request", "treatment", "region", "month", "topic",
             "necessity", "basis", "outcome")  # fmt: skip
    for row in connection.execute(
        "SELECT i.case_no, i.case_id, c.source, i.request, i.treatment, i.region,"
        " strftime(i.day, '%Y-%m'), i.topic, i.necessity, i.basis, i.outcome"
        " FROM item i JOIN stated_case c USING (case_no)"
    ).fetchall():
        item = dict(zip(names, row, strict=True))
        item["criteria"] = {}
        found[item["case_no"], item["request"]] = item
    for number, request, criterion, outcome in connection.execute(
        "SELECT case_no, request, criterion, outcome FROM criterion"
    ).fetchall():
        found[number, request]["criteria"][criterion] = outcome
    return found


def _flip(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    silent = Basis.NOT_ESTABLISHED in (before["basis"], after["basis"])
    one, other = before["criteria"], after["criteria"]
    changed = sorted(
        c.partition("/guideline/")[2]
        for c in one.keys() | other.keys()
        if one.get(c) != other.get(c)
    )
    return {
        **{name: before[name] for name in
           ("case_no", "case_id", "source", "request", "treatment", "region", "month")},
        "topic": after["topic"] or before["topic"],
        "before": before["outcome"],
        "after": after["outcome"],
        "necessity_before": before["necessity"],
        "necessity_after": after["necessity"],
        "rests_on": "silence" if silent else "facts",
        "criteria": ", ".join(changed) or None,
    }  # fmt: skip


def whatif(
    places: Sequence[Path],
    out: Path,
    base: Knowledge,
    reform: Reform,
    *,
    role: Role = Role.IMR,
    show: int = 20,
    jobs: int = 1,
    memory: str | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Compare a population before and after a reform, and write what differs.

    Args:
        places: a folder of tables, or case files and folders of them.
        out: the folder that the comparison is written into.
        base: the release before.
        reform: what changes.
        role: who decides.
        show: how many flipped cases are shown with their rationales, where they are files.
        jobs: how many processes read case files.
        memory: how much memory DuckDB may take.
        progress: told how many parts are compared.

    Raises:
        InputError: if the cases cannot be used.
        KnowledgeError: if something of either release is not compiled.
        MtusError: if a file cannot be written.
    """
    with tempfile.TemporaryDirectory() as made:
        folder, unread = places[0], 0
        tables = len(places) == 1 and (folder / "corpus.json").exists()
        if not tables:
            folder = Path(made) / "tables"
            unread = write_tables(files_in(places), folder, base, jobs=jobs).refused
        comparison = compare(folder, base, reform, role, memory, progress)
        comparison = replace(comparison, refused=comparison.refused + unread)
    write_text(out / "reform.json", to_json(reform.to_dict()))
    write_text(out / "reform.rdfp", reform.patch)
    write_text(out / "summary.json", to_json(comparison.to_dict()))
    write_text(out / "summary.md", as_markdown(comparison))
    rows = [tuple(flip[name] for name in FLIPS) for flip in comparison.flips]
    write_parquet(out / "flips.parquet", FLIPS, rows)
    chart = bars(f"{reform.title}: items that flip, by month", comparison.counts()["month"])
    write_text(out / "chart.svg", chart)
    png = to_png(chart)
    if png is not None:
        (out / "chart.png").write_bytes(png)
    shutil.rmtree(out / "flips", ignore_errors=True)
    if not tables:
        _show(comparison, out / "flips", base, role, show)
    return comparison


def _show(comparison: Comparison, folder: Path, base: Knowledge, role: Role, most: int) -> None:
    """Write flipped cases, each with its two rationales."""
    from reasoner.rendering import render

    for source in list(dict.fromkeys(f["source"] for f in comparison.flips))[:most]:
        case = read_case(source, base)
        parts = [
            f"# {title}\n\n" + render(adjudicate(case, k, role=role).to_dict(), "markdown")
            for title, k in (("Before", base), ("After", comparison.reform.after))
        ]
        write_text(folder / f"{case.identifier}.md", "\n".join(parts))


def as_markdown(comparison: Comparison) -> str:
    """Write the summary as Markdown."""
    reform = comparison.reform
    lines = [
        f"# {reform.title}",
        "",
        f"{comparison.cases:,} cases; the reform can touch {comparison.decided:,} of them, with"
        f" {comparison.items:,} items. **{len(comparison.flips):,} items flip**;"
        f" {comparison.revised:,} keep their outcome and change what it rests on."
        + (f" {comparison.refused:,} cases were left out." if comparison.refused else ""),
        "",
        f"Reform: `{reform.iri}`, of the release `{reform.base}`.",
    ]
    if reform.citation:
        lines += ["", f"Cited: {reform.citation}"]
    for name, counted in comparison.counts().items():
        if counted:
            lines += ["", f"| {name.replace('_', ' ')} | items |", "| --- | --- |"]
            lines += [f"| {key} | {many:,} |" for key, many in _head(counted.items())]
    return "\n".join(lines) + "\n"


def _head(rows: Iterable[tuple[str, int]], most: int = 40) -> list[tuple[str, int]]:
    found = list(rows)
    if len(found) <= most:
        return found
    return [*found[:most], ("the others", sum(many for _, many in found[most:]))]
