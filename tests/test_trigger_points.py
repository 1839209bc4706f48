"""The main path: the case behind a published determination of 2014, decided end to end."""

from __future__ import annotations

import pytest

from reasoner import Determination, Role, adjudicate, load_knowledge, parse_case, read_case
from reasoner.outcomes import Basis, ItemOutcome, Necessity, Outcome
from reasoner.provenance import to_triples
from reasoner.rdf import graph_of
from reasoner.shacl import validate

EXAMPLE = "docs/examples/trigger-points.yaml"


@pytest.fixture(scope="module")
def determination(knowledge) -> Determination:
    return adjudicate(read_case(EXAMPLE, knowledge), knowledge)


def outcomes(determination: Determination) -> dict[str, Outcome]:
    return {a.criterion.number: a.outcome for a in determination.items[0].decision.assessments}


def test_the_denial_is_upheld(determination):
    (item,) = determination.items
    assert determination.outcome is ItemOutcome.UPHELD
    assert item.decision.necessity is Necessity.NOT_NECESSARY
    assert item.decision.basis is Basis.CONTRADICTED


def test_both_reasons_of_the_reviewer_are_found(determination):
    found = outcomes(determination)
    assert found["5"] is Outcome.NOT_MET
    assert {found[n] for n in ("1a", "1b", "1c")} == {Outcome.NOT_DOCUMENTED}
    prose = " ".join(s.text for s in determination.items[0].rationale)
    for words in ("circumscribed trigger points", "twitch response", "referred pain", "6", "122"):
        assert words in prose


def test_page_122_of_the_2009_guideline_is_cited(determination):
    recommendation = determination.items[0].decision.recommendation
    assert recommendation is not None
    assert recommendation.page == "122"
    assert "2009" in recommendation.guideline.label


def test_whatever_else_is_undocumented_is_said_to_be(determination):
    found = outcomes(determination)
    silent = {number for number, outcome in found.items() if outcome is Outcome.NOT_DOCUMENTED}
    assert silent == {"0a", "0b", "1a", "1b", "1c", "2", "3a", "3b", "3c", "3d", "4", "8"}


def test_rules_on_repeat_injections_are_presumed_not_to_apply(determination):
    repeats = [
        a for a in determination.items[0].decision.assessments
        if a.criterion.number in ("6a", "6b", "7")
    ]  # fmt: skip
    assert all(a.outcome is Outcome.NOT_APPLICABLE and a.presumed for a in repeats)
    assert "taken as the first" in " ".join(s.text for s in determination.items[0].rationale)


def test_treatment_tried_with_an_unstated_result_is_neither_failed_nor_helpful(determination):
    assert outcomes(determination)["3b"] is Outcome.NOT_DOCUMENTED


def test_utilization_review_denies_what_contradicted_facts_do_not_support(knowledge):
    decided = adjudicate(read_case(EXAMPLE, knowledge), knowledge, role=Role.UR)
    assert decided.outcome is ItemOutcome.DENIED


def test_the_graph_conforms_to_the_shapes_of_determinations(determination, knowledge):
    graph = graph_of(to_triples(determination))
    assert validate(data=graph, shapes=knowledge.form_shapes("determination")) == ()


def test_a_sentence_without_source_breaks_the_shapes_of_determinations(determination, knowledge):
    from rdflib.namespace import PROV, RDF

    from reasoner.terms import CORE

    graph = graph_of(to_triples(determination))
    sentence = min(graph.subjects(RDF.type, CORE.Sentence))
    graph.remove((sentence, PROV.wasDerivedFrom, None))
    (result,) = validate(data=graph, shapes=knowledge.form_shapes("determination"))
    assert str(result.shape).endswith("#sentence-source")


def test_a_lower_reading_of_the_range_is_used_when_asked_for(knowledge):
    case = parse_case(
        b"""
id: three-or-four
utilizationReview: {date: 2014-09-10}
requests: [{treatment: TriggerPointInjection, region: CervicalRegion, quantity: 4}]
""",
        "case.yaml",
        knowledge,
    )
    upper = adjudicate(case, knowledge)
    lower = adjudicate(case, knowledge, readings=["lower-end-of-range"])
    assert outcomes(upper)["5"] is Outcome.MET
    assert outcomes(lower)["5"] is Outcome.NOT_MET
    assert upper.iri != lower.iri


def test_loading_twice_gives_the_same_release():
    assert load_knowledge().release == load_knowledge().release
