"""What the renderings say of a determination, the same in every format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from reasoner.labels import counted, day_in_words, listing
from reasoner.rationale import pages

OUTCOMES = {"OverturnedInPart": "Overturned in part"}
"""Outcomes of items and cases that are not written as the contract writes them."""

CRITERION_OUTCOMES = {
    "Met": ("\u2713", "met"),
    "NotMet": ("\u2717", "not met"),
    "NotDocumented": ("?", "not documented"),
    "NotApplicable": ("\u2013", "not applicable"),
}

VERIFIED = frozenset({"quoted in an issued determination", "published source"})
"""How what was seen at its source is attested; anything else is shown beside the criterion."""

PROCEEDINGS = {"imr": "Independent medical review", "ur": "Utilization review"}

SUPPORT = (
    "It supports a physician reviewer and does not replace one: it is a draft for that"
    " physician\u2019s judgment."
)

_FEW = 4
"""How many criteria that do not apply are set out among the others, at most."""

_NECESSITIES = {
    "MedicallyNecessary": "Medically necessary.",
    "NotMedicallyNecessary": "Not medically necessary",
    "NoGoverningGuideline": "Not decided: nothing that is encoded governs this request.",
}

_BASES = {
    "Contradicted": "what is documented or asked for contradicts the guideline.",
    "NotEstablished": "the record does not establish what the guideline requires.",
    "NotSupported": "the guideline does not support the treatment.",
    "Dependent": "it falls with the request that it depends on.",
}

Json = Mapping[str, Any]


def outcome(word: str) -> str:
    """Write an outcome of an item or a case: ``Overturned in part``."""
    return OUTCOMES.get(word, word)


def symbol(word: str) -> str:
    """Give the sign of a criterion's outcome."""
    return CRITERION_OUTCOMES.get(word, ("", ""))[0]


def criterion_word(word: str) -> str:
    """Write the outcome of a criterion: ``not documented``."""
    return CRITERION_OUTCOMES.get(word, ("", word))[1]


def criterion_outcome(criterion: Json) -> str:
    """Write the outcome of a criterion; what is presumed says so: ``met, presumed``."""
    word = criterion_word(criterion["outcome"])
    return f"{word}, presumed" if criterion["presumed"] else word


def caveat(confidence: str) -> str | None:
    """Give how something is attested, unless it was seen at its source."""
    return None if confidence in VERIFIED else confidence


def day(text: str | None) -> str | None:
    """Write an ISO day in words; what is no such day is given as it is."""
    if text is None:
        return None
    try:
        return day_in_words(date.fromisoformat(text))
    except ValueError:
        return text


def page(text: str | None) -> str:
    """Write ``page 122``."""
    return pages(text) if text else ""


def place(criterion: Json) -> str:
    """Say where a criterion stands: its page, and the document where it is another."""
    where = page(criterion["page"])
    return f"{where} of {criterion['citedFrom']}" if criterion["citedFrom"] else where


def common_place(criteria: list[Json]) -> str | None:
    """Give the place that all criteria share, so that it is said once; None if they differ."""
    places = {place(criterion) for criterion in criteria}
    return places.pop() if len(places) == 1 else None


def set_aside(criteria: list[Json]) -> list[Json]:
    """Give the criteria that do not apply, where they are too many to set out one by one."""
    aside = [c for c in criteria if c["outcome"] == "NotApplicable"]
    return aside if len(aside) > _FEW else []


def tabled(criteria: list[Json]) -> list[Json]:
    """Give the criteria that are set out one by one."""
    aside = {c["id"] for c in set_aside(criteria)}
    return [c for c in criteria if c["id"] not in aside]


def reasons_aside(criteria: list[Json]) -> list[str]:
    """Name the criteria that are set aside, a line a reason: ``Not applicable: 2 and 3. ...``."""
    numbers: dict[str | None, list[str]] = {}
    for criterion in set_aside(criteria):
        numbers.setdefault(criterion["presumption"], []).append(criterion["number"])
    return [
        f"Not applicable: {listing(of)}. "
        + (f"Presumed: {why}" if why else "The case rules them out.")
        for why, of in numbers.items()
    ]


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def citation(recommendation: Json) -> str:
    """Cite a recommendation: ``MTUS ..., Trigger point injections, page 122``."""
    parts = (recommendation["title"], recommendation["section"], page(recommendation["page"]))
    return ", ".join(part for part in parts if part)


def judgment(item: Json) -> str:
    """Say in a sentence what was decided of an item."""
    if item["decision"] == "NecessaryAsModified":
        supported = f"the guideline supports {supported_quantity(item)} in all"
        if item["outcome"] == "Modified":
            return f"Medically necessary as modified: {supported}."
        return f"Not medically necessary as requested: {supported}."
    said = _NECESSITIES.get(item["decision"], str(item["decision"]))
    if item["dependsOn"] is not None and item["decision"] == "NoGoverningGuideline":
        return "Not decided: it depends on a request that nothing encoded decides."
    return f"{said}: {_BASES.get(item['basis'], '')}" if item["basis"] else said


def supported_quantity(item: Json) -> str:
    """Write the quantity that the guideline supports: ``4 injections``."""
    modified = item["modifiedTo"]
    return counted(modified["quantity"], modified["unit"]) if modified else ""


def dispute(item: Json) -> str | None:
    """Say what is in dispute, where utilization review granted a part."""
    asked, granted = item["quantity"], item["granted"]
    if not isinstance(asked, int) or not isinstance(granted, int) or granted == 0:
        return None
    return (
        f"{asked} asked for, {granted} granted by utilization review, {asked - granted} in dispute."
    )


def worker(summary: Json) -> str | None:
    """Describe the worker and the injury: ``60-year-old male injured worker, ...``."""
    about = summary["worker"]
    age, sex, occupation = about["age"], about["sex"], about["occupation"]
    injured = day(summary["injuryDate"])
    if age is None and sex is None and occupation is None and injured is None:
        return None
    described = " ".join(
        [f"{age}-year-old"] * (age is not None) + [sex] * (sex is not None) + ["injured worker"]
    )
    return (
        capital(described)
        + (f" ({occupation})" if occupation else "")
        + (f", date of injury {injured}" if injured else "")
        + "."
    )


def review(summary: Json) -> str | None:
    """Say what utilization review decided, and when."""
    about = summary["utilizationReview"]
    if about is None:
        return None
    decided, when = about["decision"], day(about["date"])
    if decided is None and when is None:
        return None
    said = f"Utilization review: {decided}" if decided else "Utilization review"
    return f"{said}, {when}." if when else f"{said}."


def fact(of: Json) -> str:
    """Write a fact with its place and words: ``headache, head (page 2: "...")``."""
    where = page(of["page"])
    quoted = f"\u201c{of['quote']}\u201d" if of["quote"] else ""
    inside = ": ".join(part for part in (where, quoted) if part)
    return f"{of['label']} ({inside})" if inside else str(of["label"])


def evidence(of: Json, request: str) -> str:
    """Write what an outcome rests on, with its values and its place in the record."""
    told = str(of["label"])
    if of["fact"] == request:
        told = "the request" if of["values"] else "the request itself"
    if of["values"]:
        told += f", {listing(of['values'])}"
    if of["record"] != "request":
        told += f"; {of['record']}"
        told += f", {page(of['page'])}" if of["page"] else ""
    return told


def changes(cure: Json) -> list[str]:
    """Give the changes of a cure in words, each once: several limits can ask for one quantity."""
    return list(dict.fromkeys(change["text"] for change in cure["changes"]))


def ways(item: Json) -> str:
    """Introduce what would turn a decision."""
    count = len(item["cure"])
    if count == 1:
        return f"The item would be {_turned(item['cure'][0])} if all of this were done:"
    return f"Any one of these {count} ways would turn the decision:"


def way(cure: Json, number: int, of: int) -> str | None:
    """Introduce one of several ways."""
    if of == 1:
        return None
    return f"Way {number}. The item would be {_turned(cure)} if all of this were done:"


def _turned(cure: Json) -> str:
    return outcome(cure["resultingOutcome"]).lower()


def passed_over(note: Json) -> str:
    """Name a recommendation that was considered and does not govern, and why."""
    return f"\u201c{note['label']}\u201d, {note['guideline']}: {note['why']}."


def next_source(item: Json) -> str | None:
    """Name the next source to search, where nothing governs the item itself."""
    undecided = item["decision"] == "NoGoverningGuideline" and item["dependsOn"] is None
    return item["nextSource"] if undecided else None


def last_part(iri: str) -> str:
    """Give the last part of an IRI, for what has no label."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
