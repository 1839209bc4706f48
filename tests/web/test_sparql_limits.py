"""What a query or an update may not do, and that the server is up after it was tried."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pyoxigraph as ox
import pytest

from reasoner import InputError
from reasoner.store.confinement import confine
from reasoner.store.querytext import require_local, require_no_load, states_dataset
from tests.web.serving import make_store, serving

DAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MILLIONS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
GREEDY = "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?a ?b ?c . ?d ?e ?f BIND(CONCAT(?c, ?f) AS ?x) }"


@pytest.fixture(autouse=True)
def up(server):
    """After each test, the server is up."""
    yield
    assert server.still_answers()


def workers(server) -> set[str]:
    """Give the processes that answer queries."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return {
        child
        for child in children.split()
        if b"reasoner.web.worker" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


@pytest.mark.parametrize(
    "query",
    ["SELEC * {}", "SELECT * {", "", "SELECT * { ?s a b:c }", "DROP ALL", "\x00", "é" * 1000],
)
def test_malformed_query_is_told(server, query):
    answer = server.ask(query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "malformed" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"query=\xff", "application/sparql-query"),
        (b"query=%ff", "application/x-www-form-urlencoded"),
        (b"query=ASK{}&query=ASK{}", "application/x-www-form-urlencoded"),
        (b"query=ASK{}&update=DROP+ALL", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (b"query=ASK{}&default-graph-uri=no iri", "application/x-www-form-urlencoded"),
        (b"&" * 5000, "application/x-www-form-urlencoded"),
        (b"ASK {} #" + b"x" * 1_000_001, "application/sparql-query"),
        (b"update=DROP+ALL&using-graph-uri=urn:g0", "application/x-www-form-urlencoded"),
    ],
)
def test_malformed_request_is_told(server, data, kind):
    answer = httpx.post(f"{server.url}/sparql", content=data, headers={"Content-Type": kind})
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


def test_other_content_is_not_taken(server):
    for kind in ("application/json", "text/plain", "multipart/form-data"):
        answer = httpx.post(f"{server.url}/sparql", content=b"{}", headers={"Content-Type": kind})
        assert answer.status_code == 415
    assert httpx.post(f"{server.url}/sparql").status_code == 415
    assert server.get("/sparql?update=DROP+ALL").status_code == 400


def test_query_that_would_run_for_a_day_is_stopped(server):
    before, known = time.monotonic(), workers(server)
    answer = server.ask(DAY)
    assert answer.status_code == 504
    assert "longer than 2 s" in answer.json()["detail"]
    assert time.monotonic() - before < 10
    until = time.monotonic() + 10
    while len(known & workers(server)) == len(known) and time.monotonic() < until:
        time.sleep(0.05)
    assert (
        len(known & workers(server)) == len(known) - 1
    )  # it was ended, and another takes its place


@pytest.mark.parametrize("media", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"])  # fmt: skip
def test_rows_are_counted_in_every_format(server, media):
    # The text holds what separates rows in each format.
    rows = "SELECT ?o ?t WHERE {{ ?s <urn:p> ?o . <urn:x> <urn:q> ?t }} LIMIT {}"
    assert server.ask(rows.format(2000), media).status_code == 200
    beyond = server.ask(rows.format(2001), media)
    assert beyond.status_code == 422
    assert "more than 2,000 rows" in beyond.json()["detail"]


@pytest.mark.parametrize("media", ["application/sparql-results+json", "text/tab-separated-values"])
def test_rows_that_are_sorted_are_counted(server, media):
    rows = "SELECT ?o WHERE {{ {{ SELECT ?o WHERE {{ ?s <urn:p> ?o }} LIMIT {} }} }} ORDER BY ?o"
    assert server.ask(rows.format(2000), media).status_code == 200
    beyond = server.ask(rows.format(2001), media)
    assert beyond.status_code == 422
    assert "more than 2,000 rows" in beyond.json()["detail"]


def test_query_that_is_malformed_by_its_order_is_refused(server):
    assert server.ask("SELECT ?o WHERE { ?s ?p ?o } LIMIT 1 ORDER BY ?o").status_code == 400


def test_triples_are_counted(server):
    build = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SELECT * {{ ?s ?p ?o }} LIMIT {} }}"
    assert server.ask(build.format(2000), "text/turtle").status_code == 200
    assert server.ask(build.format(2001), "text/turtle").status_code == 422


def test_memory_and_size_have_an_end(tmp_path):
    quads = "".join(f'<urn:s{n}> <urn:p> "{n}" <urn:g> .\n' for n in range(3000))
    store = make_store(tmp_path / "store", quads)
    with serving(tmp_path, "--store", store, "--memory", "100", "--rows", "100000000") as server:
        answer = server.ask(GREEDY)
        assert answer.status_code == 422, answer.text
        assert "100 MB" in answer.json()["detail"]
        assert server.still_answers()
        millions = server.ask(MILLIONS)
        assert (millions.status_code, len(millions.content) < 1000) == (422, True)
        assert "50,000,000 bytes" in millions.json()["detail"]
        for _ in range(8):  # more than there are processes: each was replaced
            assert server.still_answers()


def test_client_that_goes_away_stops_its_query(tmp_path):
    quads = "".join(f'<urn:s{n}> <urn:p> "{n}" <urn:g> .\n' for n in range(3000))
    store = make_store(tmp_path / "store", quads)
    with serving(tmp_path, "--store", store, "--time", "600") as server:
        known = workers(server)
        host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
        many = 2 * len(known) + 2
        asking = [socket.create_connection((host, port), timeout=10) for _ in range(many)]
        for number, raw in enumerate(asking):  # every process is busy, and two queries wait
            body = f"query={quote(DAY)}"
            if number % 2:
                raw.sendall(f"GET /sparql?{body} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            else:
                raw.sendall(
                    f"POST /sparql HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
                    f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
                )
        time.sleep(2.5)
        assert len(workers(server)) == 2 * len(known)
        for raw in asking:
            raw.close()
        until = time.monotonic() + 20
        while known & workers(server) and time.monotonic() < until:
            time.sleep(0.05)
        assert not known & workers(server)
        assert server.still_answers()
        while len(workers(server)) != len(known) and time.monotonic() < until:
            time.sleep(0.05)
        assert len(workers(server)) == len(known)


def test_too_many_at_once_are_asked_to_come_again(tmp_path):
    quads = "".join(f'<urn:s{n}> <urn:p> "{n}" <urn:g> .\n' for n in range(3000))
    store = make_store(tmp_path / "store", quads)
    with serving(tmp_path, "--store", store, "--time", "6", wait=1) as server:
        busy = len(workers(server))
        with concurrent.futures.ThreadPoolExecutor(2 * busy + 1) as many:
            long = [many.submit(server.ask, DAY) for _ in range(busy)]
            time.sleep(1.5)  # they make way, for as many again
            assert server.still_answers()
            long += [many.submit(server.ask, DAY) for _ in range(busy)]
            time.sleep(0.3)
            late = many.submit(server.ask, "ASK {}").result()
            assert late.status_code == 503
            assert int(late.headers["retry-after"]) > 0
            assert {one.result().status_code for one in long} == {504}
        assert server.still_answers()


# Other machines, and files


@pytest.fixture(scope="module")
def elsewhere():
    """Another machine, which tells whether it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.end_headers()
            self.wfile.write(b'{"head":{"vars":["s"]},"results":{"bindings":[]}}')

        do_POST = do_GET

        def log_message(self, *args):
            pass

    other = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{other.server_address[1]}/", asked
    other.shutdown()
    other.server_close()


# As Oxigraph reads them, not as the grammar does.
SERVICES = [
    "SERVICE <U> B",
    "service silent ?x B",
    "{ SELECT * { SERVICE <U> B } }",
    "OPTIONAL { SERVICE <U> B }",
    "FILTER(EXISTS { SERVICE <U> B })",
    "# comment\rSERVICE <U> B",
    "?a ?b 1SERVICE<U>B",
    "?a ?b trueSERVICE<U>B",
    "?a ?b true .SERVICESILENT<U>B",
    '?a ?b "a\\u0022b" . SERVICE <U> B # "\n',
    "FILTER(1<2+'>')SERVICE<U>B#'\n",
    "SERVICE:x B",
    "service:x B",
    "SERVICE#x\n<U>#y\rB",
    "VALUES ?z‿ { <U> } SERVICE ?z‿ B",
]


@pytest.mark.parametrize("pattern", SERVICES)
def test_other_machines_are_not_asked(server, elsewhere, pattern):
    url, asked = elsewhere
    text = pattern.replace("<U>", f"<{url}>").replace(" B", " { ?s ?p ?o }").replace(">B", "> { ?s ?p ?o }").replace("\rB", "\r{ ?s ?p ?o }")  # fmt: skip
    head = f"PREFIX : <{url}> PREFIX service: <{url}> "
    asked.clear()
    answer = server.ask(f"{head}SELECT * {{ {text} }}")
    assert answer.status_code == 400
    assert "SERVICE" in answer.json()["detail"]
    updated = server.update(f"{head}INSERT {{ <urn:a> <urn:b> 1 }} WHERE {{ {text} }}")
    assert (updated.status_code, "SERVICE" in updated.json()["detail"]) == (400, True)
    assert asked == []


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <U>",
        "load silent <U> INTO GRAPH <urn:g>",
        "INSERT DATA { <urn:a> <urn:b> 1 };LOAD<U>",
        "PREFIX : <U>LOAD:x",
        "LOAD <file:///etc/passwd>",
        "# c\rLOAD <U>",
    ],
)
def test_nothing_is_loaded_from_elsewhere(server, elsewhere, update):
    url, asked = elsewhere
    asked.clear()
    answer = server.update(update.replace("<U>", f"<{url}>"))
    assert (answer.status_code, "LOAD" in answer.json()["detail"]) == (400, True)
    assert asked == []


def test_words_alone_do_no_harm():
    for query in (
        'SELECT * WHERE { ?s ?p "SERVICE <http://x>" } LIMIT 1',
        "SELECT ?service ?dateOfService { ?service <urn:service> ?dateOfService } # SERVICE",
        "PREFIX service: <urn:> SELECT * WHERE { ?s service:p ?service }",
    ):
        require_local(query, "query")
    require_no_load('PREFIX load: <urn:> INSERT DATA { load:a load:b "LOAD" , <urn:load> }', "u")


@pytest.mark.parametrize(
    "text",
    [
        "SERVICE " * 125_000, "SERVICE#" * 125_000, "SERVICE<" * 125_000, "SERVICE a:" * 100_000,
        "SERVICE " + "a:" * 500_000, "SERVICE " + "#\n" * 500_000, "?" * 1_000_000,
        '"\\' * 500_000 + " FROM <", "FROM " + " " * 1_000_000, "<a" * 500_000, '"""' * 333_333,
        "LOAD#" * 200_000, "LOAD" + " " * 1_000_000,
    ],
)  # fmt: skip
def test_text_of_a_query_is_read_in_no_time(text):
    before = time.process_time()
    for read in (require_local, require_no_load):
        with contextlib.suppress(InputError):
            read(text, "query")
    states_dataset(text)
    assert time.process_time() - before < 3


def test_process_of_a_query_can_open_no_connection(elsewhere):
    """The second wall: were the check of the text passed, there would be no connection."""
    url, asked = elsewhere
    asked.clear()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # what is confined stays so
        try:
            assert confine()
            query = f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"
            try:
                list(ox.Store().query(query))
                os.write(writer, b"asked")
            except OSError as error:
                os.write(writer, f"refused: {error}".encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 1000).startswith(b"refused")
    assert asked == []
    os.close(reader)
    os.close(writer)


# Processes and log


def test_process_that_fails_is_replaced(server):
    (first, *_) = known = workers(server)
    os.kill(int(first), 9)
    for _ in range(2 * len(known)):  # one of them meets the process that is gone
        assert server.ask("ASK {}").status_code in (200, 500, 422)
    until = time.monotonic() + 10
    while len(workers(server)) < len(known) and time.monotonic() < until:
        time.sleep(0.05)
    assert [server.ask("ASK {}").status_code for _ in range(2 * len(known))] == [200] * 2 * len(known)  # fmt: skip


def test_log_holds_no_fact(server):
    server.ask("SELECT * { ?secret ?p 'patient-name' ")
    server.ask(DAY + " # patient-name")
    server.get("/sparql?query=patient-name")
    assert "patient-name" not in server.log()
