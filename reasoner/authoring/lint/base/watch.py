"""A release linted again whenever one of its files changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from reasoner.authoring.lint.base.release import RELEASED

POLL_SECONDS = 0.4
SETTLE_SECONDS = 0.2
"""How long nothing may change before a change counts as complete; editors write in steps."""

_Snapshot = dict[str, tuple[int, int]]


def changes(
    root: Path, cases: Path | None, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[str, ...]]:
    """Give the files that changed, from the root, each time that some did; without end.

    Args:
        root: the folder of ``ontology`` and ``shapes``.
        cases: the folder of cases, if there is one.
        sleep: waits for some seconds.
    """
    before = _snapshot(root, cases)
    while True:
        sleep(POLL_SECONDS)
        now = _snapshot(root, cases)
        if now == before:
            continue
        while True:
            sleep(SETTLE_SECONDS)
            settled = _snapshot(root, cases)
            if settled == now:
                break
            now = settled
        changed = {n for n in before.keys() | now.keys() if before.get(n) != now.get(n)}
        before = now
        yield tuple(sorted(changed))


def _snapshot(root: Path, cases: Path | None) -> _Snapshot:
    """Give the time of change and the size of every file that lint reads."""
    folders = [(root / "ontology", "*.ttl"), (root / "shapes", "*.ttl")]
    if cases is not None:
        folders.append((cases, "*.yaml"))
    files = [path for folder, pattern in folders for path in folder.rglob(pattern)]
    found: _Snapshot = {}
    for path in (*files, root / RELEASED):
        try:
            status = path.stat()
        except OSError:  # gone since it was listed, or never there
            continue
        found[str(path.relative_to(root))] = (status.st_mtime_ns, status.st_size)
    return found
