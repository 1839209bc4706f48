"""Nothing is met, presumed, left out or said without something to point to."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from reasoner import Determination, adjudicate
from reasoner.outcomes import Basis, Necessity, Outcome
from reasoner.terms import CORE
from tests.properties.strategies import Drawn, cases, knowledge

OF_THE_RECORD = frozenset(
    CORE[name]
    for name in ("presentFact", "absentFact", "relevantFact", "priorTreatment", "claimTreatment")
)
_DEFINES = frozenset(
    {OWL.equivalentClass, OWL.intersectionOf, OWL.unionOf, OWL.someValuesFrom, RDF.first, RDF.rest}
)  # fmt: skip

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=120, suppress_health_check=SLOW)
@given(cases())
def test_determination_is_sound(drawn: Drawn) -> None:
    """One draw, every law: deciding takes most of the time."""
    case = drawn.read()
    determination = adjudicate(case, knowledge())
    _every_criterion_has_one_assessment(determination)
    _met_needs_evidence_or_a_presumption(determination)
    _evidence_is_of_the_case(determination)
    _not_applicable_is_ruled_out_presumed_or_said(determination)
    _contradiction_points_to_something(determination)
    _sentences_have_sources(determination)
    _basis_is_said_of_what_is_not_necessary(determination)
    assert determination.case is case


def test_condition_on_the_record_declares_what_silence_means() -> None:
    """A condition on the request is settled by it; one on the record needs a presumption."""
    unsettled = set()
    for topic in knowledge().topics:
        for recommendation in topic.recommendations:
            for criterion in recommendation.criteria:
                conditional = criterion.target != recommendation.applies_to
                if conditional and criterion.presumption is None:
                    asked = _properties(topic.graph, criterion.target, recommendation.applies_to)
                    unsettled |= {criterion.iri} if asked & OF_THE_RECORD else set()
    assert not unsettled


def _properties(graph: Graph, defined: URIRef, given: URIRef) -> set[Node]:
    """Give the properties that the definition of a class asks about, beyond those of a given one."""
    found: set[Node] = set()
    seen: set[Node] = {given}
    frontier: list[Node] = [defined]
    while frontier:
        node = frontier.pop()
        if node in seen:
            continue
        seen.add(node)
        found.update(graph.objects(node, OWL.onProperty))
        frontier.extend(o for p, o in graph.predicate_objects(node) if p in _DEFINES)
        frontier.extend(graph.subjects(RDFS.subClassOf, node))
    return found


def _every_criterion_has_one_assessment(determination: Determination) -> None:
    for item in determination.items:
        recommendation = item.decision.recommendation
        criteria = [] if recommendation is None else [c.iri for c in recommendation.criteria]
        assert [a.criterion.iri for a in item.decision.assessments] == criteria
        assert len(set(criteria)) == len(criteria)


def _met_needs_evidence_or_a_presumption(determination: Determination) -> None:
    for item in determination.items:
        for assessment in item.decision.assessments:
            if assessment.outcome is not Outcome.MET:
                continue
            name = assessment.criterion.iri
            if assessment.presumed:
                assert assessment.criterion.presumption, name
            else:
                assert [e for e in assessment.evidence if e.supports], name


def _evidence_is_of_the_case(determination: Determination) -> None:
    facts = set(determination.case.graph.subjects(RDF.type, CORE.Fact))
    for item in determination.items:
        for assessment in item.decision.assessments:
            for evidence in assessment.evidence:
                assert evidence.node in facts or evidence.node == item.decision.request


def _not_applicable_is_ruled_out_presumed_or_said(determination: Determination) -> None:
    for item in determination.items:
        types = item.classified.types(item.decision.request)
        said = {source for sentence in item.rationale for source in sentence.sources}
        for assessment in item.decision.assessments:
            if assessment.outcome is not Outcome.NOT_APPLICABLE:
                continue
            criterion = assessment.criterion
            assert criterion.target not in types
            ruled_out = criterion.ruled_out_by is not None and criterion.ruled_out_by in types
            assert not (ruled_out and assessment.presumed), criterion.iri
            if assessment.presumed:
                assert criterion.presumption, criterion.iri
            assert criterion.iri in said, criterion.iri


def _contradiction_points_to_something(determination: Determination) -> None:
    for item in determination.items:
        for assessment in item.decision.assessments:
            if assessment.outcome is Outcome.NOT_MET:
                assert assessment.results, assessment.criterion.iri
                assert [e for e in assessment.evidence if not e.supports], assessment.criterion.iri


def _sentences_have_sources(determination: Determination) -> None:
    for item in determination.items:
        assert item.rationale
        for sentence in item.rationale:
            assert sentence.text.strip()
            assert sentence.sources, sentence.text


def _basis_is_said_of_what_is_not_necessary(determination: Determination) -> None:
    for item in determination.items:
        decision = item.decision
        not_necessary = decision.necessity is Necessity.NOT_NECESSARY
        assert not_necessary == (decision.basis is not None)
        outcomes = {a.outcome for a in decision.assessments}
        if decision.basis is Basis.CONTRADICTED:
            assert Outcome.NOT_MET in outcomes
        if decision.basis is Basis.NOT_ESTABLISHED:
            assert Outcome.NOT_DOCUMENTED in outcomes
