"""Cases as the reviewers of published letters found them, decided and compared with the reviewers.

The letters themselves are not needed. README.md beside the cases tells how they were written.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reasoner.adjudication import decide
from reasoner.authoring.expectedcases import under
from reasoner.case import read_case
from reasoner.knowledge import load_knowledge
from reasoner.outcomes import Role
from reasoner.terms import local_name

FOLDER = Path(__file__).parent / "as-found"
CLASSES = {
    "beyond-the-limit",
    "silence-accepted",
    "other-reading",
    "more-asked",
    "nothing-encoded",
}
OUTCOMES: dict[str, dict[int, str]] = yaml.safe_load((FOLDER / "outcomes.yaml").read_text("utf-8"))
DEPARTURES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "departures.yaml").read_text("utf-8"))
LETTERS = sorted(f.stem for f in FOLDER.glob("*.yaml") if f.stem not in ("outcomes", "departures"))
_ITEM = re.compile(r"item-(\d+)(?:-[a-z-]+)?")

KNOWLEDGE = cache(load_knowledge)


@cache
def decided(letter: str, readings: tuple[str, ...] = ()) -> dict[int, str]:
    """Decide the items of a letter; one in parts is supported if every part is."""
    knowledge = under(KNOWLEDGE(), readings)
    items = decide(read_case(FOLDER / f"{letter}.yaml", knowledge), knowledge, Role.IMR).items
    parts: dict[int, list[str]] = {}
    for request, item in items.items():
        name = _ITEM.fullmatch(local_name(request))
        assert name is not None, f"{letter}: {request} is no item"
        parts.setdefault(int(name[1]), []).append(item.outcome.value)
    return {
        number: next(o for o in ("Upheld", "Undetermined", "Overturned") if o in outcomes)
        for number, outcomes in parts.items()
    }


def test_each_item_that_a_reviewer_decided_is_asked_for() -> None:
    assert sorted(OUTCOMES) == LETTERS
    assert {letter: set(decided(letter)) for letter in LETTERS} == {
        letter: set(items) for letter, items in OUTCOMES.items()
    }


@pytest.mark.parametrize("letter", LETTERS)
def test_exactly_the_departures_that_are_listed_differ(letter: str) -> None:
    items = decided(letter)
    differing = {n for n, outcome in OUTCOMES[letter].items() if items[n] != outcome}
    listed = {d["item"] for d in DEPARTURES if d["letter"] == letter}
    assert differing == listed


def test_reviewers_are_agreed_with_in_95_of_100_items() -> None:
    agree = [
        decided(letter)[number] == outcome
        for letter, items in OUTCOMES.items()
        for number, outcome in items.items()
    ]
    assert sum(agree) / len(agree) >= 0.95


def test_each_departure_says_of_which_class_it_is_and_why() -> None:
    for departure in DEPARTURES:
        assert departure["class"] in CLASSES
        assert ("reading" in departure) == (departure["class"] == "other-reading")
        assert departure["reason"].endswith(".")
        assert departure["item"] in OUTCOMES[departure["letter"]]


@pytest.mark.parametrize(
    ("letter", "item", "reading"),
    [(d["letter"], d["item"], d["reading"]) for d in DEPARTURES if "reading" in d],
)
def test_under_the_reading_that_is_named_the_reviewer_is_agreed_with(
    letter: str, item: int, reading: str
) -> None:
    assert decided(letter, (reading,))[item] == OUTCOMES[letter][item]


@pytest.mark.parametrize("letter", LETTERS)
def test_each_fact_is_quoted_in_a_few_words(letter: str) -> None:
    case = yaml.safe_load((FOLDER / f"{letter}.yaml").read_text("utf-8"))
    quotes = [fact.get("quote", "") for fact in case.get("facts", ())]
    assert [q for q in quotes if not 0 < len(q.split()) <= 7] == []
