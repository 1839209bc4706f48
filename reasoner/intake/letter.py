"""Published determination letters: header, summary, and each item with its outcome and citations.

The layouts that are read: the numbered notice of 2013, the one of 2014 to 2017 in all its
variants, and the two later ones, told apart by their headings. What a letter does not say is
None; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reasoner.errors import InputError, Problem
from reasoner.intake import layouts
from reasoner.intake.citations import Citation, parse_citations
from reasoner.intake.layouts import first, joined
from reasoner.intake.pdftext import Line, read_lines


@dataclass(frozen=True, slots=True)
class LetterItem:
    """One disputed item of a letter.

    Attributes:
        number: its place in the letter, from 1.
        heading: the whole heading, without the outcome.
        request: what is in dispute, in the letter's words.
        original: what was asked for at first, where a part was granted.
        granted: what the claims administrator granted of it.
        outcome: ``Upheld`` or ``Overturned``.
        administrator, reviewer: what each side cited.
        rationale: the reviewer's rationale.
    """

    number: int
    heading: str
    request: str
    original: str | None
    granted: str | None
    outcome: str
    administrator: tuple[Citation, ...]
    reviewer: tuple[Citation, ...]
    rationale: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A determination letter.

    Attributes:
        name: the case number, or the name of the file where the letter gives none.
        summary: the clinical case summary, as one text.
        source: the file, as the user named it.
    """

    name: str
    layout: str
    assigned: date | None
    injured: date | None
    decided: date | None
    denied: date | None
    received: date | None
    priority: str | None
    licensure: str | None
    specialty: str | None
    summary: str
    items: tuple[LetterItem, ...]
    source: str


MAX_PAGES = 100
"""More than any letter has; what is longer is a case file, or several letters in one."""
_BOLD = 0.6
"""The share of bold characters from which a line belongs to a heading: the outcome after the
colon is set in regular type, which on a short heading is a quarter of the line."""

_SUMMARY = re.compile(
    r"^(CLINICAL CASE SUMMARY|(?:Expert Reviewer )?CASE SUMMARY|Summary of (?:the )?case)\b\s*:?(?P<rest>.*)$", re.I
)  # fmt: skip
_ISSUES = re.compile(
    r"^(IMR ISSUES, DECISIONS? AND RATIONALES?|IMR DECISION(?:\(S\)|S)? AND RATIONALE(?:\(S\)|S)?"
    r"|FINAL DETERMINATION.*DECISIONS?|\d+[).]\s*Regarding the requests? for)", re.I
)  # fmt: skip
_REVIEW = re.compile(r"^MEDICAL PROFESSIONAL REVIEW", re.I)
_NOTICE = re.compile(r"has determined (?:that )?(?:the )?requests? for", re.I)
_ENDS_SUMMARY = re.compile(
    r"^(DOCUMENTS REVIEWED\b|\d+[).]\s*Regarding the requests? for\b|MEDICAL QUALIFICATIONS\b)",
    re.I,
)
_DOCUMENTS = re.compile(r"^DOCUMENTS REVIEWED\b", re.I)
_MADE = re.compile(r"^HOW THE IMR FINAL DETERMINATION WAS MADE", re.I)
_ADMINISTRATOR = re.compile(r"^Claims Administrator guideline:?", re.I)
_OUTCOME = re.compile(r"[:\s]\s*(Upheld|Overturned)\s*\.?$", re.I)
_PREAMBLE = re.compile(
    r"^(The Final Determination was based on decisions for the disputed items/services set forth"
    r" below:?)\s*", re.I
)  # fmt: skip


def read_letter(path: str | Path) -> Letter:
    """Read a determination letter, from a PDF or a text file.

    Raises:
        InputError: if the file cannot be read, or is no determination letter.
    """
    file = Path(path)
    lines = read_lines(file)
    if lines[-1].page > MAX_PAGES:
        raise InputError(
            [
                Problem(
                    f"The file has {lines[-1].page} pages.",
                    str(path),
                    expected=f"one determination letter, of {MAX_PAGES} pages at most",
                )
            ]
        )
    return parse_letter(lines, str(path))


def parse_letter(lines: list[Line], source: str) -> Letter:
    """Read a determination letter from its lines.

    Raises:
        InputError: if the lines hold no disputed item.
    """
    whole = "\n".join(line.text for line in lines)
    lines = [line for line in lines if line.text]
    text = joined(line.text for line in lines)
    head, summary, issues = _sections(lines)
    layout = _layout(lines, text)
    items = tuple(_items(issues))
    if layout == "review":
        summary = layouts.review_summary(whole)
        items = tuple(_of_blocks(layouts.review_blocks(whole)))
    elif not items:
        found = layouts.notice_blocks if layout == "2013" else layouts.ruled_blocks
        items = tuple(_of_blocks(found(whole)))
    if not items:
        raise InputError(
            [
                Problem(
                    "No disputed item was found.",
                    source,
                    expected="a determination letter, with items Upheld or Overturned",
                )
            ]
        )
    header = joined(line.text for line in head) if layout != "review" else text
    return Letter(
        name=first(r"\b(CM\d{2}-\d{5,8})\b", text) or Path(source).stem,
        layout=layout,
        assigned=_date("Date Assigned", header),
        injured=_date("Date of Injury", header) or _date(_INJURED, summary),
        decided=_date(
            r"(?:Decision Date|Dated|Determination Date|Final Determination Date)", header
        ),
        denied=_date(
            r"(?:UR Denial Date|(?:Date of )?UR Decision(?: Date)?|Date of UR (?:Decision|Denial))",
            header,
        )
        or _date(_DENIED, summary),
        received=_date(r"Application\s+Received(?: Date)?", header),
        priority=first(r"Priority:\s*(\w+)", header),
        licensure=first(r"State\(s\) of Licensure:\s*(.+?)\s*Certification\(s\)", header),
        specialty=first(r"Certification\(s\)/Specialty:\s*(.+?)\s*$", header)
        or first(r"Board Certified in (.+?)(?: and is licensed|, has a subspecialty)", text),
        summary=summary,
        items=items,
        source=source,
    )


_INJURED = r"(?:date of injury|injur(?:y|ed) (?:date )?(?:of|on)|DOI)(?: (?:of|on|was|is))?"
_DENIED = (
    r"(?:date of UR decision was|UR (?:decision|denial)(?: dated?| of| on| was)?|(?:UR|utilization review)(?: (?:report|decision|letter|determination))?"
    r"(?:,? with a decision date)?,? (?:dated|of|on|was dated)|utilization review \(UR\) \()"
)


def _layout(lines: list[Line], text: str) -> str:
    """Name the layout: 2013, 2014, 2017 (with the documents reviewed), review, or other."""
    if any(_REVIEW.match(line.text) for line in lines) or (
        re.search(r"\bISSUES? AT DISPUTE\b", text)
        and re.search(r"\bGUIDELINE\(?S?\)? RELIED UPON\b", text)
    ):
        return "review"
    if _NOTICE.search(text):
        return "2013"
    if any(re.match(r"IMR DECISION", line.text, re.I) for line in lines):
        return "2017"
    return "2014" if any(_MADE.match(line.text) for line in lines) else "other"


def _of_blocks(blocks: Iterable[layouts.Block]) -> Iterator[LetterItem]:
    for number, block in enumerate(blocks, start=1):
        yield LetterItem(
            number=number,
            heading=block.request,
            request=block.request,
            original=None,
            granted=None,
            outcome=block.outcome,
            administrator=tuple(parse_citations(block.administrator)),
            reviewer=tuple(parse_citations(block.reviewer)),
            rationale=block.rationale,
        )


def _sections(lines: list[Line]) -> tuple[list[Line], str, list[Line]]:
    """Split a letter into what stands before the summary, the summary, and the items."""
    places = {"summary": len(lines), "issues": len(lines)}
    for number, line in enumerate(lines):
        if _SUMMARY.match(line.text) and places["summary"] == len(lines):
            places["summary"] = number
        if _ISSUES.match(line.text) and places["issues"] == len(lines):
            places["issues"] = number
    start, end = places["summary"], places["issues"]
    body = lines[start + 1 : end] if start < end else []
    first = _SUMMARY.match(lines[start].text) if start < end else None
    if first is not None and len(first["rest"].split()) > 3:
        body = [Line(first["rest"].strip(), 0.0, lines[start].page), *body]
    cut = next((n for n, line in enumerate(body) if _ENDS_SUMMARY.match(line.text)), len(body))
    summary = re.sub(
        r"^The expert reviewer developed the following clinical case summary based on a review of"
        r" the case file, including all medical records:\s*",
        "",
        joined(line.text for line in body[:cut]),
    )
    listed = next((n for n, line in enumerate(lines[:start]) if _DOCUMENTS.match(line.text)), start)
    return lines[: min(start, end, max(listed, 1))], summary, lines[end + 1 :]


def _items(lines: list[Line]) -> Iterator[LetterItem]:
    """Find the items: each is a heading with an outcome, two citations and a rationale."""
    starts = [n for n, line in enumerate(lines) if _ADMINISTRATOR.match(line.text)]
    headings = [_heading_start(lines, start, floor) for start, floor in
                zip(starts, [0, *(s + 1 for s in starts)], strict=False)]  # fmt: skip
    for number, (begin, start) in enumerate(zip(headings, starts, strict=True), start=1):
        end = headings[number] if number < len(headings) else len(lines)
        heading = _PREAMBLE.sub("", joined(line.text for line in lines[begin:start]))
        outcome = _OUTCOME.search(heading)
        if outcome is None:
            continue
        heading = re.sub(rf"^{number}[.)] +", "", heading[: outcome.start()].rstrip(" :"))
        body = joined(line.text for line in lines[start:end])
        parts = re.split(
            r"(?:Claims Administrator|MAXIMUS|IMR|Reviewer) guideline:|Decision rationale:?",
            body, flags=re.I,
        )  # fmt: skip
        administrator, reviewer, rationale = ([*parts[1:4], "", "", ""])[:3]
        if len(parts) > 4:
            rationale = " ".join(parts[3:])
        original, granted, request = _portions(heading)
        yield LetterItem(
            number=number,
            heading=heading,
            request=request,
            original=original,
            granted=granted,
            outcome=outcome.group(1).capitalize(),
            administrator=tuple(parse_citations(administrator)),
            reviewer=tuple(parse_citations(reviewer)),
            rationale=rationale.strip(),
        )


def _heading_start(lines: list[Line], start: int, floor: int) -> int:
    """Find where the heading before a line begins: bold lines, or the paragraph in plain text."""
    begin = start
    while begin > floor and re.fullmatch(r"(Upheld|Overturned)\.?", lines[begin - 1].text, re.I):
        begin -= 1
    if begin > floor and any(line.bold >= _BOLD for line in lines):
        while (
            begin > floor
            and lines[begin - 1].bold >= _BOLD
            and not _PREAMBLE.match(lines[begin - 1].text)
        ):
            begin -= 1
        if begin < start:
            return begin
    while begin > floor:
        above = lines[begin - 1].text
        if (
            begin < start
            and above.endswith((".", '."', ".)", "below:"))
            and not _goes_on(joined(line.text for line in lines[begin:start]))
        ):
            break
        begin -= 1
    return begin


def _goes_on(heading: str) -> bool:
    """Tell whether what is gathered of a heading lacks its beginning, the original request."""
    return (
        re.search(
            r"\boriginal request\b|\bauthorized by the Claims Administrator|\bremaining (?:IMR|portion)",
            heading,
            re.I,
        )
        is not None
        and re.search(r"\b(?:was|were|is) the original request\b", heading, re.I) is None
    )


_PORTIONS = (
    re.compile(
        r"^(?P<original>.+?),? (?:was|were|is) the original request[.,]?\s*(?P<granted>.*?)[.,]?\s*"
        r"(?:The|leaving the) remaining (?:IMR[- ]eligible )?(?:portion|request)s?"
        r"(?: of the (?:original )?request)?(?: (?:that is|which is) IMR eligible)?,?\s*"
        r"(?:IMR eligible[.,]?\s*)?(?:The remaining portion[^,]*,)?\s*(?P<request>.+?),?"
        r"\s*(?:is|are|was)?$",
        re.I,
    ),
    re.compile(
        r"^(?P<original>.+?),? (?:was|were|is) the original request[.,]?\s*(?P<granted>.*?)[.,]?\s*"
        r"leaving the (?:original|remaining)[^.]*\.\s*(?:The (?:original|remaining) request[^,]*,)\s*"
        r"(?P<request>.+?),?\s*(?:is|are|was)?$",
        re.I,
    ),
)


def _portions(heading: str) -> tuple[str | None, str | None, str]:
    """Split a heading that recites the original request and rules on what remains of it."""
    if "original request" not in heading.lower():
        return None, None, heading
    for pattern in reversed(_PORTIONS):
        found = pattern.match(heading)
        if found:
            return (
                found["original"].strip(),
                found["granted"].strip(" .,") or None,
                found["request"].strip(" ,."),
            )
    original = re.split(r",? (?:was|were|is) the original request", heading, flags=re.I)[0]
    return original.strip(), None, heading


_MONTHS = {
    name: number
    for number, name in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
}


def _date(label: str, text: str) -> date | None:
    """Read the day after a label: 11/18/2016, 11-18-16, or November 18, 2016."""
    found = re.search(
        rf"(?:{label})\s*[:#]?\s*(?:(\d{{1,2}})\s*[/-]\s*(\d{{1,2}})\s*[/-]\s*(\d{{4}}|\d{{2}})\b|({'|'.join(_MONTHS)})\s+(\d{{1,2}}),?\s+(\d{{4}}))", text, re.I
    )  # fmt: skip
    if found is None:
        return None
    month = int(found[1]) if found[1] else _MONTHS[found[4].lower()]
    year = int(found[3] or found[6])
    try:
        return date(year + 2000 if year < 100 else year, month, int(found[2] or found[5]))
    except ValueError:
        return None
