"""What is told of a fact beside that it is so: how severe, how long, how often, to what effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from reasoner.intake.language import NUMBERS, Clause, number_of
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.places import Named
from reasoner.terms import CLINICAL, CORE, local_name

_FAILED = re.compile(
    r"\b(fail(?:ed|ure|ing)?|no (?:\w+ )?(?:relief|improvement|benefit)|without (?:\w+ )?(?:relief|improvement|benefit|success)"
    r"|(?:did|does|has|have|had|was|is|are|were) not (?:\w+ )?(?:been )?(?:help|improv|reliev|respond|effective|benefi)\w*|not helping|ineffective"
    r"|wors(?:e|en\w*) (?:with|after|despite)|despite|refractory|unresponsive|unrelieved|didn'?t help)\b", re.I
)  # fmt: skip
_IMPROVED = re.compile(
    r"\b(help(?:ed|ing|s|ful)|improv(?:ed|ing|es|ement)|(?:with|gave|gives|provid\w+|offer\w+) (?:\w+ )?(?:benefit|relief)|(?:some|good|temporary|mild|moderate"
    r"|significant|partial|\d{1,3} ?(?:%|percent)(?: of)?) (?:\w+ )?(?:relief|benefit|improvement)|reliev(?:ed|ing|es|e)|respond(?:ed|ing|s)? (?:\w+ )?to"
    r"|beneficial|effective|(?:decreas|reduc|lessen)\w+ (?:\w+ )?pain|pain (?:\w+ )?(?:decreas|reduc|lessen)\w+)\b", re.I
)  # fmt: skip
_INTOLERANT = re.compile(
    r"\b(intoleran\w+|not tolerat\w+|unable to tolerate|allerg\w+|side effects?|\((?:caused|causes) \w+\)|(?:caus(?:ed|es|ing)) (?:\w+ )?(?:nausea|vomiting|dizziness"
    r"|rash|itching|drowsiness|gastric|stomach|GI|upset))\b", re.I
)  # fmt: skip
_EXAMINED = re.compile(
    r"\b(exam(?:ination|ined|s)?|objective(?:ly)?|palpation|inspection|tender\w*|range of motion|reflex\w*"
    r"|strength|sensation|straight[- ]leg|gait|positive|negative)\b", re.I
)  # fmt: skip
_IMAGED = re.compile(
    r"\b(MRIs?|x-?rays?|radiograph\w*|CT|imaging|magnetic resonance|ultrasound|arthrogram)\b", re.I
)
_TESTED = re.compile(r"\b(EMG|NCS|NCV|electrodiagnos\w+|nerve conduction|electromyogra\w+)\b", re.I)
_N = r"(\d{1,3}|" + "|".join(NUMBERS) + r")(?![A-Za-z/])"
_SEVERITY = re.compile(
    r"\b(\d{1,2}(?:\.\d)?)\s*(?:/\s*10\s*)?(?:(?:-|to)\s*(\d{1,2}))?\s*(?:/|out of|of|on an?)\s*(?:10\b|10-point|ten\b|\d\d? point)",
    re.I,
)
_RATED = re.compile(
    r"\b(?:rated|rates|rating)[^.;,]{0,25}?\b(?:at|as|a)\s+(?:an? )?(\d{1,2})(?:\s*(?:-|to)\s*(\d{1,2}))?\b(?! ?(?:out|of|/|%|-|to))", re.I
)  # fmt: skip
_VISITS = r"(?:sessions?|visits?|treatments?|appointments?)"
_COUNT_BEFORE = re.compile(
    rf"(?:{_N}\s*(?:\(\d+\)\s*)?(?:of (?:the )?(?:\d+|{'|'.join(NUMBERS)}) )?(?:(?:prior|previous|completed|authorized|approved|initial|total|supervised|physical|occupational|therapy|chiropractic|acupuncture|aquatic|PT|OT)\s+){{0,3}}{_VISITS}(?: (?:of|for|with|in|per))?(?: \w+)?|#\s*(\d{{1,3}})\s*(?:sessions?|visits?)(?: of)?|\b{_N}\s*(?:of (?:the )?(?:\d+|{'|'.join(NUMBERS)}) )?(?:of |prior |previous |authorized |approved )?)\s*$",
    re.I,
)
_COUNT_AFTER = re.compile(
    rf"^\s*(?:\([^)\d]*\)\s*)?(?:(?:therapy|care|treatment)\s+)?(?:\(?\s*(?:at least|x|times|for|approximately|about|a total of|total of|of)?\s*{_N}\s*(?:\(\d+\)\s*)?(?:\w+ )?{_VISITS}|x\s*(\d{{1,3}})\b|#\s*(\d{{1,3}})\b|{_VISITS},?\s*(?:#|x|times)\s*(\d{{1,3}}))",
    re.I,
)
_COUNT_SESSIONS_AFTER = re.compile(rf"^\s*(?:\([^)\d]*\)\s*)?(?:therapy |care )?{_VISITS}\b", re.I)
_COUNT_LEADING = re.compile(
    rf"(?:\b{_N}(?:\s*\(\d+\))?(?: of (?:the )?\d+)?|#\s*(\d{{1,3}}))\s*(?:[a-z-]+\s+){{0,2}}$",
    re.I,
)
_STRENGTH = re.compile(
    r"^[\s(]{0,2}(?:(?:tab(?:let)?s?|cap\w*|HCL|HCl|ER|XR|SR|DR|CR|IR|sodium|citrate|hydrochloride|patch(?:es)?|cream|gel|of|at|APAP|strength)\s+){0,3}(\d+(?:\.\d+)?)(?:\s*[-/]\s*\d+(?:\.\d+)?)?\s*(mg|mcg)\b(?!\s*/\s*ml)",
    re.I,
)
_RELIEF = re.compile(
    r"\b(\d{1,3})(?:\s*-\s*(\d{1,3}))?\s*(?:%|percent)(?: \w+){0,3}? (?:relief|improve\w*|better|reduction|decrease|benefit)",
    re.I,
)
_RELIEF_LASTED = re.compile(
    rf"\b(?:relief|improvement|better)\b[^.;]{{0,30}}?\b(?:for|lasting|over)\s+(?:about |approximately |at least |over )?{_N}\s*(days?|weeks?|months?)\b", re.I
)  # fmt: skip
_WEEKS = re.compile(
    rf"\b(?:for|over|lasting|of)\s+(?:the (?:past|last) |about |approximately |at least |over |more than |a period of )?{_N}\s*(days?|weeks?|months?|years?)\b",
    re.I,
)
PAINS = frozenset({"LowBackPainDiagnosis", "NeckPainDiagnosis", "Pain"})


def attributes_of(
    clause: Clause, name: Named, *, treatment: bool, lexicon: Lexicon
) -> Iterator[tuple[str, str]]:
    """Give the other keys of a fact in a case file, with their values."""
    concepts = lexicon.knowledge.concepts
    if treatment:
        yield from _of_treatment(clause, name, lexicon)
        return
    if concepts.is_kind_of(name.concept, CLINICAL.Pain) or local_name(name.concept) in PAINS:
        severity = _severity(clause.text[name.start :]) or _severity(clause.text)
        if severity is None and clause.text != clause.sentence:
            severity = _severity(clause.sentence)
        if severity is not None:
            yield "severity", severity
    if concepts.is_kind_of(name.concept, CLINICAL.Symptom):
        lasted = _WEEKS.search(clause.text[name.end : name.end + 60])
        number = number_of(lasted[1]) if lasted else None
        if lasted and number:
            yield (
                "duration",
                f"{number} {lasted[2].lower().rstrip('s')}{'s' if number != 1 else ''}",
            )
    if concepts.is_kind_of(name.concept, CORE.Finding):
        if _TESTED.search(clause.text):
            yield "by", "ByElectrodiagnostics"
        elif concepts.is_kind_of(name.concept, CLINICAL.Symptom):
            yield "by", "ByHistory"
        elif _IMAGED.search(clause.text):
            yield "by", "ByImaging"
        elif _EXAMINED.search(clause.sentence):
            yield "by", "ByExamination"


def _severity(text: str) -> str | None:
    found = _SEVERITY.search(text) or _RATED.search(text)
    if found is None:
        return None
    number = Decimal(found[2] or found[1])
    return str(number) if number <= 10 else None


def _of_treatment(clause: Clause, name: Named, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    drug = lexicon.knowledge.concepts.is_kind_of(name.concept, CORE.Drug)
    before, after = clause.text[: name.start], clause.text[name.end :]
    if not drug:
        named = clause.text[name.start : name.end]
        counted = re.search(rf"\s+{_VISITS}$", named, re.I)  # "physical therapy sessions"
        count = _count(before, (counted[0] if counted else "") + after)
        if count is not None:
            yield "count", str(count)
    else:
        strength = _STRENGTH.match(after)
        if strength:
            yield "strength", f"{strength[1]} {strength[2].lower()}"
    since = _SINCE.match(after)
    begun = _day(since) if since else None
    if begun is not None:
        yield "onset", begun.isoformat()
    near = (
        clause.text
        if len(clause.text) < 160
        else before[-60:] + clause.text[name.start : name.end] + after[:90]
    )
    near = re.sub(r"\b(?:without|no|lack of) (?:\w+ )?documentation of[^.;,)]*", " ", near)
    relief = _RELIEF.search(near)
    if _INTOLERANT.search(after[:50]):
        yield "outcome", "Intolerable"
    elif _FAILED.search(near):
        yield "outcome", "Failed"
    elif _IMPROVED.search(near):
        yield "outcome", "Improved"
        if relief and int(relief[2] or relief[1]) <= 100:
            yield "relief", f"{relief[1]} %"
            lasted = _RELIEF_LASTED.search(near)
            number = number_of(lasted[1]) if lasted else None
            if lasted and number:
                yield "reliefDuration", f"{number} {lasted[2].lower().rstrip('s')}s"
    else:
        yield "outcome", "NotStated"


_SINCE = re.compile(
    r"^[^.;,]{0,40}?\bsince (?:at least )?(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})\b", re.I
)


def _day(found: re.Match[str]) -> date | None:
    year = int(found[3])
    try:
        return date(year + 2000 if year < 100 else year, int(found[1]), int(found[2]))
    except ValueError:
        return None


def _count(before: str, after: str) -> int | None:
    """Give how many visits a text counts around the name of a treatment."""
    found = _COUNT_AFTER.match(after) or _COUNT_BEFORE.search(before)
    if found is None and _COUNT_SESSIONS_AFTER.match(after):
        found = _COUNT_LEADING.search(before)
    number = number_of(next((g for g in found.groups() if g), None)) if found else None
    return number if number and number <= 500 else None
