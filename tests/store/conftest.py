"""Determinations to keep, and the two kinds of store to keep them in."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from reasoner import adjudicate, parse_case, read_case

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="session")
def determinations(knowledge):
    """The cases of the folder, decided by a reviewer; and one by utilization review too."""
    cases = [read_case(file, knowledge) for file in sorted(CASES.glob("*.yaml"))]
    return [
        *(adjudicate(case, knowledge) for case in cases),
        adjudicate(cases[0], knowledge, role="ur"),
    ]


@pytest.fixture
def example(knowledge):
    return adjudicate(read_case("docs/examples/trigger-points.yaml", knowledge), knowledge)


@pytest.fixture
def other(knowledge):
    """A case of the same id as the example, with other content."""
    text = (
        Path("docs/examples/trigger-points.yaml").read_text().replace("quantity: 6", "quantity: 4")
    )
    return adjudicate(parse_case(text.encode(), "other.yaml", knowledge), knowledge)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """An Oxigraph server in a process of its own."""
    program = shutil.which("oxigraph")
    assert program, "pip install oxigraph"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = (tmp_path_factory.mktemp("server") / "log").open("w")
    process = subprocess.Popen(
        [program, "serve", "--bind", f"127.0.0.1:{port}"], stdout=log, stderr=log
    )
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(url, timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait()
        log.close()


@pytest.fixture
def endpoint(server):
    """The server, emptied."""
    request = urllib.request.Request(
        f"{server}/update",
        data=b"DROP ALL",
        headers={"Content-Type": "application/sparql-update"},
    )
    urllib.request.urlopen(request).close()
    return server


@pytest.fixture(params=["embedded", "endpoint"])
def place(request, tmp_path):
    if request.param == "embedded":
        return str(tmp_path / "store")
    return request.getfixturevalue("endpoint")
