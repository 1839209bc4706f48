"""How many processes are worth starting."""

from __future__ import annotations

import os


def cores() -> int:
    """Give how many processes this machine can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
