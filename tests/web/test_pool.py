"""A process that answers queries and falls is told for what it fell of."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from reasoner.store.asking import Limits
from reasoner.web.faults import AskingError, BeyondLimitError, WorkerError
from reasoner.web.pool import Pool

ABORTS = "import os, sys; sys.stdin.readline(); os.abort()"
FAILS = "import sys; sys.stdin.readline(); sys.exit(3)"


@pytest.fixture
def slow_to_hear(monkeypatch):
    """asyncio hears late that a process has ended, as it does beside much other work."""
    reap = os.waitpid

    def late(pid: int, options: int) -> tuple[int, int]:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        time.sleep(0.3)
        return reap(pid, options)

    monkeypatch.setattr(os, "waitpid", late)


@pytest.mark.parametrize(("program", "told"), [(ABORTS, BeyondLimitError), (FAILS, WorkerError)])
def test_fallen_process_is_told_by_its_exit_code(
    program: str, told: type[AskingError], slow_to_hear, tmp_path: Path, monkeypatch
):
    async def nothing(_: Pool) -> None: ...

    monkeypatch.setattr(Pool, "_start_again", nothing)

    async def ask() -> None:
        pool = Pool(tmp_path, 1, Limits(megabytes=100, seconds=20), 1.0)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        pool._idle.put_nowait(process)
        try:
            await pool.ask({"query": "ASK {}"})
        finally:
            await pool.close()

    with pytest.raises(told):
        asyncio.run(ask())
