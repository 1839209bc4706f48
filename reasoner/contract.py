"""A determination as JSON: the contract ``mtus.determination/1``.

Every rendering is made from this form, so that what is printed is what is recorded. Its JSON
Schema is ``docs/schema/determination.schema.json``.
"""

from __future__ import annotations

from typing import Any

from rdflib import RDF, URIRef

from reasoner.assessment import Assessment, Evidence
from reasoner.case import Case
from reasoner.cure import Cure
from reasoner.decision import unit_of
from reasoner.determination import Determination, Item
from reasoner.guidelines import Recommendation
from reasoner.knowledge import Knowledge
from reasoner.labels import fact_label, record_label, request_label, value_phrase
from reasoner.outcomes import Outcome
from reasoner.rdf import iris, to_ntriples
from reasoner.terms import CORE, local_name

FORMAT = "mtus.determination/1"


def to_contract(determination: Determination, *, cures: bool = True) -> dict[str, Any]:
    """Give a determination in the form of the contract.

    Args:
        determination: the determination.
        cures: whether to look for what would turn each decision, which takes most of the time.
    """
    case, knowledge = determination.case, determination.knowledge
    return {
        "format": FORMAT,
        "id": str(determination.iri),
        "engine": determination.engine,
        "case": case.identifier,
        "role": determination.role.value,
        "outcome": determination.outcome.value,
        "release": knowledge.release,
        "caseHash": case.hash,
        "readings": list(knowledge.chosen),
        "summary": summary_of(case, knowledge),
        "items": [_item(item, determination, cures) for item in determination.items],
    }


def summary_of(case: Case, knowledge: Knowledge) -> dict[str, Any]:
    """Give what a case file states, as the contract repeats it."""
    worker = case.term(case.iri, CORE.worker)
    injury = case.term(case.iri, CORE.injury)
    review = case.utilization_review
    return {
        "worker": {
            "age": case.number(worker, CORE.age) if worker else None,
            "sex": case.text(worker, CORE.sex) if worker else None,
            "occupation": case.text(worker, CORE.occupation) if worker else None,
        },
        "injuryDate": _day(case, injury),
        "utilizationReview": None
        if review is None
        else {
            "date": _day(case, review),
            "decision": _label(case.term(review, CORE.decision), knowledge),
            "guidelines": _texts(case, review, CORE.citedGuideline),
        },
        "reviewer": _reviewer(case, knowledge),
        "records": [
            {
                "id": str(r),
                "label": record_label(case, knowledge, r),
                "title": case.text(r, CORE.title),
            }
            for r in case.ordered(CORE.record)
        ],
        "facts": [fact_entry(case, knowledge, f) for f in case.ordered(CORE.fact)],
    }


def _reviewer(case: Case, knowledge: Knowledge) -> dict[str, Any] | None:
    reviewer = case.term(case.iri, CORE.reviewer)
    if reviewer is None:
        return None
    return {
        "licensedIn": _texts(case, reviewer, CORE.licensedIn),
        "certification": _texts(case, reviewer, CORE.certification),
        "yearsInPractice": case.text(reviewer, CORE.yearsInPractice),
        "hoursAWeek": case.text(reviewer, CORE.hoursAWeek),
        "affiliatedWith": sorted(
            knowledge.concepts.label(party)
            for party in iris(case.graph, reviewer, CORE.affiliatedWith)
        ),
    }


def _texts(case: Case, node: URIRef, predicate: URIRef) -> list[str]:
    return sorted(str(o) for o in case.graph.objects(node, predicate))


def _day(case: Case, node: URIRef | None) -> str | None:
    day = case.day(node) if node is not None else None
    return None if day is None else day.isoformat()


def _label(term: URIRef | None, knowledge: Knowledge) -> str | None:
    return None if term is None else knowledge.concepts.label(term)


def fact_entry(case: Case, knowledge: Knowledge, fact: URIRef) -> dict[str, Any]:
    """Give a fact of a case with its place in the record, as the contract writes it."""
    records = iris(case.graph, fact, CORE.documentedIn)
    return {
        "fact": str(fact),
        "label": fact_label(case, knowledge, fact),
        "record": "; ".join(record_label(case, knowledge, r) for r in records),
        "records": [str(r) for r in records],
        "page": case.text(fact, CORE.recordPage),
        "quote": case.text(fact, CORE.quote),
    }


def _item(item: Item, determination: Determination, cures: bool) -> dict[str, Any]:
    case, knowledge, decision = determination.case, determination.knowledge, item.decision
    recommendation = decision.recommendation
    treatment = case.concept(decision.request, knowledge)
    return {
        "request": str(decision.request),
        "label": request_label(case, knowledge, decision.request),
        "treatment": local_name(treatment),
        "treatmentLabel": knowledge.concepts.label(treatment),
        "requestDate": None if item.classified.day is None else item.classified.day.isoformat(),
        "decision": decision.necessity.value,
        "basis": None if decision.basis is None else decision.basis.value,
        "outcome": decision.outcome.value,
        "quantity": case.number(decision.request, CORE.quantity),
        "granted": case.number(decision.request, CORE.granted),
        "modifiedTo": None
        if decision.supported is None or decision.limited is None
        else {"quantity": decision.supported, "unit": unit_of(decision, decision.limited)},
        "dependsOn": None if decision.parent is None else str(decision.parent),
        "recommendation": None
        if recommendation is None
        else _recommendation(recommendation, knowledge),
        "readings": []
        if recommendation is None
        else [
            {"name": r.name, "label": r.label, "definition": r.definition, "default": r.default}
            for r in knowledge.readings_of(recommendation)
        ],
        "criteria": [_criterion(a, item, determination) for a in decision.assessments],
        "rationale": [
            {"text": s.text, "sources": [str(iri) for iri in s.sources]} for s in item.rationale
        ],
        "cure": [_cure(cure) for cure in item.cures.cures] if cures else [],
        "cureNote": item.cures.note if cures else None,
        "notEvaluated": [
            {
                "recommendation": str(passed.recommendation.iri),
                "label": passed.recommendation.label,
                "guideline": passed.recommendation.guideline.label,
                "why": passed.why,
            }
            for passed in decision.selection.passed
        ],
        "nextSource": decision.selection.next_step,
    }


def _recommendation(recommendation: Recommendation, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "id": str(recommendation.iri),
        "label": recommendation.label,
        "guideline": recommendation.guideline.label,
        "title": recommendation.guideline.title,
        "citation": recommendation.guideline.citation,
        "source": recommendation.guideline.step_label,
        "section": recommendation.section,
        "page": recommendation.page,
        "stance": knowledge.concepts.label(recommendation.stance),
        "confidence": knowledge.concepts.label(recommendation.attestation),
    }


def _criterion(assessment: Assessment, item: Item, determination: Determination) -> dict[str, Any]:
    criterion, knowledge = assessment.criterion, determination.knowledge
    cited = knowledge.guidelines.get(criterion.cited_from) if criterion.cited_from else None
    return {
        "id": str(criterion.iri),
        "shape": str(criterion.shape),
        "number": criterion.number,
        "statement": criterion.statement,
        "outcome": assessment.outcome.value,
        "presumed": assessment.presumed,
        "presumption": criterion.presumption if assessment.presumed else None,
        "page": criterion.page,
        "citedFrom": None if cited is None else cited.title,
        "confidence": knowledge.concepts.label(criterion.attestation),
        "limit": criterion.limits is not None,
        "evidence": [_evidence(e, item, determination) for e in assessment.evidence],
        "missing": [criterion.if_missing] if assessment.outcome is Outcome.NOT_DOCUMENTED else [],
    }


def _evidence(evidence: Evidence, item: Item, determination: Determination) -> dict[str, Any]:
    case, knowledge = determination.case, determination.knowledge
    values = [value_phrase(item.classified, knowledge, evidence.node, v) for v in evidence.values]
    if (evidence.node, RDF.type, CORE.Fact) in case.graph:
        shown = fact_entry(case, knowledge, evidence.node)
    else:
        label = request_label(case, knowledge, evidence.node)
        shown = {
            "fact": str(evidence.node),
            "label": f"the request: {label}",
            "record": "request",
            "records": [],
            "page": None,
            "quote": None,
        }
    return {**shown, "values": values, "supports": evidence.supports}


def _cure(cure: Cure) -> dict[str, Any]:
    return {
        "text": cure.text,
        "changes": [
            {
                "kind": change.kind,
                "text": change.text,
                "criterion": str(change.criterion),
                "add": to_ntriples(change.added).decode().splitlines(),
                "remove": to_ntriples(change.removed).decode().splitlines(),
            }
            for change in cure.changes
        ],
        "resultingOutcome": cure.outcome.value,
    }
