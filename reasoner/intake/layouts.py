"""Letters in the layouts before and after the one of 2014 to 2017.

The numbered notice of 2013 states "has determined the request for X is not medically necessary
and appropriate" and argues each request under its number. The early letters of 2014 argue right
after such a sentence. The later ones, headed "IMR decision(s) and rationale(s)", keep the blocks
of 2014 with a list of documents before them; the professional review puts each issue at dispute
under headings of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """What a letter says of one item, in its parts as text."""

    request: str
    outcome: str
    administrator: str
    reviewer: str
    rationale: str


_NECESSARY = r"(?P<verb>is|are|was|were)\s+(?P<not>not\s+)?medically\s+necessary(?:\s+and\s+appropriate|/appropriate)?"
_DETERMINED = re.compile(
    rf"(?:(?P<number>\d+)[).]\s*)?(?:MAXIMUS Federal Services(?:, Inc\.?)?|The (?:expert |physician )?reviewer|MAXIMUS)\s+has\s+determined\s+(?:that\s+)?(?:the\s+)?requests?\s+for\s+(?P<request>.+?)\s+{_NECESSARY}",
    re.I | re.S,
)
_REGARDING = re.compile(
    r"(?:(?P<number>\d+)[).]\s*)Regarding\s+the\s+requests?\s+for\s+(?P<request>.+?)\s*:\s*",
    re.I | re.S,
)
_RULED = re.compile(
    rf"(?:^|\n)\s*(?:(?P<number>\d+)[).]\s*)?(?P<request>\S(?:(?![.:]\s*\n|\n\s*\n)[\s\S]){{2,400}}?)\s+{_NECESSARY}\s*\.?\s*\n+\s*(?=The\s+Claims\s+Administrator|Claims\s+Administrator)",
    re.I | re.S,
)
_ADMINISTRATOR = re.compile(
    r"(?:^|\n|(?<=[.:\s]))\s*(?P<text>The\s+Claims\s+Administrator(?:'s)?\s+(?:based|cited|did|relied|guideline)|Claims\s+Administrator\s+guideline:)", re.I
)  # fmt: skip
_REVIEWER = re.compile(
    r"(?:The\s+(?:Expert|Physician)\s+Reviewer\s+(?:based|relied|found|stated)|The\s+(?:Expert|Physician)\s+Reviewer's\s+guideline|(?:MAXIMUS|IMR|Reviewer)\s+guideline:)", re.I
)  # fmt: skip
_RATIONALE = re.compile(
    r"(?:Rationale\s+for\s+the\s+Decision\s*:?|(?:The\s+(?:Expert|Physician)\s+Reviewer's\s+)?decision\s+rationale\s*:?)", re.I
)  # fmt: skip
_END = re.compile(
    r"\n\s*(?:Disclaimer|Effect of the Decision|Sincerely|INFORMATION ABOUT|cc:|REVIEWER QUALIFICATIONS)\b.*", re.I | re.S
)  # fmt: skip

_ISSUE = re.compile(
    r"(?:^|\n)\s*ISSUES?\s+(?:AT|IN)\s+DISPUTE(?:[ \t]*#?[ \t]*\d+)?[ \t]*:?\s*", re.I
)
_RELIED = re.compile(r"(?:^|\n)\s*GUIDELINE\(?S?\)?\s+RELIED\s+UPON(?:\s+AND\s+WHY)?\s*:?\s*", re.I)
_WHY = re.compile(r"(?:^|\n)\s*RATIONALE\b(?P<head>[^\n]*(?:\n[^\n]*?(?=NECESSARY)[^\n]*)?)", re.I)
_SUMMARY = re.compile(r"(?:^|\n)\s*CASE\s+SUMMARY\s*:?\s*", re.I)
_DOCUMENTS = re.compile(r"(?:^|\n)\s*DOCUMENTS\s+REVIEWED(?:\s+FOR\s+DETERMINATION)?\s*:?\s*", re.I)
_QUALIFICATIONS = re.compile(r"(?:^|\n)\s*REVIEWER\s+QUALIFICATIONS\b", re.I)
_VERDICT = re.compile(r"(?P<not>\bnot\s+)?\bmedically\s+necessary\b", re.I)


def outcome_of(negated: bool) -> str:
    """Give the outcome that "medically necessary", or its denial, stands for."""
    return "Upheld" if negated else "Overturned"


def flat(text: str) -> str:
    """Join lines; a hyphen at the end of one keeps no space after it."""
    return re.sub(r"\s+", " ", re.sub(r"-\s*\n\s*", "-", text)).strip()


def notice_blocks(text: str) -> Iterator[Block]:
    """Read the items of a numbered notice: rulings at its head, arguments under their numbers."""
    rulings = list(_DETERMINED.finditer(text))
    arguments = {int(m["number"]): m for m in _REGARDING.finditer(text)}
    starts = sorted(m.start() for m in arguments.values())
    for number, ruling in enumerate(rulings, start=1):
        argued = arguments.get(int(ruling["number"] or number))
        body = ""
        if argued is not None:
            end = next((s for s in starts if s > argued.start()), len(text))
            body = text[argued.end() : end]
        administrator, reviewer, rationale = parts_of(body)
        yield Block(
            flat(ruling["request"]),
            outcome_of(bool(ruling["not"])),
            administrator,
            reviewer,
            rationale,
        )


def ruled_blocks(text: str) -> Iterator[Block]:
    """Read items that begin with a ruling, "X is not medically necessary", and argue after it."""
    rulings = list(_RULED.finditer(text))
    for number, ruling in enumerate(rulings):
        end = rulings[number + 1].start() if number + 1 < len(rulings) else len(text)
        administrator, reviewer, rationale = parts_of(text[ruling.end() : end])
        request = flat(ruling["request"])
        yield Block(
            re.sub(r"^.*set forth below:\s*(?:\d+[).]\s*)?", "", request),
            outcome_of(bool(ruling["not"])),
            administrator,
            reviewer,
            rationale,
        )


def parts_of(body: str) -> tuple[str, str, str]:
    """Split an argument: what the administrator cited, what the reviewer did, the rationale."""
    body = _END.sub("", body)
    why = _RATIONALE.search(body)
    rationale = flat(body[why.end() :]) if why else ""
    cited = body[: why.start()] if why else body
    reviewer = _REVIEWER.search(cited)
    administrator = _ADMINISTRATOR.search(cited)
    return (
        flat(cited[administrator.start("text") : reviewer.start() if reviewer else None])
        if administrator
        else "",
        flat(cited[reviewer.start() :]) if reviewer else "",
        rationale.strip(" :"),
    )


def review_blocks(text: str) -> Iterator[Block]:
    """Read a professional review: each issue at dispute with guidelines, rationale, verdict."""
    text = _QUALIFICATIONS.split(text)[0]
    issues = list(_ISSUE.finditer(text))
    named: list[str] = []
    for number, issue in enumerate(issues):
        end = issues[number + 1].start() if number + 1 < len(issues) else len(text)
        body = text[issue.end() : end]
        stops = [m.start() for p in (_SUMMARY, _DOCUMENTS, _RELIED, _WHY) if (m := p.search(body))]
        requests = list(_listed(body[: min(stops, default=len(body))]))
        whys = list(_WHY.finditer(body))
        relied = list(_RELIED.finditer(body))
        named.extend(requests)
        for place, request in enumerate(requests):
            why = whys[place] if place < len(whys) else (whys[-1] if whys else None)
            if why is None:
                continue
            after = whys[place + 1].start() if place + 1 < len(whys) else len(body)
            rationale = body[why.end() : after]
            later = _RELIED.search(rationale)
            rationale = rationale[: later.start()] if later else rationale
            cite = next((m for m in reversed(relied) if m.start() < why.start()), None)
            verdict = _VERDICT.search(why["head"]) or next(
                iter(reversed(list(_VERDICT.finditer(rationale)))), None
            )
            if verdict is None:
                continue
            yield Block(
                request,
                outcome_of(bool(verdict["not"])),
                "",
                "" if cite is None else flat(body[cite.end() : why.start()]),
                flat(rationale),
            )


def _listed(text: str) -> Iterator[str]:
    """Give the issues of a list, numbered or one a paragraph."""
    numbered = re.split(r"(?:^|\n)\s*\d+[).]\s+", "\n" + text)
    parts = numbered[1:] if len(numbered) > 1 else re.split(r"\n\s*\n", text)
    for part in parts:
        if flat(part):
            yield flat(part).rstrip(" .")


def review_summary(text: str) -> str:
    """Give the case summary of a professional review."""
    start = _SUMMARY.search(text)
    if start is None:
        return ""
    stops = [
        m.start() for p in (_DOCUMENTS, _RELIED, _WHY, _ISSUE) if (m := p.search(text, start.end()))
    ]
    return flat(text[start.end() : min(stops, default=len(text))])


_BROKEN = re.compile(
    r"(?:opath|vention|tation|[st]ion\b|ments?\b|ness\b|ings?\b|lines?\b|ical(?:ly)?\b|ulopath|ities\b|ity\b)"
)
"""The rest of a word that a line break divided; what begins otherwise had its hyphen before."""


def joined(lines: Iterable[str]) -> str:
    """Join lines; a word that a line break divides at a hyphen keeps the hyphen and no space."""
    text = ""
    for line in lines:
        line = line.strip()
        if text.endswith("-") and _BROKEN.match(line) and text[-2:-1].isalpha():
            text = text[:-1] + line
        elif not text or text.endswith(("-", "/")):
            text += line
        else:
            text += " " + line
    return re.sub(r"\s+", " ", text).strip()


def first(pattern: str, text: str) -> str | None:
    """Give what the first group of a pattern finds in a text."""
    found = re.search(pattern, text, re.I)
    return found.group(1).strip() if found else None
