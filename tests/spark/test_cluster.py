"""A cluster of separate processes decides as one machine does, though a worker is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyspark
import pytest

from tests.corpus.test_faults import PARTS, SIZE, hashes, in_one_go, population, start  # noqa: F401

SPARK = Path(pyspark.__file__).parent
LONGEST = 240
"""Seconds that a run may take; ten times what it does on a machine that does nothing else."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Cluster:
    """A master and two workers, each a process, each with one core."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        self.url = f"spark://127.0.0.1:{port}"
        self.environment = {
            **os.environ, "SPARK_HOME": str(SPARK), "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_DIRS": str(folder),
        }  # fmt: skip
        self.processes = [
            self._begin("master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", 0)
        ]
        self._wait(port)
        self.workers = [
            self._begin("worker.Worker", "--host", "127.0.0.1", "--cores", 1, "--memory", "1g",
                        "--webui-port", 0, "--work-dir", folder / f"work{n}", self.url)
            for n in range(2)
        ]  # fmt: skip
        self.processes += self.workers

    def _begin(self, role: str, *arguments: object) -> subprocess.Popen[bytes]:
        with (self.folder / f"{role}.log").open("ab") as log:
            return subprocess.Popen(
                [str(SPARK / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}",
                 *map(str, arguments)],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def _wait(self, port: int) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                assert time.monotonic() < end, "the master does not answer"
                time.sleep(0.1)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.stop()


def on(cluster: Cluster, tables: Path, out: Path, chunk: int = SIZE) -> subprocess.Popen[str]:
    return start(
        "corpus", "determine", tables, "--out", out, "--chunk", chunk,
        "--engine", "spark", "--master", cluster.url, "--memory", "500MB", env=cluster.environment,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Give what a process printed, at its end; it is ended if that takes too long."""
    try:
        return process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def executors() -> list[int]:
    """The processes that Spark decides in, by number."""
    found = []
    for place in Path("/proc").iterdir():
        try:
            command = (place / "cmdline").read_bytes()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in command and place.name.isdigit():
            found.append(int(place.name))
    return found


def test_outcomes_are_the_same_though_a_worker_is_killed(
    cluster, population, in_one_go, tmp_path  # noqa: F811
):  # fmt: skip
    out = tmp_path / "out"
    before = set(executors())
    process = on(cluster, population, out)
    end = time.monotonic() + LONGEST
    while not list(out.glob("cases/part-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    assert len(list(out.glob("cases/part-*"))) < len(in_one_go) // 4, "killed in mid-run"
    killed = sorted(set(executors()) - before)[0]
    os.kill(killed, signal.SIGKILL)
    said, errors = finished(process)
    assert process.returncode == 0, errors
    assert "48 cases" in said
    assert hashes(out) == in_one_go


def test_tables_that_cannot_be_used_are_told_as_on_one_machine(cluster, population, tmp_path):  # noqa: F811
    file = population / "nodes" / "part-00005.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    try:
        process = on(cluster, population, tmp_path / "out", chunk=PARTS * SIZE)
        _, errors = finished(process)
    finally:
        file.write_bytes(whole)
    assert process.returncode == 2
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith(f"mtus: {file}: The file is damaged")


def test_master_that_does_not_answer_is_told(population, tmp_path):  # noqa: F811
    process = start(
        "corpus", "determine", population, "--out", tmp_path / "out", "--engine", "spark",
        "--master", "yarn-or-so",
    )  # fmt: skip
    _, errors = finished(process)
    assert process.returncode == 2
    assert errors.splitlines()[-1].startswith("mtus: Spark cannot be started at yarn-or-so: ")
    assert "Traceback" not in errors
