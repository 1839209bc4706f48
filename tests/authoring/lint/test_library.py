"""The library that ships with this release is in order under every rule.

The rules on cases are left to ``tests/test_library.py``, which decides every case already.
"""

from __future__ import annotations

import pytest

from reasoner.authoring.lint.base.registry import rules
from reasoner.authoring.lint.base.release import read_release
from reasoner.authoring.lint.base.run import run

LEFT_TO_THE_LIBRARY_OF_CASES = {"criterion-without-cases", "case-fails"}


@pytest.fixture(scope="module")
def release():
    return read_release()


@pytest.mark.parametrize("name", [n for n in rules() if n not in LEFT_TO_THE_LIBRARY_OF_CASES])
def test_the_library_is_clean(name: str, release):
    report = run(release, [rules()[name]])
    assert not report.notes
    assert not report.findings, "\n".join(
        f"{f.file}:{f.line}: {f.text} {f.mend}" for f in report.findings
    )
