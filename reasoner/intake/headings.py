"""What kind of record a document is, and of which day, by what stands at its head."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from reasoner.intake.pdftext import Line

HEAD = 45
"""How many lines of a document count as its head."""
_HEADING = 110  # a longer line is text, not a heading

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.I))
    for kind, pattern in (
        (
            "UtilizationReviewReport",
            r"utili[sz]ation review|notice of (?:non-?certification|denial|modification)"
            r"|(?:adverse|UR) determination|physician advisor",
        ),
        ("RequestForAuthorization", r"request for authori[sz]ation|form RFA|\bRFA\b"),
        (
            "ElectrodiagnosticReport",
            r"electrodiagnos|electromyogra|nerve conduction|\bEMG\b|\bNC[SV]\b",
        ),
        (
            "ImagingReport",
            r"\bMRI\b|magnetic resonance|computed tomography|\bCT (?:scan|of)|x-?rays?\b|radiolog"
            r"|radiograph|ultrasound (?:of|report)|imaging report|arthrogram",
        ),
        (
            "OperativeReport",
            r"operative (?:report|note)|report of operation|procedure (?:report|note)",
        ),
        ("LaboratoryReport", r"laborator|toxicology|drug screen|pathology"),
        (
            "TherapyNote",
            r"(?:physical|occupational|aquatic) therapy|chiropractic|acupuncture|therapy (?:note|progress)",
        ),
        (
            "ProgressReport",
            r"progress (?:report|note)|\bPR-?2\b|follow-?up|office (?:visit|note)|re-?evaluation|SOAP",
        ),
        (
            "ConsultationReport",
            r"consultation|initial (?:evaluation|report|visit)|first report of occupational"
            r"|qualified medical|agreed medical|\bQME\b|\bAME\b|medical.legal",
        ),
    )
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
            ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"),
            ("october", "oct"), ("november", "nov"), ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_DATE = re.compile(
    r"(?<![\d/-])(?:(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4}|\d{2})"
    r"|(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2})"
    r"|(?P<name>[A-Za-z]{3,9})\.?\s+(?P<nd>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<ny>\d{4}))(?![\d/-])"
)
_OF_THE_RECORD = re.compile(
    r"\b(?:date of (?:service|exam\w*|visit|report|procedure|surgery|operation|study|evaluation"
    r"|decision|determination|request|encounter|consultation)|(?:exam|visit|report|service|study"
    r"|decision|request|encounter) date|DOS|date)\s*[:#]?\s*$",
    re.I,
)
_OF_OTHER = re.compile(
    r"\b(?:birth|DOB|born|injury|DOI|D/I|loss|last seen|received|printed|next|follow-?up|return)"
    r"[^:]{0,20}[:#]?\s*$",
    re.I,
)
_INJURY = re.compile(r"\b(?:date of (?:injury|loss)|injury date|DOI|D/I)\b[^\d]{0,15}$", re.I)
_BIRTH = re.compile(r"\b(?:date of birth|birth ?date|DOB)\b[^\d]{0,15}$", re.I)


@dataclass(frozen=True, slots=True)
class Told:
    """What a line tells.

    Attributes:
        value: what it tells: the kind of a record, or a day.
        line: the line, as it stands.
    """

    value: str
    line: str


def kind_of(lines: list[Line]) -> Told | None:
    """Give the kind of a record by the first line of its head that names one."""
    for line in lines[:HEAD]:
        if not line.text or len(line.text) > _HEADING:
            continue
        for kind, pattern in _KINDS:
            if pattern.search(line.text):
                return Told(kind, line.text)
    return None


def days_in(text: str) -> list[tuple[date, str]]:
    """Give the dates of a line, each with what stands before it."""
    found = []
    for match in _DATE.finditer(text):
        day = _day(match)
        if day is not None:
            found.append((day, text[: match.start()]))
    return found


def _day(match: re.Match[str]) -> date | None:
    day = _any_day(match)
    return day if day is not None and 1900 <= day.year < 2200 else None


def _any_day(match: re.Match[str]) -> date | None:
    try:
        if match["m"]:
            year = int(match["y"])
            if year < 100:
                year += 2000 if year < 70 else 1900
            return date(year, int(match["m"]), int(match["d"]))
        if match["iy"]:
            return date(int(match["iy"]), int(match["im"]), int(match["id"]))
        month = _MONTHS.get(match["name"].casefold())
        return None if month is None else date(int(match["ny"]), month, int(match["nd"]))
    except ValueError:
        return None


def date_of(lines: list[Line]) -> Told | None:
    """Give the day of a record: a labelled date of its head, else the first that is of nothing else."""
    first: Told | None = None
    for line in lines[:HEAD]:
        for day, before in days_in(line.text):
            if _OF_THE_RECORD.search(before) and not _OF_OTHER.search(before):
                return Told(day.isoformat(), line.text)
            if first is None and not _OF_OTHER.search(before[-40:]):
                first = Told(day.isoformat(), line.text)
    return first


def injury_date(lines: list[Line]) -> Told | None:
    """Give the date of injury, where a line labels it."""
    return _labelled(lines, _INJURY)


def birth_date(lines: list[Line]) -> Told | None:
    """Give the date of birth, where a line labels it."""
    return _labelled(lines, _BIRTH)


def _labelled(lines: list[Line], label: re.Pattern[str]) -> Told | None:
    for line in lines:
        for day, before in days_in(line.text):
            if label.search(before):
                return Told(day.isoformat(), line.text)
    return None
