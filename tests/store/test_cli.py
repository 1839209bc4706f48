"""The commands of a store, as a user runs them."""

from __future__ import annotations

import subprocess
import sys


def mtus(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "reasoner", *map(str, arguments)],
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


EXAMPLE = "docs/examples/trigger-points.yaml"


def test_store_from_determine_to_restore(tmp_path):
    store, copy = tmp_path / "store", tmp_path / "copy"
    done = mtus("determine", EXAMPLE, "--store", store, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert mtus("store", "status", store).stdout.startswith(
        f"{store}: 1 case, 1 determination, 1 release, 0 letters\n"
    )
    assert mtus("store", "backup", store, tmp_path / "b.nq.gz").returncode == 0
    assert mtus("store", "restore", tmp_path / "b.nq.gz", copy).returncode == 0
    answer = mtus("query", "run", "why-items-are-upheld", "--store", copy, "--format", "csv")
    assert answer.stdout.splitlines()[1].startswith("chronic-pain-2009/trigger-points,5,")


def test_letters_come_with_the_outcomes_of_their_reviewers(tmp_path):
    letter = "tests/intake/letters/determination-2016.txt"
    done = mtus("store", "load", tmp_path / "store", "--letters", letter)
    assert done.stdout.startswith("loaded 1 release, 1 case, 1 determination, 1 letter"), (
        done.stderr
    )


def test_bad_input_is_told_without_a_traceback(tmp_path):
    for arguments, message in (
        (("store", "status", tmp_path / "none"), "There is no such store"),
        (("store", "load", tmp_path / "s", EXAMPLE), "no RDF that we know"),
        (("store", "restore", EXAMPLE, tmp_path / "t"), "not whole"),
        (("store", "status", "http://user:secret@127.0.0.1:1"), "holds credentials"),
        (("store", "status", "http://127.0.0.1:1"), "cannot be reached"),
        (("determine", EXAMPLE, "--store", EXAMPLE), "no store"),
    ):
        done = mtus(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert message in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
        assert "secret" not in done.stderr
