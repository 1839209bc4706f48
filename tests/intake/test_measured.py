"""What reading and deciding are worth, held to figures; `tests.intake.measure` prints them all.

The letters are not part of this repository. Without them there is nothing to measure.
"""

from __future__ import annotations

import pytest

from reasoner.intake.replay import replay_letter, summarize

from .measure import (
    ANNOTATIONS,
    DEVELOPMENT,
    HELD_OUT,
    annotated_letters,
    labelled_treatments,
    letter,
    letter_files,
    lexicon,
    misplaced,
    score_facts,
)

pytestmark = pytest.mark.skipif(
    not letter_files(), reason="no published letters here: set MTUS_LETTERS to their folder"
)


def test_items_are_placed_as_labelled() -> None:
    labels = labelled_treatments()
    wrong = list(misplaced(letter_files()))
    assert len(labels) >= 160
    assert 1 - len(wrong) / len(labels) >= 0.95


@pytest.mark.parametrize(
    ("names", "precision", "recall"),
    [(DEVELOPMENT, 0.95, 0.85), (HELD_OUT, 0.90, 0.85)],
    ids=["development", "held out"],
)
def test_facts_are_read_as_annotated(
    names: frozenset[str], precision: float, recall: float
) -> None:
    assert {f"{name}.yaml" for name in names} <= {file.name for file in ANNOTATIONS.iterdir()}
    score = score_facts(annotated_letters(names), lexicon().knowledge)
    assert score.precision >= precision
    assert score.recall >= recall


def test_decisions_agree_with_the_reviewers() -> None:
    items = [
        item
        for file in letter_files()
        for item in replay_letter(letter(file), lexicon().knowledge, lexicon())
    ]
    summary = summarize(items)
    assert summary["items"] == 160
    assert summary["agreement"] >= 0.85
