"""What a clinical summary documents: facts with status, place, and the words they came from.

The ontology is the lexicon; what it does not name is not read. Around a name, rules in the
manner of NegEx (Chapman et al., 2001) decide whether it is affirmed, negated, only suspected, or
asked for rather than given. When unsure, nothing is stated: a fact that is missing leaves a
criterion undocumented, a fact that is wrong decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from rdflib import URIRef

from reasoner.intake.lexicon import Lexicon, Mention
from reasoner.intake.requests import _NUMBERS
from reasoner.terms import CLINICAL, CORE


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


_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\"“])")
_CLAUSE = re.compile(r"[;:]|,? (?:but|however|although|though|while|except|whereas)\b|\. ", re.I)

_NEGATING = re.compile(
    r"\b(no|not|denie[sd]|denying|without|negative for|absence of|absent|free of|lack of|nor|neither"
    r"|never|none|failed to (?:show|demonstrate|reveal)|unremarkable for|ruled out)\b", re.I
)  # fmt: skip
_NEGATED_AFTER = re.compile(
    r"^[\s,]*(?:(?:is|was|are|were|has been|have been)\s+)?(?:negative|absent|denied|ruled out|not"
    r" (?:noted|present|seen|documented|found|reported)|unremarkable|normal|intact)\b", re.I
)  # fmt: skip
_NOT_NEGATING = re.compile(r"\b(not only|no (?:change|relief|improvement|benefit|increase|further)"
                           r"|not (?:improv|help|reliev|respond|control)\w*|without"
                           r" (?:relief|improvement|benefit|change|contrast|significant)|no longer)\b",
                           re.I)  # fmt: skip
_UNSURE = re.compile(
    r"\b(possibl[ey]|probabl[ey]|suspect(?:ed|s)?|suspicious for|rule out|r/o|versus|vs\.?|may have|might"
    r"|question(?:able)? (?:of)?|concern(?:ing|ed)? for|evaluate for|to assess for|if |risk of"
    r"|family history)\b", re.I
)  # fmt: skip
_ASKED = re.compile(
    r"\b(request(?:ed|s|ing)?|authoriz\w+|treatment plan|plan (?:of care|was|is|included|includes)"
    r"|recommend(?:ed|s|ing|ation)|utilization review|non-?certified|certified|denied|appeal\w*|order(?:ed)?"
    r"|seeking|referr(?:ed|al)|dispute[ds]?|approved|to (?:begin|start|continue|initiate)|pending|propos\w+)\b",
    re.I,
)
_GIVEN = re.compile(
    r"\b(treatments? (?:to date|has included|have included|included|includes|thus far)"
    r"|(?:prior|previous|past|relevant|conservative) (?:treatments?|care|therap\w+)"
    r"|treated with|underwent|undergone|completed|received|has had|attended|has been (?:taking|using|doing)"
    r"|medications? (?:include[ds]?|consist\w*|list|are|were)|current medications?|taking|prescribed"
    r"|tried|trial(?:ed)? of|status post|s/p|failed|has done|using|participat\w+|in physical therapy)\b",
    re.I,
)
_FAILED = re.compile(
    r"\b(fail(?:ed|ure|ing)?|no (?:significant |lasting |sustained |further )?(?:relief|improvement|benefit)"
    r"|without (?:significant |lasting |sustained )?(?:relief|improvement|benefit)|(?:did|does|has|have|was|is|are|were)"
    r" not (?:help|improv|reliev|respond|been helpful|helping|helpful|effective|benefi)\w*|ineffective"
    r"|worse(?:n(?:ed|ing))? (?:with|after|despite)|despite|refractory|unresponsive|unrelieved)\b", re.I
)  # fmt: skip
_IMPROVED = re.compile(
    r"\b(help(?:ed|ing|s|ful)|improv(?:ed|ing|ement)|with (?:benefit|relief)|(?:some|good|temporary|mild|moderate"
    r"|significant|partial) (?:relief|benefit|improvement)|reliev(?:ed|ing|es)|respond(?:ed|ing)? (?:well )?to"
    r"|beneficial|effective|decreas\w+ (?:the )?pain)\b", re.I
)  # fmt: skip
_INTOLERANT = re.compile(
    r"\b(intoleran\w+|not tolerat\w+|unable to tolerate|allerg\w+|side effects?)\b", re.I
)
_EXAMINED = re.compile(
    r"\b(exam(?:ination|ined)?|objective(?:ly)?|palpation|inspection|tender\w*|range of motion|reflex\w*"
    r"|strength|sensation|noted on|straight leg)\b", re.I
)  # fmt: skip
_IMAGED = re.compile(
    r"\b(MRI|x-?rays?|radiograph\w*|CT|imaging|magnetic resonance|ultrasound) ", re.I
)
_TESTED = re.compile(r"\b(EMG|NCS|NCV|electrodiagnos\w+|nerve conduction|electromyogra\w+)\b", re.I)
_NUMBER = r"(\d{1,3}|" + "|".join(_NUMBERS) + r")(?![A-Za-z])"
_SEVERITY = re.compile(
    r"\b(\d{1,2}(?:\.\d)?)(?:\s*(?:-|to)\s*(\d{1,2}))?\s*(?:/|out of|of)\s*10\b", re.I
)
_COUNTED = re.compile(
    rf"{_NUMBER}\s*(?:\(\d+\)\s*)?(?:\w+ )?(?:sessions?|visits?|treatments?)", re.I
)
_SIDES = (
    (re.compile(r"\b(bilateral(?:ly)?|both)\b", re.I), CORE.Bilateral),
    (re.compile(r"\bleft\b", re.I), CORE.Left),
    (re.compile(r"\bright\b", re.I), CORE.Right),
)

_KINDS = (CORE.Finding, CORE.Diagnosis, CORE.FunctionalStatus, CORE.Circumstance, CORE.Treatment)


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    start: int
    sentence: str
    sentence_start: int


def sentences(text: str) -> Iterator[tuple[str, int]]:
    """Split a text into sentences, each with its place."""
    start = 0
    for gap in _SENTENCE.finditer(text):
        yield text[start : gap.start()], start
        start = gap.end()
    if start < len(text):
        yield text[start:], start


def _clauses(text: str) -> Iterator[_Clause]:
    for sentence, at in sentences(text):
        start = 0
        for gap in _CLAUSE.finditer(sentence):
            yield _Clause(sentence[start : gap.start()], at + start, sentence, at)
            start = gap.end()
        yield _Clause(sentence[start:], at + start, sentence, at)


def read_facts(summary: str, lexicon: Lexicon) -> list[ReadFact]:
    """Read the facts of a clinical summary.

    Args:
        summary: the text.
        lexicon: what names findings, diagnoses, treatments and regions.

    Returns:
        The facts, in the order of the text; what is said twice in the same way stands once.
    """
    found: dict[tuple[object, ...], ReadFact] = {}
    for clause in _clauses(summary):
        for fact in _of_clause(clause, lexicon):
            key = (fact.concept, fact.present, fact.regions, fact.side)
            known = found.get(key)
            if known is None or len(fact.attributes) > len(known.attributes):
                found[key] = fact if known is None else replace(fact, start=known.start)
    return sorted(found.values(), key=lambda fact: (fact.start, fact.concept))


def _of_clause(clause: _Clause, lexicon: Lexicon) -> Iterator[ReadFact]:
    regions = lexicon.mentions(clause.text, [CORE.BodyRegion])
    for mention in lexicon.mentions(clause.text, _KINDS):
        present = _status(clause, mention)
        if present is None:
            continue
        treatment = lexicon.knowledge.concepts.is_kind_of(mention.concept, CORE.Treatment)
        if treatment and not _was_given(clause):
            continue
        where = _where(mention, regions, lexicon)
        attributes = tuple(_attributes(clause, mention, treatment=treatment, lexicon=lexicon))
        yield ReadFact(
            concept=mention.concept,
            present=present,
            regions=where,
            side=_side(clause, mention, bool(where)),
            start=clause.start + mention.start,
            end=clause.start + mention.end,
            quote=clause.text.strip(" ,.;"),
            attributes=attributes,
        )


def _status(clause: _Clause, mention: Mention) -> bool | None:
    """Tell whether a mention is affirmed, negated, or (None) neither."""
    before, after = clause.text[: mention.start], clause.text[mention.end :]
    if _UNSURE.search(before[-60:]):
        return None
    told = _NOT_NEGATING.sub(" ", before)
    cues = list(_NEGATING.finditer(told))
    if cues:
        between = told[cues[-1].end() :]
        # A negation reaches over a list of findings, and not past a new verb.
        if not re.search(
            r"\b(?:has|have|had|is|are|was|were|with|reports?|shows?|reveals?)\b", between
        ):
            return False
    return _NEGATED_AFTER.match(after) is None


def _was_given(clause: _Clause) -> bool:
    """Tell whether a clause speaks of treatment given, not of treatment asked for."""
    if _ASKED.search(clause.text):
        return False
    return _GIVEN.search(clause.sentence) is not None


def _where(mention: Mention, regions: list[Mention], lexicon: Lexicon) -> tuple[URIRef, ...]:
    """Give the regions that a mention concerns: those of its clause, the nearest first."""
    inside = [r.concept for r in regions if mention.start <= r.start and r.end <= mention.end]
    if inside:
        return tuple(dict.fromkeys(inside))
    near = [r for r in regions if abs(r.start - mention.start) < 90]
    wholes = lexicon.knowledge.concepts.wholes
    kept = [r.concept for r in near]
    return tuple(
        dict.fromkeys(
            region
            for region in kept
            if not any(region in wholes.get(other, ()) and region != other for other in kept)
        )
    )


def _side(clause: _Clause, mention: Mention, has_region: bool) -> URIRef | None:
    if not has_region:
        return None
    near = clause.text[max(0, mention.start - 60) : mention.end + 60]
    found = [side for pattern, side in _SIDES if pattern.search(near)]
    if len(found) > 1:
        return CORE.Bilateral
    return found[0] if found else None


def _attributes(
    clause: _Clause, mention: Mention, *, treatment: bool, lexicon: Lexicon
) -> Iterator[tuple[str, str]]:
    concepts = lexicon.knowledge.concepts
    if treatment:
        counted = _COUNTED.search(clause.text)
        if counted and not concepts.is_kind_of(mention.concept, CORE.Drug):
            word = counted[1].lower()
            yield "count", str(int(word) if word.isdigit() else _NUMBERS[word])
        if _INTOLERANT.search(clause.sentence):
            yield "outcome", "Intolerable"
        elif _FAILED.search(clause.sentence):
            yield "outcome", "Failed"
        elif _IMPROVED.search(clause.sentence):
            yield "outcome", "Improved"
        else:
            yield "outcome", "NotStated"
        return
    if concepts.is_kind_of(mention.concept, CLINICAL.Pain):
        severity = _SEVERITY.search(clause.sentence)
        if severity:
            number = Decimal(severity[2] or severity[1])
            if number <= 10:
                yield "severity", str(number)
    if concepts.is_kind_of(mention.concept, CORE.Finding):
        if _TESTED.search(clause.text):
            yield "by", "ByElectrodiagnostics"
        elif _IMAGED.search(clause.text):
            yield "by", "ByImaging"
        elif _EXAMINED.search(clause.sentence):
            yield "by", "ByExamination"
