"""What a case file takes for granted: small steps, each of them said."""

from __future__ import annotations

from datetime import date

from reasoner.intake.facts import ReadFact, read_facts
from reasoner.intake.inferences import infer, region_injured
from reasoner.intake.requests import read_request
from reasoner.terms import local_name

from .measure import lexicon

INJURED, DENIED = date(2016, 10, 3), date(2016, 11, 18)


def inferred(
    text: str, *, injured: date | None = INJURED, requests: tuple[str, ...] = ()
) -> list[ReadFact]:
    asked = [read_request(words, lexicon()) for words in requests]
    return infer(
        read_facts(text, lexicon()), asked, text, lexicon().knowledge.concepts, injured, DENIED
    )


def named(facts: list[ReadFact], name: str) -> ReadFact:
    (fact,) = [fact for fact in facts if local_name(fact.concept) == name]
    return fact


def names(facts: list[ReadFact]) -> set[str]:
    return {local_name(fact.concept) for fact in facts}


def test_symptom_of_a_recent_injury_began_with_it() -> None:
    fact = named(inferred("He has pain of the knee."), "Pain")
    assert ("onset", "2016-10-03") in fact.attributes
    assert fact.assumption == "that it began with the injury"


def test_duration_that_is_told_stands() -> None:
    fact = named(inferred("He has had numbness of the hand for 3 weeks."), "Numbness")
    assert dict(fact.attributes)["duration"] == "3 weeks"
    assert "onset" not in dict(fact.attributes)


def test_symptom_of_an_old_injury_is_given_no_beginning() -> None:
    fact = named(inferred("He has pain of the knee.", injured=date(2010, 1, 1)), "Pain")
    assert "onset" not in dict(fact.attributes)


def test_deficit_of_a_leg_concerns_the_low_back_that_is_injured_too() -> None:
    text = "Lumbar strain. Sensation was decreased over the left foot."
    fact = named(inferred(text), "SensoryDeficit")
    assert {local_name(region) for region in fact.regions} == {"FootRegion", "LumbarRegion"}
    assert fact.assumption is not None


def test_deficit_of_a_leg_alone_keeps_its_place() -> None:
    fact = named(inferred("Sensation was decreased over the left foot."), "SensoryDeficit")
    assert [local_name(region) for region in fact.regions] == ["FootRegion"]


def test_care_that_did_not_help_has_failed() -> None:
    text = "Treatment to date has included physical therapy, which did not help."
    assert "ConservativeCareFailed" in names(inferred(text))


def test_care_that_helped_has_not_failed() -> None:
    assert "ConservativeCareFailed" not in names(inferred("Physical therapy helped the pain."))


def test_lesion_without_a_study_is_suspected_and_with_one_is_not() -> None:
    sign = "McMurray's test was positive."
    assert "SuspectedMeniscalTear" in names(inferred(sign))
    assert "SuspectedMeniscalTear" not in names(
        inferred(f"An MRI of the knee was performed. {sign}")
    )


def test_operation_asked_for_is_considered() -> None:
    facts = inferred("He has pain of the knee.", requests=("Right knee meniscectomy",))
    assert "SurgeryUnderConsideration" in names(facts)
    assert "SurgeryUnderConsideration" not in names(inferred("He has pain of the knee."))


def test_every_inferred_fact_says_what_it_rests_on() -> None:
    text = (
        "He fell. He is off work. Carpal tunnel syndrome. Physical therapy was tried and failed."
        " Range of motion of the wrist was decreased. He is no better."
    )
    read = read_facts(text, lexicon())
    for fact in inferred(text):
        assert fact.assumption or fact in read
    added = names(inferred(text)) - names(read_facts(text, lexicon()))
    assert {"AcuteTrauma", "ActivityLimitation", "FailureToImprove", "RemainingDeficit"} <= added


def test_study_of_a_limb_is_of_the_part_that_is_injured() -> None:
    concepts = lexicon().knowledge.concepts
    request = read_request("MRI of the left lower extremity", lexicon())
    one = read_facts("Strain of the left knee.", lexicon())
    two = read_facts("Strain of the left knee and sprain of the left ankle.", lexicon())
    region = region_injured(request, one, concepts)
    assert region is not None
    assert local_name(region) == "KneeRegion"
    assert region_injured(request, two, concepts) is None


def test_assumptions_stand_in_the_case_file_as_comments() -> None:
    from reasoner.intake.casefile import to_case_file

    from .test_letter import read

    text = to_case_file(read("determination-2016"), lexicon())
    assert "# Taken for granted: that care which did not help was the care short of surgery" in text


def test_fracture_of_a_recent_injury_is_a_severe_acute_injury() -> None:
    text = "He was diagnosed with a fracture of the right wrist."
    assert "SevereAcuteInjury" in names(inferred(text))
    assert "SevereAcuteInjury" not in names(inferred(text, injured=date(2010, 1, 1)))
