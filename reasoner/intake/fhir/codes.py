"""From a CodeableConcept to a concept of the vocabulary: by its codes, else by its words.

The codes are those of ``ontology/alignments.ttl``. A code that is broader than a concept says too
little to stand for it and is passed over. An ICD-10-CM code means what the codes above it mean:
M54.50 is M54.5. Where words name a special kind of what the code means, the kind is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rdflib import URIRef
from rdflib.namespace import SKOS

from reasoner.intake.fhir.element import Element
from reasoner.intake.lexicon import Lexicon, Mention
from reasoner.terms import CORE, local_name

_BIOPORTAL = "http://purl.bioontology.org/ontology/"
_SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": _BIOPORTAL + "ICD10CM/",
    "urn:oid:2.16.840.1.113883.6.90": _BIOPORTAL + "ICD10CM/",
    "http://snomed.info/sct": "http://snomed.info/id/",
    "urn:oid:2.16.840.1.113883.6.96": "http://snomed.info/id/",
    "http://www.nlm.nih.gov/research/umls/rxnorm": _BIOPORTAL + "RXNORM/",
    "urn:oid:2.16.840.1.113883.6.88": _BIOPORTAL + "RXNORM/",
    "http://www.ama-assn.org/go/cpt": _BIOPORTAL + "CPT/",
    "urn:oid:2.16.840.1.113883.6.12": _BIOPORTAL + "CPT/",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": _BIOPORTAL + "HCPCS/",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": _BIOPORTAL + "HCPCS/",
    "urn:oid:2.16.840.1.113883.6.285": _BIOPORTAL + "HCPCS/",
}
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
# Identifiers of observations whose value is a score of pain from 0 to 10.
_PAIN_SCORES = frozenset({(LOINC, "72514-3"), (LOINC, "38208-5"), (LOINC, "38214-3")})
_SIDE_CODES = {"7771000": CORE.Left, "24028007": CORE.Right, "51440002": CORE.Bilateral}
_SIDE_WORDS = (
    (
        re.compile(r"\b(bilateral(?:ly)?|both|left and right|right and left)\b", re.I),
        CORE.Bilateral,
    ),
    (re.compile(r"\b(left|lt|lhs)\b", re.I), CORE.Left),
    (re.compile(r"\b(right|rt|rhs)\b", re.I), CORE.Right),
)
_RELATIONS = ((SKOS.exactMatch, None), (SKOS.narrowMatch, None), (SKOS.closeMatch, "close to"))

_LONGEST = 2_000
"""How much of the words of a concept is read, in characters."""

CLINICAL_KINDS = (CORE.Finding, CORE.Diagnosis, CORE.FunctionalStatus, CORE.Circumstance)


@dataclass(frozen=True, slots=True)
class Placed:
    """A concept that a CodeableConcept means.

    Attributes:
        by_code: whether a code says so; else its words do.
        note: what was taken for granted, if anything.
    """

    concept: URIRef
    by_code: bool
    note: str | None = None


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes and words of the vocabulary."""

    lexicon: Lexicon

    @cached_property
    def _aligned(self) -> dict[str, list[tuple[URIRef, str | None]]]:
        found: dict[str, list[tuple[URIRef, str | None]]] = {}
        for relation, note in _RELATIONS:
            for concept, code in self.lexicon.knowledge.vocabulary.subject_objects(relation):
                if isinstance(concept, URIRef) and concept not in CORE:
                    found.setdefault(str(code), []).append((concept, note))
        return {code: sorted(meanings) for code, meanings in found.items()}

    def place(self, coded: Element | None, kinds: Iterable[URIRef]) -> Placed | None:
        """Give the concept of some kinds that a CodeableConcept means; None if it means none."""
        if coded is None:
            return None
        kinds = tuple(kinds)
        words = words_of(coded)
        mentions = self.lexicon.mentions(words, kinds)
        placed = self._by_code(coded, kinds)
        named = self._most_special(mentions)
        if placed is None:
            return None if named is None else Placed(named, by_code=False)
        is_kind_of = self.lexicon.knowledge.concepts.is_kind_of
        special = [m for m in mentions if is_kind_of(m.concept, placed.concept)]
        chosen = self._most_special(special)
        if chosen is not None and chosen != placed.concept:
            return Placed(chosen, by_code=True, note=placed.note)
        if named is not None and not special and not is_kind_of(placed.concept, named):
            other = f"its words also name {local_name(named)}"
            note = other if placed.note is None else f"{placed.note}; {other}"
            return Placed(placed.concept, by_code=True, note=note)
        return placed

    def _most_special(self, mentions: list[Mention]) -> URIRef | None:
        ancestors = self.lexicon.knowledge.concepts.ancestors
        best = max(
            mentions,
            key=lambda m: (m.words, len(ancestors.get(m.concept, ())), -m.start),
            default=None,
        )
        return None if best is None else best.concept

    def _by_code(self, coded: Element, kinds: tuple[URIRef, ...]) -> Placed | None:
        for coding in coded.many("coding"):
            system, code = coding.text("system"), coding.text("code")
            base = _SYSTEMS.get(system or "")
            if base is None or code is None or len(code) > 40:
                continue
            for tried in _with_broader(code, icd="ICD10CM" in base):
                for concept, note in self._aligned.get(base + tried, ()):
                    if self._is_of(concept, kinds):
                        told = note and f"{tried} is {note} {local_name(concept)}, not the same"
                        return Placed(concept, by_code=True, note=told)
        return None

    def _is_of(self, concept: URIRef, kinds: tuple[URIRef, ...]) -> bool:
        concepts = self.lexicon.knowledge.concepts
        above = concepts.ancestors.get(concept) or concepts.kinds.get(concept) or frozenset()
        return not above.isdisjoint(kinds)

    def regions(self, *coded: Element | None, words: str = "") -> tuple[URIRef, ...]:
        """Give the body regions that body sites mean, or, if they mean none, words name."""
        found: dict[URIRef, None] = {}
        for site in filter(None, coded):
            placed = self._by_code(site, (CORE.BodyRegion,))
            if placed is not None:
                found[placed.concept] = None
            else:
                found.update(dict.fromkeys(self._regions_named(words_of(site))))
        return tuple(found or dict.fromkeys(self._regions_named(words)))

    def _regions_named(self, words: str) -> list[URIRef]:
        named = [m.concept for m in self.lexicon.mentions(words, [CORE.BodyRegion])]
        wholes = self.lexicon.knowledge.concepts.wholes
        return [
            region
            for region in named
            if not any(region in wholes.get(other, ()) and region != other for other in named)
        ]


def words_of(coded: Element | None) -> str:
    """Give the words of a CodeableConcept: its text, else the first display, else a code."""
    if coded is None:
        return ""
    text = coded.text("text")
    codings = coded.many("coding")
    displays = [display for coding in codings if (display := coding.text("display"))]
    codes = [code for coding in codings if (code := coding.text("code"))]
    return (text or next(iter(displays), None) or next(iter(codes), ""))[:_LONGEST]


def has_code(coded: Element | None, system: str, *codes: str) -> bool:
    """Tell whether a CodeableConcept has one of some codes of a system."""
    return coded is not None and any(
        coding.text("system") == system and coding.text("code") in codes
        for coding in coded.many("coding")
    )


def codes_in(coded: Element | None) -> set[str]:
    """Give the codes of a CodeableConcept, whatever their systems."""
    return set() if coded is None else {c for e in coded.many("coding") if (c := e.text("code"))}


def is_pain_score(coded: Element | None) -> bool:
    """Tell whether an observation scores pain from 0 to 10."""
    return coded is not None and any(
        (coding.text("system"), coding.text("code")) in _PAIN_SCORES
        for coding in coded.many("coding")
    )


def side_of(*coded: Element | None, words: str = "") -> URIRef | None:
    """Give the side that body sites or words name; left and right together are both sides."""
    found: set[URIRef] = set()
    for site in filter(None, coded):
        found.update(_SIDE_CODES[code] for code in codes_in(site) & set(_SIDE_CODES))
        words = f"{words} {words_of(site)}"
    found.update(side for pattern, side in _SIDE_WORDS if pattern.search(words))
    if CORE.Bilateral in found or len(found) > 1:
        return CORE.Bilateral
    return next(iter(found), None)


def _with_broader(code: str, *, icd: bool) -> list[str]:
    """Give a code, and in ICD-10-CM the categories above it, the nearest first."""
    if not icd:
        return [code]
    plain = code.upper().replace(".", "")
    return [
        plain[:3] + ("." + plain[3:length] if length > 3 else "")
        for length in range(len(plain), 2, -1)
    ]
