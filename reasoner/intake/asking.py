"""The lists in which records ask for treatment: a form RFA, or "Treatment requested" in a report."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reasoner.intake.asked import is_treatment
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.pdftext import Line

_LIST = re.compile(
    r"^\W*(?:\d+[.)]\s*)?(?:treatments?|services?|procedures?|items?)\s*(?:being\s+)?requested\b"
    r"(?:\s*\([^)]*\))?\s*:?\s*(?P<rest>.*)$"
    r"|^\W*(?:requested\s+(?:treatments?|services?|procedures?|items?)(?:\(s\))?"
    r"|requests?\s+for\s+authori[sz]ation(?:\s+of)?|authori[sz]ation\s+(?:is\s+)?requested(?:\s+for)?"
    r"|i\s+(?:am\s+)?request(?:ing)?\s+authori[sz]ation\s+(?:for|of))\b"
    r"(?:\s*\([^)]*\))?\s*:?\s*(?P<other>.*)$"
    # The head of the table in the form RFA, whose columns stand on one line.
    r"|.*\bservice/good\s+requested\b.*$",
    re.I,
)
_TITLE = re.compile(
    r"^\W*requests?\s+for\s+authori[sz]ation\W*(?:\(?(?:DWC )?(?:form )?RFA\)?)?\W*$", re.I
)
_FORM = re.compile(r"\bform\s+RFA\b|\bDWC\b|^\W*RFA\W*$", re.I)
_BULLET = re.compile(r"^\s*(?:[-*•·▪]|\(?\d{1,2}[.)]|[a-z][.)])\s+(?P<words>.+)$")
_LABEL = re.compile(
    r"^(?:diagnos[ei]s|ICD|CPT|employee|employer|claim|name|address|phone|fax|date|physician"
    r"|provider|requesting|signature|patient|insurer|administrator|specialty|NPI|other information"
    r"|new request|resubmission|expedited|check|DOB|DOI|CC|subjective|objective|assessment|plan"
    r"|work status|history|medications?|rationale|reason)\b[^:]{0,40}(?::|$)",
    re.I,
)
_HEADING = re.compile(r"^(?:[A-Z][A-Z /&'-]{5,60}|[A-Z][\w /&'-]{2,40}:)$")
_MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """A treatment that a record asks for.

    Attributes:
        heading: the line above it.
    """

    words: str
    page: int
    heading: str


def requests_in(lines: list[Line], lexicon: Lexicon) -> list[Wanted]:
    """Give what the lists of a record ask for, in their order.

    What stands in a list with marks or numbers is asked for whatever it names; what stands there
    without is, if it names a treatment.
    """
    found: list[Wanted] = []
    place = 0
    while place < len(lines):
        match = _LIST.match(lines[place].text)
        if match is None or len(lines[place].text) > 300:
            place += 1
            continue
        place = _take_list(lines, place, match, lexicon, found)
    return found


def _take_list(
    lines: list[Line], start: int, match: re.Match[str], lexicon: Lexicon, found: list[Wanted]
) -> int:
    """Take the list under a heading; give the line to go on at.

    The title of a form, "Request for authorization", heads more than the list: under it, only
    what is marked or numbered counts.
    """
    heading = lines[start]
    title = _TITLE.match(heading.text) is not None
    rest = (match["rest"] or match["other"] or "").strip(" .:-")
    if rest and not _FORM.search(rest) and is_treatment(rest, lexicon):
        for words in re.split(r"\s*;\s*", rest):
            if words:
                found.append(Wanted(words, heading.page, heading.text))
        return start + 1
    marked = None
    blanks = 0
    place = start + 1
    while place < len(lines) and place - start <= _MOST_LINES:
        line = lines[place]
        if not line.text:
            blanks += 1
            if marked is not None or blanks > 2:
                break
            place += 1
            continue
        if _LIST.match(line.text):
            break
        bullet = _BULLET.match(line.text)
        if bullet is not None and not _LABEL.match(bullet["words"]):
            marked = len(found)
            found.append(Wanted(bullet["words"].strip(" .;"), line.page, heading.text))
        elif _LABEL.match(line.text) or _HEADING.match(line.text):
            if marked is not None:
                break
        elif marked is not None and line.text[:1].islower():
            last = found[marked]
            found[marked] = Wanted(
                f"{last.words} {line.text.strip(' .;')}", last.page, last.heading
            )
        elif (
            marked is None
            and not title
            and len(line.text) <= 200
            and not _FORM.search(line.text)
            and is_treatment(line.text, lexicon)
        ):
            found.append(Wanted(line.text.strip(" .;"), line.page, heading.text))
        elif marked is not None:
            break
        place += 1
    return place
