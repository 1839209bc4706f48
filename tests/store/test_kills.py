"""Killed at any moment, a store opens again with all that was finished and nothing in part."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reasoner.store.journal import Commit, Journal, read_journal

KILLS = os.environ.get("MTUS_KILLS", "20")


def test_killed_writer_loses_nothing_finished_and_leaves_nothing_in_part(tmp_path):
    done = subprocess.run(
        [sys.executable, Path(__file__).parent / "kills.py", tmp_path / "store", KILLS, "7"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    print(done.stdout)


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.nq")
    journal.append(Commit(("urn:old",), b"<urn:a> <urn:b> <urn:c> <urn:g> .\n"))
    journal.append(Commit((), b"<urn:a> <urn:b> <urn:d> <urn:h> .\n"))
    journal.close()
    return tmp_path / "journal.nq"


def test_journal_cut_anywhere_gives_whole_commits_alone(journal):
    whole = list(read_journal(journal))
    assert len(whole) == 2
    data = journal.read_bytes()
    first = data.index(b"# begin", 1)
    for cut in range(len(data)):
        journal.write_bytes(data[:cut])
        assert list(read_journal(journal)) == (whole[:1] if cut >= first else [])


def test_damaged_commit_does_not_count(journal):
    data = journal.read_bytes()
    journal.write_bytes(data.replace(b"<urn:d>", b"<urn:e>"))
    assert len(list(read_journal(journal))) == 1
