"""A store as it is served: queries over a copy, which follows the store; updates to the store."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from reasoner.errors import InputError, MtusError
from reasoner.queries import Answer
from reasoner.store.querytext import UPDATE, require_local, require_no_load, states_dataset
from reasoner.store.snapshots import Snapshots
from reasoner.web.faults import (
    BeyondLimitError,
    BusyError,
    MalformedError,
    NoRoomError,
    TooLongError,
    WorkerError,
)
from reasoner.web.pool import Pool, Reply
from reasoner.web.settings import Settings

WAIT = 20.0
"""Seconds for which a query waits while others are answered."""
_EVERY = 1.0
"""Seconds between two looks whether the store was written to."""
_LOG = logging.getLogger("reasoner.web")


class ServedStore:
    """A store as it is served.

    Args:
        settings: what the server was started with.
    """

    def __init__(self, settings: Settings) -> None:
        assert settings.store is not None
        self._store = Path(settings.store)
        self._limits = settings.limits
        self._count = max(4, os.cpu_count() or 1)
        self._pool: Pool | None = None
        self._snapshots: Snapshots | None = None
        self._moving = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._holding = threading.Lock()
        self._held: Counter[Path] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take a copy, and start the processes that answer.

        Raises:
            MtusError: if the store cannot be read, or another process has it.
        """
        self._snapshots = await asyncio.to_thread(Snapshots, self._store)
        try:
            await self._follow(wait=10)
        except BaseException:
            await self.close()
            raise
        self._keep(self._watch())

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every process, and remove the copies."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pool is not None:
            await self._pool.close()
        if self._snapshots is not None:
            await asyncio.to_thread(self._snapshots.close)

    async def _watch(self) -> None:
        """Follow the store: whoever writes to it, what was written is served soon after."""
        assert self._snapshots is not None
        told = ""
        while True:
            await asyncio.sleep(_EVERY)
            if self._writing.locked():  # an update of ours follows what it wrote by itself
                continue
            if not await asyncio.to_thread(self._snapshots.is_behind):
                continue
            try:
                await self._follow(wait=0)
                told = ""
            except MtusError as error:  # it is being written to, or the disk is full
                if str(error) != told and not self._writing.locked():
                    _LOG.warning("serving an older copy: %s", error)
                    told = str(error)

    async def _follow(self, *, wait: float) -> None:
        """Take a copy, and serve it from now on; the one before goes when none uses it."""
        async with self._moving:
            assert self._snapshots is not None
            if self._pool is not None and not self._snapshots.is_behind():
                return
            copy = await asyncio.to_thread(self._snapshots.take, wait=wait)
            pool = Pool(copy, self._count, self._limits, WAIT)
            await pool.start()
            with self._holding:
                before, self._pool = self._pool, pool
        if before is not None:
            self._keep(self._retire(before))

    async def _retire(self, pool: Pool) -> None:
        try:
            await pool.retire()
            while self._held[pool.folder]:
                await asyncio.sleep(0.2)
        finally:
            await pool.close()
            assert self._snapshots is not None
            self._snapshots.drop(pool.folder)

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """Hold the copy that is served, and give the folder of its database; from any thread."""
        with self._holding:
            assert self._pool is not None
            folder = self._pool.folder
            self._held[folder] += 1
        try:
            yield folder
        finally:
            with self._holding:
                self._held[folder] -= 1

    async def query(
        self,
        text: str,
        *,
        results: str | None = "json",
        rdf: str | None = "ntriples",
        default: list[str] | None = None,
        named: list[str] | None = None,
        rows: int | None = None,
    ) -> Reply:
        """Answer a query.

        Args:
            text: the query.
            results: the format of an answer to SELECT or ASK: json, xml, csv, tsv; None refuses.
            rdf: the format of a graph: turtle, ntriples, rdfxml, jsonld; None refuses one.
            default: the graphs that are asked as one where the query names none.
            named: the graphs that a query can name.
            rows: rows that the answer may have, if fewer than by the server's limit.

        Raises:
            AskingError: if it is not answered.
        """
        try:
            require_local(text, "query")
        except InputError as error:
            raise MalformedError(error.problems[0].message) from error
        job = {
            "query": text, "union": not states_dataset(text), "results": results, "rdf": rdf,
            "default": default, "named": named,
        }  # fmt: skip
        assert self._pool is not None
        return await self._pool.ask(job, rows)

    async def ask(self, text: str, *, rows: int | None = None) -> Answer:
        """Answer a query as rows; those of a graph are its triples.

        Raises:
            AskingError: if it is not answered.
        """
        reply = await self.query(text, rows=rows)
        if reply.kind == "rdf":
            triples = (quad.triple for quad in ox.parse(reply.data, format=ox.RdfFormat.N_TRIPLES))
            found = tuple((t.subject, t.predicate, t.object) for t in triples)
            return Answer(("subject", "predicate", "object"), found)
        told = ox.parse_query_results(reply.data, format=ox.QueryResultsFormat.JSON)
        if isinstance(told, ox.QueryBoolean):
            return Answer(("answer",), ((ox.Literal(bool(told)),),))
        columns = tuple(v.value for v in told.variables)
        return Answer(columns, tuple(tuple(solution) for solution in told))

    async def graph(self, name: str | None, rdf: str) -> Reply:
        """Give a graph, or all of them as one.

        Raises:
            AskingError: if there is none of the name, or it is too large.
        """
        assert self._pool is not None
        return await self._pool.ask({"graph": name, "rdf": rdf})

    async def update(self, text: str) -> None:
        """Run an update; when this returns it is on the disk, and queries see it.

        Raises:
            AskingError: if it is not run; nothing was written then.
        """
        try:
            require_local(text, "update", expected=UPDATE)
            require_no_load(text, "update")
        except InputError as error:
            raise MalformedError(error.problems[0].message) from error
        async with self._writing:
            said = await self._run_update(text)
            if said["kind"] == "done":
                try:
                    await self._follow(wait=10)
                except MtusError as error:
                    _LOG.warning("serving an older copy: %s", error)
                return
        if said["kind"] == "malformed":
            raise MalformedError(f"The update is malformed: {said['error']}.")
        if said["kind"] == "memory":
            raise BeyondLimitError(
                f"The update needed more than {self._limits.megabytes:,} MB; nothing was written."
            )
        if said["kind"] == "busy":
            raise BusyError("Another process is writing to the store; nothing was written.")
        if said["kind"] == "disk":
            raise NoRoomError("The store cannot be written; nothing was written. Is the disk full?")
        raise WorkerError("The store cannot be opened; nothing was written.")

    async def _run_update(self, text: str) -> dict[str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "reasoner.store.updating",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True,
        )  # fmt: skip
        task = {
            "folder": str(self._store), "update": text, "seconds": self._limits.seconds,
            "memory": self._limits.megabytes,
        }  # fmt: skip
        try:
            async with asyncio.timeout(self._limits.seconds):
                out, _ = await process.communicate(json.dumps(task).encode())
        except TimeoutError:
            raise TooLongError(
                f"The update took longer than {self._limits.seconds:g} s; nothing was written."
            ) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode in (-6, -9, -11):
            return {"kind": "memory"}
        try:
            told: dict[str, str] = json.loads(out)
        except ValueError:
            _LOG.error("the process of an update ended with %s", process.returncode)
            return {"kind": "ended"}
        return told
