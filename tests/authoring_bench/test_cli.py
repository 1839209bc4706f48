"""``mtus coverage`` and ``mtus mutate`` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reasoner.cli import app
from reasoner.errors import InputError
from reasoner.knowledge import Knowledge
from tests.authoring_bench.conftest import TOPIC


@pytest.fixture
def mtus(tiny: Knowledge, library: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr("reasoner.knowledge.load_knowledge", lambda: tiny)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--cases", str(library), "--topic", "tiny"])

    return run


def test_coverage_with_gaps_exits_with_one(mtus) -> None:  # type: ignore[no-untyped-def]
    result = mtus("coverage")
    assert result.exit_code == 1
    assert "gaps." in result.stdout


def test_coverage_writes_a_file(mtus, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "made" / "coverage.html"
    result = mtus("coverage", "--format", "html", "--out", str(out))
    assert result.stdout == ""
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_mutate_tells_survivors_and_exits_with_one(mtus, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    record = tmp_path / "record.jsonl"
    result = mtus("mutate", "--format", "json", "--jobs", "1", "--resume", str(record))
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [t["topic"] for t in found["topics"]] == [TOPIC]
    assert found["topics"][0]["survivors"]
    text = mtus("mutate", "--jobs", "1", "--resume", str(record))
    assert "It would be noticed by" in text.stdout


def test_unknown_topic_is_told_with_the_nearest() -> None:
    result = CliRunner().invoke(app, ["coverage", "--topic", "triger-points"])
    assert isinstance(result.exception, InputError)
    assert "trigger-points" in str(result.exception)


def test_cases_that_are_no_folder_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["mutate", "--cases", str(tmp_path / "none")])
    assert isinstance(result.exception, InputError)
