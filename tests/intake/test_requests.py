"""What a request asks for, from its words in a heading."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reasoner.intake.requests import ReadRequest, read_request
from reasoner.terms import CLINICAL, CORE, local_name

from .measure import lexicon


def read(words: str) -> ReadRequest:
    return read_request(words, lexicon())


@pytest.mark.parametrize(
    ("words", "per_week", "weeks", "quantity"),
    [
        ("Physical therapy 2 times a week for 6 weeks (12 sessions) to the right elbow", 2, 6, 12),
        ("Acupuncture two times a week times six weeks", 2, 6, 12),
        ("Initial acupuncture, 1 to 2 times per week for 4 weeks, for the neck", 2, 4, 8),
        ("Physical therapy twice a week for three weeks", 2, 3, 6),
        ("Chiropractic 3 times weekly for 2 weeks", 3, 2, 6),
        ("Physical therapy 3 visits per week for 2 weeks", 3, 2, 6),
        ("Physical therapy two to three times a week for six to eight weeks (24 sessions)", 3, 8, 24),
        ("Physical therapy 2x4", 2, 4, 8),
        ("Twelve physical therapy visits for the cervical spine", None, None, 12),
        ("Eight (8) physical therapy sessions", None, None, 8),
        ("Post-op physical therapy 12-18 sessions", None, None, 18),
        ("Chiropractic therapy for the cervical spine, #8", None, None, 8),
        ("Follow up office visit times 2", None, None, 2),
        ("Acupuncture, six sessions for the low back", None, None, 6),
        ("MRI of the lumbar spine", None, None, None),
    ],
)  # fmt: skip
def test_quantities_in_words_and_figures(
    words: str, per_week: int | None, weeks: int | None, quantity: int | None
) -> None:
    request = read(words)
    assert request.per_week == (None if per_week is None else Decimal(per_week))
    assert request.course == (None if weeks is None else f"{weeks} weeks")
    assert request.quantity == quantity


@pytest.mark.parametrize(
    ("words", "course"),
    [
        ("Cold therapy unit for one week", "1 week"),
        ("TENS unit, 30-day rental", "30 days"),
        ("Cold unit rental x 7 days", "7 days"),
        ("DVT pump rental (14 days)", "14 days"),
        ("Interferential unit, one month trial", "1 month"),
        ("Morphine ER 15mg #60 day supply: 30", "30 days"),
        ("Gabapentin 300mg #90 (30-day supply)", "30 days"),
        ("Injection at two levels", None),
    ],
)
def test_for_how_long_something_is_asked_for(words: str, course: str | None) -> None:
    assert read(words).course == course


@pytest.mark.parametrize(
    ("words", "treatment", "strength", "quantity"),
    [
        ("Tramadol 50mg #60", "Tramadol", "50 mg", 60),
        ("Norco 7.5-325mg #112", "Hydrocodone", "7.5 mg", 112),
        ("Percocet 5/325mg", "Oxycodone", "5 mg", None),
        ("Flexeril 10mg #90 with 3 refills", "Cyclobenzaprine", "10 mg", 90),
        ("Meloxicam (Mobic) 7.5mg #30", "Meloxicam", "7.5 mg", 30),
        ("Flector 1.3% transdermal patch", "TopicalNSAID", None, None),
    ],
)
def test_drugs_have_strength_and_count(
    words: str, treatment: str, strength: str | None, quantity: int | None
) -> None:
    request = read(words)
    assert request.treatment is not None
    assert local_name(request.treatment) == treatment
    assert (request.strength, request.quantity) == (strength, quantity)


def test_compound_is_its_ingredients_with_their_shares() -> None:
    request = read("Flurbiprofen 20%, Baclofen 5%, Capsaicin 0.025% in cream base")
    assert request.treatment == CLINICAL.TopicalAnalgesic
    assert [(local_name(drug), share) for drug, share in request.ingredients] == [
        ("Flurbiprofen", Decimal("20")), ("Baclofen", Decimal("5")), ("Capsaicin", Decimal("0.025")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "treatment"),
    [
        ("MRI (magnetic resonance imaging) of the lumbar spine", "MagneticResonanceImaging"),
        ("EMG/NCV of the bilateral upper extremities", "ElectrodiagnosticTest"),
        ("Right shoulder arthroscopy RCR (rotator cuff repair) and decompression", "ArthroscopicRotatorCuffRepair"),
        ("Associated surgical service: Physical therapy, times 12", "PostoperativeTherapy"),
        ("Associated surgical service: Hip pad", "PostoperativeEquipment"),
        ("TENS unit, purchase", "TENS"),
        ("6 trigger point injections", "TriggerPointInjection"),
    ],
)  # fmt: skip
def test_treatment_is_the_longest_and_most_special_name(words: str, treatment: str) -> None:
    placed = read(words).treatment
    assert placed is not None
    assert local_name(placed) == treatment


def test_what_nothing_names_is_not_placed() -> None:
    assert read("A thing unheard of").treatment is None


def test_phase_rental_contrast_guidance_and_side() -> None:
    assert read("Additional physical therapy").phase == CORE.Continuing
    assert read("Initial acupuncture").phase == CORE.Initial
    assert read("Physical therapy").phase is None
    assert read("TENS unit 30 day rental").acquisition == CORE.Rental
    assert read("TENS unit for purchase").acquisition == CORE.Purchase
    assert read("MRI of the knee without contrast").contrast is False
    assert read("MRI of the knee with and without contrast").contrast is True
    assert read("Epidural injection at L4-5 under fluoroscopy").guidance == CLINICAL.Fluoroscopy
    assert read("MRI of the left knee").side == CORE.Left
    assert read("MRI of both knees").side == CORE.Bilateral


def test_levels_name_the_region() -> None:
    request = read("Facet joint injections L4-5, L5-S1")
    assert [local_name(region) for region in request.regions] == ["LumbarRegion"]
    assert request.levels == 2
