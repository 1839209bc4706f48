"""What the resources of a Bundle document, as facts of a case file.

When it is not certain that something is so, nothing is stated and that is said: a fact that is
missing leaves a criterion undocumented, a fact that is wrong decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rdflib import URIRef

from reasoner.intake.draft import Entry, Value, clean
from reasoner.intake.facts import ReadFact
from reasoner.intake.fhir.bundle import Resource
from reasoner.intake.fhir.codes import CLINICAL_KINDS, Codes, Placed, codes_in, side_of, words_of
from reasoner.intake.fhir.element import Element
from reasoner.intake.fhir.records import Place, Records
from reasoner.intake.reading import read_document
from reasoner.terms import CORE, local_name

MAX_TEXT = 50_000
"""How much is read of a text within a resource, in characters; a document may be longer."""

_NEGATED = re.compile(
    r"\b(?:no|not|non(?!-?steroid)|never|denie[sd]|absen(?:ce|t)|negative|without(?! contrast)|lack"
    r"|free of|rule[sd]? out|r/o|possible|probable|suspected|family|risk of)\b",
    re.I,
)


@dataclass
class Facts:
    """Facts in the order in which they were read, and what could not be read as one."""

    codes: Codes
    records: Records
    entries: list[Entry] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def leave(self, resource: Resource, why: str) -> None:
        """Say of a resource that it states no fact."""
        self.left_out.append(f"{resource.name}: {why}")

    def place(self, coded: Element | None, kinds: Iterable[URIRef]) -> Placed | None:
        """Give the concept that is meant; None where words alone name it and negate or doubt it."""
        placed = self.codes.place(coded, kinds)
        if placed is not None and not placed.by_code and _NEGATED.search(words_of(coded)):
            return None
        return placed

    def state(
        self,
        resource: Resource,
        concept: URIRef,
        *,
        present: bool = True,
        regions: tuple[URIRef, ...] = (),
        side: URIRef | None = None,
        keys: Mapping[str, str] | None = None,
        quote: str,
        notes: list[str] | None = None,
        place: Place | None = None,
        part: str = "",
    ) -> None:
        """State a fact; ``part`` tells apart the facts of one resource."""
        place = place or self.records.of(resource)
        stated: dict[str, Value] = {
            "id": resource.fact_id + (f".{part}" if part else ""),
            "is": local_name(concept),
        }
        if not present:
            stated["status"] = "absent"
        if regions:
            stated["region"] = tuple(local_name(region) for region in regions)
        if side is not None and regions:
            stated["side"] = local_name(side)
        stated.update(keys or {})
        if present and self._is_treatment(concept):
            stated.setdefault("outcome", "NotStated")
        stated["in"] = place.record
        if place.page is not None:
            stated["page"] = place.page
        if quote:
            stated["quote"] = clean(quote)
        told = [f"From {resource.name}."]
        told.extend(notes or [])
        self.entries.append(Entry(stated, tuple(told)))

    def _is_treatment(self, concept: URIRef) -> bool:
        return self.codes.lexicon.knowledge.concepts.is_kind_of(concept, CORE.Treatment)

    def state_coded(
        self,
        resource: Resource,
        placed: Placed,
        *,
        sites: list[Element],
        words: str,
        present: bool = True,
        keys: Mapping[str, str] | None = None,
        quote: str | None = None,
        notes: list[str] | None = None,
        part: str = "",
    ) -> None:
        """State a fact whose concept a code or a name gives, with its region and side."""
        told = list(notes or [])
        if placed.note:
            told.insert(0, f"Taken for granted: {placed.note}.")
        self.state(
            resource,
            placed.concept,
            present=present,
            regions=self.codes.regions(*sites, words=words),
            side=side_of(*sites, words=words),
            keys=keys,
            quote=words if quote is None else quote,
            notes=told,
            part=part,
        )

    def state_text(
        self,
        resource: Resource,
        text: str,
        *,
        keys: Mapping[str, str] | None = None,
        place: Place | None = None,
        sites: list[Element] | None = None,
        part: str = "",
        flip: bool = False,
    ) -> int:
        """State the facts that a text of a resource tells, and give how many they are.

        With ``flip``, the resource as a whole says that what it tells is not so; what its text
        negates by itself is then left out.
        """
        found = read_document(text[:MAX_TEXT], self.codes.lexicon)
        for number, fact in enumerate(found, start=1):
            if flip and not fact.present:
                self.leave(resource, f'it negates the negated "{clean(fact.quote, most=80)}".')
                continue
            self.state_read(
                resource,
                replace(fact, present=fact.present and not flip),
                keys=keys,
                place=place,
                sites=sites,
                part=f"{part}{number}" if part or len(found) > 1 else "",
            )
        return len(found)

    def state_read(
        self,
        resource: Resource,
        fact: ReadFact,
        *,
        keys: Mapping[str, str] | None = None,
        place: Place | None = None,
        sites: list[Element] | None = None,
        part: str = "",
    ) -> None:
        """State a fact that was read in a text; what the resource says fills what the text does not."""
        sites = sites or []
        regions = fact.regions or self.codes.regions(*sites)
        finding = self.codes.lexicon.knowledge.concepts.is_kind_of(fact.concept, CORE.Finding)
        kept = {k: v for k, v in (keys or {}).items() if k != "by" or finding}
        note = [f"Taken for granted: {fact.assumption}"] if fact.assumption else []
        self.state(
            resource,
            fact.concept,
            present=fact.present,
            regions=regions,
            side=fact.side or side_of(*sites),
            keys={**kept, **dict(fact.attributes)},
            quote=fact.quote,
            notes=note,
            place=place,
            part=part,
        )


def read_condition(resource: Resource, facts: Facts) -> None:
    """Read a Condition: a diagnosis or finding that is so, is not so, or is not certain."""
    element = resource.element
    verified = codes_in(element.one("verificationStatus"))
    clinical = codes_in(element.one("clinicalStatus"))
    coded = element.one("code")
    words = words_of(coded)
    if "entered-in-error" in verified:
        facts.leave(resource, "entered in error.")
        return
    unsure = verified & {"unconfirmed", "provisional", "differential"}
    if unsure:
        facts.leave(resource, f'"{clean(words, most=120)}" is {min(unsure)}, so nothing is stated.')
        return
    refuted = "refuted" in verified
    over = clinical & {"inactive", "remission", "resolved"}
    if over and not refuted:
        facts.leave(resource, f'"{clean(words, most=120)}" is {min(over)}, so nothing is stated.')
        return
    keys: dict[str, str] = {}
    notes: list[str] = []
    onset = element.day("onsetDateTime")
    period = element.one("onsetPeriod")
    if onset is None and period is not None:
        onset = period.day("start")
    if onset is not None and onset.exact is not None:
        keys["onset"] = str(onset.exact)
    elif onset is not None:
        notes.append(f"Its onset is not a whole date: {onset.text}.")
    sites = element.many("bodySite")
    placed = facts.codes.place(coded, CLINICAL_KINDS)
    if refuted:
        keys = {}
    if placed is not None and placed.by_code:
        facts.state_coded(
            resource, placed, sites=sites, words=words, present=not refuted, keys=keys, notes=notes
        )
    elif not facts.state_text(resource, words, keys=keys, sites=sites, flip=refuted):
        facts.leave(resource, f'the vocabulary names nothing of "{clean(words, most=120)}".')


def read_allergy(resource: Resource, facts: Facts) -> None:
    """Read an AllergyIntolerance to a drug: the drug is contraindicated."""
    element = resource.element
    verified = codes_in(element.one("verificationStatus"))
    clinical = codes_in(element.one("clinicalStatus"))
    words = words_of(element.one("code"))
    if verified & {"entered-in-error", "refuted", "unconfirmed"} or clinical & {
        "inactive",
        "resolved",
    }:
        facts.leave(resource, "it is not confirmed and active.")
        return
    placed = facts.place(element.one("code"), [CORE.Drug])
    if placed is None:
        facts.leave(resource, f'the vocabulary names no drug of "{clean(words, most=120)}".')
        return
    facts.state_coded(
        resource, placed, sites=[], words=words, keys={"outcome": "Contraindicated"},
        quote=f"Allergy or intolerance: {words}",
        notes=["Taken for granted: what the worker does not tolerate is contraindicated."],
    )  # fmt: skip
