"""The development letters are decided by plans as they are one by one.

As their reviewers found them, which is all of them; and as the intake reads them, where this machine
has the letters (see ``MTUS_LETTERS``), else the letters of the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from reasoner.case import Case, parse_case, read_case
from reasoner.errors import InputError
from reasoner.intake.casefile import to_case_file
from reasoner.intake.letter import read_letter
from tests.corpus.population import by_plans, differences, one_by_one, write_cases
from tests.intake.measure import HERE, letter, letter_files, lexicon

FOUND = Path("tests/intake/as-found")


def hold(cases: Iterable[Case], folder: Path, knowledge) -> int:
    cases = list(cases)
    write_cases(cases, folder, knowledge)
    reference = one_by_one(cases, knowledge)
    assert not differences(by_plans(folder, knowledge), reference)
    return len(reference)


def test_letters_as_their_reviewers_found_them(tmp_path, knowledge):
    files = sorted(FOUND.glob("CM*.yaml"))
    cases = [replace(read_case(file, knowledge), source=file.name) for file in files]
    assert hold(cases, tmp_path, knowledge) >= 160


def test_letters_as_the_intake_reads_them(tmp_path):
    words = lexicon()
    letters = [letter(f) for f in letter_files()] or [
        read_letter(f) for f in sorted((HERE / "letters").glob("*.txt"))
    ]

    def placed(one) -> Case:
        try:
            text = to_case_file(one, words)
            return parse_case(text.encode(), f"{one.name}.yaml", words.knowledge)
        except InputError:  # several regions that different recommendations govern
            text = to_case_file(one, words, one_region=True)
            return parse_case(text.encode(), f"{one.name}.yaml", words.knowledge)

    cases = [placed(one) for one in letters]
    assert hold(cases, tmp_path, words.knowledge) >= len(letters)
