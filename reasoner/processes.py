"""Work shared out to processes of this machine: how many, and what each is given to do."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from reasoner.errors import MtusError

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def cores() -> int:
    """Give how many processes this machine can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_share() -> bool:
    """Tell whether a process can be begun with all that this one has loaded."""
    return "fork" in multiprocessing.get_all_start_methods()


@contextmanager
def in_processes(
    function: Callable[[_In], _Out],
    tasks: Sequence[_In],
    jobs: int,
    begin: Callable[..., None] | None = None,
    given: tuple[Any, ...] = (),
    *,
    together: int = 1,
    shared: bool = True,
    in_order: bool = True,
    lost: str = "Nothing of what it did is kept; start again",
) -> Iterator[Iterator[_Out]]:
    """Call a function on tasks in processes, begun at once, and give what it returns.

    Ctrl-C reaches this process alone, which ends the others; they end as well if it is killed, or
    leaves the context. A task must not begin processes: it is ended without being asked.

    Args:
        function: the function.
        tasks: what it is called with.
        jobs: how many processes.
        begin: called once in each process, if it needs anything.
        given: what it is called with.
        together: how many tasks are handed over at once.
        shared: begin processes with what this one has loaded, where that can be. Native libraries
            with threads do not survive it.
        in_order: give results in the order of the tasks, not as they come.
        lost: what becomes of the work of a process that is killed, for the error.

    Raises:
        MtusError: if a process is killed.
    """
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("fork" if shared and can_share() else "spawn")
    pool = ProcessPoolExecutor(jobs, context, _begin, (os.getpid(), begin, given))
    batches = (tasks[at : at + together] for at in range(0, len(tasks), together))
    waiting: deque[Future[list[_Out]]] = deque()

    def submit() -> None:
        # No more than these are held in memory.
        for batch in islice(batches, 4 * jobs - len(waiting)):
            with _deaf_to_ctrl_c():  # processes are begun as tasks come, and stay so
                waiting.append(pool.submit(_call, function, batch))

    def results() -> Iterator[_Out]:
        while waiting:
            found = _next(waiting, in_order)
            submit()
            yield from found

    try:
        submit()
        yield results()
    except BaseException as error:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        if not isinstance(error, BrokenProcessPool):
            raise
        raise MtusError(
            f"A process that was at work was killed, perhaps for want of memory. {lost}, with fewer"
            " processes by --jobs."
        ) from error
    finally:
        # Waited for: a pool that is still closing as Python ends fails in a traceback.
        pool.shutdown(wait=True, cancel_futures=True)


def _next(waiting: deque[Future[list[_Out]]], in_order: bool) -> list[_Out]:
    future = waiting[0]
    if not in_order:
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        future = next(f for f in waiting if f in finished)
    waiting.remove(future)
    return future.result()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Hold the signal of Ctrl-C back; a process that is begun meanwhile never hears it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with(parent: int) -> None:
    """End this process when the one that began it is gone, and nobody waits for its work."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _call(function: Callable[[_In], _Out], batch: Sequence[_In]) -> list[_Out]:
    return [function(task) for task in batch]
