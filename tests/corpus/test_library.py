"""Cases of the library are decided by plans as they are case by case: assessments and items.

Case by case the whole library takes ten minutes, so one case in twenty is held here, of every topic,
and those in which a sum leaves an amount; ``MTUS_EVERY_CASE=1`` holds them all.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from reasoner.authoring.expectedcases import files_of, read_library_case, under
from reasoner.case import Case
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.outcomes import Role
from tests.corpus.population import by_plans, differences, one_by_one, write_cases

LIBRARY = Path("tests/cases")
SOME = ("lower-end-of-range", "visits-and-weeks-bind", "listed-visits-alone")
EVERY = os.environ.get("MTUS_EVERY_CASE") == "1"


@cache
def knowledge_under(readings: tuple[str, ...]) -> Knowledge:
    return under(load_knowledge(), readings)


@cache
def by_readings() -> dict[tuple[str, ...], list[Case]]:
    """Every case of the library, under the readings that it is decided under."""
    found = defaultdict(list)
    for number, file in enumerate(files_of(LIBRARY)):
        if not EVERY and number % 20 and "/cap-" not in file:
            continue
        text = (LIBRARY / file).read_text("utf-8")
        if not EVERY and "readings:" in text and not any(name in text for name in SOME):
            continue  # knowledge under a reading takes seconds to load
        case = read_library_case(LIBRARY, file, load_knowledge())
        found[case.readings].append(replace(case.case, source=file))
    return found


@pytest.mark.parametrize("alternatives", [False, True], ids=["default readings", "alternatives"])
def test_every_case_is_decided_the_same(alternatives, tmp_path):
    found = []
    decided = 0
    for number, (readings, cases) in enumerate(sorted(by_readings().items())):
        if bool(readings) != alternatives:
            continue
        knowledge = knowledge_under(readings)
        folder = tmp_path / str(number)
        write_cases(cases, folder, knowledge)
        reference = one_by_one(cases, knowledge)
        found += differences(by_plans(folder, knowledge), reference)
        decided += len(reference)
    assert not found, "\n".join([f"{len(found)} differences", *found[:40]])
    assert decided >= (5 if alternatives else 100)


def test_utilization_review_decides_the_same(tmp_path):
    knowledge = knowledge_under(())
    cases = by_readings()[()][::20]
    write_cases(cases, tmp_path, knowledge)
    reference = one_by_one(cases, knowledge, Role.UR)
    assert not differences(by_plans(tmp_path, knowledge, Role.UR), reference)
