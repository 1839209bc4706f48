"""Where in a source each fact stands: its quote, found whatever the spaces between its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reasoner.intake.pages import Passage


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for.

    Attributes:
        name: the card that it belongs to.
        records: the records that document it.
    """

    name: str
    id: str
    quote: str
    records: tuple[str, ...]
    page: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a passage, with the cards whose quotes it is part of."""

    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """A passage in pieces.

    Attributes:
        names: the cards that were read from the passage as a whole.
    """

    title: str
    pieces: tuple[Piece, ...]
    names: tuple[str, ...]


def mark(passages: Sequence[Passage], sought: Sequence[Sought]) -> list[Marked]:
    """Mark the quotes in their passages; a quote that stands nowhere marks nothing."""
    spans: list[list[tuple[int, int, str]]] = [[] for _ in passages]
    whole: list[list[str]] = [[] for _ in passages]
    for one in sought:
        by_id = [n for n, p in enumerate(passages) if one.id and one.id in p.ids]
        # A request has no record: its words can stand anywhere.
        of_record = [
            n for n, p in enumerate(passages) if not any(one.records) or p.record in one.records
        ]
        of_record.sort(key=lambda n: passages[n].page != one.page)
        for number in [*by_id, *of_record]:
            found = _find(passages[number].text, one.quote)
            if found is not None:
                spans[number].append((*found, one.name))
                break
        else:
            for number in by_id[:1]:
                whole[number].append(one.name)
    return [
        Marked(passage.title, tuple(_pieces(passage.text, spans[n])), tuple(whole[n]))
        for n, passage in enumerate(passages)
    ]


def _find(text: str, quote: str) -> tuple[int, int] | None:
    words = quote.removesuffix("...").split()
    if not words:
        return None
    # A line may break at a hyphen, and a list has its marks.
    pattern = r"[\s*•·-]+".join(re.escape(word) for word in words[:200])
    found = re.search(pattern, text, re.I)
    return None if found is None else found.span()


def _pieces(text: str, spans: list[tuple[int, int, str]]) -> list[Piece]:
    cuts = sorted({0, len(text), *(c for start, end, _ in spans for c in (start, end))})
    return [
        Piece(
            text[start:end],
            tuple(name for first, last, name in spans if first <= start and end <= last),
        )
        for start, end in pairwise(cuts)
        if end > start
    ]
