"""The command that serves a review: it prints where, ends when saved, and leaves nothing half done."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.intake.test_review import FHIR, Client


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reasoner", "intake", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def address(command: subprocess.Popen[str]) -> str:
    assert command.stdout is not None
    found = re.match(r"Review at (http://127\.0\.0\.1:\d+/[\w-]{43}/) ", command.stdout.readline())
    assert found is not None
    return found[1]


def test_command_prints_the_address_and_ends_when_saved(tmp_path: Path) -> None:
    out = tmp_path / "case.yaml"
    command = run(str(FHIR / "trigger-points.json"), "--review", "--no-browser", "-o", str(out))
    client = Client(address(command))
    assert client.post({"action": "save", **client.get().fields})[0] == 200
    told, _ = command.communicate(timeout=20)
    assert command.returncode == 0
    assert told == f"Saved as {out}.\n"
    assert out.exists()


def test_interrupt_leaves_nothing_half_done(tmp_path: Path) -> None:
    out = tmp_path / "case.yaml"
    out.write_text("as it was")
    command = run(str(FHIR / "trigger-points.json"), "--review", "--no-browser", "-o", str(out))
    Client(address(command)).get()
    command.send_signal(signal.SIGINT)
    _, told = command.communicate(timeout=20)
    assert command.returncode == 130
    assert told == "mtus: left without saving; nothing was written\n"
    assert out.read_text() == "as it was"
    assert [p.name for p in tmp_path.iterdir()] == ["case.yaml"]


def test_review_without_a_file_to_save_to_says_what_to_add() -> None:
    command = run(str(FHIR / "trigger-points.json"), "--review")
    _, told = command.communicate(timeout=60)
    assert command.returncode == 2
    assert "--out FILE" in told
