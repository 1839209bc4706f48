"""What the README and the pages show is run: commands with their output, Python, case files."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reasoner import adjudicate, parse_case

PAGES = ["README.md", *(str(p) for p in sorted(Path("docs").glob("*.md")))]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (page, text)
        for page in PAGES
        for lang, text in _FENCE.findall(Path(page).read_text())
        if lang == language
    ]


@pytest.fixture
def workplace(tmp_path):
    shutil.copytree("docs/examples", tmp_path / "docs" / "examples")
    return tmp_path


def run(command: str, folder: Path) -> str:
    arguments = shlex.split(command)
    assert arguments[0] == "mtus", f"a console block runs mtus, not {arguments[0]}"
    expanded: list[str] = []
    for argument in arguments[1:]:
        found = (
            sorted(str(p.relative_to(folder)) for p in folder.glob(argument))
            if "*" in argument
            else []
        )
        expanded.extend(found or [argument])
    done = subprocess.run(
        [sys.executable, "-m", "reasoner", *expanded],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize("page", sorted({page for page, _ in blocks("console")}))
def test_commands_give_the_output_that_is_shown(page, workplace):
    """``...`` on a line of its own stands for any lines; hashes are not compared."""
    for _, text in [b for b in blocks("console") if b[0] == page]:
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            got = run(command, workplace)
            assert _matches(expected, got), f"$ {command}\n{got}"


def _matches(expected: str, got: str) -> bool:
    def plain(text: str) -> str:
        return re.sub(r"[0-9a-f]{64}", "HASH", text)

    pattern = r"(?:.*\n)*?".join(
        re.escape(plain(part)) for part in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)
    )
    return re.fullmatch(pattern, plain(got)) is not None


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_runs(page, text):
    subprocess.run([sys.executable, "-c", text], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("page", "text"), [(p, t) for p, t in blocks("yaml") if re.search(r"^id:", t, re.MULTILINE)]
)
def test_case_files_that_are_shown_can_be_decided(page, text, knowledge):
    adjudicate(parse_case(text.encode(), f"{page}.yaml", knowledge), knowledge)


def test_every_command_is_on_a_page():
    from typer.main import get_command

    from reasoner.cli import app

    pages = "\n".join(Path(page).read_text() for page in PAGES)
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"mtus {name}" in pages, name
