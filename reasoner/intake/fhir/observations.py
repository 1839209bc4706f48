"""Observations: what was found, what was not, and what was measured."""

from __future__ import annotations

import re

from rdflib import URIRef

from reasoner.intake.draft import clean
from reasoner.intake.fhir.bundle import Resource
from reasoner.intake.fhir.codes import (
    CLINICAL_KINDS,
    Placed,
    codes_in,
    is_pain_score,
    words_of,
)
from reasoner.intake.fhir.element import Element, plain
from reasoner.intake.fhir.facts import Facts
from reasoner.intake.fhir.timing import count_of, quantity_of
from reasoner.terms import CLINICAL, CORE

_PRESENT = frozenset({"52101004", "260373001", "10828004", "LA9633-4", "LA6576-8", "LA33-6", "Y",
                      "POS", "DET", "373066001"})  # fmt: skip
_ABSENT = frozenset({"2667000", "260415000", "260385009", "LA9634-2", "LA6577-6", "LA32-8", "N",
                     "NEG", "ND", "373067005"})  # fmt: skip
_WORD_PRESENT = re.compile(r"(?:yes|true|present|positive|detected|found|noted)\.?", re.I)
_WORD_ABSENT = re.compile(
    r"(?:no|none|false|absent|negative|not (?:present|detected|found|noted))\.?", re.I
)
_METHODS = {
    "exam": "ByExamination", "imaging": "ByImaging", "laboratory": "ByLaboratory",
    "social-history": "ByHistory",
}  # fmt: skip
_TESTED = re.compile(r"\b(?:EMG|NCS|NCV|electrodiagnos|electromyogra|nerve conduction)", re.I)
_CERTAIN = frozenset({"final", "amended", "corrected"})


def read_observation(resource: Resource, facts: Facts) -> None:
    """Read an Observation and its components."""
    element = resource.element
    status = element.text("status") or "unknown"
    words = words_of(element.one("code"))
    if status not in _CERTAIN:
        told = "entered in error" if status == "entered-in-error" else status
        facts.leave(resource, f'"{clean(words, most=120)}" is {told}, so nothing is stated.')
        return
    parts = element.many("component")
    method = _method(element)
    has_value = any(key.startswith("value") for key in element.value)
    if has_value or element.has("interpretation") or not (parts or element.has("hasMember")):
        _one(resource, element, method, facts, part="")
    for number, component in enumerate(parts, start=1):
        _one(resource, component, method, facts, part=str(number))


def _method(element: Element) -> str | None:
    """Give how a finding was obtained."""
    words = f"{words_of(element.one('method'))} {words_of(element.one('code'))}"
    if _TESTED.search(words):
        return "ByElectrodiagnostics"
    for category in element.many("category"):
        for code in sorted(codes_in(category) & set(_METHODS)):
            return _METHODS[code]
    return None


def _one(
    resource: Resource, element: Element, method: str | None, facts: Facts, *, part: str
) -> None:
    """Read an Observation or one component of it."""
    coded = element.one("code")
    words, value = words_of(coded), _value_words(element)
    quote = f"{words}: {value}" if value else words
    about = (
        words
        if element is resource.element
        else f"{words} {words_of(resource.element.one('code'))}"
    )
    sites = [s for s in (resource.element.one("bodySite"),) if s is not None]
    by = {"by": method} if method else {}
    if element.has("dataAbsentReason"):
        why = words_of(element.one("dataAbsentReason")) or "it is not said why"
        facts.leave(resource, f'"{clean(words, most=120)}" has no value ({why}).')
        return
    if is_pain_score(coded):
        placed: Placed | None = Placed(CLINICAL.Pain, by_code=True)
    else:
        placed = facts.place(coded, (*CLINICAL_KINDS, CORE.Treatment))
    present = _presence(element)
    value_coded = element.one("valueCodeableConcept")
    if present is None and value_coded is not None:
        named = facts.place(value_coded, CLINICAL_KINDS)
        if named is not None:
            facts.state_coded(
                resource, named, sites=sites, words=f"{about} {value}",
                keys=_kept(by, named.concept, facts), quote=quote, part=part,
            )  # fmt: skip
            return
    measured = _measured(element, placed, facts)
    if placed is not None and (present is not None or measured):
        facts.state_coded(
            resource, placed, sites=sites, words=about,
            present=present is not False,
            keys={**_kept(by, placed.concept, facts), **measured}, quote=quote, part=part,
        )  # fmt: skip
        return
    text = element.text("valueString")
    if text is not None and present is None:
        told = text if placed is None else f"{words} {text}"
        if facts.state_text(resource, told, keys=by, sites=sites, part=f"{part}t"):
            return
    facts.leave(resource, f'"{clean(quote, most=160)}" states nothing that the vocabulary names.')


def _kept(by: dict[str, str], concept: URIRef, facts: Facts) -> dict[str, str]:
    finding = facts.codes.lexicon.knowledge.concepts.is_kind_of(concept, CORE.Finding)
    return by if finding else {}


def _presence(element: Element) -> bool | None:
    """Tell whether an Observation says that something is there, is not, or neither."""
    truth = element.flag("valueBoolean")
    if truth is not None:
        return truth
    value = element.one("valueCodeableConcept")
    said: bool | None = None
    for coded in [*([value] if value is not None else []), *element.many("interpretation")]:
        interprets = coded is not value
        codes = codes_in(coded)
        words = words_of(coded)
        # N is "no" as a value, and "normal" as an interpretation, which says neither.
        absent = _ABSENT - {"N"} if interprets else _ABSENT
        if codes & absent or _WORD_ABSENT.fullmatch(words):
            found = False
        elif codes & _PRESENT or _WORD_PRESENT.fullmatch(words):
            found = True
        else:
            continue
        if said is not None and said != found:
            return None
        said = found
    text = element.text("valueString") or ""
    if said is None and _WORD_ABSENT.fullmatch(text):
        return False
    if said is None and _WORD_PRESENT.fullmatch(text):
        return True
    return said


def _measured(element: Element, placed: Placed | None, facts: Facts) -> dict[str, str]:
    """Give the keys that a measured value fills."""
    if placed is None:
        return {}
    concepts = facts.codes.lexicon.knowledge.concepts
    quantity = element.one("valueQuantity")
    number = quantity.number("value") if quantity is not None else element.number("valueInteger")
    if quantity is not None and quantity.has("comparator"):
        return {}
    if concepts.is_kind_of(placed.concept, CLINICAL.Pain) and number is not None:
        unit = "" if quantity is None else quantity.text("code") or quantity.text("unit") or ""
        score = unit.strip("{}/").casefold() in ("", "1", "score", "10", "nrs", "vas", "points")
        if score and 0 < number <= 10:  # a score of 0 tells of one day, not that there is no pain
            return {"severity": plain(number)}
    lasted = quantity_of(quantity, "time")
    if lasted is not None:
        return {"duration": lasted}
    if concepts.is_kind_of(placed.concept, CORE.Treatment):
        share = quantity_of(quantity, "percent")
        if share is not None:
            return {"outcome": "NotStated", "relief": share}
        if concepts.is_kind_of(placed.concept, CORE.Drug):
            dose = quantity_of(quantity, "dose")
            return {} if dose is None else {"outcome": "NotStated", "dailyDose": dose}
        count = element.number("valueInteger") if quantity is None else count_of(quantity)
        if count:
            return {"outcome": "NotStated", "count": str(count)}
    return {}


def _value_words(element: Element) -> str:
    """Give the value in words, with what it is interpreted as."""
    parts: list[str] = []
    quantity = element.one("valueQuantity")
    if quantity is not None:
        number = quantity.number("value")
        unit = quantity.text("unit") or quantity.text("code") or ""
        sign = quantity.text("comparator") or ""
        parts.append(f"{sign}{'' if number is None else plain(number)} {unit}".strip())
    whole, truth = element.number("valueInteger"), element.flag("valueBoolean")
    parts.append("" if whole is None else plain(whole))
    parts.append("" if truth is None else "yes" if truth else "no")
    parts.append(words_of(element.one("valueCodeableConcept")))
    parts.append(element.text("valueString") or "")
    parts.extend(words_of(coded) for coded in element.many("interpretation"))
    return ", ".join(part for part in parts if part)
