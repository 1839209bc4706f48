"""What a clinical summary documents: facts with status, place, and the words they came from.

The ontology is the lexicon; beside its names stand the wordings of `reasoner.intake.findings`.
When unsure, nothing is stated: a fact that is missing leaves a criterion undocumented, a fact
that is wrong decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rdflib import URIRef

from reasoner.intake.details import PAINS, attributes_of
from reasoner.intake.findings import stated_findings
from reasoner.intake.language import (
    Clause,
    clauses,
    is_dispute,
    is_mechanism,
    is_negated,
    is_unsure,
    was_given,
    was_withheld,
)
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.places import (
    SPINE,
    Named,
    Place,
    distinct,
    find_places,
    listed_before,
    side_in,
    side_of,
    where_is,
)
from reasoner.terms import CLINICAL, CORE, local_name


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A fact as a summary states it.

    Attributes:
        start, end: the characters of the summary that name it.
        quote: the clause that states it.
        attributes: other keys of a case file, with their values.
        assumption: what was taken for granted in reading it, if anything.
    """

    concept: URIRef
    present: bool
    regions: tuple[URIRef, ...]
    side: URIRef | None
    start: int
    end: int
    quote: str
    attributes: tuple[tuple[str, str], ...] = ()
    assumption: str | None = None


_NO_PAIN = re.compile(
    r"^[\s-]*(?:levels? (?:as|is not|was not|were not|before|prior)|medications?|meds?\b|management|physician|specialist|scale|free|reliev\w+|relief|killers?|program|agreement|diary|clinic|contract|control|doctor|provider|pump|psycholog\w+)",
    re.I,
)
_PLAIN = str.maketrans("\u2019\u2018\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ")
"""Typographic signs as the patterns write them, one for one, so that places stay."""

_KINDS = (CORE.Finding, CORE.Diagnosis, CORE.FunctionalStatus, CORE.Circumstance, CORE.Treatment)


def read_facts(summary: str, lexicon: Lexicon) -> list[ReadFact]:
    """Read the facts of a clinical summary.

    Args:
        summary: the text.
        lexicon: what names findings, diagnoses, treatments and regions.

    Returns:
        The facts, in the order of the text; what is said twice in the same way stands once.
    """
    original, summary = summary, summary.translate(_PLAIN)
    found: dict[tuple[object, ...], ReadFact] = {}
    topic: tuple[tuple[URIRef, ...], URIRef | None] = ((), None)
    sentence_at = -1
    for clause in clauses(summary):
        if clause.sentence_start != sentence_at:
            sentence_at, topic = clause.sentence_start, ((), None)
        if is_dispute(clause.sentence):
            continue
        for fact in _of_clause(clause, lexicon, topic):
            fact = replace(fact, quote=_quoted(original, clause))
            if fact.regions:
                topic = (fact.regions, fact.side)
            treatment = _is_treatment(fact.concept, lexicon)
            key = (
                (fact.concept, fact.present)
                if treatment
                else (fact.concept, fact.present, fact.regions, fact.side)
            )
            known = found.get(key)
            found[key] = fact if known is None else _merged(known, fact)
        if not topic[0]:
            places = find_places(clause.text, lexicon)
            if places and re.match(r"\W*(?:\w+ ){0,6}$", clause.text[: places[0].start]):
                topic = ((places[0].region,), side_in(clause.text))
    facts = sorted(found.values(), key=lambda fact: (fact.start, fact.concept))
    return list(_without_vaguer(facts))


def _quoted(text: str, clause: Clause) -> str:
    return text[clause.start : clause.start + len(clause.text)].strip(" ,.;:")


def _merged(one: ReadFact, other: ReadFact) -> ReadFact:
    """Put together what is said of the same thing in two places."""
    known = dict(one.attributes)
    for key, value in other.attributes:
        if key not in known or known[key] == "NotStated":
            known[key] = value
        elif key == "count":
            known[key] = str(max(int(known[key]), int(value)))
    return replace(
        one,
        attributes=tuple(known.items()),
        regions=tuple(dict.fromkeys((*one.regions, *other.regions)))
        if one.regions
        else other.regions,
        side=one.side if one.side == other.side or one.side is not None else other.side,
    )


def _without_vaguer(facts: list[ReadFact]) -> Iterator[ReadFact]:
    """Leave out a fact without a place where the same is told with its place."""
    placed = {(fact.concept, fact.present) for fact in facts if fact.regions}
    for fact in facts:
        if fact.regions or (fact.concept, fact.present) not in placed:
            yield fact


def _is_treatment(concept: URIRef, lexicon: Lexicon) -> bool:
    return lexicon.knowledge.concepts.is_kind_of(concept, CORE.Treatment)


def _named(clause: Clause, lexicon: Lexicon) -> list[Named]:
    """Give what a clause names; a wording outweighs a name that it overlaps."""
    concepts = lexicon.knowledge.concepts
    named: list[Named] = []
    taken: list[tuple[int, int, URIRef]] = []
    for stated in stated_findings(clause.text):
        concept = concepts.find(stated.concept)
        if concept is None:
            continue
        overlapping = [
            n
            for n in named
            if n.concept == concept and n.start < stated.end and stated.start < n.end
        ]
        if overlapping:
            if stated.firm and not overlapping[0].firm:
                named.remove(overlapping[0])
            else:
                continue
        named.append(
            Named(
                concept,
                stated.start,
                stated.end,
                stated.present,
                stated.firm,
                region=concepts.find(stated.region) if stated.region else None,
            )
        )
        taken.append((stated.start, stated.end, concept))
    for mention in lexicon.mentions(clause.text, _KINDS):
        if mention.words > 2 and concepts.is_kind_of(mention.concept, CORE.Circumstance):
            offset = clause.text.index(" ", mention.start) + 1  # "chronic neck pain"
            named.extend(
                Named(inner.concept, inner.start + offset, inner.end + offset, by_name=True)
                for inner in lexicon.mentions(
                    clause.text[offset : mention.end], [CLINICAL.Pain, CORE.Diagnosis]
                )
            )
        covering = [
            concept
            for start, end, concept in taken
            if start <= mention.start and mention.end <= end
        ]
        if any(
            concept == mention.concept
            or concepts.is_kind_of(mention.concept, concept)
            or concepts.is_kind_of(concept, mention.concept)
            or (
                not concepts.is_kind_of(mention.concept, CORE.Diagnosis)
                and not concepts.is_kind_of(mention.concept, CLINICAL.Pain)
                and not _is_treatment(mention.concept, lexicon)
            )
            for concept in covering
        ):
            continue
        if any(
            n.concept == mention.concept and n.start < mention.end and mention.start < n.end
            for n in named
        ):
            continue
        named.append(
            Named(
                mention.concept,
                mention.start,
                mention.end,
                by_name=True,
                words=clause.text[mention.start : mention.end],
            )
        )
    return sorted(named, key=lambda n: (n.start, n.end))


_TOO_GENERAL = frozenset(
    {
        "Symptom", "ExaminationFinding", "StudyFinding", "Imaging", "DiagnosticTest", "Injection", "LaboratoryTest", "PhysicalCare",
        "ActivePhysicalCare", "Drug", "OralDrug", "MusculoskeletalDisorder", "NerveDisorder", "NeckOrArmSymptoms", "ObjectivePathology",
        "HeadacheDisorder", "SuspectedLesion", "PreoperativeAncillary", "ReturnToWork",
    }
)  # fmt: skip
"""Names that say too little to be a fact, or say it of what is not yet so."""
_WITHOUT_PLACE = frozenset(
    {
        "Headache", "MentalStatusChange", "GastrointestinalUpset", "Seizure", "Migraine", "Hypertension", "Stroke", "Fibromyalgia",
        "ImpairedConsciousness", "SuicidalOrHomicidalThoughts", "CaudaEquinaSigns", "DiabeticNeuropathy", "TensionHeadache",
    }
)  # fmt: skip


_OWN_PLACE = {
    "NeckPainDiagnosis": "CervicalRegion", "LowBackPainDiagnosis": "LumbarRegion", "MeniscalSigns": "KneeRegion", "MeniscalTear": "KneeRegion",
    "CarpalTunnelSyndrome": "WristRegion", "CubitalTunnelSyndrome": "ElbowRegion", "RotatorCuffDisorder": "ShoulderRegion", "LateralEpicondylitis": "ElbowRegion",
    "PartialThicknessCuffTear": "ShoulderRegion", "FullThicknessCuffTear": "ShoulderRegion", "SignificantCuffTear": "ShoulderRegion", "SLAPLesion": "ShoulderRegion",
    "CompleteCruciateTear": "KneeRegion", "ImpingementSyndrome": "ShoulderRegion", "SuspectedMeniscalTear": "KneeRegion", "SuspectedCuffTear": "ShoulderRegion",
    "SuspectedLabralTear": "ShoulderRegion", "ShoulderInstability": "ShoulderRegion", "KneeJointDisorder": "KneeRegion",
}  # fmt: skip
"""Where a thing is that can be nowhere else."""


def _listed_pain(
    clause: Clause, name: Named, places: list[Place], where: tuple[URIRef, ...]
) -> Iterator[ReadFact]:
    """Give the pain in places listed before one that is named whole: "head, hand, and neck pain"."""
    inside = [p for p in places if name.start <= p.start and p.end <= name.end]
    if not inside:
        return
    earlier = [p for p in places if p.end <= name.start]
    others = distinct(listed_before(clause.text, [*earlier, inside[0]])[:-1])
    others = tuple(region for region in others if region not in where)
    if others:
        yield ReadFact(
            CLINICAL.Pain,
            True,
            others,
            None,
            clause.start + name.start,
            clause.start + name.end,
            clause.text,
            (("by", "ByHistory"),),
        )


def _counts(name: Named, before: str, after: str) -> bool:
    """Tell whether a name in these words stands for its concept."""
    if not name.by_name:
        return True
    concept = local_name(str(name.concept))
    if concept in _TOO_GENERAL:
        return False
    if concept == "Exercise" and re.search(r"\bhome\s*$", before, re.I):
        return False
    if name.words.lower() == "painful":
        return False
    if name.concept == CLINICAL.Pain:
        return _NO_PAIN.match(after) is None and not re.search(
            r"\b(?:motion|rotation|flexion|extension|abduction|movement)\b[^.;,]{0,30}\bwithout\s*$",
            before,
        )
    if concept == "FacetNeurotomy":  # RFA is the request for authorization, far more often
        return not re.match(
            r"\s*(?:\(|form\b|dated\b|was\b|is\b|for\b|received|on\b|signed)", after
        ) and not re.search(r"\b(?:the|an|this|no|\d{4}|physician)\s*$", before)
    return True


def _of_clause(
    clause: Clause, lexicon: Lexicon, topic: tuple[tuple[URIRef, ...], URIRef | None]
) -> Iterator[ReadFact]:
    named = _named(clause, lexicon)
    if not named:
        return
    tests = [name for name in named if name.region is not None]
    places = [
        place
        for place in find_places(clause.text, lexicon)
        if not any(test.start <= place.start < test.end for test in tests)
    ]
    mechanism = is_mechanism(clause.sentence)
    concepts = lexicon.knowledge.concepts
    for number, name in enumerate(named):
        treatment = _is_treatment(name.concept, lexicon)
        before, after = clause.text[: name.start], clause.text[name.end :]
        if mechanism and not concepts.is_kind_of(name.concept, CORE.Diagnosis):
            continue
        if not _counts(name, before, after):
            continue
        status = _status(clause, name, before, after, treatment=treatment)
        if status is None:
            continue
        following = next(
            (
                other
                for other in named[number + 1 :]
                if other.start >= name.end
                and not (
                    other.concept == name.concept
                    and re.fullmatch(r"\s*\(", clause.text[name.end : other.start])
                )
            ),
            None,
        )
        right = len(clause.text) if following is None else following.start
        local = local_name(str(name.concept))
        if local == "KneeInstability" and _is_of_the_ankle(places, topic[0]):
            continue
        where: tuple[URIRef, ...] = ()
        if local not in _WITHOUT_PLACE and (treatment or not _placeless(name.concept, lexicon)):
            where = where_is(clause.text, name, places, right, following, treatment=treatment)
        side = side_of(clause.text, name, places, where)
        if name.region is not None:
            where = (name.region,)
            side = side_in(clause.text[max(0, name.start - 12) : name.start]) or side_in(
                re.split(r"[,;]|\band\b", clause.text[name.end : name.end + 60])[0]
            )
        if (
            not where
            and not treatment
            and local not in _WITHOUT_PLACE
            and not _placeless(name.concept, lexicon)
        ):
            where, side = topic[0], side or topic[1]
        if not where and local in _OWN_PLACE:
            where = tuple(r for r in (concepts.find(_OWN_PLACE[local]),) if r is not None)
        if where and name.region is None:
            topic = (where, side)
        concept = name.concept
        if (
            local == "Fracture"
            and set(where) & SPINE
            and re.search(
                r"\b(?:vertebra\w*|compression|spin(?:e|al)|lumbar|cervical|burst)\b",
                clause.text[max(0, name.start - 40) : name.end + 40],
                re.I,
            )
        ):
            concept = concepts.find("SpinalFracture") or concept
        if local in PAINS and status:
            yield from _listed_pain(clause, name, places, where)
        yield ReadFact(
            concept=concept,
            present=status,
            regions=where,
            side=side if where else None,
            start=clause.start + name.start,
            end=clause.start + name.end,
            quote=clause.text,
            attributes=tuple(attributes_of(clause, name, treatment=treatment, lexicon=lexicon))
            if status
            else (),
        )


def _is_of_the_ankle(places: list[Place], topic: tuple[URIRef, ...]) -> bool:
    """Tell whether a drawer test is one of the ankle."""
    regions = {place.region for place in places} or set(topic)
    return CLINICAL.AnkleRegion in regions and CLINICAL.KneeRegion not in regions


def _placeless(concept: URIRef, lexicon: Lexicon) -> bool:
    concepts = lexicon.knowledge.concepts
    return concepts.is_kind_of(concept, CORE.Circumstance) or concepts.is_kind_of(
        concept, CORE.FunctionalStatus
    )


_GAINS = frozenset(
    {
        "PainImprovement",
        "FunctionalImprovement",
        "GainInDailyLiving",
        "SubjectiveGain",
        "ReturnToWork",
    }
)
_HOPED = re.compile(
    r"\b(?:to|will|would|could|may|might|should|can|until|goals? (?:of|is|are|include)|in order to|hope\w*)\s+(?:\w+ly\s+|further\s+|help\s+)?$", re.I
)  # fmt: skip
"""What stands before a gain that is aimed at: "to decrease pain", "will improve function"."""
_PLAIN_NAMES = frozenset(
    [
        "numbness",
        "numb",
        "tingling",
        "paresthesia",
        "paresthesias",
        "tenderness",
        "spasm",
        "spasms",
        "weakness",
        "locking",
        "catching",
        "popping",
        "buckling",
    ]
)


def _status(
    clause: Clause, name: Named, before: str, after: str, *, treatment: bool
) -> bool | None:
    """Tell whether a name is affirmed, negated, or (None) neither."""
    if treatment and not name.firm:
        if was_withheld(before, after):
            return False
        if is_unsure(before, "") or is_negated(before, ""):
            return None
        return True if was_given(clause, name.start, name.end) else None
    if local_name(name.concept) in _GAINS and _HOPED.search(before):
        return None
    if name.firm:
        return name.present
    if is_unsure(before, after):
        return None
    worded = (
        not name.by_name
        and clause.text[name.start : name.end].split(" ")[0].lower() not in _PLAIN_NAMES
    )
    if is_negated(before, after, through_and=not worded):
        return None if not name.present else False
    return name.present
