"""Cures: the smallest lawful changes that turn a decision, each verified by deciding again."""

from __future__ import annotations

import pytest

from reasoner import adjudicate, parse_case, read_case
from reasoner.outcomes import Basis, ItemOutcome, Necessity

MET = """
id: met
utilizationReview: {{date: 2014-09-10}}
records: [{{id: r, type: ProgressReport, date: 2014-08-19}}]
facts:
  - {{is: Pain, region: CervicalRegion, duration: 5 months, in: r}}
  - {{is: MyofascialPainSyndrome, in: r}}
  - {{is: TriggerPoint, region: CervicalRegion, in: r}}
  - {{is: TwitchResponse, region: CervicalRegion, status: {twitch}, in: r}}
  - {{is: ReferredPain, region: CervicalRegion, in: r}}
  - {{is: StretchingExercise, outcome: Failed, in: r}}
  - {{is: PhysicalTherapy, outcome: Failed, in: r}}
  - {{is: Naproxen, outcome: Failed, in: r}}
  - {{is: Cyclobenzaprine, outcome: Intolerable, in: r}}
  - {{is: Radiculopathy, status: {radiculopathy}, by: ByExamination, in: r}}
requests:
  - {{treatment: TriggerPointInjection, region: CervicalRegion, quantity: {quantity}, agents: [{agent}]}}
"""


def decided(knowledge, twitch="present", radiculopathy="absent", quantity=4, agent="Lidocaine"):
    text = MET.format(twitch=twitch, radiculopathy=radiculopathy, quantity=quantity, agent=agent)
    (item,) = adjudicate(parse_case(text.encode(), "met.yaml", knowledge), knowledge).items
    return item


def test_a_met_request_needs_no_cure(knowledge):
    item = decided(knowledge)
    assert item.decision.necessity is Necessity.NECESSARY
    assert item.cures.cures == ()
    assert item.cures.note is None


def test_too_many_are_cured_by_asking_for_as_many_as_are_supported(knowledge):
    item = decided(knowledge, quantity=6)
    assert item.decision.necessity is Necessity.AS_MODIFIED
    assert item.decision.supported == 4
    (cure,) = item.cures.cures
    assert [c.text for c in cure.changes] == ["Ask for 4 injections in all instead of 6."]
    assert cure.outcome is ItemOutcome.OVERTURNED


def test_the_wrong_agent_is_cured_by_asking_for_another(knowledge):
    (cure,) = decided(knowledge, agent="Saline").cures.cures
    (change,) = cure.changes
    assert change.kind == "request"
    assert change.removed


@pytest.mark.parametrize("fact", [{"twitch": "absent"}, {"radiculopathy": "present"}])
def test_what_the_record_contradicts_has_no_cure(knowledge, fact):
    item = decided(knowledge, **fact)
    assert item.decision.necessity is Necessity.NOT_NECESSARY
    assert item.cures.cures == ()
    assert item.cures.note is not None
    assert "stands in the way" in item.cures.note


def test_a_treatment_that_is_not_supported_has_no_cure(knowledge):
    found = 0
    for recommendation in knowledge.recommendations:
        if recommendation.requires is not None:
            continue
        treatment = str(recommendation.treatment).rsplit("#", 1)[1]
        text = (
            f"id: x\nutilizationReview: {{date: {recommendation.guideline.start}}}\n"
            f"requests: [{{treatment: {treatment}}}]\n"
        )
        (item,) = adjudicate(parse_case(text.encode(), "x.yaml", knowledge), knowledge).items
        if item.decision.basis is Basis.NOT_SUPPORTED:
            found += 1
            assert item.cures.cures == ()
            assert item.cures.note is not None
            assert "does not support the treatment" in item.cures.note
    assert found > 0


def test_every_change_of_a_cure_is_needed(knowledge):
    from dataclasses import replace

    from reasoner.adjudication import decide
    from reasoner.outcomes import Role

    case = read_case("docs/examples/trigger-points.yaml", knowledge)
    (item,) = adjudicate(case, knowledge).items
    (cure,) = item.cures.cures
    for spared in cure.changes:
        rest = [c for c in cure.changes if c is not spared]
        changed = replace(
            case,
            triples=(case.triples - {t for c in rest for t in c.removed})
            | {t for c in rest for t in c.added},
        )
        again = decide(changed, knowledge, Role.IMR).items[item.decision.request]
        assert again.necessity is not Necessity.NECESSARY, spared.text


def test_a_cure_never_takes_back_what_a_record_documents(knowledge):
    case = read_case("docs/examples/trigger-points.yaml", knowledge)
    (item,) = adjudicate(case, knowledge).items
    for cure in item.cures.cures:
        for change in cure.changes:
            assert all(subject in case.requests for subject, _, _ in change.removed)
