"""What a clinical summary documents: facts with status, place, and the words they came from.

The ontology is the lexicon; beside its names stand the wordings of `reasoner.intake.findings`.
When unsure, nothing is stated: a fact that is missing leaves a criterion undocumented, a fact
that is wrong decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rdflib import URIRef

from reasoner.intake.findings import stated_findings
from reasoner.intake.language import (
    NUMBERS,
    Clause,
    clauses,
    is_dispute,
    is_mechanism,
    is_negated,
    is_unsure,
    number_of,
    was_given,
    was_withheld,
)
from reasoner.intake.lexicon import Lexicon
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


@dataclass(frozen=True, slots=True)
class _Named:
    """A concept named in a clause; ``firm`` is its status where the words settle it."""

    concept: URIRef
    start: int
    end: int
    present: bool = True
    firm: bool = False
    by_name: bool = False
    region: URIRef | None = None
    words: str = ""


_FAILED = re.compile(
    r"\b(fail(?:ed|ure|ing)?|no (?:\w+ )?(?:relief|improvement|benefit)|without (?:\w+ )?(?:relief|improvement|benefit|success)"
    r"|(?:did|does|has|have|had|was|is|are|were) not (?:\w+ )?(?:been )?(?:help|improv|reliev|respond|effective|benefi)\w*|not helping|ineffective"
    r"|wors(?:e|en\w*) (?:with|after|despite)|despite|refractory|unresponsive|unrelieved|didn'?t help)\b", re.I
)  # fmt: skip
_IMPROVED = re.compile(
    r"\b(help(?:ed|ing|s|ful)|improv(?:ed|ing|es|ement)|with (?:\w+ )?(?:benefit|relief)|(?:some|good|temporary|mild|moderate"
    r"|significant|partial|\d{1,3} ?%) (?:\w+ )?(?:relief|benefit|improvement)|reliev(?:ed|ing|es|e)|respond(?:ed|ing|s)? (?:\w+ )?to"
    r"|beneficial|effective|(?:decreas|reduc|lessen)\w+ (?:\w+ )?pain|pain (?:\w+ )?(?:decreas|reduc|lessen)\w+)\b", re.I
)  # fmt: skip
_INTOLERANT = re.compile(
    r"\b(intoleran\w+|not tolerat\w+|unable to tolerate|allerg\w+|side effects?|\((?:caused|causes) \w+\)|(?:caus(?:ed|es|ing)) (?:\w+ )?(?:nausea|vomiting|dizziness"
    r"|rash|itching|drowsiness|gastric|stomach|GI|upset))\b", re.I
)  # fmt: skip
_EXAMINED = re.compile(
    r"\b(exam(?:ination|ined|s)?|objective(?:ly)?|palpation|inspection|tender\w*|range of motion|reflex\w*"
    r"|strength|sensation|straight[- ]leg|gait|positive|negative)\b", re.I
)  # fmt: skip
_IMAGED = re.compile(
    r"\b(MRIs?|x-?rays?|radiograph\w*|CT|imaging|magnetic resonance|ultrasound|arthrogram)\b", re.I
)
_TESTED = re.compile(r"\b(EMG|NCS|NCV|electrodiagnos\w+|nerve conduction|electromyogra\w+)\b", re.I)
_N = r"(\d{1,3}|" + "|".join(NUMBERS) + r")(?![A-Za-z/])"
_SEVERITY = re.compile(
    r"\b(\d{1,2}(?:\.\d)?)\s*(?:/\s*10\s*)?(?:(?:-|to)\s*(\d{1,2}))?\s*(?:/|out of|of|on an?)\s*(?:10\b|10-point|ten\b|\d\d? point)",
    re.I,
)
_RATED = re.compile(
    r"\b(?:rated|rates|rating)[^.;,]{0,25}?\b(?:at|as|a)\s+(?:an? )?(\d{1,2})(?:\s*(?:-|to)\s*(\d{1,2}))?\b(?! ?(?:out|of|/|%|-|to))", re.I
)  # fmt: skip
_VISITS = r"(?:sessions?|visits?|treatments?|appointments?)"
_COUNT_BEFORE = re.compile(
    rf"(?:{_N}\s*(?:\(\d+\)\s*)?(?:of (?:\d+|{'|'.join(NUMBERS)}) )?(?:(?:prior|previous|completed|authorized|approved|initial|total|supervised|physical|occupational|therapy|chiropractic|acupuncture|aquatic|PT|OT)\s+){{0,3}}{_VISITS}(?: (?:of|for|with|in|per))?(?: \w+)?|#\s*(\d{{1,3}})\s*(?:sessions?|visits?)(?: of)?|\b{_N}\s*(?:prior |previous )?)\s*$",
    re.I,
)
_COUNT_AFTER = re.compile(
    rf"^\s*(?:\([^)\d]*\)\s*)?(?:(?:therapy|care|treatment)\s+)?(?:\(?\s*(?:at least|x|times|for|approximately|about|a total of|total of|of)?\s*{_N}\s*(?:\(\d+\)\s*)?(?:\w+ )?{_VISITS}|x\s*(\d{{1,3}})\b|#\s*(\d{{1,3}})\b|{_VISITS},?\s*(?:#|x|times)\s*(\d{{1,3}}))",
    re.I,
)
_COUNT_SESSIONS_AFTER = re.compile(rf"^\s*(?:\([^)\d]*\)\s*)?(?:therapy |care )?{_VISITS}\b", re.I)
_COUNT_LEADING = re.compile(
    rf"(?:\b{_N}(?:\s*\(\d+\))?|#\s*(\d{{1,3}}))\s*(?:[a-z-]+\s+){{0,2}}$", re.I
)
_STRENGTH = re.compile(
    r"^\W{0,3}(?:\w+ ){0,3}?(\d+(?:\.\d+)?)(?:\s*[-/]\s*\d+(?:\.\d+)?)?\s*(mg|mcg)\b(?!\s*/\s*ml)",
    re.I,
)
_RELIEF = re.compile(
    r"\b(\d{1,3})(?:\s*-\s*(\d{1,3}))?\s*(?:%|percent)(?: \w+){0,3}? (?:relief|improve\w*|better|reduction|decrease|benefit)",
    re.I,
)
_WEEKS = re.compile(
    rf"\b(?:for|over|lasting|of)\s+(?:the (?:past|last) |about |approximately |at least |over |more than |a period of )?{_N}\s*(days?|weeks?|months?|years?)\b",
    re.I,
)
_SIDES = (
    (
        re.compile(r"\b(bilateral(?:ly)?|both|left and right|right and left)\b", re.I),
        CORE.Bilateral,
    ),
    (re.compile(r"\b(left(?:-sided)?|lt)\b", re.I), CORE.Left),
    (re.compile(r"\b(right(?:-sided)?|rt)\b", re.I), CORE.Right),
)
_NO_PAIN = re.compile(
    r"^[\s-]*(?:levels? (?:as|is not|was not|were not|before|prior)|medications?|meds?\b|management|physician|specialist|scale|free|reliev\w+|relief|killers?|program|agreement|diary|clinic|contract|control|doctor|provider|pump|psycholog\w+)",
    re.I,
)
_LEVELS = (
    (re.compile(r"\bL\d(?:\s*(?:-|to|and|through|,)\s*[LS]?\d)*", re.I), "LumbarRegion"),
    (re.compile(r"\bS1\b"), "LumbarRegion"),
    (re.compile(r"\bC[2-7](?:\s*(?:-|to|and|through|,)\s*[CT]?\d)*\b"), "CervicalRegion"),
    (re.compile(r"\bT(?:[1-9]|1[0-2])\s*(?:-|to|and)\s*[TL]?\d{1,2}\b"), "ThoracicRegion"),
)
_BOTH = (
    (
        re.compile(r"\b(?:thoraco|dorso)-?lumbar|thoracic-lumbar\b", re.I),
        ("ThoracicRegion", "LumbarRegion"),
    ),
    (re.compile(r"\bcervico-?(?:thoracic|dorsal)\b", re.I), ("CervicalRegion", "ThoracicRegion")),
    (re.compile(r"\btrapez\w+", re.I), ("CervicalRegion", "ShoulderRegion")),
)

_PLAIN = str.maketrans("\u2019\u2018\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ")
"""Typographic signs as the patterns write them, one for one, so that places stay."""

_KINDS = (CORE.Finding, CORE.Diagnosis, CORE.FunctionalStatus, CORE.Circumstance, CORE.Treatment)
_MERGED = ("count", "relief", "strength", "duration", "outcome")


@dataclass(frozen=True, slots=True)
class _Place:
    region: URIRef
    start: int
    end: int


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
            places = _places(clause.text, lexicon)
            if places and re.match(r"\W*(?:\w+ ){0,6}$", clause.text[: places[0].start]):
                topic = ((places[0].region,), _side_in(clause.text))
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


def _named(clause: Clause, lexicon: Lexicon) -> list[_Named]:
    """Give what a clause names; a wording outweighs a name that it overlaps."""
    concepts = lexicon.knowledge.concepts
    named: list[_Named] = []
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
            _Named(
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
            _Named(
                mention.concept,
                mention.start,
                mention.end,
                by_name=True,
                words=clause.text[mention.start : mention.end],
            )
        )
        if mention.words > 2 and concepts.is_kind_of(mention.concept, CORE.Circumstance):
            offset = clause.text.index(" ", mention.start) + 1
            named.extend(
                _Named(inner.concept, inner.start + offset, inner.end + offset, by_name=True)
                for inner in lexicon.mentions(
                    clause.text[offset : mention.end], [CLINICAL.Pain, CORE.Diagnosis]
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
_OF_PAIN = frozenset({"LowBackPainDiagnosis", "NeckPainDiagnosis", "Pain"})


def _listed_pain(
    clause: Clause, name: _Named, places: list[_Place], where: tuple[URIRef, ...]
) -> Iterator[ReadFact]:
    """Give the pain in places listed before one that is named whole: "head, hand, and neck pain"."""
    inside = [p for p in places if name.start <= p.start and p.end <= name.end]
    if not inside:
        return
    earlier = [p for p in places if p.end <= name.start]
    others = _distinct(_chain_back(clause.text, [*earlier, inside[0]])[:-1])
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


def _counts(name: _Named, before: str, after: str) -> bool:
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
            r"\b(?:motion|rotation|flexion|extension|abduction|movement)\s+(?:is |was )?without\s*$",
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
        for place in _places(clause.text, lexicon)
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
        following = next((n for n in named[number + 1 :] if n.start >= name.end), None)
        right = len(clause.text) if following is None else following.start
        local = local_name(str(name.concept))
        where: tuple[URIRef, ...] = ()
        if local not in _WITHOUT_PLACE and (treatment or not _placeless(name.concept, lexicon)):
            where = _where(clause.text, name, places, right, following, treatment=treatment)
        side = _side(clause.text, name, places, where)
        if name.region is not None:
            where = (name.region,)
            side = _side_in(clause.text[max(0, name.start - 12) : name.start]) or _side_in(
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
            and set(where) & _SPINE
            and re.search(
                r"\b(?:vertebra\w*|compression|spin(?:e|al)|lumbar|cervical|burst)\b",
                clause.text[max(0, name.start - 40) : name.end + 40],
                re.I,
            )
        ):
            concept = concepts.find("SpinalFracture") or concept
        if local in _OF_PAIN and status:
            yield from _listed_pain(clause, name, places, where)
        yield ReadFact(
            concept=concept,
            present=status,
            regions=where,
            side=side if where else None,
            start=clause.start + name.start,
            end=clause.start + name.end,
            quote=clause.text,
            attributes=tuple(_attributes(clause, name, treatment=treatment, lexicon=lexicon))
            if status
            else (),
        )


def _placeless(concept: URIRef, lexicon: Lexicon) -> bool:
    concepts = lexicon.knowledge.concepts
    return concepts.is_kind_of(concept, CORE.Circumstance) or concepts.is_kind_of(
        concept, CORE.FunctionalStatus
    )


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
    clause: Clause, name: _Named, before: str, after: str, *, treatment: bool
) -> bool | None:
    """Tell whether a name is affirmed, negated, or (None) neither."""
    if treatment:
        if was_withheld(before):
            return False
        if is_unsure(before, "") or is_negated(before, ""):
            return None
        return True if was_given(clause, name.start, name.end) else None
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


# Places


def _places(text: str, lexicon: Lexicon) -> list[_Place]:
    """Give where a text names a body region, levels of the spine and double regions included."""
    concepts = lexicon.knowledge.concepts
    found = [
        _Place(m.concept, m.start, m.end)
        for m in lexicon.mentions(text, [CORE.BodyRegion])
        if not _NO_PLACE.search(text[max(0, m.start - 12) : m.end + 9])
    ]
    for pattern, name in _LEVELS:
        region = concepts.find(name)
        if region is not None:
            found.extend(_Place(region, m.start(), m.end()) for m in pattern.finditer(text))
    for pattern, names in _BOTH:
        for match in pattern.finditer(text):
            found.extend(
                _Place(region, match.start(), match.end())
                for region in map(concepts.find, names)
                if region is not None
            )
    return sorted(found, key=lambda place: (place.start, place.end, place.region))


_NO_PLACE = re.compile(
    r"\d[\s-]*(?:feet|foot)\b|\b(?:went|go|goes|come|came|put|call(?:ed)?|looked) back\b|\bback (?:to|and forth|at work|in)\b|\bface[- ]to[- ]face|\bhand(?:written| out|ed)|\bon the other hand", re.I
)  # fmt: skip
"""Where a word for a part of the body means something else."""
_INTO = re.compile(
    r"^[^.;]{0,25}?\b(?:to|of|in|over|at|about|along|on|from|within|around|down|into|across|throughout|for|involving|affecting|through|left|right|bilateral\w*|noted|is|are|was|were|:|greater)\b|^\s*[,(:-]?\s*$|^[\s(,:]+(?:the )?(?:left|right|bilateral|both)\b",
    re.I,
)
_JOINED = re.compile(r"\b(?:and|or)\s*$|/\s*$", re.I)
_SUBJECT = re.compile(
    r"^(?:\s+(?:spine|joint|region|area|muscles?|musculature|exam(?:ination)?|physical|paraspinal|paravertebral|on|examination|both|side|shoulders?))*\s+(?:has|had|have|revealed|reveals|showed|shows|noted|notes|demonstrated"
    r"|demonstrates|exhibited|exhibits|displayed|went|goes|gets|felt|feels|is|was|were|are|remains?)(?:\s+(?:noted|to|have|be|with|for|some|mild|moderate|severe|diffuse|increased|significant|slight|also|a|an|positive|marked)){0,4}\s+$",
    re.I,
)
"""A place that is the subject of what is found: "thoracic spine has tenderness"."""
_PAIRED = re.compile(r"^(?:\s|,|and\b|or\b|/|&|mild|moderate|muscle|paraspinal)*$", re.I)
_BARRIER = re.compile(
    r"\b(?:and (?:has|had|is|was|no)|with (?:no|normal|full)|but|which)\b|;", re.I
)
_MODIFIER = re.compile(
    r"^[\s,/&-]*(?:(?:and|or|spine|spinal|joint|line|region|area|muscles?|musculature|paraspinal|paravertebral|para|vertebral|sided?|pain|tenderness|tendon|ligaments?|myofascial|facet|disc|disk|intervertebral|muscle|soft|tissue|nerve|levels?|chronic|acute|severe|mild|moderate|grade|range|regions|of|motion|exam(?:ination)?|degenerative|lateral|medial|anterior|posterior|internal|external|both|bilateral|left|right|process(?:es)?|compartment|active|musculoskeletal|-)[\s,/&-]*){0,6}$",
    re.I,
)
_TREATED = re.compile(
    r"^(?:\s*\([^)]*\))?(?:\s+(?:sessions?|visits?|treatments?|therapy|injections?|scan|imaging|studies|study|#?\d+|x))*\s+(?:of|to|for|in|on)\s+(?:the |his |her |both )?",
    re.I,
)


def _where(
    text: str,
    name: _Named,
    places: list[_Place],
    right: int,
    following: _Named | None,
    *,
    treatment: bool,
) -> tuple[URIRef, ...]:
    """Give the regions that a name concerns: in its own words, before it, or after it."""
    inside = [p for p in places if name.start <= p.start and p.end <= name.end]
    if inside and not (name.end - name.start > 60 and len(inside) > 3):
        near = _before(text, name, places) if name.concept == CLINICAL.RadicularPain else []
        return _distinct([*near, *inside])
    before = _before(text, name, places)
    if before:
        return _distinct(before)
    if treatment:
        joint = _TREATED.match(text[name.end :])
        if joint and name.end + joint.end() <= right:
            ahead = [p for p in places if name.end <= p.start < right]
            return _distinct(_run(text, ahead, name.end + joint.end()))
        return ()
    after = [
        p for p in places if name.end <= p.start < right and not _is_anothers(text, p, following)
    ]
    gap = text[name.end : after[0].start] if after else ""
    if after and _INTO.match(gap) and not _BARRIER.search(gap):
        return _distinct(_chain(text, after))
    earlier = [p for p in places if p.end <= name.start]
    if (
        not after
        and not earlier
        and following is not None
        and _PAIRED.match(text[name.end : following.start])
    ):
        ahead = [p for p in places if following.end <= p.start]
        if (
            ahead
            and _INTO.match(text[following.end : ahead[0].start])
            and len(text[following.end : ahead[0].start]) < 40
        ):
            return _distinct(_chain(text, ahead))
    if earlier and not _BARRIER.search(text[earlier[-1].end : name.start]):
        return _distinct(_chain_back(text, earlier))
    if after and not _BARRIER.search(gap) and len(gap) < 60:
        return _distinct(_chain(text, after))
    return ()


def _is_anothers(text: str, place: _Place, following: _Named | None) -> bool:
    """Tell whether a place stands before the next name as its adjective: "lumbar sprain"."""
    if following is None or place.end > following.start:
        return False
    gap = text[place.end : following.start]
    return "," not in gap and (
        (_MODIFIER.match(gap) is not None and _JOINED.search(gap) is None)
        or _SUBJECT.match(gap) is not None
    )


def _run(text: str, places: list[_Place], at: int) -> list[_Place]:
    """Give the places that follow a point in the text at once."""
    if not places or places[0].start - at > 30:
        return []
    return _chain(text, places)


def _chain(text: str, places: list[_Place]) -> list[_Place]:
    """Give a first place, and those that are listed with it."""
    kept = [places[0]]
    for place in places[1:]:
        gap = text[kept[-1].end : place.start]
        if len(gap) > 45 or re.search(
            r"\d{2}|\b(?:with|to|radiat\w*|down|into|reveal\w*|show\w*|is|was|were|has|had|due)\b|\.",
            gap,
        ):
            break
        kept.append(place)
    return kept


def _chain_back(text: str, places: list[_Place]) -> list[_Place]:
    """Give a last place, and those before it in one list: "neck, back, and shoulder pain"."""
    kept = [places[-1]]
    joined = False
    for place in reversed(places[:-1]):
        gap = text[place.end : kept[0].start]
        if place.end > kept[0].start:
            kept.insert(0, place)
            continue
        if len(gap) > 40 or not re.fullmatch(
            r"(?:[\s,/&()-]|and|or|the|left|right|bilateral|muscles?|spine|joint|region|area|upper|lower|paraspinal|mid)*",
            gap,
            re.I,
        ):
            break
        if "," in gap and not joined and not re.search(r"\b(?:and|or)\b|&|/", gap):
            break  # two items of a longer list, not one item of several places
        joined = joined or re.search(r"\b(?:and|or)\b|&|/", gap) is not None
        kept.insert(0, place)
    return kept


def _before(text: str, name: _Named, places: list[_Place]) -> list[_Place]:
    """Give places that stand right before a name, as an adjective does: "lumbar tenderness"."""
    earlier = [p for p in places if p.end <= name.start]
    if earlier:
        gap = text[earlier[-1].end : name.start]
        if "," not in gap and (
            (_MODIFIER.match(gap) and not _JOINED.search(gap)) or _SUBJECT.match(gap)
        ):
            return _chain_back(text, earlier)
    return []


_SPINE = frozenset({CLINICAL.CervicalRegion, CLINICAL.ThoracicRegion, CLINICAL.LumbarRegion})


def _distinct(places: Iterable[_Place]) -> tuple[URIRef, ...]:
    """Give the regions of places, once each; "paraspinal" adds none to a part of the spine."""
    places = list(places)
    if any(place.region in _SPINE for place in places):
        places = [p for p in places if p.region != CLINICAL.SpinalRegion or p.end - p.start == 4]
    regions = dict.fromkeys(place.region for place in places)
    return tuple(regions)


def _side_in(text: str) -> URIRef | None:
    found = [side for pattern, side in _SIDES if pattern.search(text)]
    if CORE.Bilateral in found or len(found) > 1:
        return CORE.Bilateral
    return found[0] if found else None


def _side(
    text: str, name: _Named, places: list[_Place], where: tuple[URIRef, ...]
) -> URIRef | None:
    """Give the side told with the place of a name."""
    if not where:
        return None
    own = [p for p in places if p.region in where]
    if not own:
        return None
    nearest = min(own, key=lambda p: min(abs(p.start - name.end), abs(name.start - p.end)))
    start = max(0, min(nearest.start - 28, name.start))
    own_words = re.sub(
        r"\b(?:right and left|left and right)\b",
        "bilateral",
        text[start : nearest.start],
        flags=re.I,
    )
    before = re.split(r"[,;]|\band\b", own_words)[-1]
    side = _side_in(before)
    if side is None:
        side = _side_in(re.split(r"[,;.]|\band\b", text[nearest.end : nearest.end + 40])[0])
    return side or _side_in(re.split(r"[,;]", text[max(0, name.start - 25) : name.start])[-1])


# What else is told of a fact


def _attributes(
    clause: Clause, name: _Named, *, treatment: bool, lexicon: Lexicon
) -> Iterator[tuple[str, str]]:
    concepts = lexicon.knowledge.concepts
    if treatment:
        yield from _of_treatment(clause, name, lexicon)
        return
    if concepts.is_kind_of(name.concept, CLINICAL.Pain):
        severity = _severity(clause.text[name.start :]) or _severity(clause.text)
        if severity is None and clause.text != clause.sentence:
            severity = _severity(clause.sentence)
        if severity is not None:
            yield "severity", severity
    if concepts.is_kind_of(name.concept, CLINICAL.Symptom):
        lasted = _WEEKS.search(clause.text[name.end : name.end + 60])
        number = number_of(lasted[1]) if lasted else None
        if lasted and number:
            yield (
                "duration",
                f"{number} {lasted[2].lower().rstrip('s')}{'s' if number != 1 else ''}",
            )
    if concepts.is_kind_of(name.concept, CORE.Finding):
        if _TESTED.search(clause.text):
            yield "by", "ByElectrodiagnostics"
        elif concepts.is_kind_of(name.concept, CLINICAL.Symptom):
            yield "by", "ByHistory"
        elif _IMAGED.search(clause.text):
            yield "by", "ByImaging"
        elif _EXAMINED.search(clause.sentence):
            yield "by", "ByExamination"


def _severity(text: str) -> str | None:
    found = _SEVERITY.search(text) or _RATED.search(text)
    if found is None:
        return None
    number = Decimal(found[2] or found[1])
    return str(number) if number <= 10 else None


def _of_treatment(clause: Clause, name: _Named, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    drug = lexicon.knowledge.concepts.is_kind_of(name.concept, CORE.Drug)
    before, after = clause.text[: name.start], clause.text[name.end :]
    if not drug:
        count = _count(before, after)
        if count is not None:
            yield "count", str(count)
    else:
        strength = _STRENGTH.match(after)
        if strength:
            yield "strength", f"{strength[1]} {strength[2].lower()}"
    near = (
        clause.text
        if len(clause.text) < 160
        else before[-60:] + clause.text[name.start : name.end] + after[:90]
    )
    near = re.sub(r"\b(?:without|no|lack of) (?:\w+ )?documentation of[^.;,)]*", " ", near)
    relief = _RELIEF.search(near)
    if _INTOLERANT.search(after[:50]):
        yield "outcome", "Intolerable"
    elif _FAILED.search(near):
        yield "outcome", "Failed"
    elif _IMPROVED.search(near):
        yield "outcome", "Improved"
        if relief and int(relief[2] or relief[1]) <= 100:
            yield "relief", f"{relief[1]} %"
    else:
        yield "outcome", "NotStated"


_SINCE = re.compile(
    r"^[^.;,]{0,40}?\bsince (?:at least )?(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})\b", re.I
)


def _day(found: re.Match[str]) -> date | None:
    year = int(found[3])
    try:
        return date(year + 2000 if year < 100 else year, int(found[1]), int(found[2]))
    except ValueError:
        return None


def _count(before: str, after: str) -> int | None:
    """Give how many visits a text counts around the name of a treatment."""
    found = _COUNT_AFTER.match(after) or _COUNT_BEFORE.search(before)
    if found is None and _COUNT_SESSIONS_AFTER.match(after):
        found = _COUNT_LEADING.search(before)
    number = number_of(next((g for g in found.groups() if g), None)) if found else None
    return number if number and number <= 500 else None
