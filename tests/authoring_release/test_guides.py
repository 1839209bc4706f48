"""The pages for authors are walked through as they stand, in a copy of the source tree."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from reasoner.authoring.turtleformat import format_turtle
from reasoner.rdf import parse_triples

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE, READING = ROOT / "docs/encode-a-guideline.md", ROOT / "docs/how-to-read-a-shape.md"
_STEP = re.compile(
    r"(?:<!-- (?P<what>append to|edit|file) (?P<file>\S+) -->\n)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def steps(page: Path) -> Iterator[re.Match[str]]:
    return _STEP.finditer(page.read_text())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """Give a checkout in which the topic of the guide is not yet encoded."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("ontology", "shapes", "queries", "reasoner", "docs/examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "release"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    return folder


def run(line: str, folder: Path) -> tuple[int, str]:
    program, *arguments = shlex.split(line)
    if program == "rm":
        for name in arguments:
            (folder / name).unlink()
        return 0, ""
    if program == "mtus":
        arguments = ["-m", "reasoner", *arguments]
    else:
        assert program == "python", f"the guide runs mtus and python, not {program}"
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def change(step: re.Match[str], folder: Path) -> None:
    """Do to a file what the guide does to it."""
    file = folder / step["file"]
    if step["what"] == "file":
        file.write_text(step["text"])
    elif step["what"] == "append to":
        file.write_text(file.read_text() + step["text"])
    else:
        lines = step["text"].splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if line.startswith("-"))
        after = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
        text = file.read_text()
        assert before in text, f"{file} does not hold:\n{before}"
        start = text.rindex(before)
        file.write_text(text[:start] + after + text[start + len(before) :])


def matches(expected: str, got: str) -> bool:
    pattern = r"(?:.*\n)*?".join(
        re.escape(part) for part in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)
    )
    return re.fullmatch(pattern, got) is not None


@pytest.fixture(scope="module")
def walked(checkout) -> dict[str, str]:
    """Walk through the guide; give the last output of each command."""
    outputs: dict[str, str] = {}
    printed = ""
    for step in steps(GUIDE):
        if step["what"]:
            change(step, checkout)
        elif step["language"] == "sh":
            for line in step["text"].replace("\\\n", " ").splitlines():
                code, printed = run(line, checkout)
                findings = line.startswith(("mtus lint", "mtus coverage", "mtus mutate"))
                assert code == 0 or (findings and code == 1), f"{line}\n{printed}"
                outputs[line] = printed
        else:
            assert step["language"] == "text"
            assert matches(step["text"], printed), f"{step['text']}\n---\n{printed}"
    return outputs


def test_guide_runs_as_it_stands(walked):
    assert len(walked) > 8


def test_topic_is_encoded_with_nothing_left_to_say(walked):
    """Of the new topic, that is: the copy has none of the cases of the others."""
    lines = [line for line in walked["mtus lint"].splitlines() if "glucosamine" in line.lower()]
    assert lines == []


def test_every_outcome_is_proved(walked):
    assert "gap" not in walked["mtus coverage --topic glucosamine"].replace("0 gaps", "")


def test_no_slip_survives(walked):
    assert "100.0 %" in walked["mtus mutate --topic glucosamine"]


def test_difference_is_told(walked):
    told = walked["mtus diff HEAD ."]
    assert "concept GlucosamineHydrochloride: added" in told
    assert "recommendation chronic-pain-2009/glucosamine: added" in told
    assert "criterion" not in told


def test_files_of_the_topic_are_laid_out(walked, checkout):
    for part in ("ontology/guidelines", "shapes/criteria"):
        text = (checkout / part / "chronic-pain-2009/glucosamine.ttl").read_text()
        assert format_turtle(text) == text


def test_topic_has_a_page(walked, checkout):
    page = (checkout / "docs/guidelines/chronic-pain-2009/glucosamine.md").read_text()
    assert "## Criterion 2" in page
    assert "`just-below-moderate`" in page


def test_topic_of_the_guide_is_not_in_the_library():
    """Encode another topic in the guide once this one is in the library."""
    assert not list(ROOT.glob("ontology/guidelines/*/glucosamine.ttl"))


def test_shapes_that_are_read_are_those_of_the_library():
    """Each shape on the page states what the library states, of every subject it shows."""
    file = ROOT / "shapes/criteria/chronic-pain-2009/trigger-points.ttl"
    prefixes = "".join(re.findall(r"^@prefix.*\n", file.read_text(), re.MULTILINE))
    stated = _plain(file.read_text())
    shown = [step["text"] for step in steps(READING) if step["language"] == "turtle"]
    assert len(shown) == 3
    for text in shown:
        assert _plain(prefixes + text) <= stated


def _plain(text: str) -> set[tuple[str, ...]]:
    """Give triples without blank nodes, which have no names to compare by."""
    triples = parse_triples(text.encode(), ox.RdfFormat.TURTLE)
    found = {tuple(term.n3() for term in triple) for triple in triples}  # type: ignore[attr-defined]
    return {triple for triple in found if not any(term.startswith("_:") for term in triple)}


def test_command_of_the_page_on_shapes_runs(checkout):
    for step in steps(READING):
        if step["language"] == "sh":
            code, printed = run(step["text"].strip(), ROOT)
            assert code == 0, printed
            assert "quantity: 5" in printed
