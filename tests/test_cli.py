"""The command line, run as a user runs it: in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = "docs/examples/trigger-points.yaml"


def mtus(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reasoner", *arguments], capture_output=True, text=True, check=False
    )


def test_help_imports_no_engine():
    code = (
        "import sys; sys.argv = ['mtus', '--help']\n"
        "from reasoner.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'rdflib', 'pyshacl', 'shifty', 'reasonable', 'pyoxigraph', 'owlready2', 'networkx'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "html", "letter", "json", "turtle", "jsonld"])
def test_determine_writes_every_form(form):
    run = mtus("determine", EXAMPLE, "--format", form)
    assert run.returncode == 0, run.stderr
    assert "pheld" in run.stdout or "UPHELD" in run.stdout
    assert "122" in run.stdout or form in ("turtle", "jsonld")


def test_determine_writes_a_pdf_into_a_folder(tmp_path):
    run = mtus("determine", EXAMPLE, "--format", "pdf", "--out", str(tmp_path))
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "trigger-points.pdf").read_bytes().startswith(b"%PDF")
    assert [f.name for f in tmp_path.iterdir()] == ["trigger-points.pdf"]


def test_a_pdf_is_not_printed():
    run = mtus("determine", EXAMPLE, "--format", "pdf")
    assert run.returncode == 2
    assert "--out" in run.stderr


def test_command_line_and_python_give_the_same(knowledge):
    from reasoner import adjudicate, read_case

    run = mtus("determine", EXAMPLE, "--format", "json")
    assert json.loads(run.stdout) == json.loads(
        json.dumps(adjudicate(read_case(EXAMPLE, knowledge), knowledge).to_dict())
    )


def test_several_cases_in_json_take_a_line_each(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(Path(EXAMPLE).read_text().replace("id: trigger-points", "id: other"))
    run = mtus("determine", EXAMPLE, str(other), "--format", "json")
    assert [json.loads(line)["case"] for line in run.stdout.splitlines()] == [
        "trigger-points",
        "other",
    ]


def test_nothing_is_decided_if_one_case_cannot_be_read(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: bad\nrequsts: []\n")
    run = mtus("determine", EXAMPLE, str(bad), "--out", str(tmp_path / "out"))
    assert run.returncode == 2
    assert run.stdout == ""
    assert not (tmp_path / "out").exists()
    assert f"{bad}:2: requsts" in run.stderr
    assert 'Did you mean "requests"?' in run.stderr
    assert "Traceback" not in run.stderr


def test_two_cases_of_one_id_are_refused(tmp_path):
    run = mtus("determine", EXAMPLE, EXAMPLE)
    assert run.returncode == 2
    assert "id" in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("determine", "nowhere.yaml"),
        ("determine", EXAMPLE, "--reading", "lower-end"),
        ("determine", EXAMPLE, "--format", "docx"),
        ("query", "run", "what-is-undocumentd"),
        ("query", "run", "what-is-undocumented"),
        ("query", "run", "what-is-undocumented", "--determinations", "nowhere"),
        ("query", "run", "recommendations-in-force", "--param", "day"),
        ("verify", "nowhere.ttl"),
        ("frobnicate",),
    ],
)
def test_bad_usage_exits_with_2_and_no_traceback(arguments):
    run = mtus(*arguments)
    assert run.returncode == 2
    assert run.stderr
    assert "Traceback" not in run.stderr


def test_verify_exits_with_1_if_anything_differs(tmp_path):
    mtus("determine", EXAMPLE, "--format", "turtle", "--out", str(tmp_path))
    file = tmp_path / "trigger-points.ttl"
    assert mtus("verify", str(file)).returncode == 0
    file.write_text(file.read_text().replace("core:NotMet", "core:Met"))
    run = mtus("verify", str(file))
    assert run.returncode == 1
    assert "does not follow" in run.stdout


def test_cure_tells_what_would_turn_the_decision():
    run = mtus("cure", EXAMPLE)
    assert run.returncode == 0
    assert "twitch response" in run.stdout
    assert "Ask for 4 injections" in run.stdout


def test_readings_tells_the_default():
    run = mtus("readings")
    assert "upper-end-of-range (default)" in run.stdout


def test_query_list_and_show():
    assert "what-is-undocumented" in mtus("query", "list").stdout
    assert "# Question:" in mtus("query", "show", "what-is-undocumented").stdout


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_query_run_writes_every_form(form):
    run = mtus("query", "run", "what-cites-a-page", "--format", form)
    assert run.returncode == 0, run.stderr
    assert "criterion" in run.stdout


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    run = mtus("determine", EXAMPLE, "--out", str(tmp_path / "file"))
    assert run.returncode == 2
    assert "cannot be written" in run.stderr


def test_a_reader_that_goes_away_is_no_error():
    run = subprocess.run(
        f"{sys.executable} -m reasoner determine {EXAMPLE} --format json | head -c 10",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in run.stderr
