"""Runs that are killed, stopped or out of room, and tables that are not what they are to be."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from reasoner.case import parse_case
from reasoner.corpus import tables as reading
from reasoner.corpus.determine import MOST_AT_ONCE, Population
from reasoner.corpus.engine import bytes_of
from reasoner.corpus.runs import determine_cases
from reasoner.corpus.schema import Rows
from reasoner.corpus.tables import finish, write_part, write_tables
from reasoner.errors import InputError, MtusError
from tests.corpus.population import CASE

PARTS, SIZE = 6, 8


@pytest.fixture(scope="module")
def population(tmp_path_factory, knowledge) -> Path:
    """Tables in several parts, of one topic, so that a chunk takes little."""
    folder = tmp_path_factory.mktemp("population")
    for part in range(PARTS):
        rows = Rows()
        for at in range(SIZE):
            number = part * SIZE + at
            text = CASE.format(n=number + 1)
            rows.add(number, parse_case(text.encode(), f"{number}.yaml", knowledge), knowledge)
        write_part(folder, part, rows, knowledge)
    finish(folder, PARTS * SIZE, PARTS)
    return folder


@pytest.fixture(scope="module")
def in_one_go(population, tmp_path_factory, knowledge) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "out"
    determine_cases([population], out, knowledge, chunk=SIZE)
    found = hashes(out)
    assert len(found) == 1 + 4 * PARTS
    return found


@pytest.fixture
def changed(population, tmp_path):
    """The tables, to be spoilt."""
    return Path(shutil.copytree(population, tmp_path / "changed"))


def hashes(folder: Path) -> dict[str, str]:
    files = (f for f in folder.rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): sha256(f.read_bytes()).hexdigest() for f in files}


def start(*arguments: object, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reasoner", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options,
    )  # fmt: skip


def wait_for(condition, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.002)


def determine(population: Path, out: Path, **options) -> subprocess.Popen[str]:
    return start(
        "corpus", "determine", population, "--out", out, "--chunk", SIZE, "--jobs", 2, **options
    )


def test_killed_at_any_moment_and_taken_up_gives_the_same_bytes(population, in_one_go, tmp_path):
    out, spilt = tmp_path / "out", tmp_path / "temporary"
    spilt.mkdir()
    environment = {**os.environ, "TMPDIR": str(spilt)}
    for many in (1, 2, 7, 13, 20):
        process = determine(population, out, env=environment)
        # The files of a table that is being written are counted as well.
        wait_for(lambda many=many: sum(f.is_file() for f in out.rglob("*")) >= many, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert list(spilt.iterdir())
    process = determine(population, out, env=environment)
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert f"{PARTS * SIZE} cases" in said
    assert hashes(out) == in_one_go
    assert not list(spilt.iterdir()), "what the killed ones put aside is gone"


def test_several_processes_write_the_same_bytes(population, in_one_go, tmp_path, knowledge):
    told = []
    run = determine_cases(
        [population], tmp_path / "out", knowledge, chunk=SIZE, jobs=3,
        progress=lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert (run.cases, run.chunks) == (PARTS * SIZE, PARTS)
    assert hashes(tmp_path / "out") == in_one_go
    assert told == [((at + 1) * SIZE, PARTS * SIZE) for at in range(PARTS)]


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Give the processes that a command began to decide in."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == process.pid and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_killed_process_is_told_and_its_chunk_is_done_again(population, in_one_go, tmp_path):
    out = tmp_path / "out"
    process = determine(population, out)
    wait_for(lambda: len(workers_of(process)) == 2, process)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    said, errors = process.communicate(timeout=60)
    assert (process.returncode, said) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("mtus: A process that was at work was killed")
    assert "What it was at is done again by the same command" in line
    assert not [f for f in hashes(out) if f.endswith(".part")]
    process = determine(population, out)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert hashes(out) == in_one_go


def test_what_a_process_cannot_use_is_told_as_ever(changed, in_one_go, tmp_path, knowledge):
    spoil(changed / "facts" / "status" / "part-00003.parquet",
          "SELECT * REPLACE ('core:Gone' AS object) FROM '{file}'")  # fmt: skip
    with pytest.raises(InputError, match=r"part-00003\.parquet: object: row 1: .?core:Gone"):
        determine_cases([changed], tmp_path / "out", knowledge, chunk=SIZE, jobs=2)
    found = hashes(tmp_path / "out")
    assert found.items() < in_one_go.items()
    assert not [name for name in found if "00003" in name]


def test_ctrl_c_says_how_to_go_on(population, in_one_go, tmp_path):
    out = tmp_path / "out"
    process = determine(population, out)
    wait_for((out / "cases" / "part-00000.parquet").exists, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "mtus: stopped; the same command takes the run up where it stands\n"
    assert not [f for f in hashes(out) if f.endswith(".part")]
    assert hashes(out).items() <= in_one_go.items()


def test_ctrl_c_while_processes_read_leaves_no_tables(tmp_path):
    folder, out = tmp_path / "cases", tmp_path / "tables"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number}.yaml").write_text(CASE.format(n=number + 1), "utf-8")
    process = start("corpus", "tables", folder, "--out", out, "--part", 100, "--jobs", 2)
    wait_for((out / "cases" / "part-00000.parquet").exists, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "mtus: stopped; nothing that was read is kept\n"
    assert not (out / "corpus.json").exists()


def read_or_die(numbered):
    if numbered[1].endswith("30.yaml"):
        os.kill(os.getpid(), signal.SIGKILL)
    return reading_one(numbered)


reading_one = reading._read


def test_killed_worker_is_told_and_the_next_run_starts_anew(tmp_path, knowledge, monkeypatch):
    files = []
    for number in range(60):
        files.append(tmp_path / f"{number}.yaml")
        files[-1].write_text(CASE.format(n=number + 1), "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(reading, "_read", read_or_die)
        with pytest.raises(MtusError, match="A process that was at work was killed"):
            write_tables(files, tmp_path / "tables", knowledge, jobs=2, part=5)
    assert not (tmp_path / "tables" / "corpus.json").exists()
    assert write_tables(files, tmp_path / "tables", knowledge, jobs=2, part=60).cases == 60
    assert len(list((tmp_path / "tables" / "cases").iterdir())) == 1


def small_files() -> None:
    """Let no file be larger than this, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))


@pytest.mark.parametrize("table", ["items", "tables"])
def test_full_disk_is_told_and_leaves_nothing_half_done(table, population, tmp_path):
    out = tmp_path / "out"
    process = (
        determine(population, out, preexec_fn=small_files)
        if table == "items"
        else start("corpus", "generate", "--n", 300, "--out", out, preexec_fn=small_files)
    )
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    (line,) = errors.splitlines()
    assert line.startswith(f"mtus: {out}/")
    assert "cannot be written: " in line
    assert said == ""
    assert not [f for f in hashes(out) if f.endswith(".part")]
    assert not (out / "corpus.json").exists()
    assert not list(out.glob("cases/*"))


def spoil(file: Path, select: str) -> None:
    """Put a query's rows in place of a table's."""
    duckdb.sql(select.format(file=file)).write_parquet(str(file.with_suffix(".new")))
    file.with_suffix(".new").replace(file)


@pytest.mark.parametrize(
    ("table", "select", "message"),
    [
        ("facts/region", "SELECT case_no, subject FROM '{file}'",
         r"facts/region/part-00003\.parquet: object: The column is missing"),
        ("facts/quantity", "SELECT case_no, subject, object::VARCHAR AS object FROM '{file}'",
         r"facts/quantity/part-00003\.parquet: object: The column holds string. Expected BIGINT"),
        ("nodes", "SELECT * REPLACE (node::DOUBLE AS node) FROM '{file}'",
         r"nodes/part-00003\.parquet: node: The column holds double. Expected INTEGER"),
        ("nodes",
         "SELECT * REPLACE (if(row_number() OVER () = 77, 'clinical:Panic', kind) AS kind)"
         " FROM '{file}'",
         r"nodes/part-00003\.parquet: kind: row 77: .?clinical:Panic.? is no concept of this"
         r' release\. Did you mean "clinical:Pain"'),
        ("facts/status", "SELECT * REPLACE ('core:Gone' AS object) FROM '{file}'",
         r"facts/status/part-00003\.parquet: object: row 1: .?core:Gone.? is no term"),
        ("facts/quantity", "SELECT * REPLACE (subject + 70000 AS subject) FROM '{file}'",
         r"facts/quantity/part-00003\.parquet: subject: row 1: No case has a node 700\d\d"),
        ("facts/dependsOn", "SELECT * REPLACE (-1::INTEGER AS object) FROM '{file}'",
         r"facts/dependsOn/part-00003\.parquet: object: row 1: No case has a node -1"),
        ("nodes", "SELECT * REPLACE (if(name = 'q', NULL, name) AS name) FROM '{file}'",
         r"nodes/part-00003\.parquet: name: row \d+: There is no value"),
        ("facts/region",
         "SELECT * REPLACE (if(row_number() OVER () = 3, NULL, object) AS object) FROM '{file}'",
         r"facts/region/part-00003\.parquet: object: row 3: There is no value"),
        ("cases", "SELECT * FROM '{file}' UNION ALL (FROM '{file}' LIMIT 1)",
         r"cases/part-00003\.parquet: case_no: row 9: Case 24 is there twice"),
        ("cases", "SELECT * FROM '{file}' ORDER BY case_no OFFSET 1",
         r"nodes/part-00003\.parquet: case_no: row 1: There is no case 24"),
    ],
)  # fmt: skip
def test_table_that_is_not_what_it_is_to_be_is_named_by_file_column_and_row(
    table, select, message, changed, tmp_path, knowledge
):
    spoil(changed / table / "part-00003.parquet", select)
    with pytest.raises(InputError, match=message):
        determine_cases([changed], tmp_path / "out", knowledge)
    assert list(hashes(tmp_path / "out")) == ["run.json"]


def test_chunks_before_a_truncated_file_are_kept(changed, in_one_go, tmp_path, knowledge):
    file = changed / "nodes" / "part-00002.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"nodes/part-00002\.parquet: The file is damaged"):
        determine_cases([changed], tmp_path / "out", knowledge, chunk=SIZE)
    kept = hashes(tmp_path / "out")
    assert len(kept) == 1 + 4 * 2
    assert kept.items() <= in_one_go.items()


def test_damage_within_a_file_is_told(changed, tmp_path, knowledge):
    file = changed / "nodes" / "part-00000.parquet"
    size = pq.read_metadata(file).serialized_size
    data = bytearray(file.read_bytes())
    for at in range(4, len(data) - size - 8):
        data[at] = 0xA5
    file.write_bytes(bytes(data))
    with pytest.raises(MtusError, match="parts 0 to 5 cannot be decided"):
        determine_cases([changed], tmp_path / "out", knowledge)
    assert list(hashes(tmp_path / "out")) == ["run.json"]


def test_too_little_memory_is_told(population, tmp_path, knowledge):
    with pytest.raises(MtusError, match="Give more by --memory"):
        determine_cases([population], tmp_path / "out", knowledge, memory="1MB")
    with pytest.raises(MtusError, match="The database cannot be opened"):
        determine_cases([population], tmp_path / "out", knowledge, memory="much")


@pytest.mark.parametrize(
    ("amount", "bytes_"),
    [("3GB", 3 * 10**9), (" 1.5 kib ", 1536), ("2MiB", 2 * 1024**2), ("much", None), ("3", None)],
)
def test_amounts_of_memory_are_read(amount, bytes_):
    assert bytes_of(amount) == bytes_


def test_no_more_cases_at_once_than_there_is_room_for(population, knowledge):
    def at_once(memory: str | None) -> int:
        return Population(population, knowledge, memory=memory).at_once()

    assert at_once(None) == at_once("100GB") == at_once("much") == MOST_AT_ONCE
    assert at_once("1MB") == 1
    assert 1 < at_once("301MB") < at_once("302MB") < MOST_AT_ONCE


def test_less_memory_gives_the_same_rows(population, tmp_path, knowledge):
    whole, small = tmp_path / "whole", tmp_path / "small"
    determine_cases([population], whole, knowledge)
    determine_cases([population], small, knowledge, memory="300.05MB")
    assert len(list((small / "items").iterdir())) == PARTS
    assert len(list((whole / "items").iterdir())) == 1
    for table in ("items", "criteria", "cases"):
        one, several = (duckdb.sql(f"SELECT * FROM '{f / table}/*.parquet' ORDER BY ALL").fetchall()
                        for f in (whole, small))  # fmt: skip
        assert one == several


def test_other_chunks_are_another_run(population, tmp_path, knowledge):
    determine_cases([population], tmp_path / "out", knowledge, chunk=PARTS * SIZE)
    with pytest.raises(InputError, match="another run"):
        determine_cases([population], tmp_path / "out", knowledge, chunk=SIZE)
