"""mtus export, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

EXAMPLE = "docs/examples/trigger-points.yaml"


def mtus(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "reasoner", "export", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_exports_are_printed_or_written_whole(tmp_path):
    printed = mtus("determination", EXAMPLE, "--to", "gexf")
    assert printed.stdout.startswith("<?xml"), printed.stderr
    file = tmp_path / "d.gexf"
    assert mtus("determination", EXAMPLE, "--to", "gexf", "--out", file).returncode == 0
    assert file.read_text() == printed.stdout
    assert [f.name for f in tmp_path.iterdir()] == ["d.gexf"]


def test_claim_response_bears_the_day_that_is_given():
    done = mtus("determination", EXAMPLE, "--to", "claimresponse", "--date", "2026-01-02")
    assert json.loads(done.stdout)["created"] == "2026-01-02"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("determination", "none.yaml", "--to", "turtle"), "no such file"),
        (("determination", EXAMPLE, "--to", "word"), "word"),
        (("recommendation", "chronic-pain-2009/trigger-point", "--to", "plandefinition"), "trigger-points"),
        (("release", "--to", "rocrate"), "--out"),
        (("release", "--to", "owl", "--out", "no/such/folder/x.owl"), "no folder"),
        (("tables", EXAMPLE, "--to", "csv", "--out", "docs"), "not empty"),
        (("report", "tests/store/cases/f-ungoverned.yaml"), "Nothing with criteria"),
        (("store", "none", "--to", "trig", "--out", "x.trig"), "no such store"),
    ],
)  # fmt: skip
def test_bad_input_is_told_without_a_traceback(arguments, message):
    done = mtus(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_is_exported_and_loaded_again(tmp_path):
    store, file = tmp_path / "store", tmp_path / "all.trig"
    run = [sys.executable, "-m", "reasoner"]
    subprocess.run(
        [*run, "determine", EXAMPLE, "--store", store, "--format", "json"],
        check=True, capture_output=True,
    )  # fmt: skip
    assert mtus("store", store, "--to", "trig", "--out", file).returncode == 0
    assert b"core:Determination" in file.read_bytes()
    assert b"dcat:Dataset" in file.read_bytes()


def test_the_other_export_is_still_there():
    assert "tests" in mtus("--help").stdout
