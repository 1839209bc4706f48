"""Updates that cannot be, others that write, a disk that is full; and that the server is up after it."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path

import httpx
import pytest

from reasoner.store.embedded import writing
from tests.web.serving import make_store, serving


@pytest.fixture(autouse=True)
def up(server):
    """After each test, the server is up."""
    yield
    assert server.still_answers()


def test_server_that_is_not_writable_takes_no_update(tmp_path):
    store = make_store(tmp_path / "store", "<urn:a> <urn:b> <urn:c> <urn:g> .\n")
    with serving(tmp_path, "--store", store) as server:
        for sent in (
            {"data": {"update": "DROP ALL"}},
            {"content": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}},
        ):
            answer = httpx.post(f"{server.url}/sparql", **sent)
            assert (answer.status_code, "--writable" in answer.json()["detail"]) == (403, True)
        assert server.ask("ASK { <urn:a> ?p ?o }").json()["boolean"]
        assert "SPARQL11Update" not in server.get("/sparql").text


def test_update_that_would_run_for_a_day_writes_nothing(server):
    answer = server.update(
        "INSERT { ?a <urn:w> ?f } WHERE { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } }"
    )
    assert answer.status_code == 504
    assert "nothing was written" in answer.json()["detail"]
    assert not server.ask("ASK { ?a <urn:w> ?f }").json()["boolean"]
    assert server.update("INSERT DATA { <urn:w> <urn:w> 1 } ; DELETE WHERE { <urn:w> <urn:w> 1 }").status_code == 204  # fmt: skip


def test_malformed_update_is_told(server):
    for update in ("INSERT", "SELECT * {}", "INSERT DATA { ?a <urn:b> 1 }"):
        answer = server.update(update)
        assert (answer.status_code, "malformed" in answer.json()["detail"]) == (400, True)


def test_two_that_write_do_not_meet(server):
    """One waits for the other, here beyond the time that a query has."""
    with writing(server.folder):
        answer = server.update("INSERT DATA { <urn:two> <urn:b> 1 }")
        assert answer.status_code in (503, 504)
        assert "nothing was written" in answer.json()["detail"]
        assert server.still_answers()  # reading goes on
    with concurrent.futures.ThreadPoolExecutor(4) as many:
        updates = [
            f"INSERT DATA {{ GRAPH <urn:two> {{ <urn:two> <urn:b> {n} }} }}" for n in range(4)
        ]
        answers = list(many.map(server.update, updates))
    done = [a.status_code for a in answers].count(204)
    rows = server.ask("SELECT * { <urn:two> <urn:b> ?n }").json()["results"]["bindings"]
    assert len(rows) == done >= 1
    assert server.update("DROP GRAPH <urn:two>").status_code == 204


def test_full_disk_is_told_and_nothing_is_written(tmp_path):
    """No file may grow beyond 200 kB, as on a disk that has no more room."""
    store = make_store(tmp_path / "store", "<urn:a> <urn:b> <urn:c> <urn:g> .\n")
    with serving(tmp_path, "--store", store, "--writable", file_size=200_000) as server:
        assert server.update("INSERT DATA { <urn:small> <urn:b> 1 }").status_code == 204
        text = "x" * 1000
        large = " ".join(f'<urn:large> <urn:b> "{n}{text}" .' for n in range(1000))
        answer = server.update(f"INSERT DATA {{ {large} }}")
        assert answer.status_code == 507, answer.text
        assert "nothing was written" in answer.json()["detail"]
        assert not server.ask("ASK { <urn:large> ?p ?o }").json()["boolean"]
        assert server.ask("ASK { <urn:small> ?p ?o }").json()["boolean"]
        assert server.still_answers()
    with writing(Path(store)) as opened:
        assert list(opened.select("SELECT ?o { <urn:large> ?p ?o }")) == []
        assert opened.count() == 2
