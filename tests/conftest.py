"""What tests share: the knowledge of this release, and reproducible properties."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from reasoner import Knowledge, load_knowledge

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

os.chdir(Path(__file__).resolve().parent.parent)  # paths in tests and docs start at the root

# A shell ignores Ctrl-C for what it runs in the background, and what tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()
