"""FHIR R4, read by fhir.resources and checked by pyfhircheck; what it says is what was decided."""

from __future__ import annotations

import re
from datetime import date

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.claimresponse import ClaimResponse
from fhir.resources.R4B.guidanceresponse import GuidanceResponse
from fhir.resources.R4B.plandefinition import PlanDefinition
from rdflib import Graph

from reasoner import InputError
from reasoner.exports.fhir import claim_response, guidance_response
from reasoner.exports.plan import find_recommendation, plan_definition
from reasoner.guidelines import Combination
from reasoner.terms import CORE

DAY = date(2026, 1, 2)

pytestmark = pytest.mark.filterwarnings("ignore")
# FHIR R4 has them (https://hl7.org/fhir/R4/claimresponse.html, /plandefinition.html), and pyfhircheck 0.2
# does not know an element of an inner type that is named "text".
UNKNOWN = re.compile(r"ClaimResponse\.processNote\[\d+\]\.text")


def errors(resource):
    from pyfhircheck import Validator

    found = Validator().validate_resource(resource)
    assert found.fhir_version.startswith("4.0")
    return [f"{i.path}: {i.message}" for i in found.errors if not UNKNOWN.fullmatch(i.path or "")]


def test_claim_response_says_what_was_decided(contracts):
    actions = {
        "MedicallyNecessary": "A1", "NecessaryAsModified": "A6",
        "NotMedicallyNecessary": "A3", "NoGoverningGuideline": "A4",
    }  # fmt: skip
    for contract in contracts:
        given = claim_response(contract, DAY)
        assert errors(given) == []
        back = ClaimResponse.model_validate(given)
        assert back.disposition == contract["outcome"]
        assert contract["id"].endswith(back.identifier[0].value)
        assert back.patient.identifier.value == contract["case"]
        notes = {note.number: note.text for note in back.processNote}
        for shown, item in zip(back.item, contract["items"], strict=True):
            assert item["request"].endswith(f"#{shown.id}")
            assert [notes[n] for n in shown.noteNumber] == [s["text"] for s in item["rationale"]]
            action = shown.adjudication[0].extension[0].extension[0].valueCodeableConcept.coding[0]
            assert action.code == actions[item["decision"]]
            assert shown.adjudication[0].value == item["quantity"]
            if item["modifiedTo"]:
                assert shown.adjudication[1].value == item["modifiedTo"]["quantity"]


def test_guidance_response_has_an_issue_for_each_criterion(contracts):
    for contract in contracts:
        given = guidance_response(contract)
        assert errors(given) == []
        if given["resourceType"] == "Bundle":
            found = [entry.resource for entry in Bundle.model_validate(given).entry]
        else:
            found = [GuidanceResponse.model_validate(given)]
        for back, item in zip(found, contract["items"], strict=True):
            assert back.requestIdentifier.value == item["request"]
            assert [n.text for n in back.note] == [s["text"] for s in item["rationale"]]
            issues = back.contained[0].issue if item["criteria"] else []
            assert [
                (i.details.coding[0].code, i.details.text.partition(":")[0]) for i in issues
            ] == [(c["number"], c["outcome"]) for c in item["criteria"]]
            missing = [d.codeFilter[0].code[0].display for d in back.dataRequirement or []]
            assert missing == [m for c in item["criteria"] for m in c["missing"]]
            assert (back.status == "data-required") == bool(missing)


def test_what_is_wrong_would_be_told(contracts):
    given = claim_response(contracts[0], DAY)
    assert errors({**given, "use": "bogus"})
    assert errors({k: v for k, v in given.items() if k != "created"})


def actions_of(action):
    yield action
    for below in action.action or ():
        yield from actions_of(below)


@pytest.fixture(scope="module")
def sample(knowledge):
    """Every third recommendation, and every way in which criteria combine."""
    kinds = {}
    for r in knowledge.recommendations:
        if r.requires is not None:
            for c in r.requires.combinations():
                kinds.setdefault(c.kind, r)
    assert set(kinds) == {"AllOf", "AnyOf", "AtLeast", "Unless"}
    return [*kinds.values(), *knowledge.recommendations[::9]]


def test_plan_definition_holds_every_criterion_with_its_shape(sample, knowledge):
    for recommendation in sample:
        given = plan_definition(recommendation, knowledge)
        assert errors(given) == [], recommendation.iri
        back = PlanDefinition.model_validate(given)
        assert back.url == str(recommendation.iri)
        actions = [a for top in back.action for a in actions_of(top)]
        shown = {a.prefix: a for a in actions if a.prefix}
        assert set(shown) == {c.number for c in recommendation.criteria}
        for criterion in recommendation.criteria:
            expression = shown[criterion.number].condition[0].expression
            assert expression.reference == str(criterion.shape)
            assert (criterion.shape, None, None) in Graph().parse(
                data=expression.expression, format="turtle"
            )


def test_plan_definition_keeps_how_criteria_combine(sample, knowledge):
    def shape(operand, action, exception=False):
        codes = {
            c.system: c.code
            for said in action.code or ()
            for c in said.coding
            if c.code != "exception"
        }
        told = [c for said in action.code or () for c in said.coding if c.code == "exception"]
        assert bool(told) == exception
        if not isinstance(operand, Combination):
            assert action.prefix == operand.number
            return
        assert codes[str(CORE)] == operand.kind
        assert codes.get(f"{CORE}atLeast", str(operand.threshold)) == str(operand.threshold)
        exceptions = (operand.exception,) if operand.exception else ()
        below = [*operand.operands, *exceptions]
        for one, other in zip(below, action.action, strict=True):
            shape(one, other, exception=one in exceptions)

    for recommendation in sample:
        back = PlanDefinition.model_validate(plan_definition(recommendation, knowledge))
        if recommendation.requires is None:
            assert back.action[0].action is None
        else:
            shape(recommendation.requires, back.action[0].action[0])


def test_an_unknown_recommendation_is_refused_with_the_nearest(knowledge):
    with pytest.raises(InputError, match="chronic-pain-2009/trigger-points"):
        find_recommendation("chronic-pain-2009/trigger-point", knowledge)
