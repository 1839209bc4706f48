"""What these tests share: a copy of the library that may be changed, and the commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from reasoner import cli_release
from reasoner.errors import MtusError

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Run:
    """What a command did."""

    code: int
    out: str


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a copy of the ontology and shapes."""
    for name in ("ontology", "shapes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def run() -> Callable[..., Run]:
    """Give a function that runs a command function of this module; errors as the shell has them."""

    def run(command: str, *arguments: str, text: str = "") -> Run:
        app = typer.Typer()
        app.command()(getattr(cli_release, command))
        done = CliRunner().invoke(app, [str(a) for a in arguments], input=text)
        if isinstance(done.exception, MtusError):
            return Run(2, f"{done.output}{done.exception}")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Run(done.exit_code, done.output)

    return run
