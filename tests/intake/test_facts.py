"""How prose states facts: what is affirmed, negated, suspected, asked for, and where."""

from __future__ import annotations

import pytest

from reasoner.intake.facts import ReadFact, read_facts
from reasoner.terms import local_name

from .measure import lexicon


def read(text: str) -> list[ReadFact]:
    return read_facts(text, lexicon())


def stated(text: str) -> set[str]:
    """Give facts as words: ``-Numbness Lumbar,LowerLimb Left``."""
    return {
        " ".join(
            (
                ("" if fact.present else "-") + local_name(fact.concept),
                *(
                    [",".join(sorted(local_name(r).removesuffix("Region") for r in fact.regions))]
                    if fact.regions
                    else []
                ),
                *([local_name(fact.side)] if fact.side else []),
            )
        )
        for fact in read(text)
    }


def attributes(text: str, concept: str) -> dict[str, str]:
    (fact,) = [fact for fact in read(text) if local_name(fact.concept) == concept]
    return dict(fact.attributes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straight leg raising was positive on the left.", "PositiveTensionSign Lumbar Left"),
        ("There was a negative straight leg raise test.", "-PositiveTensionSign Lumbar"),
        ("SLR was negative bilaterally.", "-PositiveTensionSign Lumbar Bilateral"),
        ("Spurling's was negative.", "-PositiveTensionSign Cervical"),
        ("X-rays showed a non-displaced fracture of the left thumb.", "Fracture Hand Left"),
        ("Positive McMurray sign of the right knee.", "MeniscalSigns Knee Right"),
        ("Range of motion of the right shoulder was restricted.", "ReducedRangeOfMotion Shoulder Right"),
        ("Cervical range of motion was full.", "-ReducedRangeOfMotion Cervical"),
        ("There was no restriction of range of motion of the neck.", "-ReducedRangeOfMotion Cervical"),
        ("Motor strength was 4/5 in the right lower extremity.", "MotorDeficit LowerLimb Right"),
        ("Strength is 5 out of 5 in the legs.", "-MotorDeficit LowerLimb"),
        ("Sensation was decreased over the left foot.", "SensoryDeficit Foot Left"),
        ("Sensation was intact in the upper extremities.", "-SensoryDeficit UpperLimb"),
        ("Deep tendon reflexes of the knees were 2+ and symmetric.", "-ReflexDeficit Knee"),
        ("Neurologic examination of the legs was normal.", "-NeurologicDeficit LowerLimb"),
        ("Neck pain radiates to the right arm.", "RadicularPain Cervical,UpperLimb Right"),
        ("The worker was alert and oriented.", "-MentalStatusChange"),
        ("The MRI of the right knee showed a tear of the medial meniscus.", "MeniscalTear Knee Right"),
        ("X-rays of the left wrist were negative.", "NondiagnosticPlainFilms Wrist Left"),
        ("He failed conservative treatment.", "ConservativeCareFailed"),
    ],
)  # fmt: skip
def test_test_and_its_result_are_a_finding(text: str, expected: str) -> None:
    assert expected in stated(text)


@pytest.mark.parametrize(
    ("text", "absent", "present"),
    [
        ("He denied numbness, tingling, or weakness.", {"-Numbness", "-MotorDeficit"}, set()),
        ("There was no swelling, numbness, or spasm of the neck.", {"-Numbness Cervical", "-MuscleSpasm Cervical"}, set()),
        ("No deformity, tenderness of the neck.", set(), {"Tenderness Cervical"}),
        ("No numbness or weakness, with tenderness of the low back.", {"-Numbness", "-MotorDeficit"}, {"Tenderness Lumbar"}),
        ("Tenderness of the neck without spasm.", {"-MuscleSpasm Cervical"}, {"Tenderness Cervical"}),
        ("No fracture was seen, but there was spasm of the low back.", set(), {"MuscleSpasm Lumbar"}),
        ("Not only tenderness of the neck but numbness of the hand.", set(), {"Tenderness Cervical", "Numbness Hand"}),
        ("Pain of the low back has not improved.", set(), {"Pain Lumbar"}),
    ],
)  # fmt: skip
def test_negation_reaches_over_its_list_and_no_further(text: str, absent: set[str], present: set[str]) -> None:  # fmt: skip
    found = stated(text)
    assert absent <= {fact for fact in found if fact.startswith("-")}
    assert present <= {fact for fact in found if not fact.startswith("-")}
    names = {fact.split()[0] for fact in present}
    assert not names & {fact.split()[0].removeprefix("-") for fact in found if fact.startswith("-")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She has fleeting suicidal thoughts.", {"SuicidalOrHomicidalThoughts"}),
        ("He denied suicidal or homicidal ideation.", {"-SuicidalOrHomicidalThoughts"}),
        ("She has suicidal ideation, and denies a suicide plan.", {"SuicidalOrHomicidalThoughts"}),
        ("There was no suicide attempt.", set()),
    ],
)
def test_that_there_is_no_plan_denies_no_thoughts(text: str, expected: set[str]) -> None:
    assert stated(text) == expected


def test_what_is_suspected_is_no_diagnosis() -> None:
    found = stated(
        "MRI to rule out a rotator cuff tear of the left shoulder. Possible radiculopathy."
    )
    assert any(fact.startswith("SuspectedCuffTear") for fact in found)
    assert not any("RotatorCuff" in fact or "Radiculopathy" in fact for fact in found)


@pytest.mark.parametrize(
    "text",
    [
        "The treatment plan included physical therapy and an MRI of the neck.",
        "A request for authorization was submitted for acupuncture.",
        "He was referred to physical therapy.",
        "Acupuncture was requested.",
        "Utilization review denied physical therapy, which did not help.",
        "The previous review noted lack of documentation of physical therapy.",
        "Physical therapy is pending.",
    ],
)
def test_treatment_asked_for_was_not_given(text: str) -> None:
    assert not [fact for fact in read(text) if local_name(fact.concept) in ("PhysicalTherapy", "Acupuncture", "MagneticResonanceImaging")]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Treatment to date has included 6 sessions of physical therapy.", {"count": "6", "outcome": "NotStated"}),
        ("He completed twelve physical therapy visits, which did not help.", {"count": "12", "outcome": "Failed"}),
        ("She attended physical therapy (at least 4 visits) with some relief.", {"count": "4", "outcome": "Improved"}),
        ("Treatment has included at least five (5) physical therapy sessions.", {"count": "5"}),
        ("Prior treatment: physical therapy x 8.", {"count": "8"}),
        ("He has completed 6 of 12 authorized physical therapy visits.", {"count": "6"}),
    ],
)  # fmt: skip
def test_treatment_given_has_its_count_and_what_became_of_it(text: str, expected: dict[str, str]) -> None:  # fmt: skip
    assert expected.items() <= attributes(text, "PhysicalTherapy").items()


def test_what_is_said_of_a_treatment_in_two_places_is_one_fact() -> None:
    text = "Treatment has included 6 sessions of physical therapy. Physical therapy did not help."
    assert attributes(text, "PhysicalTherapy") == {"count": "6", "outcome": "Failed"}


@pytest.mark.parametrize(
    "text",
    [
        "Physical therapy was recommended to improve range of motion and to decrease pain.",
        "The program will improve function.",
    ],
)
def test_gain_that_is_hoped_for_is_none(text: str) -> None:
    assert not {"PainImprovement", "FunctionalImprovement"} & stated(text)


def test_gain_that_did_not_come_is_absent() -> None:
    assert "-PainImprovement" in stated("Symptoms have not improved with medications.")


def test_treatment_said_not_to_have_begun_is_absent() -> None:
    assert stated("The worker had not started physical therapy yet.") == {"-PhysicalTherapy"}


def test_medication_has_its_strength_and_beginning() -> None:
    text = "Current medications include naproxen 550 mg and Norco since at least 11-15-2016."
    assert attributes(text, "Naproxen")["strength"] == "550 mg"
    assert attributes(text, "Hydrocodone")["onset"] == "2016-11-15"


def test_medication_not_tolerated_is_told() -> None:
    assert attributes("He stopped Tylenol (caused nausea).", "Acetaminophen")["outcome"] == "Intolerable"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Low back pain was rated 7/10.", "7"),
        ("Pain is rated 6-9 out of 10.", "9"),
        ("Knee pain rated as 0-3 of 10.", "3"),
        ("Pain was 1 on a 10-point scale.", "1"),
    ],
)
def test_severity_is_the_upper_end(text: str, severity: str) -> None:
    facts = [fact for fact in read(text) if "severity" in dict(fact.attributes)]
    assert {dict(fact.attributes)["severity"] for fact in facts} == {severity}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tenderness and spasm were noted in the thoracic spine.", {"Tenderness Thoracic", "MuscleSpasm Thoracic"}),
        ("Tenderness of the right shoulder with restricted range of motion, and tenderness of the neck.",
         {"Tenderness Shoulder Right", "ReducedRangeOfMotion Shoulder Right", "Tenderness Cervical"}),
        ("He complained of head, right hand, and low back pain.", {"LowBackPainDiagnosis Lumbar", "Pain Hand,Head"}),
        ("Strain of the neck and sprain of the left knee.", {"SprainOrStrain Cervical", "SprainOrStrain Knee Left"}),
        ("Cervical strain and lumbar sprain.", {"SprainOrStrain Cervical", "SprainOrStrain Lumbar"}),
        ("Thoracic spine has tenderness, and lumbar spine has spasm.", {"Tenderness Thoracic", "MuscleSpasm Lumbar"}),
    ],
)  # fmt: skip
def test_each_finding_has_its_own_place(text: str, expected: set[str]) -> None:
    assert stated(text) == expected


def test_request_for_authorization_is_no_ablation() -> None:
    assert not stated("The RFA (request for authorization) is dated 11/17/2016.")


def test_feet_and_backs_that_are_no_place() -> None:
    found = stated("He fell 8 feet and went back to work. He has headaches.")
    assert "Headache" in found
    assert not any("Foot" in fact or "Spinal" in fact for fact in found)


def test_quote_is_verbatim() -> None:
    text = "The worker\u2019s neck was tender \u2013 \u201cvery\u201d tender; motion was full."
    for fact in read(text):
        assert fact.quote in text
