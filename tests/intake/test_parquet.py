"""A replay as Parquet, read back by a reader that shares nothing with the writer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars
import pytest
from typer.testing import CliRunner

from reasoner.cli import app
from reasoner.errors import InputError, MissingExtraError, MtusError
from reasoner.intake.parquet import COLUMNS, write_parquet
from reasoner.intake.replay import ReplayedItem, summarize

LETTER = """\
CLINICAL CASE SUMMARY
The expert reviewer developed the following clinical case summary:
The injured worker is a 44 year old female. She has had neck pain. The date of UR decision was 3/4/14.

IMR ISSUES, DECISIONS AND RATIONALES
The Final Determination was based on decisions for the disputed items/services set forth below:

6 Trigger Point Injections to The Cervical Area: Upheld

Claims Administrator guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): 122.

MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): 122.

Decision rationale: No twitch response is documented.
"""


def item(number: int, **changes: object) -> ReplayedItem:
    values: dict[str, object] = {
        "letter": "CM1", "number": number, "request": "6 injections; it's \"#6\"", "topic": "NoTopic",
        "reviewer_outcome": "Upheld", "outcome": "Undetermined", "decision": "NoGoverningGuideline",
        "reviewer_guidelines": (), "guideline": None, "reviewer_reasons": ("Not needed.",),
        "reasons": ("1 NotMet: a, b", "2 NotDocumented: 'c'"), "facts": 3,
    }  # fmt: skip
    return ReplayedItem(**values | changes)  # type: ignore[arg-type]


def test_another_reader_finds_the_rows_of_the_json(tmp_path: Path) -> None:
    items = [
        item(1),
        item(2, topic="Surgery", outcome="Upheld", reviewer_guidelines=("MTUS", "ODG")),
    ]
    out = tmp_path / "rows.parquet"
    write_parquet(items, summarize(items), "0" * 64, out)
    rows = polars.read_parquet(out)
    assert rows.columns == list(COLUMNS) == list(items[0].to_dict())
    assert rows.to_dicts() == [i.to_dict() for i in items]
    about = polars.read_parquet_metadata(out)
    assert about["release"] == "0" * 64
    assert json.loads(about["summary"]) == summarize(items)


def test_no_items_give_the_columns_with_their_types(tmp_path: Path) -> None:
    write_parquet([], summarize([]), "0" * 64, tmp_path / "none.parquet")
    rows = polars.read_parquet(tmp_path / "none.parquet")
    assert rows.height == 0
    assert rows.schema["agrees"] == polars.Boolean
    assert rows.schema["reasons"] == polars.List(polars.String)


def test_letters_are_replayed_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LETTER)
    out = tmp_path / "o'ut.parquet"
    done = CliRunner().invoke(
        app, ["replay", str(tmp_path / "a.txt"), "--format", "parquet", "-o", str(out)],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0
    (row,) = polars.read_parquet(out).to_dicts()
    assert (row["topic"], row["n"], row["reviewerOutcome"]) == (
        "trigger-points",
        1,
        "Upheld",
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "o'ut.parquet"]


def replay(*arguments: str) -> None:
    CliRunner().invoke(app, ["replay", *arguments], catch_exceptions=False)


def test_unknown_format_names_the_nearest() -> None:
    with pytest.raises(InputError, match='Did you mean "parquet"'):
        replay("a.txt", "--format", "parqet")


def test_parquet_without_a_file_to_write_says_what_to_add() -> None:
    with pytest.raises(InputError, match="--out FILE"):
        replay("a.txt", "--format", "parquet")


def test_folder_that_is_not_there_is_told_before_anything_is_decided(tmp_path: Path) -> None:
    with pytest.raises(MtusError, match="there is no folder"):
        replay(
            "no-such-letter.txt", "--format", "parquet", "-o", str(tmp_path / "no" / "x.parquet")
        )


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"mtus-reasoner\[tables\]"):
        replay("no-such-letter.txt", "--format", "parquet", "-o", str(tmp_path / "x.parquet"))
