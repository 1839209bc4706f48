"""The template environment that the text formats share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reasoner.rendering import words

_FILTERS: dict[str, Callable[..., Any]] = {
    "outcome": words.outcome,
    "symbol": words.symbol,
    "criterion_word": words.criterion_word,
    "criterion_outcome": words.criterion_outcome,
    "caveat": words.caveat,
    "day": words.day,
    "page": words.page,
    "place": words.place,
    "tabled": words.tabled,
    "set_aside": words.set_aside,
    "reasons_aside": words.reasons_aside,
    "common_place": words.common_place,
    "capital": words.capital,
    "citation": words.citation,
    "judgment": words.judgment,
    "dispute": words.dispute,
    "worker": words.worker,
    "review": words.review,
    "fact": words.fact,
    "evidence": words.evidence,
    "changes": words.changes,
    "ways": words.ways,
    "way": words.way,
    "next_source": words.next_source,
    "passed_over": words.passed_over,
}


def environment(
    *, autoescape: bool = False, finalize: Callable[[Any], Any] | None = None
) -> Environment:
    """Make the environment of one format.

    Args:
        autoescape: whether what is printed is escaped as HTML.
        finalize: what is done to all that is printed.
    """
    made = Environment(
        loader=PackageLoader("reasoner.rendering"),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(_FILTERS)
    made.globals.update(SUPPORT=words.SUPPORT, PROCEEDINGS=words.PROCEEDINGS)
    return made
