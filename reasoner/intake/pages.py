"""A document as running text that knows its pages, and what a reader is shown of a source."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass

from reasoner.intake.pdftext import Line

_MARK = re.compile(r"^[-*•·▪]\s+")
"""The mark of a list; a sentence does not begin with one."""
_WRAPPED = 0.65
"""From which share of the longest line on a line counts as broken by the margin."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a source, as a person is shown it beside what was read from it.

    Attributes:
        title: what it is.
        record: the id of the record that it belongs to; None for what is no record.
        page: its page, where the source has pages.
        ids: the ids of facts and requests that were read from it as a whole.
    """

    title: str
    text: str
    record: str | None = None
    page: str | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """The running text of a document.

    Attributes:
        starts: where each page begins.
        pages: the number of each page.
    """

    text: str
    starts: tuple[int, ...]
    pages: tuple[int, ...]

    def page_at(self, place: int) -> int:
        """Give the page of a character of the text."""
        return self.pages[max(0, bisect.bisect_right(self.starts, place) - 1)]


def running_text(lines: Iterable[Line]) -> Running:
    """Join the lines of a document: what the margin broke is one sentence, what stands alone is not.

    A line ends a sentence where it is short, or where a blank line or a list follows.
    """
    lines = list(lines)
    longest = max((len(line.text) for line in lines), default=0)
    parts: list[str] = []
    starts: list[int] = []
    pages: list[int] = []
    length = 0
    before: str | None = None
    for line in lines:
        joint = _joint(before, line.text, longest)
        if joint == "" and before and before.endswith("-"):
            parts[-1] = parts[-1][:-1]
            length -= 1
        parts.append(joint)
        length += len(joint)
        if not pages or pages[-1] != line.page:
            starts.append(length)
            pages.append(line.page)
        text = _MARK.sub("", line.text)
        parts.append(text)
        length += len(text)
        before = line.text
    return Running("".join(parts), tuple(starts or [0]), tuple(pages or [1]))


def _joint(before: str | None, text: str, longest: int) -> str:
    """Give what to put between two lines."""
    if before is None or not before:
        return "" if before is None else " "
    if before.endswith("-") and len(before) > 1 and before[-2].isalpha() and text[:1].islower():
        return ""
    ended = before[-1] in ".!?:;,"
    if ended or not text:
        return " " if before[-1] in ".!?:;" or text else ". "
    wrapped = len(before) >= _WRAPPED * longest and longest >= 40
    listed = _MARK.match(text) is not None or (
        text[0].isdigit() and text[1:3].strip(" ") in (".", ")")
    )
    if wrapped and not listed:
        return " "
    return ". "


def passages(title: str, lines: Iterable[Line], record: str | None) -> list[Passage]:
    """Give a document as passages, one a page, with its lines as they stand."""
    found: dict[int, list[str]] = {}
    for line in lines:
        found.setdefault(line.page, []).append(line.text)
    several = len(found) > 1
    return [
        Passage(
            f"{title}, page {page}" if several else title,
            "\n".join(texts),
            record,
            str(page) if several else None,
        )
        for page, texts in found.items()
    ]
