"""A guideline in force that is not encoded could decide otherwise: a determination says so."""

from __future__ import annotations

from reasoner import adjudicate, load_knowledge, parse_case
from reasoner.outcomes import Necessity
from reasoner.terms import BASE

ACOEM_2017 = f"{BASE}guideline/acoem-2017"
SLAP = """id: not-encoded
utilizationReview: {{date: {day}, decision: Denied}}
records:
  - {{id: report, type: ProgressReport, date: 2014-01-02}}
requests:
  - {{treatment: {treatment}, region: {region}}}
"""


def decided(day: str, treatment: str, region: str):
    knowledge = load_knowledge()
    text = SLAP.format(day=day, treatment=treatment, region=region)
    (item,) = adjudicate(parse_case(text.encode(), "case.yaml", knowledge), knowledge).items
    said = [s.text for s in item.rationale if ACOEM_2017 in map(str, s.sources)]
    return item.decision, said


def test_what_nothing_encoded_governs_names_what_is_in_force():
    decision, said = decided("2018-03-01", "TriggerPointInjection", "CervicalRegion")
    assert decision.necessity is Necessity.NO_GUIDELINE
    assert len(said) == 1
    assert "is not encoded here" in said[0]


def test_what_a_later_source_governs_names_it_as_well():
    decision, said = decided("2018-03-01", "SLAPRepair", "ShoulderRegion")
    assert decision.recommendation is not None
    assert decision.recommendation.guideline.step == 2
    assert len(said) == 1


def test_before_it_was_in_force_nothing_is_said_of_it():
    _, said = decided("2016-03-01", "SLAPRepair", "ShoulderRegion")
    assert not said
