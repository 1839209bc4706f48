"""What a library case may expect, and how a wrong expectation is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.authoring.decidedcases import observe_case
from reasoner.authoring.expectedcases import files_of, read_library_case
from reasoner.errors import InputError
from reasoner.knowledge import Knowledge
from tests.authoring_bench.conftest import TOPIC, write_case


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ("decided: MedicallyNecessary", "decided is nothing to expect"),
        ("decision: MedicallyNecessary\n  request-2: {}", "request-2 is expected"),
    ],
)
def test_expectation_that_is_none_is_refused(
    tiny: Knowledge, library: Path, expected: str, message: str
) -> None:
    write_case(library, "bad", expected)
    with pytest.raises(InputError, match=message):
        read_library_case(library, f"{TOPIC}/bad.yaml", tiny)
    assert message in observe_case(library, f"{TOPIC}/bad.yaml", tiny).wrong[0]


def test_a_case_that_expects_nothing_is_refused(tiny: Knowledge, library: Path) -> None:
    write_case(library, "bad", "criteria: {}")
    file = library / TOPIC / "bad.yaml"
    file.write_text(file.read_text("utf-8").replace("expect:", "expects:"), "utf-8")
    with pytest.raises(InputError, match="expects nothing"):
        read_library_case(library, f"{TOPIC}/bad.yaml", tiny)


def test_difference_names_what_was_expected_and_what_came(tiny: Knowledge, library: Path) -> None:
    write_case(library, "wrong", 'decision: NotMedicallyNecessary\n    criteria: {"1": NotMet}')
    wrong = observe_case(library, f"{TOPIC}/wrong.yaml", tiny).wrong
    assert wrong[0] == (
        "request-1 decision: expected NotMedicallyNecessary, got MedicallyNecessary"
    )
    assert "request-1 criterion 1: expected NotMet, got Met" in wrong[1]


def test_a_case_belongs_to_its_folder_and_to_what_it_says_governs(library: Path) -> None:
    write_case(library, "elsewhere", "governedBy: acoem-neck-2004/tens")
    assert files_of(library, ["acoem-neck-2004/tens"]) == [f"{TOPIC}/elsewhere.yaml"]
    assert len(files_of(library, [TOPIC])) == 4
