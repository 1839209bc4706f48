"""Determinations to export: several items, one that nothing governs, limits, quotes, dependence."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner import adjudicate, read_case

CASES = Path("tests/store/cases")


@pytest.fixture(scope="session")
def decided(knowledge):
    files = [*sorted(CASES.glob("*.yaml")), Path("docs/examples/trigger-points.yaml")]
    return [adjudicate(read_case(file, knowledge), knowledge) for file in files]


@pytest.fixture(scope="session")
def contracts(decided):
    return [determination.to_dict() for determination in decided]


@pytest.fixture(scope="session")
def example(decided):
    return decided[-1]
