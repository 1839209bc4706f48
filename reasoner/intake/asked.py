"""What a request asks for, as the keys of a case file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rdflib import URIRef

from reasoner.intake.draft import Entry, Value, clean
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.requests import ReadRequest, read_request
from reasoner.terms import CLINICAL, CORE, local_name


def details_of(read: ReadRequest) -> dict[str, Value]:
    """Give what words say of a request beside its treatment, region and quantity."""
    keys: dict[str, Value] = {}
    for key, term in (
        ("phase", read.phase),
        ("acquisition", read.acquisition),
        ("guidance", read.guidance),
        ("approach", read.approach),
    ):
        if term is not None:
            keys[key] = local_name(term)
    if read.contrast is not None:
        keys["contrast"] = str(read.contrast).lower()
    if read.levels is not None and read.levels <= 30:
        keys["levels"] = str(read.levels)
    if read.per_week is not None and 0 < read.per_week <= 50:
        keys["perWeek"] = _plain(read.per_week)
    if read.course is not None:
        keys["course"] = read.course
    if read.ingredients and read.treatment == CLINICAL.TopicalAnalgesic:
        keys["ingredients"] = tuple(_ingredient(drug, share) for drug, share in read.ingredients)
    return keys


def _ingredient(drug: URIRef, share: Decimal | None) -> dict[str, str]:
    keys = {"is": local_name(drug)}
    if share is not None:
        keys["concentration"] = f"{_plain(share)} %"
    return keys


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def request_entries(
    asked: Sequence[tuple[str, dict[str, Value], tuple[str, ...]]], lexicon: Lexicon
) -> tuple[Entry, ...]:
    """Make requests of words.

    Args:
        asked: for each, its words, keys that are known beside them (``date``), and notes.
        lexicon: what names treatments.
    """
    read = [read_request(words, lexicon) for words, _, _ in asked]
    operations = [
        number
        for number, request in enumerate(read, start=1)
        if _is(request.treatment, CLINICAL.Surgery, lexicon) and not request.ancillary
    ]
    return tuple(
        _entry(number, request, known, notes, operations, lexicon)
        for number, (request, (_, known, notes)) in enumerate(
            zip(read, asked, strict=True), start=1
        )
    )


def _entry(
    number: int,
    read: ReadRequest,
    known: dict[str, Value],
    notes: tuple[str, ...],
    operations: list[int],
    lexicon: Lexicon,
) -> Entry:
    keys: dict[str, Value] = {"id": f"item-{number}"}
    if read.treatment is None:
        named = clean(read.words, most=120)
        notes = (*notes, f'Not placed: the vocabulary names nothing of "{named}".')
    keys["treatment"] = local_name(read.treatment or CLINICAL.UnplacedTreatment)
    keys["wording"] = read.words
    keys.update(known)
    if read.regions:
        keys["region"] = tuple(local_name(region) for region in read.regions)
        if read.side is not None:
            keys["side"] = local_name(read.side)
    if read.quantity is not None and read.quantity > 0:
        keys["quantity"] = str(read.quantity)
    keys.update(details_of(read))
    if read.strength is not None:
        keys["strength"] = read.strength
    if read.times_a_day is not None:
        keys["timesADay"] = _plain(read.times_a_day)
    ancillary = read.ancillary or _is(read.treatment, CLINICAL.PreoperativeAncillary, lexicon)
    if ancillary and operations and number not in operations:
        keys["dependsOn"] = f"item-{operations[0]}"
        notes = (*notes, f"Taken for granted: it is asked for because of item-{operations[0]}.")
    return Entry(keys, notes)


def _is(treatment: URIRef | None, kind: URIRef, lexicon: Lexicon) -> bool:
    return treatment is not None and lexicon.knowledge.concepts.is_kind_of(treatment, kind)


def is_treatment(words: str, lexicon: Lexicon) -> bool:
    """Tell whether words name a treatment."""
    return bool(lexicon.mentions(words, [CORE.Treatment]))
