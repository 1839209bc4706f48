"""Procedures and medication: what was tried, how much of it, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reasoner.intake.draft import clean
from reasoner.intake.fhir.bundle import Bundle, Resource
from reasoner.intake.fhir.codes import codes_in, words_of
from reasoner.intake.fhir.element import Element
from reasoner.intake.fhir.facts import Facts
from reasoner.intake.fhir.timing import dose_of, quantity_of
from reasoner.terms import CLINICAL, CORE

_COUNT = re.compile(r"\b(\d{1,3})\s+(?:sessions?|visits?|treatments?|injections?)\b", re.I)
_RELIEF = re.compile(
    r"\b(\d{1,3})\s?(?:%|percent)\s+(?:\w+\s+){0,2}?(?:relief|reduction|improvement|decrease)\b",
    re.I,
)
_RELIEF_TIME = re.compile(r"\bfor\s+(?:about\s+)?(\d{1,3})\s+(day|week|month|year)s?\b", re.I)
_FAILED = re.compile(
    r"\b(?:unsuccessful|fail\w*|no (?:\w+ )?(?:relief|improvement|benefit)|ineffective"
    r"|without (?:\w+ )?(?:relief|improvement|benefit)|(?:did|does|has|was|is) not (?:help|improv|"
    r"effective|reliev)\w*|not (?:effective|helpful|beneficial)|lack of (?:efficacy|response))",
    re.I,
)
_INTOLERABLE = re.compile(r"\b(?:intoler\w+|not tolerated|side effects?|adverse|allerg\w+)", re.I)
_IMPROVED = re.compile(
    r"\b(?:successful|improv\w+|relie(?:f|ved)|benefi\w+|helped|helpful|effective|good response)",
    re.I,
)
_OUTCOME_CODES = {"385669000": "Improved", "385670004": "Improved", "385671000": "Failed"}
# Of "10/325 mg", the first is the drug that the name stands for.
_STRENGTH = re.compile(
    r"(?<![\d/.-])(\d{1,5}(?:\.\d{1,4})?)(?:[-/]\d{1,5}(?:\.\d{1,4})?)?\s*(mg|mcg|g)\b"
    r"(?!\s*/\s*(?:ml|h|d))",
    re.I,
)


def outcome_of(coded: Element | None, text: str) -> dict[str, str]:
    """Give what became of a treatment, by code or by words: outcome, relief, how long it lasted."""
    keys = {"outcome": "NotStated"}
    for code in sorted(codes_in(coded) & set(_OUTCOME_CODES)):
        keys["outcome"] = _OUTCOME_CODES[code]
    told = f"{words_of(coded)} {text}"
    relief = _RELIEF.search(told)
    if relief and int(relief[1]) <= 100:
        keys["relief"] = f"{int(relief[1])} %"
        lasted = _RELIEF_TIME.search(told, relief.end())
        if lasted:
            keys["reliefDuration"] = f"{int(lasted[1])} {lasted[2].lower()}s"
    if keys["outcome"] == "NotStated":
        if _INTOLERABLE.search(told):
            keys["outcome"] = "Intolerable"
        elif _FAILED.search(told):
            keys["outcome"] = "Failed"
        elif relief is not None or _IMPROVED.search(told):
            keys["outcome"] = "Improved"
    return keys


def read_procedure(resource: Resource, facts: Facts) -> None:
    """Read a Procedure: a treatment that was given, or was not."""
    element = resource.element
    status = element.text("status") or "unknown"
    coded = element.one("code")
    words = words_of(coded)
    if status in ("entered-in-error", "preparation", "on-hold", "unknown"):
        told = "entered in error" if status == "entered-in-error" else f"in status {status}"
        facts.leave(resource, f'"{clean(words, most=120)}" is {told}, so nothing is stated.')
        return
    placed = facts.place(coded, [CORE.Treatment])
    if placed is None:
        facts.leave(resource, f'the vocabulary names no treatment of "{clean(words, most=120)}".')
        return
    texts = [text for note in element.many("note") if (text := note.text("text"))]
    told = " ".join(texts)
    notes: list[str] = []
    keys: dict[str, str] = {}
    given = status != "not-done"
    if given:
        keys = _when(element, notes)
        counted = _COUNT.search(f"{words} {told}")
        if counted:
            keys["count"] = counted[1]
        elif element.has("performedDateTime") and facts.codes.lexicon.knowledge.concepts.is_kind_of(
            placed.concept, CLINICAL.PhysicalCare
        ):
            keys["count"] = "1"
            notes.append("Taken for granted: what was done on one day is one visit.")
        keys.update(outcome_of(element.one("outcome"), told))
    if status in ("stopped", "in-progress"):
        notes.append(f"The procedure is in status {status}.")
    reason = words_of(element.one("statusReason"))
    outcome = words_of(element.one("outcome"))
    quote = "; ".join(filter(None, [words, outcome, "" if given else f"not done {reason}", *texts]))
    facts.state_coded(
        resource, placed, sites=element.many("bodySite"), words=words, present=given, keys=keys,
        quote=quote.strip(), notes=notes,
    )  # fmt: skip


def _when(element: Element, notes: list[str]) -> dict[str, str]:
    day = element.day("performedDateTime")
    if day is not None and day.exact is not None:
        return {"date": str(day.exact)}
    if day is not None:
        notes.append(f"Its date is not a whole one: {day.text}.")
    period = element.one("performedPeriod") or element.one("effectivePeriod")
    start = None if period is None else period.day("start")
    end = None if period is None else period.day("end")
    keys: dict[str, str] = {}
    if start is not None and start.exact is not None:
        keys["onset"] = str(start.exact)
        if end is not None and end.exact is not None and end.exact >= start.exact:
            keys["duration"] = f"{(end.exact - start.exact).days + 1} days"
    elif start is not None:
        notes.append(f"It begins at no whole date: {start.text}.")
    return keys


def drug_of(resource: Resource, bundle: Bundle) -> tuple[Element | None, str | None]:
    """Give the code of the drug of a medication resource, and the strength of one unit of it.

    A reference has to lead to a Medication of the Bundle or a contained one, unless it says itself
    what it means.
    """
    element = resource.element
    coded = element.one("medicationCodeableConcept")
    reference = element.one("medicationReference")
    strength = None
    if coded is None and reference is not None:
        if reference.text("display") and not (reference.text("reference") or "").startswith("#"):
            found = bundle.resolve(reference, resource, "Medication")
        else:
            found = bundle.require(reference, resource, "Medication")
        if found is not None:
            coded = found.element.one("code")
            ingredients = found.element.many("ingredient")
            if len(ingredients) == 1:
                ratio = ingredients[0].one("strength")
                numerator = None if ratio is None else ratio.one("numerator")
                if coded is None:
                    coded = ingredients[0].one("itemCodeableConcept")
                strength = quantity_of(numerator, "mass")
        elif reference.text("display"):
            text = {"text": reference.value["display"]}
            coded = Element(text, reference.path, reference.node, reference.findings)
    if strength is None:
        written = _STRENGTH.search(words_of(coded))
        strength = f"{written[1]} {written[2].lower()}" if written else None
    return coded, strength


def read_medication(resource: Resource, bundle: Bundle, facts: Facts) -> None:
    """Read a MedicationStatement, or a MedicationRequest that is not in dispute."""
    element = resource.element
    status = element.text("status") or "unknown"
    coded, strength = drug_of(resource, bundle)
    words = words_of(coded)
    named = clean(words, most=120)
    if status in ("entered-in-error", "draft", "intended", "unknown", "cancelled"):
        told = "entered in error" if status == "entered-in-error" else f"in status {status}"
        facts.leave(resource, f'"{named}" is {told}, so nothing is stated.')
        return
    if element.flag("doNotPerform"):
        facts.leave(resource, f'"{named}" is not to be taken, so nothing is stated.')
        return
    placed = facts.place(coded, [CORE.Drug, CORE.Treatment])
    if placed is None:
        facts.leave(resource, f'the vocabulary names no drug of "{named}".')
        return
    taken = status != "not-taken"
    dosages = element.many("dosage") or element.many("dosageInstruction")
    dose, notes = dose_of(dosages) if taken else ({}, [])
    reasons = [words_of(reason) for reason in _listed(element, "statusReason")]
    texts = [text for note in element.many("note") if (text := note.text("text"))]
    keys: Mapping[str, str] = {}
    if taken:
        came_of_it = outcome_of(None, " ".join([*reasons, *texts]))
        keys = {**_when(element, notes), **came_of_it, **dose}
        if strength is not None:
            keys = {**keys, "strength": strength}
    if resource.kind == "MedicationRequest" and taken:
        notes.append("Taken for granted: what was prescribed was taken.")
    written = [t for dosage in dosages if (t := dosage.text("text"))]
    quote = "; ".join(
        filter(None, [words, *written, *reasons, *texts, "" if taken else "not taken"])
    )
    facts.state_coded(
        resource, placed, sites=[], words=words, present=taken, keys=keys, quote=quote, notes=notes
    )


def _listed(element: Element, key: str) -> list[Element]:
    """Give what is one object in one resource and a list of them in another."""
    if isinstance(element.value.get(key), list):
        return element.many(key)
    one = element.one(key)
    return [] if one is None else [one]
