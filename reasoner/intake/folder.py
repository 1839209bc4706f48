"""A folder of records, PDF or text, as a draft of a case file.

Each file is a record. Facts are read from what physicians report; what utilization review reports
is read for its date and decision alone, for it recites guidelines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reasoner.errors import InputError, Problem
from reasoner.intake.asked import request_entries
from reasoner.intake.asking import requests_in
from reasoner.intake.draft import Draft, Entry, Value, clean, identifier_of
from reasoner.intake.facts import ReadFact
from reasoner.intake.headings import Told, birth_date, date_of, days_in, injury_date, kind_of
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.pages import Passage, Running, passages, running_text
from reasoner.intake.pdftext import Line, read_lines
from reasoner.intake.reading import read_document
from reasoner.terms import local_name

MAX_FILES = 500
MAX_BYTES = 300_000_000
MAX_PAGES = 2_000
MAX_CHARACTERS = 3_000_000
_ENDINGS = (".pdf", ".txt", ".text")
_LETTER = re.compile(
    r"IMR ISSUES, DECISIONS? AND RATIONALES?|IMR DECISION\(S\) AND RATIONALE", re.I
)
_AGE = re.compile(r"\b(\d{1,3})[\s-]*(?:year|yr)s?[\s-]*old\b", re.I)
_SEX = re.compile(
    r"\byears?[\s-]*old\W+(?:\w+\W+){0,3}?(male|man|gentleman|female|woman|lady)\b"
    r"|\b(?:sex|gender)\s*:\s*(male|female|m|f)\b",
    re.I,
)
_DECISION = re.compile(
    r"\b(?:decision|determination|recommendation|outcome)\s*(?:is|:|-)?\s*(?:to\s+)?"
    r"(?P<what>non-?certif\w*|not certif\w*|den(?:y|ied|ial)|modif\w*|partial\w*|certif\w*|approv\w*)"
    r"|\bnotice of (?P<notice>non-?certif\w*|denial|modification)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Document:
    """A file of the folder: its id, its lines, and what its head tells."""

    id: str
    name: str
    lines: list[Line]
    kind: str
    notes: tuple[str, ...]
    day: date | None


def read_folder(
    folder: Path, lexicon: Lexicon, requests: Sequence[str] = ()
) -> tuple[Draft, list[Passage]]:
    """Read a folder of records.

    Args:
        folder: the folder; what lies in folders of it counts too.
        lexicon: what names the concepts.
        requests: what is asked for, in words; then the lists of the records are not asked.

    Returns:
        The draft, and each page that something was read from.

    Raises:
        InputError: if it holds too much, nothing that can be read, or nothing that asks for
            treatment.
    """
    left_out: list[str] = []
    documents = _documents(folder, left_out)
    if not documents:
        raise InputError(
            [
                Problem(
                    "The folder holds no record that can be read."
                    + (f" {left_out[0]}" if left_out else ""),
                    str(folder),
                    expected="files in PDF or text (" + ", ".join(_ENDINGS) + ")",
                )
            ]
        )
    asked = _asked(documents, requests, lexicon)
    if not asked:
        raise InputError(
            [
                Problem(
                    "No record asks for treatment in a list that is known.",
                    str(folder),
                    expected='a form RFA or a list under "Treatment requested"; or say what is asked'
                    ' for: --request "6 trigger point injections to the neck"',
                )
            ]
        )
    entries = request_entries(asked, lexicon)
    asked_on = [date.fromisoformat(d) for e in entries if isinstance(d := e.keys.get("date"), str)]
    review = _review(documents)
    decided = None if review is None else review.keys.get("date")
    day = max(asked_on, default=date.fromisoformat(decided) if isinstance(decided, str) else None)
    draft = Draft(
        identifier=identifier_of(folder.resolve().name),
        notes=(
            f"Read from the folder {clean(folder.resolve().name, most=100)}; every fact is for a"
            " person to check against its quote.",
        ),
        worker=_worker(documents, day),
        injury=_injury(documents),
        review=review,
        records=tuple(_record(document) for document in documents),
        facts=tuple(fact for document in documents for fact in _facts(document, lexicon)),
        requests=entries,
        left_out=tuple(left_out),
    )
    shown = [p for d in documents for p in passages(d.name, d.lines, d.id)]
    return draft, shown


def _files(folder: Path, left_out: list[str]) -> list[Path]:
    """Give the files in the order of their names; links are not followed."""
    found: list[Path] = []
    total = 0
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where) / name
            if name.startswith("."):
                continue
            shown = clean(str(path.relative_to(folder)), most=200)
            if path.is_symlink() or not path.is_file():
                left_out.append(f"{shown}: a link or no plain file; not read.")
            elif path.suffix.lower() not in _ENDINGS:
                left_out.append(f"{shown}: neither PDF nor text; not read.")
            else:
                total += path.stat().st_size
                found.append(path)
            if len(found) > MAX_FILES or len(left_out) > MAX_FILES or total > MAX_BYTES:
                raise InputError(
                    [
                        Problem(
                            "The folder holds too much.",
                            str(folder),
                            expected=f"at most {MAX_FILES} files of {MAX_BYTES // 1_000_000} MB in all",
                        )
                    ]
                )
    return found


def _documents(folder: Path, left_out: list[str]) -> list[_Document]:
    documents: list[_Document] = []
    ids: set[str] = set()
    pages = characters = 0
    for path in _files(folder, left_out):
        name = clean(str(path.relative_to(folder)), most=200)
        try:
            lines = read_lines(path)
        except InputError as error:
            left_out.append(f"{name}: {error.problems[0].message}")
            continue
        pages += max((line.page for line in lines), default=0)
        characters += sum(len(line.text) for line in lines)
        if pages > MAX_PAGES or characters > MAX_CHARACTERS:
            raise InputError(
                [
                    Problem(
                        "The records are too long.",
                        str(folder),
                        expected=f"at most {MAX_PAGES:,} pages and {MAX_CHARACTERS:,} characters in all",
                    )
                ]
            )
        if any(_LETTER.search(line.text) for line in lines):
            left_out.append(
                f"{name}: a determination letter, no record; mtus intake FILE reads it."
            )
            continue
        own = identifier_of(path.stem, otherwise="record")
        while own in ids:
            own = f"{own[:90]}-{len(ids) + 1}"
        ids.add(own)
        documents.append(_document(own, name, lines))
    return documents


def _document(own: str, name: str, lines: list[Line]) -> _Document:
    notes = [f"From {name}."]
    kind = kind_of(lines)
    if kind is None:
        notes.append("Its head names no kind of record that is known.")
    else:
        notes.append(f'Taken for granted: its kind, by the line "{clean(kind.line, most=100)}".')
    day = date_of(lines)
    if day is None:
        notes.append("Its head bears no date.")
    else:
        notes.append(f'Taken for granted: its date, by the line "{clean(day.line, most=100)}".')
    return _Document(
        own,
        name,
        lines,
        "OtherRecord" if kind is None else kind.value,
        tuple(notes),
        None if day is None else date.fromisoformat(day.value),
    )


def _record(document: _Document) -> Entry:
    keys: dict[str, Value] = {"id": document.id, "type": document.kind}
    if document.day is not None:
        keys["date"] = str(document.day)
    keys["title"] = document.name
    return Entry(keys, document.notes)


def _asked(
    documents: list[_Document], requests: Sequence[str], lexicon: Lexicon
) -> list[tuple[str, dict[str, Value], tuple[str, ...]]]:
    """Give what is asked for: what the user says, else the lists, those of forms RFA first."""
    if requests:
        given = ("As given on the command line; its date is not stated.",)
        words = [clean(request, most=2000) for request in requests]
        return [(asked, {}, given) for asked in words if asked]
    found: dict[str, tuple[str, dict[str, Value], tuple[str, ...]]] = {}
    forms = [d for d in documents if d.kind == "RequestForAuthorization"]
    for documents_of in (forms, [d for d in documents if d.kind != "UtilizationReviewReport"]):
        for document in documents_of:
            for wanted in requests_in(document.lines, lexicon):
                known: dict[str, Value] = {}
                if document.day is not None:
                    known["date"] = str(document.day)
                note = f'From {document.name}, page {wanted.page}, under "{clean(wanted.heading, most=80)}".'
                key = " ".join(re.findall(r"\w+", wanted.words.casefold()))
                found.setdefault(key, (clean(wanted.words, most=2000), known, (note,)))
        if found:
            break
    return list(found.values())


def _facts(document: _Document, lexicon: Lexicon) -> Iterator[Entry]:
    if document.kind == "UtilizationReviewReport":
        return
    lines = document.lines
    if document.kind == "RequestForAuthorization":
        lines = [line for line in lines if re.match(r"\W*(?:diagnos[ei]s|ICD)", line.text, re.I)]
    running = running_text(lines)
    several = len({line.page for line in document.lines}) > 1
    for fact in read_document(running.text, lexicon):
        yield _fact(fact, document, running, several)


def _fact(fact: ReadFact, document: _Document, running: Running, several: bool) -> Entry:
    keys: dict[str, Value] = {"is": local_name(fact.concept)}
    if not fact.present:
        keys["status"] = "absent"
    if fact.regions:
        keys["region"] = tuple(local_name(region) for region in fact.regions)
    if fact.side is not None:
        keys["side"] = local_name(fact.side)
    keys.update(fact.attributes)
    keys["in"] = document.id
    if several:
        keys["page"] = str(running.page_at(fact.start))
    keys["quote"] = clean(fact.quote)
    notes = (f"Taken for granted: {fact.assumption}",) if fact.assumption else ()
    return Entry(keys, notes)


def _worker(documents: list[_Document], day: date | None) -> Entry | None:
    """Give age and sex, as the last record states them."""
    keys: dict[str, Value] = {}
    notes: list[str] = []
    for document in sorted(documents, key=lambda d: d.day or date.min, reverse=True):
        text = running_text(document.lines).text
        born = birth_date(document.lines)
        if "age" not in keys and born is not None and day is not None:
            years = _years(date.fromisoformat(born.value), day)
            if 0 <= years <= 130:
                keys["age"] = str(years)
                notes.append(f"Age on {day}, from the birth date in {document.name}.")
        stated = _AGE.search(text)
        if "age" not in keys and stated and int(stated[1]) <= 130:
            keys["age"] = stated[1]
            notes.append(f"Age as stated in {document.name}.")
        sex = _SEX.search(text)
        if "sex" not in keys and sex:
            word = (sex[1] or sex[2]).casefold()
            keys["sex"] = "female" if word in ("female", "woman", "lady", "f") else "male"
    order: dict[str, Value] = {}
    for key in ("age", "sex"):
        if key in keys:
            order[key] = keys[key]
    return Entry(order, tuple(notes)) if order else None


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _injury(documents: list[_Document]) -> Entry | None:
    """Give the date of injury, where the records agree on one."""
    told: dict[str, tuple[str, Told]] = {}
    for document in documents:
        found = injury_date(document.lines)
        if found is not None:
            told.setdefault(found.value, (document.name, found))
    if not told:
        return None
    if len(told) > 1:
        dates = ", ".join(f"{day} ({name})" for day, (name, _) in sorted(told.items()))
        return Entry({}, (f"The records name several dates of injury: {dates}.",))
    ((day, (name, found)),) = told.items()
    return Entry({"date": day}, (f'From {name}: "{clean(found.line, most=100)}".',))


def _review(documents: list[_Document]) -> Entry | None:
    """Give date and decision of the last report of utilization review."""
    reports = [d for d in documents if d.kind == "UtilizationReviewReport"]
    if not reports:
        return None
    report = max(reports, key=lambda d: d.day or date.min)
    keys: dict[str, Value] = {}
    notes = [f"From {report.name}."]
    if report.day is not None:
        keys["date"] = str(report.day)
    for line in report.lines:
        match = _DECISION.search(line.text)
        if match and not days_in(line.text[: match.start()]):
            keys["decision"] = _decision(match["what"] or match["notice"])
            notes.append(f'Taken for granted: the decision, by "{clean(line.text, most=120)}".')
            break
    else:
        notes.append("No line of it that is known states a decision.")
    return Entry(keys, tuple(notes))


def _decision(word: str) -> str:
    word = word.casefold()
    if word.startswith(("non", "not", "den")):
        return "Denied"
    return "Modified" if word.startswith(("modif", "partial")) else "Approved"
