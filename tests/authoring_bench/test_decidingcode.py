"""What a case gave is believed only as long as the same code would decide it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reasoner.authoring.decidingcode import deciding_code

PACKAGE = Path(__file__).resolve().parents[2] / "reasoner"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of our modules."""
    shutil.copytree(PACKAGE, tmp_path / "reasoner", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def changed(root: Path, module: str) -> Path:
    """Give another folder in which one module ends with a comment."""
    other = root / "other"
    shutil.copytree(root / "reasoner", other / "reasoner")
    path = other / "reasoner" / module
    path.write_text(path.read_text("utf-8") + "# changed\n", "utf-8")
    return other


@pytest.mark.parametrize(
    "module",
    [
        "assessment.py",
        "yamlcase.py",  # imported only when a case file is read
        "authoring/expectedcases.py",
    ],
)
def test_a_module_that_decides_makes_another_hash(root: Path, module: str) -> None:
    assert deciding_code(root) == deciding_code()
    assert deciding_code(changed(root, module)) != deciding_code()


@pytest.mark.parametrize("module", ["cli_bench.py", "rationale.py", "authoring/coverage.py"])
def test_a_module_that_decides_nothing_does_not(root: Path, module: str) -> None:
    assert deciding_code(changed(root, module)) == deciding_code()
