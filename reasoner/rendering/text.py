"""A determination for a terminal: plain text without colour codes, wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, zip_longest
from typing import Any

from jinja2 import Template

from reasoner.rendering.cleaning import clean
from reasoner.rendering.environment import environment
from reasoner.rendering.words import (
    caveat,
    common_place,
    criterion_outcome,
    evidence,
    place,
    reasons_aside,
    symbol,
    tabled,
)

WIDTH = 80
"""How many columns a line takes at most."""

_OUTCOME_COLUMN = 18
_NUMBER_COLUMN = 8


def render_text(contract: Mapping[str, Any]) -> str:
    """Render a determination for a terminal of 80 columns."""
    return _template().render(clean(contract))


def wrap(text: str, indent: int = 0, mark: str = "") -> str:
    """Wrap a paragraph; further lines stand under the first one's text, right of its mark."""
    first = " " * indent + mark
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
    )


def table(item: Mapping[str, Any]) -> str:
    """Write the criteria of an item as rows: number, outcome, statement, page."""
    return "\n".join(chain.from_iterable(_rows(item)))


def _rows(item: Mapping[str, Any]) -> Iterator[list[str]]:
    criteria = tabled(item["criteria"])
    column = min(max(map(len, (c["number"] for c in criteria)), default=0), _NUMBER_COLUMN)
    indent = 2 + column + 2 + _OUTCOME_COLUMN + 1
    together = common_place(criteria)
    quoted: set[str] = set()
    for criterion in criteria:
        notes = [caveat(criterion["confidence"])] + ([] if together else [place(criterion)])
        noted = "; ".join(note for note in notes if note)
        outcomes = textwrap.wrap(
            f"{symbol(criterion['outcome'])} {criterion_outcome(criterion)}",
            _OUTCOME_COLUMN,
            subsequent_indent="  ",
        )
        statements = textwrap.wrap(
            criterion["statement"] + (f" [{noted}]" if noted else ""),
            WIDTH - indent,
            break_on_hyphens=False,
        )
        yield [
            f"  {number:<{column}}  {left:<{_OUTCOME_COLUMN}} {right}".rstrip()
            for number, left, right in zip_longest(
                textwrap.wrap(criterion["number"], max(column, 1)),
                outcomes,
                statements,
                fillvalue="",
            )
        ]
        for of in criterion["evidence"]:
            yield [wrap(evidence(of, item["request"]), indent, "+ " if of["supports"] else "- ")]
            if of["quote"] and of["fact"] not in quoted:
                quoted.add(of["fact"])
                yield [wrap(f"\u201c{of['quote']}\u201d", indent + 2)]
    for line in reasons_aside(item["criteria"]):
        yield ["", wrap(line, 2)]


def underline(text: str, mark: str = "-") -> str:
    """Wrap a heading and rule it off."""
    lines = textwrap.wrap(text, WIDTH) or [""]
    return "\n".join([*lines, mark * max(map(len, lines))])


@cache
def _template() -> Template:
    made = environment()
    made.filters.update(wrap=wrap, table=table, underline=underline)
    return made.get_template("determination.txt.j2")
