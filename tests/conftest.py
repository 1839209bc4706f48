"""What tests share: the knowledge of this release, and reproducible properties."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from reasoner import Knowledge, load_knowledge

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")

os.chdir(Path(__file__).resolve().parent.parent)  # paths in tests and docs start at the root


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()
