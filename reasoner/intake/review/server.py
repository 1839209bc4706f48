"""The review as a page on this machine: served to one browser, until it is saved or left.

Whoever does not hold the address sees nothing: it has a random part, the server listens on the
loopback address alone, and it answers no request that names another host (which stops DNS
rebinding) or comes from another site.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from reasoner.errors import MtusError
from reasoner.intake.draftreader import read_draft
from reasoner.intake.review.form import check, filled, make_form
from reasoner.intake.review.page import Page
from reasoner.intake.source import Source, with_modeline
from reasoner.knowledge import Knowledge
from reasoner.wholefile import write_text

MAX_BODY = 10_000_000
MAX_FIELDS = 80_000
_SECONDS = 30  # how long a browser may take to send a request


class Review:
    """A review in progress.

    Attributes:
        saved: whether it was saved.
    """

    def __init__(self, source: Source, out: Path, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.out = out
        self.saved = False
        self._draft = read_draft(source.text, out.name)
        self._before = make_form(self._draft, knowledge)
        self._page = Page(source, self._draft, out, knowledge)
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(32)
        self._form_token = secrets.token_urlsafe(32)
        self._server = _server(self)
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.port}/{self._token}/"

    def run(self) -> bool:
        """Serve until the review is saved or left; tell whether it was saved."""
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._server.server_close()
        return self.saved

    def stop(self) -> None:
        """End ``run``, from another thread."""
        threading.Thread(target=self._server.shutdown, daemon=True).start()

    def shown(self) -> str:
        """Give the page as it is at first."""
        return self._page.render(self._before, self._form_token)

    def holds(self, path: str) -> str | None:
        """Give what of a path follows the token; None if it does not begin with it."""
        start = f"/{self._token}/"
        same = secrets.compare_digest(path[: len(start)].encode(), start.encode())
        return path[len(start) :] if same else None

    def save(self, posted: dict[str, str]) -> tuple[HTTPStatus, str, bool]:
        """Save what was posted, if it is a case.

        Returns:
            The status, the page to show, and whether the review is over.
        """
        if not secrets.compare_digest(posted.get("token", "").encode(), self._form_token.encode()):
            return HTTPStatus.FORBIDDEN, self._page.told("This form is of another review."), False
        with self._lock:
            if self.saved:
                return HTTPStatus.CONFLICT, self._page.told("The review was saved before."), True
            if posted.get("action") == "leave":
                return (
                    HTTPStatus.OK,
                    self._page.told("Left without saving. Nothing was written."),
                    True,
                )
            form = filled(self._before, posted)
            text, form = check(form, self._draft, self._before, self.knowledge)
            if form.problems:
                return (
                    HTTPStatus.UNPROCESSABLE_ENTITY,
                    self._page.render(form, self._form_token),
                    False,
                )
            try:
                write_text(self.out, with_modeline(text, self.out))
            except MtusError as error:
                return HTTPStatus.INTERNAL_SERVER_ERROR, self._page.told(str(error)), False
            self.saved = True
            return HTTPStatus.OK, self._page.told(f"Saved as {self.out}."), True


def _server(review: Review) -> ThreadingHTTPServer:
    class Handler(_Handler):
        pass

    Handler.review = review
    return _Server(("127.0.0.1", 0), Handler)


class _Server(ThreadingHTTPServer):
    """Serves on this machine alone."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that went away is no error of the review."""


class _Handler(BaseHTTPRequestHandler):
    """Answers the browser."""

    review: Review
    server_version = "mtus"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def do_GET(self) -> None:
        if self._is_ours() and self._rest() == "":
            self._send(HTTPStatus.OK, self.review.shown())

    def do_POST(self) -> None:
        if not self._is_ours() or self._rest() is None:
            return
        kind = (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        length = self.headers.get("Content-Length", "")
        if self._rest() != "save":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif kind != "application/x-www-form-urlencoded":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif not length.isdecimal() or self.headers.get("Transfer-Encoding"):
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > 9 or int(length) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._save(self.rfile.read(int(length)))

    def _save(self, body: bytes) -> None:
        try:
            pairs = parse_qsl(
                body.decode("ascii", errors="replace"),
                keep_blank_values=True,
                max_num_fields=MAX_FIELDS,
            )
        except ValueError:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        status, page, over = self.review.save(dict(pairs))
        self._send(status, page)
        if over:
            self.review.stop()

    def _is_ours(self) -> bool:
        """Refuse what another host or another site sends."""
        port = self.review.port
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        site = self.headers.get("Sec-Fetch-Site")
        if self.headers.get("Host") not in hosts:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        elif (origin is not None and origin not in {f"http://{host}" for host in hosts}) or (
            self.command == "POST" and site not in (None, "none", "same-origin")
        ):
            self._refuse(HTTPStatus.FORBIDDEN)
        else:
            return True
        return False

    def _rest(self) -> str | None:
        rest = self.review.holds(self.path)
        if rest is None or (self.command == "GET" and rest != ""):
            self._refuse(HTTPStatus.NOT_FOUND)
            return None
        return rest

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(status, f"<!doctype html><title>{status.phrase}</title><p>{status.phrase}.")

    def _send(self, status: HTTPStatus, page: str) -> None:
        content = page.encode("utf-8", errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "same-origin")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; style-src {Page.style_hash}; script-src {Page.script_hash};"
            " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Write no log: addresses hold the token."""


def review(
    source: Source,
    out: Path,
    knowledge: Knowledge,
    announce: Callable[[str], None],
) -> bool:
    """Have a person review what was read, and save it.

    Args:
        source: what was read.
        out: the case file to write.
        knowledge: the vocabularies.
        announce: told the address of the page once it is served.

    Returns:
        Whether the review was saved.
    """
    running = Review(source, out, knowledge)
    announce(running.url)
    return running.run()
