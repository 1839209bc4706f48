"""A letter as a case file: what its header, requests and summary state, each with its words.

Neither the outcome of an item nor the reviewer's rationale is looked at. What is taken for
granted rather than read stands in the file as a comment, for a person to correct.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from rdflib import URIRef

from reasoner.intake.facts import ReadFact, read_facts
from reasoner.intake.inferences import infer, region_injured
from reasoner.intake.letter import Letter
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.requests import ReadRequest, read_request
from reasoner.terms import CLINICAL, CORE, local_name

_AGE = re.compile(r"\b(\d{1,3})[\s-]*(?:years?|yrs?|yo|y/o)(?:[\s-]*old)?\b", re.I)
_MALE = re.compile(r"\b(male|man|gentleman|he|his)\b", re.I)
_FEMALE = re.compile(r"\b(female|woman|lady|she|her)\b", re.I)


def to_case_file(letter: Letter, lexicon: Lexicon, *, one_region: bool = False) -> str:
    """Write a letter as a YAML case file.

    Args:
        letter: the letter; its outcomes, citations of the reviewer and rationales are not read.
        lexicon: what names the concepts.
        one_region: whether each request keeps the first region that it names, and no other.
    """
    requests = [read_request(item.original or item.request, lexicon) for item in letter.items]
    disputed = [read_request(item.request, lexicon) for item in letter.items]
    facts = infer(
        read_facts(letter.summary, lexicon),
        requests,
        letter.summary,
        lexicon.knowledge.concepts,
        letter.injured,
        letter.denied,
    )
    parts = [region_injured(request, facts, lexicon.knowledge.concepts) for request in requests]
    requests = [
        request if part is None else replace(request, regions=(part,))
        for request, part in zip(requests, parts, strict=True)
    ]
    narrowed = {number for number, part in enumerate(parts, start=1) if part is not None}
    return "\n".join(
        (
            f"# Read from {letter.name}; every fact is for a person to check against its quote.",
            f"id: {_identifier(letter.name)}",
            *_worker(letter.summary),
            *_dates(letter),
            "records:",
            "  - {id: summary, type: CaseSummary, title: Clinical case summary}",
            *_facts(facts),
            "requests:",
            *_requests(letter, requests, disputed, lexicon, narrowed, one_region=one_region),
            "",
        )
    )


def _identifier(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:100] or "letter"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _worker(summary: str) -> Iterator[str]:
    age = _AGE.search(summary)
    head = summary[:400]
    sex = "male" if _MALE.search(head) else "female" if _FEMALE.search(head) else None
    if _FEMALE.search(head):
        sex = "female"
    stated = [f"age: {age[1]}"] if age and int(age[1]) <= 120 else []
    if sex:
        stated.append(f"sex: {sex}")
    if stated:
        yield f"worker: {{{', '.join(stated)}}}"


def _dates(letter: Letter) -> Iterator[str]:
    if letter.injured is not None and (letter.denied is None or letter.injured <= letter.denied):
        yield f"injury: {{date: {letter.injured}}}"
    if letter.denied is None:
        return
    yield "utilizationReview:"
    yield f"  date: {letter.denied}"
    partly = any(item.granted for item in letter.items)
    yield f"  decision: {'Modified' if partly else 'Denied'}"
    cited = dict.fromkeys(c.text for item in letter.items for c in item.administrator)
    if cited:
        yield "  guideline: [" + ", ".join(_quoted(text[:500]) for text in cited) + "]"


def _facts(facts: list[ReadFact]) -> Iterator[str]:
    if not facts:
        return
    yield "facts:"
    for fact in facts:
        keys = [f"is: {local_name(str(fact.concept))}"]
        if not fact.present:
            keys.append("status: absent")
        if fact.regions:
            names = [local_name(str(region)) for region in fact.regions]
            keys.append(f"region: {names[0] if len(names) == 1 else '[' + ', '.join(names) + ']'}")
        if fact.side is not None:
            keys.append(f"side: {local_name(str(fact.side))}")
        keys.extend(f"{key}: {value}" for key, value in fact.attributes)
        keys.append("in: summary")
        keys.append(f"quote: {_quoted(fact.quote[:1000])}")
        if fact.assumption:
            yield f"  # Taken for granted: {fact.assumption}"
        yield f"  - {{{', '.join(keys)}}}"


def _requests(
    letter: Letter,
    requests: list[ReadRequest],
    disputed: list[ReadRequest],
    lexicon: Lexicon,
    narrowed: set[int],
    *,
    one_region: bool,
) -> Iterator[str]:
    concepts = lexicon.knowledge.concepts
    surgeries = [
        number
        for number, request in enumerate(requests, start=1)
        if request.treatment is not None
        and concepts.is_kind_of(request.treatment, CORE.Treatment)
        and _is(request.treatment, "Surgery", lexicon)
        and not request.ancillary
    ]
    for number, (item, request, rest) in enumerate(
        zip(letter.items, requests, disputed, strict=True), start=1
    ):
        if request.treatment is None:
            yield f"  # Not placed: the vocabulary names nothing of {_quoted(item.request)}."
        if number in narrowed:
            yield "  # Taken for granted: that of the limb the part is meant that is injured"
        yield f"  - id: item-{number}"
        yield f"    treatment: {local_name(str(request.treatment or _UNPLACED))}"
        yield f"    wording: {_quoted(item.request[:2000])}"
        for key, value in _request_keys(
            request,
            rest,
            item.original is not None,
            not one_region
            and request.treatment is not None
            and _is(request.treatment, "PhysicalCare", lexicon),
        ):
            yield f"    {key}: {value}"
        ancillary = request.ancillary or _goes_with_surgery(request, lexicon)
        if ancillary and surgeries and number not in surgeries:
            yield f"    dependsOn: item-{surgeries[0]}"


def _goes_with_surgery(request: ReadRequest, lexicon: Lexicon) -> bool:
    """Tell whether a treatment is one that is asked for because of an operation, if one is."""
    if request.treatment is None:
        return False
    if any(_is(request.treatment, kind, lexicon) for kind in _PERIOPERATIVE):
        return True
    return CLINICAL.ChestRegion in request.regions and _is(
        request.treatment, "PlainRadiograph", lexicon
    )


_PERIOPERATIVE = (
    "PreoperativeAncillary",
    "PostoperativeEquipment",
    "PostoperativeTherapy",
    "LaboratoryTest",
    "Electrocardiogram",
)
_UNPLACED = CLINICAL.UnplacedTreatment


def _is(concept: URIRef, name: str, lexicon: Lexicon) -> bool:
    above = lexicon.knowledge.concepts.find(name)
    return above is not None and lexicon.knowledge.concepts.is_kind_of(concept, above)


def _request_keys(
    request: ReadRequest, rest: ReadRequest, partly_granted: bool, several: bool
) -> Iterator[tuple[str, str]]:
    if request.regions:
        names = [local_name(str(region)) for region in request.regions]
        if len(names) == 1 or several:
            yield "region", names[0] if len(names) == 1 else f"[{', '.join(names)}]"
        else:  # a study or an operation is governed by the part of the body that it is of
            yield "region", f"{names[0]}  # also named: {', '.join(names[1:])}"
    if request.side is not None:
        yield "side", local_name(str(request.side))
    if request.quantity is not None:
        yield "quantity", str(request.quantity)
        granted = None if rest.quantity is None else request.quantity - rest.quantity
        if partly_granted and granted is not None and 0 < granted < request.quantity:
            yield "granted", str(granted)
    if request.per_week is not None and request.per_week <= 50:
        yield "perWeek", str(request.per_week)
    if request.course is not None:
        yield "course", request.course
    if request.levels is not None and request.levels <= 30:
        yield "levels", str(request.levels)
    for key, term in (
        ("phase", request.phase),
        ("acquisition", request.acquisition),
        ("guidance", request.guidance),
        ("approach", request.approach),
    ):
        if term is not None:
            yield key, local_name(str(term))
    if request.strength is not None:
        yield "strength", request.strength
    if request.times_a_day is not None:
        yield "timesADay", str(request.times_a_day)
    if request.contrast is not None:
        yield "contrast", str(request.contrast).lower()
    if request.ingredients and local_name(str(request.treatment)) == "TopicalAnalgesic":
        parts = ", ".join(_ingredient(drug, share) for drug, share in request.ingredients)
        yield "ingredients", f"[{parts}]"


def _ingredient(drug: URIRef, share: Decimal | None) -> str:
    concentration = "" if share is None else f", concentration: {share} %"
    return f"{{is: {local_name(str(drug))}{concentration}}}"
