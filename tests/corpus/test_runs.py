"""Runs of the command: what is written, taken up, and refused."""

from __future__ import annotations

import gc
import json
import shutil
import weakref
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from reasoner.cli import app
from reasoner.corpus.determine import Population
from reasoner.corpus.runs import determine_cases
from reasoner.corpus.tables import files_in, write_tables
from reasoner.errors import InputError
from reasoner.outcomes import Role


def rows(folder: Path, table: str):
    return duckdb.sql(f"SELECT * FROM '{folder / table}/*.parquet' ORDER BY ALL").fetchall()


@pytest.fixture
def cases(tmp_path):
    """Case files without what they expect."""
    folder = tmp_path / "cases"
    folder.mkdir()
    for number in range(7):
        text = Path("docs/examples/trigger-points.yaml").read_text("utf-8")
        text = text.replace("quantity: 6", f"quantity: {number + 1}")
        (folder / f"case-{number}.yaml").write_text(text, "utf-8")
    return folder


def test_case_files_and_their_tables_give_the_same(cases, tmp_path, knowledge):
    write_tables(files_in([cases]), tmp_path / "tables", knowledge, part=3)
    determine_cases([cases], tmp_path / "one", knowledge)
    determine_cases([tmp_path / "tables"], tmp_path / "two", knowledge, chunk=3)
    assert len(list((tmp_path / "two" / "items").iterdir())) == 3
    for table in ("items", "criteria", "cases"):
        assert rows(tmp_path / "one", table) == rows(tmp_path / "two", table)


def test_tables_read_in_parallel_are_the_same(cases, tmp_path, knowledge):
    files = files_in([cases]) * 10
    write_tables(files, tmp_path / "one", knowledge)
    write_tables(files, tmp_path / "two", knowledge, jobs=2)
    for file in sorted((tmp_path / "one").rglob("*.parquet")):
        other = tmp_path / "two" / file.relative_to(tmp_path / "one")
        assert file.read_bytes() == other.read_bytes(), file


def test_a_chunk_is_gone_when_it_is_decided(cases, tmp_path, knowledge):
    # The command collects garbage rarely: what refers to itself would stay, chunk after chunk.
    write_tables(files_in([cases]), tmp_path / "tables", knowledge)
    population = Population(tmp_path / "tables", knowledge)
    gc.disable()
    try:
        begun = population.begin([0])
        outcomes = population.finish(begun)
        chunk = [weakref.ref(part) for part in (begun.store, begun.store.facts, begun.governing)]
        del begun
        assert len(outcomes.items) == 7
        assert [part() for part in chunk] == [None] * 3
    finally:
        gc.enable()


def test_folder_of_another_run_is_refused(cases, tmp_path, knowledge):
    determine_cases([cases], tmp_path / "out", knowledge)
    with pytest.raises(InputError, match="another run"):
        determine_cases([cases], tmp_path / "out", knowledge, role=Role.UR)


def test_file_that_cannot_be_read_is_listed_and_the_others_are_decided(cases, tmp_path):
    (cases / "bad.yaml").write_text("id: bad\nrequests:\n  - {treatment: Tiger}\n", "utf-8")
    done = CliRunner().invoke(
        app, ["corpus", "determine", str(cases), "--out", str(tmp_path / "out"), "--jobs", "1"]
    )
    assert done.exit_code == 1
    assert "7 cases, 7 items" in done.output
    (refused,) = rows(tmp_path / "out", "refused")
    assert refused[2].endswith("bad.yaml")
    assert '"Tiger" is not a known treatment' in refused[3]


def test_determinations_are_written_as_turtle(cases, tmp_path):
    done = CliRunner().invoke(
        app,
        ["corpus", "determine", str(cases), "--out", str(tmp_path / "out"), "--jobs", "1",
         "--rdf", str(tmp_path / "rdf")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "rdf").glob("*.ttl"))) == 7


def test_tables_of_another_release_name_what_is_unknown(cases, tmp_path, knowledge):
    folder = tmp_path / "tables"
    write_tables(files_in([cases]), folder, knowledge)
    file = folder / "nodes" / "part-00000.parquet"
    connection = duckdb.connect()
    connection.execute(
        f"COPY (SELECT * REPLACE (replace(kind, 'clinical:Headache', 'clinical:Tiger') AS kind)"
        f" FROM '{file}') TO '{tmp_path}/changed.parquet'"
    )
    shutil.move(tmp_path / "changed.parquet", file)
    with pytest.raises(InputError, match='"clinical:Tiger" is no concept of this release'):
        determine_cases([folder], tmp_path / "out", knowledge)
    assert not list((tmp_path / "out").rglob("*.parquet"))


def test_other_folder_is_told(tmp_path, knowledge):
    (tmp_path / "corpus.json").write_text(json.dumps({"format": "other", "cases": 1, "parts": 1}))
    with pytest.raises(InputError, match="another format"):
        determine_cases([tmp_path], tmp_path / "out", knowledge)


def test_missing_extra_is_told(monkeypatch, cases, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    done = CliRunner().invoke(app, ["corpus", "tables", str(cases), "--out", str(tmp_path / "t")])
    assert "extra 'corpus'" in str(done.exception)
