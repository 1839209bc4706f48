"""Letters decided again: from header, request and summary alone, and one by one."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reasoner.cli import app
from reasoner.intake.casefile import to_case_file
from reasoner.intake.citations import Citation
from reasoner.intake.letter import Letter, read_letter
from reasoner.intake.replay import ReplayedItem, replay_letter, summarize

from .measure import letter_files, lexicon

LETTERS = sorted((Path(__file__).resolve().parent / "letters").glob("*.txt"))


def scrambled(letter: Letter, seed: int) -> Letter:
    """Put other words for all that a reviewer wrote: outcomes, citations and rationales."""
    chance = random.Random(seed)
    words = re.findall(r"\w+", letter.summary + " ".join(i.rationale for i in letter.items))

    def babble() -> str:
        return " ".join(chance.choice(words) for _ in range(60)) if seed else ""

    items = [
        dataclasses.replace(
            item,
            outcome=chance.choice(("Upheld", "Overturned")),
            reviewer=(Citation(True, babble(), 1999, (babble(),), ("1",), babble()),)
            if seed
            else (),
            rationale=babble(),
        )
        for item in letter.items
    ]
    return dataclasses.replace(letter, items=tuple(items))


def decided(items: list[ReplayedItem]) -> list[tuple[object, ...]]:
    return [
        (i.number, i.topic, i.outcome, i.decision, i.guideline, i.reasons, i.facts) for i in items
    ]


@pytest.mark.parametrize("file", LETTERS, ids=lambda file: file.stem)
@pytest.mark.parametrize("seed", [0, 1])
def test_scrambled_rationales_change_neither_case_file_nor_decision(file: Path, seed: int) -> None:
    letter = read_letter(file)
    other = scrambled(letter, seed)
    assert to_case_file(other, lexicon()).encode() == to_case_file(letter, lexicon()).encode()
    knowledge = lexicon().knowledge
    assert decided(replay_letter(other, knowledge, lexicon())) == decided(
        replay_letter(letter, knowledge, lexicon())
    )


def test_scrambled_rationales_change_no_case_file_of_a_published_letter() -> None:
    files = letter_files()
    if not files:
        pytest.skip("no published letters here: set MTUS_LETTERS to their folder")
    for file in files:
        letter = read_letter(file)
        expected = to_case_file(letter, lexicon()).encode()
        for seed in (0, 1):
            assert to_case_file(scrambled(letter, seed), lexicon()).encode() == expected


def test_each_item_is_a_row_of_the_contract() -> None:
    (file,) = [file for file in LETTERS if file.stem == "determination-2016"]
    rows = [
        item.to_dict() for item in replay_letter(read_letter(file), lexicon().knowledge, lexicon())
    ]
    assert [list(row) for row in rows] == [
        ["letter", "n", "request", "topic", "reviewerOutcome", "outcome", "agrees",
         "reviewerGuidelines", "guideline", "reviewerReasons", "reasons", "facts", "decision"]
    ] * 3  # fmt: skip
    first = rows[0]
    assert (first["letter"], first["n"], first["topic"]) == ("CM16-0009003", 1, "mri-lumbar")
    assert first["reviewerReasons"] == [
        "No sign of a compromised nerve is on record.",
        "The request is not medically necessary.",
    ]
    assert first["agrees"] is (first["outcome"] == first["reviewerOutcome"])
    assert first["guideline"].startswith("ACOEM low back complaints (2004)")


def test_item_that_nothing_names_has_no_topic() -> None:
    (file,) = [file for file in LETTERS if file.stem == "early-2014"]
    letter = read_letter(file)
    item = dataclasses.replace(letter.items[0], request="A thing unheard of")
    (row,) = replay_letter(
        dataclasses.replace(letter, items=(item,)), lexicon().knowledge, lexicon()
    )
    assert (row.topic, row.outcome, row.agrees) == ("NoTopic", "Undetermined", None)


def test_part_that_was_granted_is_no_longer_asked_for() -> None:
    (file,) = [file for file in LETTERS if file.stem == "determination-2016"]
    text = to_case_file(read_letter(file), lexicon())
    assert "quantity: 8" in text
    assert "granted: 6" in text


def test_bad_letter_stops_no_other_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("Dear sir,\nthank you.\n")
    (tmp_path / "empty.pdf").write_bytes(b"")
    done = CliRunner().invoke(
        app, ["replay", str(tmp_path / "bad.txt"), str(LETTERS[0]), str(tmp_path / "empty.pdf"),
              str(tmp_path / "none.pdf"), "--format", "json"],
    )  # fmt: skip
    assert done.exit_code == 2
    found = json.loads(done.stdout)
    assert found["summary"]["letters"] == 1
    assert len(found["items"]) == found["summary"]["items"] > 0
    assert [Path(bad["letter"]).name for bad in found["summary"]["unread"]] == [
        "bad.txt", "empty.pdf", "none.pdf",
    ]  # fmt: skip
    for name in ("bad.txt", "empty.pdf", "none.pdf"):
        assert name in done.stderr


def test_balanced_accuracy_is_the_mean_over_the_reviewers_outcomes() -> None:
    def item(number: int, reviewer: str, ours: str) -> ReplayedItem:
        return ReplayedItem("a", number, "x", "t", reviewer, ours, "d", (), None, (), (), 0)

    items = [
        item(1, "Upheld", "Upheld"), item(2, "Upheld", "Upheld"), item(3, "Upheld", "Overturned"),
        item(4, "Overturned", "Overturned"), item(5, "Overturned", "Undetermined"),
    ]  # fmt: skip
    summary = summarize(items)
    assert (summary["decided"], summary["agree"]) == (4, 3)
    assert summary["balancedAccuracy"] == round((2 / 3 + 1) / 2, 4)
    assert summary["confusion"] == {
        "Upheld": {"Upheld": 2, "Overturned": 1},
        "Overturned": {"Overturned": 1, "Undetermined": 1},
    }
