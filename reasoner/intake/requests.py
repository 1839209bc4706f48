"""What a request asks for: treatment, region, side, quantity, from its words in a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from rdflib import URIRef

from reasoner.intake.language import NUMBERS, number_of
from reasoner.intake.lexicon import Lexicon, Mention
from reasoner.terms import CLINICAL, CORE


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A request as its words state it; None or empty where they state nothing.

    Attributes:
        treatment: the concept; None where the ontology names nothing that the words name.
        quantity: the visits, units or injections asked for in all.
        per_week: how often a week.
        course: for how long, as a case file writes it: ``6 weeks``, ``30 days``.
        ingredients: the components of a compound, each with its concentration in percent.
        ancillary: whether it is asked for because of an operation.
    """

    words: str
    treatment: URIRef | None
    regions: tuple[URIRef, ...]
    side: URIRef | None
    quantity: int | None
    per_week: Decimal | None
    course: str | None
    strength: str | None
    times_a_day: Decimal | None
    phase: URIRef | None
    acquisition: URIRef | None
    contrast: bool | None
    guidance: URIRef | None
    approach: URIRef | None
    levels: int | None
    ingredients: tuple[tuple[URIRef, Decimal | None], ...]
    ancillary: bool
    retrospective: bool
    others: tuple[URIRef, ...] = field(default=())


_N = (
    r"(\d{1,3}|"
    + "|".join(sorted(NUMBERS, key=len, reverse=True))
    + r")(?![A-Za-z])(?:\s*\(\d{1,3}\))?"
)
_RANGE = rf"(?:{_N}\s*(?:-|to|or)\s*)?{_N}"
_BETWEEN = r"(?:(?!times?\b|x\b|per\b|a\b|an\b|for\b|weeks?\b|mg\b|days?\b)[A-Za-z-]+\s+){0,4}?"
_UNIT = _BETWEEN + (
    r"(?:visits?|sessions?|treatments?|injections?|units?|tablets?|capsules?|patch(?:es)?)"
)

_FREQUENCY = re.compile(
    rf"{_RANGE}\s*(?:times?|x|visits?|sessions?)?\s*(?:a|per|/|each|every)?\s*-?\s*(?:week(?:ly)?|wk)\b"
    rf"\s*(?:for|times|x|over|,)?\s*{_RANGE}\s*(?:weeks?|wks?)",
    re.I,
)
_VISITS_PER_WEEK = re.compile(
    rf"{_N}\s*(?:visits?|sessions?)\s*(?:a|per)\s*week\s*(?:for|x|times)\s*{_N}\s*weeks?", re.I
)
_TIMES = re.compile(
    rf"\b(?:(\d{{1,2}})\s*x\s*(\d{{1,2}})\b|{_N}\s*(?:x|times)\s*{_N}\b)(?!\s*(?:mg|%|/|mm|cm|ml))",
    re.I,
)
_COUNT = re.compile(rf"\b{_RANGE}\s*{_UNIT}\b", re.I)
_HASH = re.compile(r"#\s*(\d{1,4})\b")
_TIMES_COUNT = re.compile(
    rf"(?:\btimes|\bx|\bqty:?|\bquantity(?: of)?:?)\s*{_N}\b(?!\s*(?:weeks?|wks?|months?|days?|per|a\b))",
    re.I,
)
_STRENGTH = re.compile(r"\b(\d+(?:\.\d+)?)(?:[-/]\d+(?:\.\d+)?)?\s*(mg|mcg|g)\b(?!\s*/\s*ml)", re.I)
_DAILY = (
    (re.compile(r"\b(?:four times (?:a day|daily)|q\.?i\.?d\.?|every 6 hours|q6h)\b", re.I), 4),
    (re.compile(r"\b(?:three times (?:a day|daily)|t\.?i\.?d\.?|every 8 hours|q8h)\b", re.I), 3),
    (re.compile(r"\b(?:two times (?:a day|daily)|twice (?:a day|daily)|b\.?i\.?d\.?)\b", re.I), 2),
    (re.compile(r"\b(?:once (?:a day|daily)|daily|nightly|at bedtime|q\.?h\.?s\.?)\b", re.I), 1),
)
_CONTINUING = re.compile(
    r"\b(additional|continu(?:e|ed|ing|ation)|further|more|repeat|refills?|follow-?up|re-?exam|ongoing)\b",
    re.I,
)
_INITIAL = re.compile(r"\b(initial|trial|first)\b", re.I)
_ANCILLARY = re.compile(
    r"\b(associated surgical service|post-?\s?op(?:erative)?(?:ly)?|pre-?\s?op(?:erative)?"
    r"|surgical assistant|assistant surgeon|pa assist|assistant)\b", re.I
)  # fmt: skip
_WORN = re.compile(
    r"\b(?:associated surgical service|post-?\s?op\w*)\b.*\b(?:wraps?|pads?|braces?|garments?|boots?|stockings?|immobilizers?|dressings?|bandages?)\b", re.I
)  # fmt: skip
"""Things worn after an operation, whatever their name."""
_LEVELS = re.compile(r"\b[LCTS]\d{1,2}\s*(?:-|/|and|to)\s*[LCTS]?\d{1,2}\b", re.I)
_CONCENTRATION = re.compile(r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*%")

_SIDES = (
    (re.compile(r"\b(bilateral|both)\b", re.I), CORE.Bilateral),
    (re.compile(r"\b(left|lt\.?)\b", re.I), CORE.Left),
    (re.compile(r"\b(right|rt\.?)\b", re.I), CORE.Right),
)


def read_request(words: str, lexicon: Lexicon) -> ReadRequest:
    """Read a request from its words.

    Args:
        words: the request, as a heading or request form states it.
        lexicon: what names treatments and regions.
    """
    mentions = lexicon.mentions(words, [CORE.Treatment])
    compound = tuple(_ingredients(words, lexicon))
    treatment = _treatment(words, mentions, lexicon, compound)
    per_week, weeks, quantity = _quantity(words)
    strength = _STRENGTH.search(words)
    return ReadRequest(
        words=words,
        treatment=treatment,
        regions=_regions(words, lexicon),
        side=_side(words),
        quantity=quantity,
        per_week=per_week,
        course=f"{weeks} weeks" if weeks else _course(words),
        strength=f"{strength[1]} {strength[2].lower()}" if strength else None,
        times_a_day=next((Decimal(n) for pattern, n in _DAILY if pattern.search(words)), None),
        phase=_phase(words),
        acquisition=_acquisition(words),
        contrast=_contrast(words),
        guidance=CLINICAL.Fluoroscopy if re.search(r"fluoroscop", words, re.I) else None,
        approach=_approach(words),
        levels=len(_LEVELS.findall(words)) or None,
        ingredients=compound,
        ancillary=_ANCILLARY.search(words) is not None,
        retrospective=re.search(r"\bretrospective|\bDOS\b", words, re.I) is not None,
        others=tuple(dict.fromkeys(m.concept for m in mentions if m.concept != treatment)),
    )


def _treatment(
    words: str,
    mentions: list[Mention],
    lexicon: Lexicon,
    compound: tuple[tuple[URIRef, Decimal | None], ...],
) -> URIRef | None:
    """Pick the treatment: a compound by its ingredients, else the longest and most special name."""
    ancestors = lexicon.knowledge.concepts.ancestors
    topical = re.search(r"\b(cream|gel|ointment|lotion|topical|transdermal|compound)", words, re.I)
    if compound and (len(compound) > 1 or topical):
        named = [
            m.concept for m in mentions if CLINICAL.TopicalAnalgesic in ancestors.get(m.concept, ())
        ]
        return named[0] if named and len(compound) == 1 else CLINICAL.TopicalAnalgesic
    if not mentions:
        return CLINICAL.PostoperativeEquipment if _WORN.search(words) else None
    chosen = max(
        mentions,
        key=lambda m: (m.words, len(ancestors.get(m.concept, ())), -m.start),
    ).concept
    if _ANCILLARY.search(words) and chosen in (
        CLINICAL.PhysicalTherapy,
        CLINICAL.OccupationalTherapy,
        CLINICAL.PhysicalOrOccupationalTherapy,
    ):
        return CLINICAL.PostoperativeTherapy
    return chosen


def _ingredients(words: str, lexicon: Lexicon) -> Iterator[tuple[URIRef, Decimal | None]]:
    """Give drugs that are followed by a concentration."""
    for mention in lexicon.mentions(words, [CORE.Drug]):
        found = _CONCENTRATION.match(words, mention.end)
        if found:
            yield mention.concept, Decimal(found[1])


def _regions(words: str, lexicon: Lexicon) -> tuple[URIRef, ...]:
    found = [m.concept for m in lexicon.mentions(words, [CORE.BodyRegion])]
    if (
        re.search(r"\b[L]\d(?:\s*[-/]\s*(?:[LS]?\d))?\b", words)
        and CLINICAL.LumbarRegion not in found
    ):
        found.append(CLINICAL.LumbarRegion)
    if re.search(r"\bC\d(?:\s*[-/]\s*C?\d)\b", words) and CLINICAL.CervicalRegion not in found:
        found.append(CLINICAL.CervicalRegion)
    return tuple(dict.fromkeys(found))


def _side(words: str) -> URIRef | None:
    found = [side for pattern, side in _SIDES if pattern.search(words)]
    if CORE.Bilateral in found or len(found) > 1:
        return CORE.Bilateral
    return found[0] if found else None


def _quantity(words: str) -> tuple[Decimal | None, int | None, int | None]:
    """Give visits a week, weeks, and the quantity in all; of a range, the upper end."""
    per_week = weeks = None
    frequency = _FREQUENCY.search(words)
    if frequency:
        per_week = number_of(frequency[2])
        weeks = number_of(frequency[4])
    else:
        times = _TIMES.search(words)
        if times:
            per_week = number_of(times[1] or times[3])
            weeks = number_of(times[2] or times[4])
    total: int | None = None
    counted = _COUNT.search(words)
    hashed = _HASH.search(words)
    if hashed:
        total = int(hashed[1])
    elif counted:
        total = number_of(counted[2])
    elif per_week and weeks:
        total = per_week * weeks
    else:
        times_count = _TIMES_COUNT.search(words)
        total = number_of(times_count[1]) if times_count else None
    if counted and per_week and weeks and re.search(r"sessions?|visits?", counted[0], re.I):
        # "physical therapy 2 times a week for 6 weeks (12 sessions)"
        stated = number_of(counted[2])
        total = stated if stated and stated > per_week else per_week * weeks
    return (None if per_week is None else Decimal(per_week)), weeks, total or None


_COURSE = (
    re.compile(rf"\b(day)s?'?\s+supply\s*(?::|of|-)?\s*{_N}\b", re.I),
    re.compile(rf"\b(?:for|over|x|times)\s+(?:up to )?{_N}[\s-]*(day|week|month)s?\b", re.I),
    re.compile(rf"(?<!#)\b{_N}[\s-]*(day|week|month)s?[\s'-]+(?:rental|trial|supply|use)\b", re.I),
    re.compile(rf"\b(?:rental|rent|trial)\b[^.;]{{0,20}}?\b{_N}[\s-]*(day|week|month)s?\b", re.I),
)


def _course(words: str) -> str | None:
    """Give for how long something is asked for: ``for 7 days``, ``30-day rental``."""
    for pattern in _COURSE:
        found = pattern.search(words)
        if found:
            one, other = found[1], found[2]
            number, unit = (other, one) if one.lower() == "day" else (one, other)
            count = number_of(number)
            if count:
                return f"{count} {unit.lower()}{'s' if count != 1 else ''}"
    return None


def _phase(words: str) -> URIRef | None:
    if _CONTINUING.search(words):
        return CORE.Continuing
    return CORE.Initial if _INITIAL.search(words) else None


def _acquisition(words: str) -> URIRef | None:
    if re.search(r"\bpurchase", words, re.I):
        return CORE.Purchase
    return CORE.Rental if re.search(r"\brent", words, re.I) else None


def _contrast(words: str) -> bool | None:
    if re.search(r"\b(?:without|w/o|no) (?:and with )?contrast", words, re.I):
        return re.search(r"with and without", words, re.I) is not None
    return True if re.search(r"\b(?:with|w/) (?:and without )?contrast", words, re.I) else None


def _approach(words: str) -> URIRef | None:
    for word, approach in (
        ("transforaminal", CLINICAL.Transforaminal),
        ("interlaminar", CLINICAL.Interlaminar),
        ("caudal", CLINICAL.Caudal),
    ):
        if re.search(word, words, re.I):
            return approach
    return None
