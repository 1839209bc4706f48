"""What a process reads once and keeps, without keeping others waiting."""

from __future__ import annotations

import gc
import sys
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


@contextmanager
def giving_way() -> Iterator[None]:
    """Work in a thread beside those that answer, and leave them the interpreter soon.

    A thread that waits for a file or the database would else wait five milliseconds more each time.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
