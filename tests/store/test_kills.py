"""Killed at any moment, a store opens again with all that was finished and nothing in part."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reasoner.store import embedded
from reasoner.store.journal import Commit, Journal, read_journal

KILLS = os.environ.get("MTUS_KILLS", "20")


def test_killed_writer_loses_nothing_finished_and_leaves_nothing_in_part(tmp_path):
    done = subprocess.run(
        [sys.executable, Path(__file__).parent / "kills.py", tmp_path / "store", KILLS, "7"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    print(done.stdout)


LOAD_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from reasoner.store import embedded
from reasoner.store.journal import Commit
embedded._SMALL = 0
with embedded.writing(Path(sys.argv[1])) as store:
    for n in count():
        lines = (b"<urn:s%d> <urn:p%d> <urn:o> <urn:g> .\\n" % (k, n) for k in range(50_000))
        store.commit(Commit((), b"".join(lines)))
"""


def test_files_of_a_load_that_was_killed_are_taken_away(tmp_path):
    data, store = tmp_path / "store" / "data", tmp_path / "store"
    while not list(data.glob("bulk-*.sst")):
        with subprocess.Popen([sys.executable, "-c", LOAD_FOR_EVER, store]) as load:
            while load.poll() is None and not list(data.glob("bulk-*.sst")):
                time.sleep(0.001)
            load.kill()
    (data / "LOG.old.1").touch()
    with embedded.writing(store) as opened:
        assert opened.count() % 50_000 == 0
    assert not list(data.glob("bulk-*"))
    assert not (data / "LOG.old.1").exists()
    assert len(list(data.iterdir())) < 60


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
