"""Deciding cases in a process of its own, with an end."""

from __future__ import annotations

import contextlib
import json
import logging
import select
import subprocess
import sys
import threading
import time
from typing import Any

from reasoner.errors import EngineError, InputError, MtusError, Problem
from reasoner.web.faults import BusyError, TooLongError

_LOG = logging.getLogger("reasoner.web")
_STARTING = 60.0
"""Seconds that a process may take to read the knowledge, before its first job counts."""


class Decider:
    """A process that decides one case after another; started when first needed.

    Args:
        seconds: how long a job may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def start(self) -> None:
        """Start the process, so that the first job does not wait for it."""
        with self._lock:
            if self._process is None and not self._closed:
                self._process = _spawn()

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Have a job done.

        Raises:
            InputError: if what is given cannot be used.
            BusyError: if others are before, for longer than a job may take.
            TooLongError: if it takes longer than it may; the process is ended.
            EngineError: if the engine fails.
        """
        if not self._lock.acquire(timeout=self._seconds):
            raise BusyError("Other cases are being decided; try again in a while.")
        try:
            told = self._done(job)
        finally:
            self._lock.release()
        if "problems" in told:
            raise InputError(Problem(**problem) for problem in told["problems"])
        if "error" in told:
            raise MtusError(told["error"])
        if "failed" in told:
            _LOG.error("%s", told["failed"])
            raise EngineError("The case could not be decided; the log of the server says where.")
        return told

    def _done(self, job: dict[str, Any]) -> dict[str, Any]:
        fresh = self._process is None
        if self._process is None:
            self._process = _spawn()
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        until = time.monotonic() + self._seconds + (_STARTING if fresh else 0.0)
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
            line = _line(process, until)
        except (TimeoutError, OSError) as error:
            self._end()
            if isinstance(error, TimeoutError):
                raise TooLongError(
                    f"The case took longer than {self._seconds:g} s to decide and was stopped;"
                    " mtus determine has no such end."
                ) from None
            raise EngineError("The process that decides cases ended; try again.") from error
        told: dict[str, Any] = json.loads(line)
        return told

    def _end(self) -> None:
        if self._process is not None:
            _kill(self._process)
            self._process = None

    def close(self) -> None:
        """End the process."""
        self._closed = True
        if self._process is not None:
            self._process.kill()  # whoever waits for it is told
        with self._lock:
            self._end()


def _spawn() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "reasoner.web.pages.decideworker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def _line(process: subprocess.Popen[bytes], until: float) -> bytes:
    """Read a line of answer, waiting no longer than until then."""
    assert process.stdout is not None
    parts: list[bytes] = []
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise TimeoutError
        part = process.stdout.read1(1_000_000)  # type: ignore[attr-defined]
        if not part:
            raise BrokenPipeError
        parts.append(part)
        if part.endswith(b"\n"):
            return b"".join(parts)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
