"""What a process reads once and keeps, and the collector of garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def keeping() -> Iterator[None]:
    """Make what stays for as long as the process, once, out of the sight of the collector.

    It would walk through all of it again and again, for a fifth of a second each time, while
    somebody waits for a page. What is no longer used is still freed when nothing refers to it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
