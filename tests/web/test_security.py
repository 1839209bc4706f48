"""Who is let in, from where, and with how much."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import httpx
import pytest

from reasoner import InputError
from reasoner.web.settings import Settings, is_loopback, require_sound
from tests.web.serving import make_store, serving

TOKEN = "a-token-of-some-length"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that asks for a token, and takes updates."""
    folder = tmp_path_factory.mktemp("guarded")
    store = make_store(folder / "store", "<urn:a> <urn:b> <urn:c> <urn:g> .\n")
    with serving(folder, "--store", store, "--writable", environment={"MTUS_TOKEN": TOKEN}) as it:
        yield it


def test_others_are_not_listened_to_without_a_token():
    with pytest.raises(InputError, match="reached from other machines"):
        require_sound(Settings(host="0.0.0.0"))
    require_sound(Settings(host="0.0.0.0", token=TOKEN))
    for host, own in (("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.9.1", True),
                      ("0.0.0.0", False), ("::", False), ("example.org", False), ("", False)):  # fmt: skip
        assert is_loopback(host) is own


def test_weak_token_is_refused_and_no_token_is_shown():
    for token in ("short", "has a space in it all", "größer-als-sechzehn", ""):
        with pytest.raises(InputError, match="token") as told:
            require_sound(Settings(token=token))
        assert not token or token not in str(told.value)
    assert TOKEN not in repr(Settings(token=TOKEN))


def test_token_lets_in(guarded):
    assert guarded.get("/sparql", headers=BEARER).status_code == 200
    described = guarded.get("/openapi.json", headers=BEARER).json()
    assert described["security"] == [{"bearer": []}]
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    # With a token, a proxy may give the server another name.
    assert guarded.get("/sparql", headers={**BEARER, "Host": "mtus.example.org"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-token-of-length"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Cookie": f"mtus-session={TOKEN}"},
        {"Cookie": "mtus-session="},
        {"Cookie": 'mtus-session="\\303"; ='},
        {"Authorization": b"Bearer \xff\xfe"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/sparql", "/graphs?default", "/openapi.json", "/no-such", "/static/x"])  # fmt: skip
def test_wrong_token_is_not_let_in(guarded, headers, path):
    answer = guarded.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert TOKEN not in answer.text


def test_person_signs_in(guarded):
    with httpx.Client(base_url=guarded.url, headers={"Accept": "text/html"}) as browser:
        form = browser.get("/")
        assert (form.status_code, 'action="/sign-in"' in form.text) == (401, True)
        assert browser.post("/sign-in", data={"token": "wrong-token-of-length"}).status_code == 401
        assert not browser.cookies
        signed = browser.post("/sign-in", data={"token": TOKEN})
        assert (signed.status_code, signed.headers["location"]) == (303, "/")
        cookie = signed.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert TOKEN not in cookie
        assert browser.get("/sparql", headers={"Accept": "text/turtle"}).status_code == 200


def test_form_of_the_token_is_no_way_to_fill_memory(guarded):
    answer = httpx.post(f"{guarded.url}/sign-in", content=b"token=" + b"x" * 5_000_000)
    assert answer.status_code == 413


# Other sites


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_server_answers_to_its_own_names_alone(server, host):
    assert server.get("/sparql", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8765", "[::1]:8765"])
def test_own_names_are_those_of_loopback(server, host):
    assert server.get("/sparql", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_pages_of_other_sites_change_nothing(server, headers):
    answer = httpx.post(
        f"{server.url}/sparql", data={"update": "INSERT DATA { <urn:evil> <urn:b> 1 }"}, headers=headers,
    )  # fmt: skip
    assert answer.status_code == 403
    assert not server.ask("ASK { <urn:evil> ?p ?o }").json()["boolean"]


def test_pages_of_other_sites_read_nothing(server):
    for mode in ("cors", "no-cors", "navigate"):
        foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}
        assert server.get("/graphs?default", headers=foreign).status_code == 403
    plain = server.get("/sparql", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in plain.headers
    preflight = httpx.options(f"{server.url}/sparql", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in preflight.headers
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Origin": server.url}
    assert server.ask("ASK {}", headers=own).status_code == 200


@pytest.mark.parametrize("path", ["/", "/sparql", "/no-such", "/graphs"])
def test_every_answer_is_guarded(server, path):
    headers = server.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


def test_documentation_comes_from_nowhere_else(server):
    assert server.get("/docs").status_code == 404
    assert server.get("/redoc").status_code == 404
    assert server.get("/openapi.json").json()["openapi"].startswith("3.1")


# Paths out of the folder


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../settings.py", "/static/%2e%2e/%2e%2e/settings.py", "/../../etc/passwd",
        "/static/..%2f..%2fsettings.py", "/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
        "/static/..\\..\\settings.py", "/guidelines/..%2f..%2f/etc", "/static/%00",
    ],
)  # fmt: skip
def test_path_out_of_the_folder_leads_nowhere(server, path):
    host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
    with socket.create_connection((host, port), timeout=10) as raw:  # as it is, not made proper
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.split(b" ", 2)[1] in (b"404", b"400", b"405")
    assert b"root:" not in answer
    assert b"dataclass" not in answer
    assert server.still_answers()


def test_graph_of_a_file_is_no_file(server):
    assert server.get("/graphs?graph=file:///etc/passwd").status_code == 404


# Too much


def memory(pid: int) -> int:
    """Give the megabytes that a process has held at most."""
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1000


@pytest.mark.parametrize("stated", [True, False])
def test_hundred_megabytes_are_refused_and_not_kept(server, stated):
    before = memory(server.process.pid)
    part = b"x" * 1_000_000

    def parts():
        for _ in range(100):
            yield part

    headers = {"Content-Type": "application/sparql-update"}
    if stated:
        headers["Content-Length"] = str(100 * len(part))
    answer = httpx.post(f"{server.url}/sparql", content=parts(), headers=headers, timeout=60)
    assert answer.status_code == 413
    assert "10,000,000" in answer.json()["detail"]
    # What is sent would be 100 more; a server that has just begun loads some by itself meanwhile.
    assert memory(server.process.pid) - before < 80
    assert server.still_answers()


def test_who_waits_to_be_told_sends_nothing(server):
    host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
    with socket.create_connection((host, port), timeout=10) as raw:
        raw.sendall(
            f"POST /sparql HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100000000\r\n"
            "Content-Type: application/sparql-query\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert raw.recv(65536).startswith(b"HTTP/1.1 413")


def test_body_that_never_comes_holds_up_nobody(server):
    host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
    stuck = []
    for _ in range(100):
        raw = socket.create_connection((host, port), timeout=10)
        raw.sendall(
            f"POST /sparql HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n"
            "Content-Type: application/sparql-query\r\n\r\nSELECT".encode()
        )
        stuck.append(raw)
    try:
        assert server.still_answers()
    finally:
        for raw in stuck:
            raw.close()
    assert server.still_answers()


# Starting


def start(*arguments, **environment):
    import os

    return subprocess.run(
        [sys.executable, "-m", "reasoner", "serve", "--port", "0", *arguments],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "MTUS_TOKEN"),
        (("--writable",), "--store"),
        (("--store", "nowhere"), "no such store"),
        (("--store", "docs"), "no store"),
        (("--store", "https://example.org/sparql"), "endpoint already"),
        (("--cases", "nowhere"), "no such folder"),
        (("--host", "192.0.2.1", "--token", TOKEN), "cannot be listened at"),
    ],
)
def test_what_cannot_be_served_is_said(arguments, said):
    done = start(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_store_of_an_older_version_is_refused(tmp_path):
    store = make_store(tmp_path / "store")
    (tmp_path / "store" / "mtus-store.json").write_text('{"format": "mtus.store/0"}')
    done = start("--store", store)
    assert done.returncode == 2
    assert "mtus.store/0" in done.stderr
    assert "back it up" in done.stderr


def test_store_that_another_writes_to_is_said(tmp_path):
    from reasoner.store.embedded import writing

    store = make_store(tmp_path / "store")
    with writing(tmp_path / "store"):
        before = time.monotonic()
        done = start("--store", store)
    assert done.returncode == 2
    assert "another process" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert time.monotonic() - before < 40
