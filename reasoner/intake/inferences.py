"""What a case file takes for granted beyond the words of a letter, each time said.

A summary leaves out what its reader knows: that symptoms of an injury began with it, that a weak
leg speaks of the low back it goes with. Each such step is small, general, and stands in the case
file as an assumption, for a person to strike out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from rdflib import URIRef

from reasoner.concepts import Concepts
from reasoner.intake.facts import ReadFact
from reasoner.intake.language import is_dispute, sentences
from reasoner.intake.requests import ReadRequest
from reasoner.terms import CLINICAL, CORE, local_name

RECENT = timedelta(days=184)
"""How long after an injury its care and symptoms are taken to have begun with it."""
CONCURRENT = timedelta(days=92)
"""How long after an injury physical therapy that is on record is taken to be under way."""

_OFF_WORK = re.compile(
    r"\b(?:(?:placed |kept |remain\w* |instructed to remain |is |was |been |currently )?off (?:of )?work|temporar(?:y|ily) total(?:ly)? disab\w+|total(?:ly)? temporar(?:y|ily) disab\w+|temporary total disability|TTD"
    r"|not (?:currently )?working|unable to work|modified (?:duty|duties|work)|light duty|work restrictions?|with restrictions|restricted duty|no use of)\b", re.I
)  # fmt: skip
_TRAUMA = re.compile(
    r"\b(fell|fall(?:ing)?|falls|slipp(?:ed|ing)|tripp(?:ed|ing)|struck|hit (?:by|his|her|the)|motor vehicle|MVA|collision|crush\w*|twist(?:ed|ing)|direct blow|blunt|knocked|caught (?:in|between)|assault\w*|lacerat\w+|contusion)\b", re.I
)  # fmt: skip
_NO_BETTER = re.compile(
    r"\b(?:no better|not (?:any )?better|unchanged|not improv\w+|(?:has|have|had) not improved|no improvement|minimal (?:to no )?improvement|no (?:significant )?change in (?:symptoms|pain)"
    r"|(?:getting|got|gotten|progressively|become|becoming|gradually|much) (?:\w+ )?worse|worsen(?:ed|ing)|failure to improve|persist(?:s|ent|ed|ing)? (?:\w+ )?(?:pain|symptoms)|symptoms persist)\b", re.I
)  # fmt: skip

_NERVE = ("NeurologicDeficit", "RadicularPain", "Numbness", "NeuropathicPain")
_SUSPECTED = (
    (("MeniscalTear", "MeniscalSigns"), "SuspectedMeniscalTear"),
    (("PartialThicknessCuffTear", "FullThicknessCuffTear", "SignificantCuffTear", "CuffTearSigns"), "SuspectedCuffTear"),
    (("CompleteCruciateTear", "KneeInstability"), "SuspectedLigamentTear"),
    (("SLAPLesion", "ApprehensionSign"), "SuspectedLabralTear"),
)  # fmt: skip


def infer(
    facts: list[ReadFact],
    requests: list[ReadRequest],
    summary: str,
    concepts: Concepts,
    injured: date | None,
    day: date | None,
) -> list[ReadFact]:
    """Add what follows from facts as read, each with its assumption.

    Args:
        facts: as read from the summary.
        requests: what the letter asks for.
        summary: the text that the facts were read from.
        concepts: the vocabulary.
        injured: the day of the injury.
        day: the day from which time is counted back, that of the review.

    Returns:
        The facts, some with a place or a beginning more, and those that follow.
    """
    recent = injured is not None and day is not None and timedelta() <= day - injured <= RECENT
    facts = [*facts, *_pain_and_its_diagnosis(facts)]
    facts = [_placed_in_the_hand(_placed_at_the_spine(fact, facts, concepts)) for fact in facts]
    facts = [_as_severe_as_said(fact, concepts) for fact in facts]
    if recent and injured is not None:
        facts = [_begun(fact, concepts, injured) for fact in facts]
    known = {fact.concept for fact in facts if fact.present}
    added: list[ReadFact] = []
    for fact in _following(facts, requests, summary, concepts, injured, day):
        if fact.concept not in known:
            known.add(fact.concept)
            added.append(fact)
    return [*facts, *added]


def region_injured(
    request: ReadRequest, facts: list[ReadFact], concepts: Concepts
) -> URIRef | None:
    """Give the part of a limb that an imaging study of the limb is of: the one diagnosed part."""
    limbs = (CLINICAL.UpperLimb, CLINICAL.LowerLimb)
    if (
        request.treatment is None
        or not _is(concepts, request.treatment, "Imaging")
        or len(request.regions) != 1
        or request.regions[0] not in limbs
    ):
        return None
    limb = request.regions[0]
    diagnosis = CORE.Diagnosis
    injured = {
        region
        for fact in facts
        if fact.present and concepts.is_kind_of(fact.concept, diagnosis)
        for region in fact.regions
        if region != limb and limb in concepts.wholes.get(region, ())
    }
    return injured.pop() if len(injured) == 1 else None


def _placed_at_the_spine(fact: ReadFact, facts: list[ReadFact], concepts: Concepts) -> ReadFact:
    """Let a finding of the nerves of a limb concern the part of the spine they come from."""
    if not fact.regions or not any(
        concepts.is_kind_of(fact.concept, kind)
        for kind in map(concepts.find, _NERVE)
        if kind is not None
    ):
        return fact
    for limb, spine, name in (
        (CLINICAL.LowerLimb, CLINICAL.LumbarRegion, "lumbar spine"),
        (CLINICAL.UpperLimb, CLINICAL.CervicalRegion, "cervical spine"),
    ):
        if (
            any(limb in concepts.wholes.get(region, ()) for region in fact.regions)
            and not any(concepts.overlap(spine, region) for region in fact.regions)
            and any(
                spine in other.regions for other in facts if other is not fact and other.present
            )
        ):
            return replace(
                fact,
                regions=(*fact.regions, spine),
                side=None,
                assumption=f"that it can come from the {name}, which is injured too",
            )
    return fact


_DIAGNOSES_OF_PAIN = (
    (CLINICAL.LumbarRegion, CLINICAL.LowBackPainDiagnosis, "low back"),
    (CLINICAL.CervicalRegion, CLINICAL.NeckPainDiagnosis, "neck"),
)


def _pain_and_its_diagnosis(facts: list[ReadFact]) -> Iterator[ReadFact]:
    """Let pain of the neck or low back be its diagnosis, and the diagnosis be pain."""
    for region, diagnosis, place in _DIAGNOSES_OF_PAIN:
        pains = [
            fact
            for fact in facts
            if fact.present and fact.concept == CLINICAL.Pain and region in fact.regions
        ]
        diagnosed = [fact for fact in facts if fact.present and fact.concept == diagnosis]
        if pains and not diagnosed:
            yield replace(
                pains[0],
                concept=diagnosis,
                regions=(region,),
                attributes=(),
                assumption=f"that pain of the {place} is diagnosed as that",
            )
        if diagnosed and not pains:
            yield replace(
                diagnosed[0],
                concept=CLINICAL.Pain,
                regions=(region,),
                attributes=tuple(
                    (key, value)
                    for fact in diagnosed
                    for key, value in fact.attributes
                    if key == "severity"
                )[:1],
                assumption=f"that a diagnosis of {place} pain tells of pain there",
            )


_FELT_IN_THE_HAND = frozenset(
    {"CarpalTunnelSyndrome", "CarpalTunnelSigns", "CubitalTunnelSyndrome"}
)


def _placed_in_the_hand(fact: ReadFact) -> ReadFact:
    """Let an entrapment at the wrist or elbow concern the hand, where it is felt."""
    if (
        local_name(fact.concept) not in _FELT_IN_THE_HAND
        or not fact.regions
        or CLINICAL.HandRegion in fact.regions
    ):
        return fact
    return replace(
        fact,
        regions=(*fact.regions, CLINICAL.HandRegion),
        assumption="that the entrapment concerns the hand, where it is felt",
    )


_SEVERE = re.compile(r"\b(?:moderate(?:ly)?|severe(?:ly)?|excruciating|intense)\b", re.I)


def _as_severe_as_said(fact: ReadFact, concepts: Concepts) -> ReadFact:
    """Let pain that is called moderate or severe be at least 4 of 10, where no number is told."""
    if (
        not fact.present
        or not concepts.is_kind_of(fact.concept, CLINICAL.Pain)
        or any(key == "severity" for key, _ in fact.attributes)
        or not _SEVERE.search(fact.quote)
    ):
        return fact
    why = "that pain called moderate or severe is at least 4 of 10"
    return replace(
        fact,
        attributes=(*fact.attributes, ("severity", "4")),
        assumption=f"{fact.assumption}; {why}" if fact.assumption else why,
    )


def _begun(fact: ReadFact, concepts: Concepts, injured: date) -> ReadFact:
    """Let symptoms, and physical care, begin with the injury where no other time is told."""
    told = {key for key, _ in fact.attributes}
    if not fact.present or told & {"onset", "duration"}:
        return fact
    if concepts.is_kind_of(fact.concept, CLINICAL.Symptom):
        why = "that it began with the injury"
    elif (
        concepts.is_kind_of(fact.concept, CLINICAL.PhysicalCare)
        or fact.concept == CLINICAL.ConservativeCare
    ):
        why = "that this care began with the injury"
    else:
        return fact
    return replace(
        fact,
        attributes=(*fact.attributes, ("onset", injured.isoformat())),
        assumption=f"{fact.assumption}; {why}" if fact.assumption else why,
    )


def _following(
    facts: list[ReadFact],
    requests: list[ReadRequest],
    summary: str,
    concepts: Concepts,
    injured: date | None,
    day: date | None,
) -> Iterator[ReadFact]:
    def of(*names: str) -> list[ReadFact]:
        kinds = [kind for kind in map(concepts.find, names) if kind is not None]
        return [
            fact
            for fact in facts
            if fact.present and any(concepts.is_kind_of(fact.concept, kind) for kind in kinds)
        ]

    therapy = of("PhysicalOrOccupationalTherapy")
    care = of("PhysicalCare", "ConservativeCare", "NSAID", "MuscleRelaxant", "Opioid")
    failed = [fact for fact in care if ("outcome", "Failed") in fact.attributes]
    if failed:
        yield _from(failed[0], concepts, "ConservativeCareFailed", "that care which did not help was the care short of surgery")  # fmt: skip
    studied = {
        region
        for fact in of("MagneticResonanceImaging", "ComputedTomography")
        for region in fact.regions
    }
    for names, suspected in _SUSPECTED:
        for fact in of(*names):
            if not set(fact.regions) & studied:
                yield _from(fact, concepts, suspected, "that what no study has shown yet is suspected", fact.regions)  # fmt: skip
    entrapped = of("CarpalTunnelSyndrome", "CubitalTunnelSyndrome")
    if entrapped and not of("ElectrodiagnosticTest", "CarpalTunnelConduction"):
        yield _from(entrapped[0], concepts, "NerveEntrapmentSuspected", "that an entrapment no study has shown yet is suspected", entrapped[0].regions)  # fmt: skip
        compared = {fact.concept for fact in of("CarpalTunnelSyndrome", "CubitalTunnelSyndrome", "Radiculopathy", "PeripheralNeuropathy")}  # fmt: skip
        if len(compared) > 1:
            yield _from(entrapped[0], concepts, "ConditionsToBeDistinguished", "that a study is to tell these diagnoses apart")  # fmt: skip
    if (
        therapy
        and injured is not None
        and day is not None
        and timedelta() <= day - injured <= CONCURRENT
        and ("outcome", "Failed") not in therapy[0].attributes
        and not re.search(
            r"\b(?:completed|finished|discharged from) (?:\w+ ){0,4}?(?:physical therapy|PT\b|therapy)",
            summary,
        )
    ):
        yield _from(therapy[0], concepts, "PhysicalRehabilitationUnderWay", "that therapy begun after so recent an injury goes on")  # fmt: skip
    fractures = of("Fracture", "SpinalFracture")
    if fractures and injured is not None and day is not None and timedelta() <= day - injured <= CONCURRENT:  # fmt: skip
        # The opioid guideline of 2016 names a fracture as what it means by one.
        yield _from(fractures[0], concepts, "SevereAcuteInjury", "that a fracture of so recent an injury is a severe acute injury")  # fmt: skip
    deficits = of("ReducedRangeOfMotion", "NeurologicDeficit", "ActivityLimitation")
    later = [fact for fact in deficits if therapy and fact.start > therapy[0].start] or deficits
    if therapy and later:
        yield _from(later[-1], concepts, "RemainingDeficit", "that a deficit on record after therapy is one that therapy left")  # fmt: skip
    surgery = [r for r in requests if r.treatment is not None and not r.ancillary and _is(concepts, r.treatment, "Surgery")]  # fmt: skip
    if surgery and facts:
        yield replace(_from(facts[0], concepts, "SurgeryUnderConsideration", "that an operation which is asked for is considered"), quote=surgery[0].words)  # fmt: skip
    for text, start in sentences(summary):
        if is_dispute(text):
            continue
        for pattern, name, why in (
            (_OFF_WORK, "ActivityLimitation", "that one who is kept from work, or from some of it, is limited in what he or she does"),
            (_TRAUMA, "AcuteTrauma", "that an injury of this kind is an acute trauma"),
            (_NO_BETTER, "FailureToImprove", "that this tells of no improvement"),
        ):  # fmt: skip
            found = pattern.search(text)
            concept = concepts.find(name)
            if found and concept is not None:
                yield ReadFact(concept, True, (), None, start + found.start(), start + found.end(), text.strip(" ."), (), why)  # fmt: skip


def _is(concepts: Concepts, concept: URIRef, name: str) -> bool:
    kind = concepts.find(name)
    return kind is not None and concepts.is_kind_of(concept, kind)


def _from(
    fact: ReadFact,
    concepts: Concepts,
    name: str,
    why: str,
    regions: tuple[URIRef, ...] = (),
) -> ReadFact:
    """Make the fact that follows from another, in its words."""
    concept = concepts.find(name)
    assert concept is not None, name
    return replace(
        fact,
        concept=concept,
        regions=regions,
        side=fact.side if regions else None,
        attributes=(),
        assumption=why,
    )
