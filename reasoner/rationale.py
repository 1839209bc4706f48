"""Stage 6, explain: why a request was decided as it was, in sentences that carry their sources.

A rationale opens with what it takes for granted: the readings of ambiguous passages, and the
presumptions that stand in for silence. Then it names the guideline, and goes through what is
met, contradicted and undocumented to the conclusion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import URIRef

from reasoner.assessment import Assessment
from reasoner.classification import ClassifiedCase
from reasoner.decision import ItemDecision
from reasoner.guidelines import Criterion, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.labels import (
    counted,
    day_in_words,
    fact_label,
    listing,
    record_label,
    request_label,
    value_phrase,
)
from reasoner.outcomes import Basis, Necessity, Outcome
from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a rationale.

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


def cited_pages(criterion: Criterion) -> str:
    """Cite a criterion by number and page: ``criterion 5, page 122``."""
    return f"criterion {criterion.number}, {pages(criterion.page)}"


def pages(page: str) -> str:
    """Write ``page 122`` or ``pages 98-99``; a section number is given as it is."""
    if not page[:1].isdigit() or "." in page:
        return page
    return f"pages {page}" if any(ch in page for ch in ",-") else f"page {page}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class _Writer:
    def __init__(
        self, classified: ClassifiedCase, knowledge: Knowledge, decision: ItemDecision
    ) -> None:
        self._classified = classified
        self._case = classified.case
        self._knowledge = knowledge
        self._decision = decision

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
        for assessment in decision.assessments:
            if assessment.outcome is Outcome.MET and not assessment.presumed:
                yield self._witnessed(assessment, "is met")
        for assessment in decision.assessments:
            if assessment.outcome is Outcome.NOT_MET:
                yield self._witnessed(assessment, "is not met")
        yield from self._undocumented()
        yield from self._confidence(recommendation)
        yield self._conclusion(recommendation)

    def _assumptions(self, recommendation: Recommendation) -> Iterator[Sentence]:
        for reading in self._knowledge.readings_of(recommendation):
            about = sorted(reading.ambiguities & set(recommendation.ambiguities))
            yield Sentence(
                f"The guideline can be read in more than one way; it is read here as"
                f" {reading.label}: {reading.definition[:1].lower()}{reading.definition[1:]}",
                (reading.iri, *about),
            )
        told: dict[str, list[URIRef]] = {}
        for assessment in self._decision.assessments:
            if assessment.presumed:
                told.setdefault(self._presumption(assessment.criterion), []).append(
                    assessment.criterion.iri
                )
        for text, criteria in told.items():
            yield Sentence(text, tuple(criteria))

    @staticmethod
    def _presumption(criterion: Criterion) -> str:
        return criterion.presumption or (
            f"The record is silent on {cited_pages(criterion)}, and the guideline lets that silence"
            f" count in favour of the treatment: {criterion.statement}"
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
        day = self._classified.day
        assert day is not None, "a recommendation governs only a request with a date"
        stated = self._case.day(self._decision.request) is not None
        of = "the request" if stated else "the utilization review decision, no date of request being stated"
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
            f"On {day_in_words(day)}, the day of {of}, {guideline.title} governed; the section"
            f" \"{recommendation.section}\", {pages(recommendation.page)}, {stance}.",
            (recommendation.iri, guideline.iri),
        )

    def _witnessed(self, assessment: Assessment, verdict: str) -> Sentence:
        criterion = assessment.criterion
        sources: list[URIRef] = [criterion.iri, criterion.shape]
        told: list[str] = []
        for evidence in assessment.evidence:
            sources.append(evidence.node)
            values = [
                value_phrase(self._classified, self._knowledge, evidence.node, v)
                for v in evidence.values
            ]
            if evidence.node == self._decision.request:
                told.append("the request" + (f" ({listing(values)})" if values else " itself"))
                continue
            records = self._case.graph.objects(evidence.node, CORE.documentedIn)
            named = sorted(URIRef(r) for r in records)
            sources.extend(named)
            where = listing(record_label(self._case, self._knowledge, r) for r in named)
            quote = self._case.text(evidence.node, CORE.quote)
            told.append(
                fact_label(self._case, self._knowledge, evidence.node)
                + f" ({where}"
                + (f": \u201c{quote}\u201d" if quote else "")
                + ")"
            )
        shown = f" Shown by {'; '.join(told)}." if told else ""
        return Sentence(
            f"{_capital(cited_pages(criterion))}, {verdict}: {criterion.statement}{shown}",
            tuple(dict.fromkeys(sources)),
        )

    def _undocumented(self) -> Iterator[Sentence]:
        silent = [
            a.criterion
            for a in self._decision.assessments
            if a.outcome is Outcome.NOT_DOCUMENTED
        ]
        if silent:
            yield Sentence(
                "The record does not document "
                + listing((f"{c.if_missing} ({cited_pages(c)})" for c in silent), "or")
                + ".",
                tuple(iri for c in silent for iri in (c.iri, c.shape)),
            )

    def _confidence(self, recommendation: Recommendation) -> Iterator[Sentence]:
        """Say of what is encoded from memory or at second hand that it is."""
        by_attestation: dict[URIRef, list[Criterion]] = {}
        for criterion in recommendation.criteria:
            by_attestation.setdefault(criterion.attestation, []).append(criterion)
        if not by_attestation:
            by_attestation[recommendation.attestation] = []
        for attestation, criteria in sorted(by_attestation.items()):
            if attestation in (CORE.IssuedDetermination, CORE.PublishedSource):
                continue
            label = self._knowledge.concepts.label(attestation)
            subject = (
                (
                    "Every criterion"
                    if len(criteria) == len(recommendation.criteria)
                    else _capital(counted_criteria(criteria))
                )
                if criteria
                else "The recommendation"
            )
            yield Sentence(
                f"{subject} as encoded here: {label}; not checked against the guideline's own text.",
                (attestation, *(c.iri for c in criteria)) if criteria else (attestation, recommendation.iri),
            )

    def _conclusion(self, recommendation: Recommendation) -> Sentence:
        decision = self._decision
        sources = (decision.request, recommendation.iri)
        noun = recommendation.noun
        if decision.necessity is Necessity.NECESSARY:
            return Sentence(
                "What the guideline requires is met; the request is medically necessary.", sources
            )
        if decision.necessity is Necessity.AS_MODIFIED:
            assert decision.supported is not None
            return Sentence(
                "Only the quantity stands in the way: the guideline supports"
                f" {counted(decision.supported, noun)} in all; as requested, the item is not"
                " medically necessary.",
                sources,
            )
        if decision.basis is Basis.NOT_SUPPORTED:
            return Sentence(
                "The guideline does not support the treatment, whatever the record shows; the"
                " request is not medically necessary.",
                sources,
            )
        if decision.basis is Basis.CONTRADICTED:
            return Sentence(
                "Documented facts contradict what the guideline requires; the request is not"
                " medically necessary.",
                sources,
            )
        return Sentence(
            "The record does not establish what the guideline requires; the request is not shown"
            " to be medically necessary.",
            sources,
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
        for passed in selection.passed:
            yield Sentence(
                f"{passed.recommendation.label} in {passed.recommendation.guideline.label} was"
                f" considered and does not govern: {passed.why}.",
                (passed.recommendation.iri,),
            )
        for guideline in selection.silent:
            yield Sentence(
                f"{guideline.title} does not address the treatment.", (guideline.iri,)
            )
        if selection.next_step is not None:
            yield Sentence(
                "By the medical evidence search sequence (8 CCR 9792.21.1), the next source to"
                f" search is {selection.next_step}.",
                (self._decision.request,),
            )


def counted_criteria(criteria: list[Criterion]) -> str:
    """Name criteria by number: ``criterion 5`` or ``criteria 1a, 1b and 2``."""
    numbers = listing(c.number for c in criteria)
    return f"criterion {numbers}" if len(criteria) == 1 else f"criteria {numbers}"
