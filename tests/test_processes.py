"""Work in processes: results, a process that is killed, and Ctrl-C, which leaves nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reasoner.errors import MtusError
from reasoner.processes import in_processes

CAN_SHARE = [True, False]
_BASE: list[int] = []


def begin(base: int) -> None:
    _BASE[:] = [base]


def add(number: int) -> int:
    return _BASE[0] + number


def slow_first(number: int) -> int:
    time.sleep(2 if number == 0 else 0)
    return number


def killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("shared", CAN_SHARE)
def test_results_come_in_the_order_of_the_tasks(shared):
    with in_processes(add, range(50), 2, begin, (100,), together=7, shared=shared) as found:
        assert list(found) == [100 + n for n in range(50)]


def test_results_come_as_they_are_done_where_that_is_wanted():
    with in_processes(slow_first, range(20), 2, in_order=False) as results:
        found = list(results)
    assert sorted(found) == list(range(20))
    assert found[0] != 0


def test_process_that_is_killed_is_told():
    with (
        pytest.raises(MtusError, match="was killed, perhaps for want of memory"),
        in_processes(killed, range(6), 2) as results,
    ):
        list(results)


def test_processes_end_when_their_results_are_no_longer_wanted():
    before = set(multiprocessing.active_children())
    with in_processes(slow_first, range(1000), 2) as results:
        assert next(results) == 0
    assert set(multiprocessing.active_children()) == before


# With nothing known, cases are decided in processes: two of these, what keeps track of them, and
# what began them; lint has two more for other rules.
@pytest.mark.parametrize(("command", "many"), [("lint", 6), ("coverage", 4), ("mutate", 4)])
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "killed"])
def test_no_process_is_left_of_a_command_that_is_stopped(command, many, ended_by, tmp_path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "reasoner", command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=environment,
    )  # fmt: skip
    try:
        until(lambda: process.poll() is None and len(session(process.pid)) >= many)
        if ended_by is signal.SIGINT:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.kill()
        said, errors = process.communicate(timeout=60)
        until(lambda: not session(process.pid))
    finally:
        for left in session(process.pid):
            os.kill(left, signal.SIGKILL)
    if ended_by is signal.SIGINT:
        assert (process.returncode, said, errors) == (130, "", "")


def until(condition) -> None:
    end = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def session(leader: int) -> list[int]:
    """Give the processes of a session that are not yet ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (entry / "stat").read_text().rpartition(") ")[2].split()[:4]
        except OSError:
            continue  # ended meanwhile
        if int(of) == leader and state != "Z":
            found.append(int(entry.name))
    return found
