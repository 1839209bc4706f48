"""What a side of a letter cites: guideline, year, sections and pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.intake.layouts import first, joined


@dataclass(frozen=True, slots=True)
class Citation:
    """One guideline that a side relied on.

    Attributes:
        mtus: whether it is cited as part of the schedule.
        title: the title as cited, without its year.
        sections, pages: as cited.
    """

    mtus: bool
    title: str
    year: int | None
    sections: tuple[str, ...]
    pages: tuple[str, ...]
    text: str


def parse_citations(text: str) -> Iterator[Citation]:
    """Read what a side relied on: guideline, year, sections and pages, one at a time."""
    text = joined([text])
    text = _BASED.sub("Decision based on ", text)
    if text and "Decision based on " not in text and not _CITED_NONE.search(text):
        text = "Decision based on " + text
    for part in re.split(r"(?=Decision based on )", text):
        body = re.sub(r"^Decision based on ", "", part).strip(" .")
        if not body or not part.startswith("Decision based on") or _LEAD_IN.match(body):
            continue
        mtus = (
            re.match(
                r"(?:the )?(?:Non-MTUS|Official Disability|ODG|ACOEM (?:Practice )?Guidelines, 3rd|Other)",
                body,
            )
            is None
        )
        body = re.sub(r"^(Non-MTUS Citation|MTUS)\s*:?\s*", "", body)
        for piece in _separate(body) if mtus else [body]:
            yield _citation(piece.strip(" ,."), mtus)


_TITLES = re.compile(
    r"(?:the )?(?:MTUS )?(?P<title>Chronic Pain (?:Medical )?Treatment Guidelines?|Acupuncture (?:Medical )?Treatment Guidelines?|Post-?surgical (?:Medical )?Treatment Guidelines?"
    r"|Opioids? Treatment Guidelines?)(?:,?\s*\(?(?:May |July )?(?:\d{1,2}, )?(?:19|20)\d\d\)?)?(?=[\s,:(]|$)", re.I
)  # fmt: skip
_BASED = re.compile(
    r"The (?:Claims Administrator|(?:Expert|Physician) Reviewer) (?:based (?:its|his/her|his|her|their) (?:decision|determination) on|relied (?:up)?on|cited)(?: the)?\s+",
    re.I,
)
_LEAD_IN = re.compile(r"recommendation\(?s?\)? outside of the MTUS", re.I)
"""What stands before a citation from outside the schedule, and is none itself."""
_CITED_NONE = re.compile(r"did not cite|no guideline|not applicable", re.I)
_NEXT = re.compile(r",? and (?=[A-Z][A-Za-z,& ]+ (?:19|20)\d\d)|; ")


def _separate(body: str) -> Iterator[str]:
    """Separate citations joined by "and"; "Neck and Upper Back Complaints 2004" is one title."""
    start = 0
    for joint in _NEXT.finditer(body):
        if re.search(r"\b(?:19|20)\d\d\b", body[start : joint.start()]):
            yield body[start : joint.start()]
            start = joint.end()
    yield body[start:]


def _citation(text: str, mtus: bool) -> Citation:
    known = None if "Section(s)" in text else _TITLES.match(text)
    if known is not None:
        pages = re.findall(
            r"(?:Page\(s\)|pages?|pgs?\.?)\s*:?\s*([\d]+(?:\s*[-,]\s*\d+)*)", text, re.I
        )
        section = re.split(
            r",? because\b|,? (?:Page\(s\)|pages?|pgs?\.?)(?=[:\s\d])", text[known.end() :]
        )[0].strip(" ,.()-")
        stated = re.search(r"\b((?:19|20)\d\d)\b", known[0])
        return Citation(
            mtus=mtus,
            title=re.sub(r"\s*\(?(?:19|20)\d\d\)?$", "", known["title"]).strip(),
            year=int(stated[1]) if stated else None,
            sections=(section,) if section else (),
            pages=tuple(p.strip() for found in pages for p in found.split(",")),
            text=text,
        )
    title = re.split(r",? Section\(s\):|,? Page\(s\):?|,? pgs?\.? |,? pages? (?=\d)", text)[0]
    year = re.search(r"\b((?:19|20)\d\d)\b", title)
    sections = first(r"Section\(s\):\s*(.+?)(?:,? Page\(s\)|$)", text)
    pages = re.findall(r"(?:Page\(s\)|pages?|pgs?\.?)\s*:?\s*([\d]+(?:\s*[-,]\s*\d+)*)", text, re.I)
    return Citation(
        mtus=mtus,
        title=re.sub(r",?\s*(?:\(?(?:19|20)\d\d\)?).*$", "", title).strip(" ,.") or title.strip(),
        year=int(year.group(1)) if year else None,
        sections=tuple(_sections_of(sections or "")),
        pages=tuple(p.strip() for found in pages for p in found.split(",")),
        text=text,
    )


def _sections_of(text: str) -> Iterator[str]:
    """Separate names of sections; "NSAIDs, specific drug list" and "TENS, chronic pain" are one."""
    name = ""
    for part in (part.strip(" .") for part in text.split(", ")):
        if not part:
            continue
        if name and (part[0].islower() or (name == "NSAIDs" and part.startswith("GI "))):
            name += f", {part}"
            continue
        if name:
            yield name
        name = part
    if name:
        yield name
