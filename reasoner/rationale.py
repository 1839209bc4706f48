"""Stage 6, explain: why a request was decided as it was, in sentences that carry their sources.

A rationale opens with what it takes for granted: the readings of ambiguous passages, and the
presumptions that stand in for silence. Then it names the guideline, and goes through what is
met, contradicted and undocumented to the conclusion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rdflib import Literal, URIRef

from reasoner.assessment import Assessment
from reasoner.classification import ClassifiedCase
from reasoner.decision import ItemDecision, bearing, unit_of
from reasoner.guidelines import Combination, Criterion, Recommendation, number_key
from reasoner.knowledge import Knowledge
from reasoner.labels import (
    counted,
    counted_criteria,
    day_in_words,
    fact_label,
    listing,
    record_label,
    request_label,
    value_phrase,
)
from reasoner.outcomes import Basis, ItemOutcome, Necessity, Outcome
from reasoner.rdf import iris
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement of a rationale, of a sentence or a few that belong together.

    Attributes:
        sources: what it rests on: criteria, shapes, facts, records, recommendations; never empty.
    """

    text: str
    sources: tuple[URIRef, ...]


def explain(
    classified: ClassifiedCase, knowledge: Knowledge, decision: ItemDecision
) -> tuple[Sentence, ...]:
    """Give the rationale of a decision, as sentences with their sources."""
    return tuple(_Writer(classified, knowledge, decision).sentences())


def pages(page: str) -> str:
    """Write ``page 122``, ``pages 98-99`` or ``pages 298 and 301``; a section as it is given."""
    if not page[:1].isdigit() or "." in page:
        return page
    parts = [part.strip() for part in page.split(",")]
    return f"pages {listing(parts)}" if len(parts) > 1 or "-" in page else f"page {page}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _clause(text: str) -> str:
    """Put a statement after a colon: its first letter small, unless it begins a proper name."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


class _Writer:
    def __init__(
        self, classified: ClassifiedCase, knowledge: Knowledge, decision: ItemDecision
    ) -> None:
        self._classified = classified
        self._case = classified.case
        self._knowledge = knowledge
        self._decision = decision
        self._bearing = bearing(decision)
        self._above = _combinations_above(decision.recommendation)
        self._quoted: set[URIRef] = set()

    def sentences(self) -> Iterator[Sentence]:
        decision = self._decision
        if decision.parent is not None:
            yield from self._dependent(decision.parent)
            return
        recommendation = decision.recommendation
        if recommendation is None:
            yield from self._ungoverned()
            return
        yield from self._assumptions(recommendation)
        yield from self._governing(recommendation)
        yield from self._dispute(recommendation)
        for assessment in self._with(Outcome.MET):
            if not assessment.presumed:
                yield self._witnessed(assessment)
        yield from self._inapplicable()
        for assessment in self._with(Outcome.NOT_MET):
            yield self._witnessed(assessment)
        yield from self._undocumented()
        yield from self._confidence(recommendation)
        yield self._conclusion(recommendation)

    def _with(self, outcome: Outcome) -> list[Assessment]:
        return [a for a in self._decision.assessments if a.outcome is outcome]

    def _assumptions(self, recommendation: Recommendation) -> Iterator[Sentence]:
        opening = "The guideline can be read in more than one way; it is read here in the sense of"
        for reading in self._knowledge.readings_of(recommendation):
            about = sorted(reading.ambiguities & set(recommendation.ambiguities))
            yield Sentence(
                f"{opening} \u201c{reading.label}\u201d"
                f"{', the default' if reading.default else ''}: {_clause(reading.definition)}",
                (reading.iri, *about),
            )
            opening = "It is read, further, in the sense of"
        told: dict[str, list[URIRef]] = {}
        for assessment in self._decision.assessments:
            if assessment.presumed:
                told.setdefault(self._presumption(assessment.criterion), []).append(
                    assessment.criterion.iri
                )
        for text, criteria in told.items():
            yield Sentence(text, tuple(criteria))

    def _presumption(self, criterion: Criterion) -> str:
        return criterion.presumption or (
            f"The record is silent on {self._cited([criterion])}, and the guideline lets that"
            f" silence count in favour of the treatment: {criterion.statement}"
        )

    def _governing(self, recommendation: Recommendation) -> Iterator[Sentence]:
        guideline, selection = recommendation.guideline, self._decision.selection
        if selection.silent and guideline.step > 1:
            yield Sentence(
                f"{listing(_capital(g.title) for g in selection.silent)}"
                f" {'does' if len(selection.silent) == 1 else 'do'} not address this treatment,"
                f" so the search goes on to {guideline.step_label}.",
                tuple(g.iri for g in selection.silent),
            )
        yield from self._unread()
        day = self._classified.day
        assert day is not None, "a recommendation governs only a request with a date"
        stated = self._case.day(self._decision.request) is not None
        of = (
            "the date of the request"
            if stated
            else "the date of the utilization review decision (the case states no date of request)"
        )
        stance = {
            CORE.Recommended: "recommends the treatment where its criteria are met",
            CORE.Option: "holds the treatment to be an option where its criteria are met",
            CORE.NotRecommended: "does not recommend the treatment",
            CORE.UnderStudy: "holds the treatment to be under study and does not yet support it",
        }[recommendation.stance]
        if recommendation.requires is not None and recommendation.stance in (
            CORE.NotRecommended,
            CORE.UnderStudy,
        ):
            stance += " except where its criteria are met"
        yield Sentence(
            f"The guideline that governs is {guideline.title}, in force on {day_in_words(day)},"
            f" {of}. The section"
            f" \u201c{recommendation.section}\u201d, {pages(recommendation.page)}, {stance}.",
            (recommendation.iri, guideline.iri, self._decision.request),
        )

    def _unread(self) -> Iterator[Sentence]:
        """Say which guidelines in force could decide otherwise, and are not encoded."""
        for guideline in self._decision.selection.unread:
            yield Sentence(
                f"{_capital(guideline.title)}, in force on the day, is not encoded here; whether"
                " it addresses this treatment has to be looked up before this is relied on.",
                (guideline.iri, self._decision.request),
            )

    def _dispute(self, recommendation: Recommendation) -> Iterator[Sentence]:
        """Say what is in dispute, where a part was granted."""
        asked = self._case.number(self._decision.request, CORE.quantity)
        granted = self._case.number(self._decision.request, CORE.granted)
        if asked is None or not granted:
            return
        left = asked - granted
        yield Sentence(
            f"Of {counted(asked, recommendation.noun)} asked for, utilization review granted"
            f" {granted}; {left} {'is' if left == 1 else 'are'} in dispute.",
            (self._decision.request,),
        )

    def _witnessed(self, assessment: Assessment) -> Sentence:
        criterion = assessment.criterion
        told: dict[str, list[str]] = {"request": [], "record": []}
        sources: list[URIRef] = [criterion.iri, criterion.shape]
        for evidence in assessment.evidence:
            sources.append(evidence.node)
            if evidence.node in self._case.requests:
                if not evidence.values and not evidence.supports:
                    continue  # that it is contradicted is the verdict itself
                told["request"].append(self._of_request(evidence.node, evidence.values))
                continue
            named = iris(self._case.graph, evidence.node, CORE.documentedIn)
            sources.extend(named)
            told["record"].append(self._of_record(evidence.node, named))
        if told["record"]:
            told["request"] = [text for text in told["request"] if text != "The request shows it"]
        shown = " ".join(
            [f"{text}." for text in told["request"]]
            + ([f"The record shows: {'; '.join(told['record'])}."] if told["record"] else [])
        )
        return Sentence(
            f"{self._verdict(assessment)}: {criterion.statement}" + (f" {shown}" if shown else ""),
            tuple(dict.fromkeys(sources)),
        )

    def _verdict(self, assessment: Assessment) -> str:
        criterion = assessment.criterion
        citation = self._cited([criterion])
        if assessment.outcome is Outcome.MET:
            return f"{_capital(citation)} is met"
        if criterion.iri not in self._bearing:
            return f"{_capital(citation)} is not met, which the decision does not turn on"
        if criterion.limits is not None:
            return f"The request exceeds the limit in {citation}, which is not met"
        return f"{_capital(citation)} is not met"

    def _place(self, criterion: Criterion) -> str:
        """Say where a criterion stands: ``page 122``, and in which document if in another."""
        document = self._knowledge.guidelines.get(criterion.cited_from or URIRef(""))
        place = pages(criterion.page)
        return place if document is None else f"{place} of {document.label}"

    def _cited(self, criteria: list[Criterion]) -> str:
        """Cite criteria by number and place: ``criteria 1a, 1b and 2 (page 122)``."""
        told = listing(dict.fromkeys(self._place(c) for c in criteria))
        return f"{counted_criteria(criteria)} ({told})"

    def _of_request(self, request: URIRef, values: tuple[Literal, ...]) -> str:
        """Say what a request states, or what the case states that bears on it."""
        if not values:
            return "The request shows it"
        said = listing(value_phrase(self._classified, self._knowledge, request, v) for v in values)
        if not all(self._is_own(request, v) for v in values):
            return f"The case gives {said}"
        if request == self._decision.request:
            return f"The request states {said}"
        label = request_label(self._case, self._knowledge, request)
        return f"The request \u201c{label}\u201d states {said}"

    def _is_own(self, request: URIRef, value: Literal) -> bool:
        """Tell whether a value, or what it is derived from, is stated of the request itself."""
        for predicate in self._classified.graph.predicates(request, value):
            base = self._knowledge.vocabulary.value(predicate, CORE.derivedFrom)
            if any((request, p, None) in self._case.graph for p in (predicate, base) if p):
                return True
        return False

    def _of_record(self, fact: URIRef, records: Sequence[URIRef]) -> str:
        where = listing(record_label(self._case, self._knowledge, r) for r in records)
        page, quote = self._case.text(fact, CORE.recordPage), self._case.text(fact, CORE.quote)
        if fact in self._quoted:
            quote = None  # its words stand in an earlier sentence
        self._quoted.add(fact)
        return (
            fact_label(self._case, self._knowledge, fact)
            + f" ({where}"
            + (f", {pages(page)}" if page else "")
            + (f": \u201c{quote}\u201d" if quote else "")
            + ")"
        )

    def _inapplicable(self) -> Iterator[Sentence]:
        criteria = [a.criterion for a in self._with(Outcome.NOT_APPLICABLE) if not a.presumed]
        if criteria:
            yield Sentence(
                f"{_capital(self._cited(criteria))}"
                f" {'does' if len(criteria) == 1 else 'do'} not apply to this request.",
                tuple(iri for c in criteria for iri in (c.iri, c.shape)),
            )

    def _undocumented(self) -> Iterator[Sentence]:
        silent = [a.criterion for a in self._with(Outcome.NOT_DOCUMENTED)]
        wanting = [c for c in silent if c.iri in self._bearing]
        beside = [c for c in silent if c.iri not in self._bearing]
        yield from self._silence("the case file does not document", wanting)
        yield from self._silence(
            "the case file does not document, and the decision does not turn on,", beside
        )

    def _silence(self, negation: str, criteria: list[Criterion]) -> Iterator[Sentence]:
        """Tell what is undocumented, a sentence a page, criteria that belong together as one."""
        for place in dict.fromkeys(self._place(c) for c in criteria):
            there = [c for c in criteria if self._place(c) == place]
            verb = "ask" if place.startswith("pages ") else "asks"
            yield Sentence(
                f"Of what {place} {verb} for, {negation} {self._grouped(there)}.",
                tuple(iri for c in there for iri in (c.iri, c.shape)),
            )

    def _grouped(self, criteria: list[Criterion]) -> str:
        """Name what is missing: ``a or b (1a and 1b, of which one is enough); or c (2)``.

        Criteria of one number stand together, and so do alternatives, which are named as such.
        """
        parts = []
        for (_, enough), group in groupby(criteria, key=self._group):
            together = list(group)
            missing = list(dict.fromkeys(c.if_missing for c in together))
            numbers = listing(c.number for c in together)
            choice = f", of which {enough}" if enough and len(together) > 1 else ""
            parts.append(f"{listing(missing, 'or')} ({numbers}{choice})")
        return _listed(parts, "or")

    def _group(self, criterion: Criterion) -> tuple[str, str]:
        above = self._above.get(criterion.iri)
        if above is not None and above.kind == "AnyOf":
            return str(above.iri), "one is enough"
        if above is not None and above.kind == "AtLeast":
            return str(above.iri), f"{above.threshold} are enough"
        return str(number_key(criterion.number)[0]), ""

    def _confidence(self, recommendation: Recommendation) -> Iterator[Sentence]:
        """Say of what is encoded from memory or at second hand that it is, where it bears."""
        applied = [
            a.criterion
            for a in self._decision.assessments
            if a.outcome is not Outcome.NOT_APPLICABLE
        ]
        criteria = applied or recommendation.criteria
        for attestation in sorted({recommendation.attestation, *(c.attestation for c in criteria)}):
            if attestation in (CORE.IssuedDetermination, CORE.PublishedSource):
                continue
            concerned = [c for c in criteria if c.attestation == attestation]
            subjects = ["the recommendation"] if recommendation.attestation == attestation else []
            everything = len(concerned) == len(recommendation.criteria) > 1
            if concerned:
                subjects.append("every criterion" if everything else counted_criteria(concerned))
            singular = len(subjects) == 1 and (everything or len(concerned) < 2)
            yield Sentence(
                f"How {listing(subjects)} {'is' if singular else 'are'} encoded here has"
                " not been checked against the guideline's own text; its standing is"
                f" \u201c{self._knowledge.concepts.label(attestation)}\u201d.",
                (attestation, recommendation.iri, *(c.iri for c in concerned)),
            )

    def _conclusion(self, recommendation: Recommendation) -> Sentence:
        return Sentence(self._concluding(), (self._decision.request, recommendation.iri))

    def _concluding(self) -> str:
        decision = self._decision
        if decision.necessity is Necessity.NECESSARY:
            return "What the guideline requires is met; the request is medically necessary."
        if decision.necessity is Necessity.AS_MODIFIED:
            assert decision.supported is not None
            assert decision.limited is not None
            supported = (
                "Only the quantity stands in the way: the guideline supports"
                f" {counted(decision.supported, unit_of(decision, decision.limited))} in all"
            )
            if decision.outcome is ItemOutcome.MODIFIED:
                return f"{supported}, for which the item is medically necessary."
            return f"{supported}; as requested, the item is not medically necessary."
        if decision.basis is Basis.NOT_SUPPORTED:
            return (
                "The guideline does not support the treatment, whatever the record shows; the"
                " request is not medically necessary."
            )
        silent = any(a.criterion.iri in self._bearing for a in self._with(Outcome.NOT_DOCUMENTED))
        if decision.basis is Basis.CONTRADICTED:
            against = [a for a in self._with(Outcome.NOT_MET) if a.criterion.iri in self._bearing]
            why = (
                "The request exceeds what the guideline supports"
                if all(a.criterion.limits is not None for a in against)
                else "What is documented contradicts what the guideline requires"
            )
            also = ", and the record does not establish the rest" if silent else ""
            return f"{why}{also}; the request is not medically necessary."
        return (
            "The record does not establish what the guideline requires; the request is not shown"
            " to be medically necessary."
        )

    def _dependent(self, parent: URIRef) -> Iterator[Sentence]:
        label = request_label(self._case, self._knowledge, parent)
        if self._decision.necessity is Necessity.NO_GUIDELINE:
            yield Sentence(
                f"This request depends on \u201c{label}\u201d, which nothing encoded decides;"
                " it is therefore undetermined as well.",
                (self._decision.request, parent),
            )
            return
        yield Sentence(
            f"This request depends on \u201c{label}\u201d, which is not medically necessary;"
            " it is therefore not medically necessary either.",
            (self._decision.request, parent),
        )

    def _ungoverned(self) -> Iterator[Sentence]:
        selection, day = self._decision.selection, self._classified.day
        if day is None:
            yield Sentence(
                "The case states no date of request or utilization review, so no guideline edition"
                " can be picked.",
                (self._decision.request,),
            )
        else:
            yield Sentence(
                "Nothing that is encoded and in force on"
                f" {day_in_words(day)} governs this request; it is not decided.",
                (self._decision.request,),
            )
        yield from self._unread()
        for passed in selection.passed:
            yield Sentence(
                f"\u201c{passed.recommendation.label}\u201d of"
                f" {passed.recommendation.guideline.label} was considered and does not govern:"
                f" {passed.why}.",
                (passed.recommendation.iri,),
            )
        for guideline in selection.silent:
            yield Sentence(
                f"{_capital(guideline.title)} does not address the treatment.", (guideline.iri,)
            )
        if selection.next_step is not None:
            yield Sentence(
                "By the medical evidence search sequence (8 CCR 9792.21.1), the next source to"
                f" search is {selection.next_step}.",
                (self._decision.request,),
            )


def _combinations_above(recommendation: Recommendation | None) -> dict[URIRef, Combination]:
    """Give the combination that each criterion is an operand of."""
    if recommendation is None or recommendation.requires is None:
        return {}
    return {
        operand.iri: combination
        for combination in recommendation.requires.combinations()
        for operand in combination.operands
        if isinstance(operand, Criterion)
    }


def _listed(parts: list[str], conjunction: str) -> str:
    """Join parts that have commas of their own: ``a, b; c; or d``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{'; '.join(parts[:-1])}; {conjunction} {parts[-1]}"
