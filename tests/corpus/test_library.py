"""Cases of the library are decided by plans as they are case by case: assessments and items.

Case by case the whole library takes twenty minutes of a processor, so one case in twenty is held here,
of every topic, and those in which a sum leaves an amount; ``MTUS_EVERY_CASE=1`` holds them all, in
parts that ``--dist worksteal`` hands to every processor.
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
PARTS = 4 if EVERY else 1


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
            continue  # each of some thirty readings is a population of its own
        case = read_library_case(LIBRARY, file, knowledge_under(()))
        found[case.readings].append(replace(case.case, source=file))
    return found


def differing(readings: tuple[str, ...], cases: list[Case], folder: Path) -> tuple[list[str], int]:
    """Decide cases both ways, and tell where they differ and how many requests there are."""
    knowledge = knowledge_under(readings)
    write_cases(cases, folder, knowledge)
    reference = one_by_one(cases, knowledge)
    return differences(by_plans(folder, knowledge), reference), len(reference)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_case_is_decided_the_same(part, tmp_path):
    found, decided = differing((), by_readings()[()][part::PARTS], tmp_path)
    assert not found, "\n".join([f"{len(found)} differences", *found[:40]])
    assert decided >= 100


@pytest.mark.parametrize("part", range(PARTS))
def test_every_case_of_an_alternative_reading_is_decided_the_same(part, tmp_path):
    differ: list[str] = []
    decided = 0
    groups = sorted((r, cases) for r, cases in by_readings().items() if r)
    for number, (readings, cases) in enumerate(groups[part::PARTS]):
        found, many = differing(readings, cases, tmp_path / str(number))
        differ += found
        decided += many
    assert not differ, "\n".join([f"{len(differ)} differences", *differ[:40]])
    assert decided >= 5


def test_utilization_review_decides_the_same(tmp_path):
    knowledge = knowledge_under(())
    cases = by_readings()[()][::20]
    write_cases(cases, tmp_path, knowledge)
    reference = one_by_one(cases, knowledge, Role.UR)
    assert not differences(by_plans(tmp_path, knowledge, Role.UR), reference)
