"""What an endpoint may do to us: refuse, go silent, cut an answer off, ask for credentials."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reasoner import InputError, MtusError
from reasoner.store.endpoint import EndpointStore, address_of


@pytest.fixture
def serve():
    servers = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                answer(self)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(url, seconds=5.0, **environment):
    return EndpointStore(address_of(url, environment)).ask("ASK {}", seconds)


def reply(handler, status, body, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_credentials_are_sent_and_shown_nowhere(serve):
    seen = []

    def answer(handler):
        seen.append(handler.headers["Authorization"])
        reply(handler, 401, b"no")

    with pytest.raises(MtusError, match="does not let us in") as told:
        ask(serve(answer), MTUS_STORE_USER="u", MTUS_STORE_PASSWORD="p4ssw0rd")
    assert seen == ["Basic dTpwNHNzdzByZA=="]
    assert "p4ssw0rd" not in str(told.value)


def test_credentials_do_not_go_in_the_clear_or_stand_in_a_url():
    with pytest.raises(InputError, match="in the clear"):
        address_of("http://example.org/sparql", {"MTUS_STORE_TOKEN": "x"})
    with pytest.raises(InputError, match="holds credentials"):
        address_of("https://me:secret@example.org/sparql", {})
    with pytest.raises(InputError, match="no URL"):
        address_of("https:///sparql", {})


def test_redirect_is_not_followed(serve):
    with pytest.raises(MtusError, match="answers 307"):
        ask(serve(lambda h: reply(h, 307, b"", Location="http://127.0.0.1:1/")))


def test_answer_that_is_cut_off_is_no_answer(serve):
    cut = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:x"}'
    url = serve(lambda h: reply(h, 200, cut, Content_Type="application/sparql-results+json"))
    with pytest.raises(MtusError, match="not whole"):
        list(EndpointStore(address_of(url, {})).select("SELECT * {}"))


def test_silence_ends(serve):
    before = time.monotonic()
    with pytest.raises(MtusError, match=r"no answer in 0\.3 s"):
        ask(serve(lambda _: time.sleep(1.0)), seconds=0.3)
    assert time.monotonic() - before < 3


def test_refusal_names_the_query(serve):
    with pytest.raises(InputError, match="expected WHERE"):
        ask(serve(lambda h: reply(h, 400, b"expected WHERE")))
    with pytest.raises(MtusError, match="answers 500"):
        ask(serve(lambda h: reply(h, 500, b"oh")))
