"""The files that say what a reform would do: summary, flips, chart, and pages to read them in."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reasoner.case import read_case
from reasoner.corpus.chart import by_month, columns, to_png
from reasoner.corpus.comparison import FLIPS, Comparison
from reasoner.corpus.reform import to_json
from reasoner.corpus.schema import full
from reasoner.corpus.tables import write_bytes, write_parquet, write_text
from reasoner.determination import Determination, adjudicate
from reasoner.errors import MtusError
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.terms import local_name

_LISTED = 500
"""Flips that the page lists; all of them are in ``flips.parquet``."""


def write_comparison(
    comparison: Comparison, out: Path, base: Knowledge, role: Role, show: int
) -> None:
    """Write everything about a comparison.

    Raises:
        MtusError: if a file cannot be written, or a flipped case is decided otherwise alone.
    """
    reform = comparison.reform
    write_text(out / "reform.json", to_json(reform.to_dict()))
    write_text(out / "reform.rdfp", reform.patch)
    write_text(out / "summary.json", to_json(comparison.to_dict()))
    write_text(out / "summary.md", as_markdown(comparison, base))
    rows = [tuple(flip[name] for name in FLIPS) for flip in comparison.flips]
    write_parquet(out / "flips.parquet", FLIPS, rows)
    counts = _labelled(comparison.counts(), base)
    chart = columns(f"{reform.title}: items that flip, by month", by_month(counts["month"]))
    write_text(out / "chart.svg", chart)
    png = to_png(chart)
    if png is not None:
        write_bytes(out / "chart.png", png)
    shutil.rmtree(out / "flips", ignore_errors=True)
    shown = _show(comparison, out / "flips", base, role, show)
    page = _environment().get_template("whatif.html.j2")
    write_text(
        out / "index.html",
        page.render(
            lead=_lead(comparison), reform=reform, chart=chart, counts=counts,
            flips=comparison.flips[:_LISTED], many=len(comparison.flips), shown=shown,
            sampled=list(_sampled(comparison)), label=lambda name: label(base, name),
        ),
    )  # fmt: skip


def _show(
    comparison: Comparison, folder: Path, base: Knowledge, role: Role, most: int
) -> dict[int, str]:
    """Write a page for each of the first flipped cases whose file is there.

    Returns:
        The name of the page by the number of the case.

    Raises:
        MtusError: if a case is not decided alone as it was in the population.
    """
    from reasoner.rendering import render

    by_case: dict[int, list[dict[str, Any]]] = {}
    for flip in comparison.flips:
        by_case.setdefault(flip["case_no"], []).append(flip)
    shown: dict[int, str] = {}
    for number, flips in by_case.items():
        source = flips[0]["source"]
        if len(shown) >= most or not Path(source).is_file():
            continue
        case = read_case(source, base)
        before = adjudicate(case, base, role=role)
        after = adjudicate(case, comparison.reform.after, role=role)
        for flip in flips:
            alone = (_outcome(before, flip["request"]), _outcome(after, flip["request"]))
            if alone != (flip["before"], flip["after"]):
                raise MtusError(
                    f"{source}: {flip['request']} is {alone[0]} before and {alone[1]} after by"
                    f" itself, and {flip['before']} and {flip['after']} in the population. Either"
                    " the file is not the one that the tables were made of, or this is an error"
                    " of the program; please report it."
                )
        shown[number] = f"case-{number}.html"
        sides = [
            (title, render(d.to_dict(), "html-fragment"))
            for title, d in (("Before", before), ("After", after))
        ]
        page = _environment().get_template("flip.html.j2")
        write_text(
            folder / shown[number],
            page.render(case=case.identifier, flips=flips, sides=sides,
                        label=lambda name: label(base, name),
                        title=comparison.reform.title),
        )  # fmt: skip
    return shown


def _outcome(determination: Determination, request: str) -> str | None:
    for item in determination.items:
        if local_name(str(item.decision.request)) == request:
            return str(item.decision.outcome)
    return None


def _lead(comparison: Comparison) -> str:
    """Say in a few words what comes of a reform."""
    flips, revised = len(comparison.flips), comparison.revised
    read = _many(comparison.read, "case")
    drawn = f"{read} drawn of {comparison.cases:,}" if comparison.sample is not None else read
    left = comparison.refused
    return (
        f"{drawn}; the reform can touch {comparison.decided:,} of them, with"
        f" {_many(comparison.items, 'item')}. {_many(flips, 'item')}"
        f" {'flips' if flips == 1 else 'flip'};"
        f" {f'{revised:,} keeps its' if revised == 1 else f'{revised:,} keep their'} outcome"
        f" and {'changes' if revised == 1 else 'change'} what it rests on."
        + (f" {_many(left, 'case')} {'was' if left == 1 else 'were'} left out." if left else "")
    )


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _sampled(comparison: Comparison) -> Iterator[tuple[str, int, str]]:
    """Give rows on the whole population: what, seen in the sample, estimated with its interval."""
    found = comparison.estimates()
    if found is None:
        return

    def between(estimate: Mapping[str, Any]) -> str:
        return f"{estimate['estimate']:,} ({estimate['low']:,} to {estimate['high']:,})"

    some = found["casesWithAFlip"]
    yield "cases with a flip", some["seen"], between(some)
    for way, estimate in found["casesByDirection"].items():
        yield f"cases with {way}", estimate["seen"], between(estimate)
    items = found["itemsThatFlip"]
    yield (
        "items that flip", len(comparison.flips),
        "too few cases to tell" if items is None else between(items),
    )  # fmt: skip


def label(knowledge: Knowledge, name: str) -> str:
    """Give the label of a term of the vocabularies; what is none stays as it is."""
    term = full(name)
    known = term in knowledge.concepts.ancestors or term in knowledge.concepts.kinds
    return knowledge.concepts.label(term) if known else name


def _labelled(
    counts: Mapping[str, Mapping[str, int]], knowledge: Knowledge
) -> dict[str, dict[str, int]]:
    return {
        name: {label(knowledge, key) if name == "region" else key: many for key, many in c.items()}
        for name, c in counts.items()
    }


def as_markdown(comparison: Comparison, base: Knowledge) -> str:
    """Write the summary as Markdown, with the labels of a release."""
    reform = comparison.reform
    lines = [
        f"# {reform.title}", "", _lead(comparison), "",
        f"Reform: `{reform.iri}`, of the release `{reform.base}`.",
    ]  # fmt: skip
    if reform.citation:
        lines += ["", f"Cited: {reform.citation}"]
    sampled = list(_sampled(comparison))
    if sampled:
        lines += ["", "| in all cases | seen | estimated (95 %) |", "| --- | --- | --- |"]
        lines += [f"| {what} | {seen:,} | {estimate} |" for what, seen, estimate in sampled]
    for name, counted in _labelled(comparison.counts(), base).items():
        if counted:
            lines += ["", f"| {name.replace('_', ' ')} | items |", "| --- | --- |"]
            lines += [f"| {key} | {many:,} |" for key, many in head(counted.items())]
    return "\n".join(lines) + "\n"


def head(rows: Iterable[tuple[str, int]], most: int = 40) -> list[tuple[str, int]]:
    """Give the first rows of a count, and the others as one."""
    found = list(rows)
    if len(found) <= most:
        return found
    return [*found[:most], ("the others", sum(many for _, many in found[most:]))]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reasoner.corpus", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["head"] = head
    return made
