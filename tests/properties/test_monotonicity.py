"""What a further fact can do to an outcome, and what it cannot."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rdflib import URIRef

from reasoner.adjudication import decide
from reasoner.assessment import Assessment
from reasoner.case import Case
from reasoner.outcomes import Outcome, Role
from reasoner.terms import CORE, local_name
from reasoner.witness import Builder
from tests.properties.strategies import Drawn, cases, facts, irrelevant, knowledge, relevant

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
ORDER = (Outcome.NOT_MET, Outcome.NOT_DOCUMENTED, Outcome.MET)


def assessed(case: Case) -> dict[URIRef, Assessment]:
    (decision,) = decide(case, knowledge(), Role.IMR).items.values()
    return {a.criterion.iri: a for a in decision.assessments}


def outcomes(case: Case) -> dict[URIRef, tuple[object, ...]]:
    return {iri: (a.outcome, a.presumed, a.evidence) for iri, a in assessed(case).items()}


@settings(max_examples=60, suppress_health_check=SLOW)
@given(cases(), st.data())
def test_fact_that_nothing_mentions_changes_no_outcome(drawn: Drawn, data: st.DataObject) -> None:
    assume(irrelevant(drawn.treatment))
    fact = data.draw(facts(irrelevant(drawn.treatment), drawn.day, drawn.region))
    assert outcomes(drawn.plus(fact)) == outcomes(drawn.read())


@settings(max_examples=60, suppress_health_check=SLOW)
@given(cases(), st.data())
def test_fact_of_another_region_changes_no_outcome(drawn: Drawn, data: st.DataObject) -> None:
    """Unless it is the same treatment: how often that was given counts over the whole claim."""
    concepts = knowledge().concepts
    assume(drawn.region is not None)
    here = concepts.find(drawn.region or "")
    elsewhere = [
        local_name(region)
        for region in concepts.individuals(CORE.BodyRegion)
        if here is not None and not concepts.overlap(region, here)
    ]
    assume(elsewhere)
    kinds = tuple(
        kind for kind in relevant(drawn.treatment) if not concepts.is_kind_of(kind, drawn.treatment)
    )
    assume(kinds)
    fact = data.draw(facts(kinds, drawn.day, None))
    fact["region"] = data.draw(st.sampled_from(elsewhere))
    assert outcomes(drawn.plus(fact)) == outcomes(drawn.read())


@settings(max_examples=40, suppress_health_check=SLOW)
@given(cases())
def test_supporting_fact_makes_its_criterion_no_worse(drawn: Drawn) -> None:
    case = drawn.read()
    decided = decide(case, knowledge(), Role.IMR)
    ((request, decision),) = decided.items.items()
    undocumented = [a for a in decision.assessments if a.outcome is Outcome.NOT_DOCUMENTED]
    assume(decision.recommendation is not None and undocumented)
    assert decision.recommendation is not None
    shapes = knowledge().shapes_of(decision.recommendation)[0].graph
    for assessment in undocumented[:3]:
        builder = Builder(decided.classified[request], knowledge(), shapes, request)
        built = [
            builder.satisfy(shape)
            for shape in dict.fromkeys(result.shape for result in assessment.results)
        ]
        added = {triple for part in built if part is not None for triple in part.triples}
        if not added:
            continue
        after = assessed(replace(case, triples=case.triples | added))
        again = after.get(assessment.criterion.iri)
        if again is None or again.outcome is Outcome.NOT_APPLICABLE:
            continue  # what is documented puts the request under another rule
        assert ORDER.index(again.outcome) >= ORDER.index(Outcome.NOT_DOCUMENTED), (
            f"{assessment.criterion.iri}: {sorted(added)}"
        )
