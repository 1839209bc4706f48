"""Processes that answer queries over one copy of a store, started before they are needed.

Each answers one query at a time. One whose query goes on for too long, needs too much memory, or is
wanted by nobody any more, is killed, and another takes its place. Where a query takes longer than
most, another process takes the place of its own at once, so that a few do not hold up the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.store.asking import Limits
from reasoner.web.faults import (
    AbsentError,
    BeyondLimitError,
    BusyError,
    MalformedError,
    TooLongError,
    UnacceptableError,
    WorkerError,
)

SIZE = 50_000_000
"""Bytes that an answer may have."""
_LOG = logging.getLogger("reasoner.web")
_START = 30.0
"""Seconds in which a process has to be ready."""
_LONG = 1.0
"""Seconds from which a query makes way for others."""
_DYING = 10.0
"""Seconds in which a process that says nothing more has to be gone."""
_MEMORY_SIGNALS = (-6, -9, -11)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a process answered.

    Attributes:
        kind: ``results`` of a SELECT or an ASK, or ``rdf``.
        data: the answer, in the format that was asked for.
        took: seconds that it took, without waiting.
    """

    kind: str
    data: bytes
    took: float


class Pool:
    """Processes over a copy of a store.

    Args:
        folder: the copy.
        count: how many; as many again may be at work on long queries.
        limits: how far a query may go.
        wait: seconds for which a query waits until one of them is free.
    """

    def __init__(self, folder: Path, count: int, limits: Limits, wait: float) -> None:
        self.folder = folder
        self._count = count
        self._limits = limits
        self._wait = wait
        self._idle: asyncio.Queue[Process] = asyncio.Queue()
        self._all: set[Process] = set()
        self._long: set[Process] = set()
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Start every process.

        Raises:
            WorkerError: if one does not start.
        """
        try:
            await asyncio.gather(*(self._start_one() for _ in range(self._count)))
        except BaseException:
            await self.close()
            raise

    async def _start_one(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "reasoner.web.worker", str(self.folder),
            str(self._limits.megabytes), stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
            start_new_session=True,  # an interrupt is for the server, which then ends them
        )  # fmt: skip
        self._all.add(process)
        assert process.stdout is not None
        try:
            async with asyncio.timeout(_START):
                ready = await process.stdout.readline()
        except TimeoutError:
            ready = b""
        if not ready:
            await self._end(process)
            raise WorkerError("A process that answers queries did not start.")
        if self._closed:
            await self._end(process)
        else:
            self._idle.put_nowait(process)

    async def _end(self, process: Process) -> int:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        code = await process.wait()
        self._all.discard(process)
        return code

    async def ask(self, job: dict[str, Any], rows: int | None = None) -> Reply:
        """Answer a job.

        Args:
            job: what ``reasoner.web.worker`` does.
            rows: rows that the answer may have, if fewer than by the limits.

        Raises:
            AskingError: if it is not answered.
        """
        limits = self._limits
        rows = limits.rows if rows is None else min(rows, limits.rows)
        job = job | {"rows": rows, "size": SIZE, "seconds": limits.seconds}
        self._users += 1
        self._unused.clear()
        try:
            try:
                async with asyncio.timeout(self._wait):
                    process = await self._idle.get()
            except TimeoutError:
                raise BusyError("Others are asking; try again in a moment.") from None
            return await self._ask(process, job)
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def _ask(self, process: Process, job: dict[str, Any]) -> Reply:
        sound = False
        loop = asyncio.get_running_loop()
        way = loop.call_later(_LONG, self._make_way, process)
        try:
            async with asyncio.timeout(self._limits.seconds):
                said, data = await _exchange(process, job)
            sound = said["grown"] < self._limits.megabytes * 500_000  # else it begins with less
        except TimeoutError:
            raise TooLongError(
                f"The query took longer than {self._limits.seconds:g} s and was stopped."
            ) from None
        except (OSError, EOFError, asyncio.IncompleteReadError, ValueError):
            said, data = await _fallen(process), b""
        finally:
            way.cancel()
            if process in self._long:
                self._long.discard(process)
                self._keep(self._end(process))
            elif sound and not self._closed:
                self._idle.put_nowait(process)
            else:
                self._keep(self._replace(process))
        return _reply(said, data, job, self._limits)

    def _keep(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _make_way(self, process: Process) -> None:
        """Let another process take the place of one whose query takes long."""
        if len(self._long) >= self._count or self._closed:
            return
        self._long.add(process)
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)
        self._keep(self._start_again())

    async def _replace(self, process: Process) -> None:
        await self._end(process)
        await self._start_again()

    async def _start_again(self) -> None:
        while not self._closed:
            try:
                await self._start_one()
                return
            except (OSError, WorkerError) as error:
                _LOG.error("a process that answers queries cannot be started: %s", error)
                await asyncio.sleep(1)

    async def retire(self) -> None:
        """End every process once none is used."""
        await self._unused.wait()
        await self.close()

    async def close(self) -> None:
        """End every process."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._end(process) for process in list(self._all)))


async def _exchange(process: Process, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(job).encode() + b"\n")
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise EOFError
    said = json.loads(line)
    return said, await process.stdout.readexactly(said["bytes"])


async def _fallen(process: Process) -> dict[str, Any]:
    """Tell why a process says nothing more.

    It is awaited and not killed: a signal to a process that has ended takes its exit code away
    from whoever waits for it (asyncio then gives 255).
    """
    try:
        async with asyncio.timeout(_DYING):
            code = await process.wait()
    except TimeoutError:
        return {"kind": "ended", "how": "no end"}
    return {"kind": "memory"} if code in _MEMORY_SIGNALS else {"kind": "ended", "how": code}


def _reply(said: dict[str, Any], data: bytes, job: dict[str, Any], limits: Limits) -> Reply:
    kind = said["kind"]
    if kind in ("results", "rdf"):
        return Reply(kind, data, said["took"])
    if kind == "malformed":
        raise MalformedError(f"The query is malformed: {said['error']}.")
    if kind == "absent":
        raise AbsentError("There is no such graph in the store.")
    if kind == "unacceptable":
        raise UnacceptableError(
            "A SELECT or an ASK is answered as JSON, XML, CSV or TSV."
            if said["of"] == "results"
            else "A graph is answered as Turtle, N-Triples, RDF/XML or JSON-LD."
        )
    if kind == "rows":
        raise BeyondLimitError(f"The answer has more than {job['rows']:,} rows; add LIMIT.")
    if kind == "size":
        raise BeyondLimitError(f"The answer has more than {job['size']:,} bytes; add LIMIT.")
    if kind == "memory":
        raise BeyondLimitError(
            f"The query needed more than {limits.megabytes:,} MB and was stopped."
        )
    if kind == "ended":
        _LOG.error("a process that answers queries ended with %s", said["how"])
    else:
        _LOG.error("Oxigraph failed")
    raise WorkerError("The engine failed.")
