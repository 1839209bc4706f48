"""Every disagreement with a reviewer was looked at, and the page says so."""

from __future__ import annotations

import pytest

from reasoner.intake.replay import ReplayedItem

from .agreement import PAGE, classified, disagreements, page, replayed
from .measure import letter_files


@pytest.fixture(scope="module")
def items() -> list[ReplayedItem]:
    if not letter_files():
        pytest.skip("no published letters here: set MTUS_LETTERS to their folder")
    return replayed()


def test_each_disagreement_is_in_a_class_and_no_agreement_is(items: list[ReplayedItem]) -> None:
    assert set(classified()) == {(item.letter, item.number) for item in disagreements(items)}


def test_page_is_the_one_that_is_committed(items: list[ReplayedItem]) -> None:
    assert PAGE.read_text("utf-8") == page(items), "run python -m tests.intake.agreement"


def test_each_class_is_given_with_a_reason() -> None:
    for key, (_, why) in classified().items():
        assert len(why.split()) > 4, key
