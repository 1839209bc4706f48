"""Who may ask, from where, and how much: in front of every page and of the endpoint.

- Without a token, the server answers to names of loopback alone, so that no page elsewhere reaches
  it by a name of its own that it points here (DNS rebinding).
- With a token, a program shows it (``Authorization: Bearer``); a person enters it once, and a
  cookie that scripts cannot read and other sites do not send stands for it.
- What another site's page makes the browser send is refused, but for following a link to a page.
- A request that is too large, or comes too slowly, is refused without being kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import traceback
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reasoner.web.problems import problem
from reasoner.web.settings import Settings, is_loopback

LARGEST = 10_000_000
"""Bytes of a request's body."""
_SLOWEST = 60.0
"""Seconds in which a body has to be there."""
_DRAINED = 200_000_000
"""Bytes of a body that is too large that are read and dropped, so that the answer is seen."""
COOKIE = "mtus-session"
_LOG = logging.getLogger("reasoner.web")

HEADERS = {
    # Styles alone may stand in a page: editors and graphs set them on the elements they draw.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

_FORM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in - MTUS reasoner</title></head>
<body><main><h1>MTUS reasoner</h1><p role="status">{said}</p>
<form method="post" action="/sign-in"><label for="token">Token</label>
<input id="token" name="token" type="password" required autofocus autocomplete="current-password">
<button>Sign in</button></form></main></body></html>
"""


class Guard:
    """The middleware in front of everything.

    Args:
        app: what it stands in front of.
        settings: what the server was started with.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._token = None if settings.token is None else settings.token.encode()
        # Another at each start: whoever signed in has to do so again.
        self._session = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._answer(scope, receive, sending)
        except Exception as error:
            # The message may hold what a case says; where it happened does not.
            frames = traceback.extract_tb(error.__traceback__)[-4:]
            where = " < ".join(f"{f.name} ({f.filename}:{f.lineno})" for f in reversed(frames))
            _LOG.error("%s at %s", type(error).__name__, where)
            if started:
                raise ConnectionAbortedError from None
            await problem(500, "The server failed; its log says where.")(scope, receive, sending)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        refused = self._foreign(scope, headers)
        if refused is not None:
            await refused(scope, receive, send)
            return
        body = _Body(receive, headers)
        if body.too_large_by_its_word:
            await body.drain()
            await _too_large()(scope, receive, send)
            return
        if self._token is not None:
            if scope["path"] == "/sign-in" and scope["method"] == "POST":
                await (await self._sign_in(scope, body))(scope, receive, send)
                return
            if not self._known(headers):
                await _ask_for_token(headers)(scope, receive, send)
                return
        try:
            await self._app(scope, body.receive, send)
        except _TooLargeError:
            await body.drain()
            await _too_large()(scope, receive, send)
        except TimeoutError:
            if not body.late:
                raise
            await problem(408, "The request did not come in time.", {"Connection": "close"})(
                scope, receive, send
            )

    def _foreign(self, scope: Scope, headers: Headers) -> Response | None:
        """Refuse what comes by a foreign name, or from a page of another site."""
        host = headers.get("host", "")
        if self._token is None and not is_loopback(_name_of(host)):
            return problem(421, "Without a token, this server answers at 127.0.0.1 and localhost.")
        site = headers.get("sec-fetch-site")
        if site in ("cross-site", "same-site"):  # same-site is another port of this machine
            is_link = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
            if not is_link or scope["path"].startswith(("/sparql", "/graphs")):
                return problem(403, "Pages of other sites may not ask this server.")
        origin = headers.get("origin")
        if (
            origin is not None
            and scope["method"] not in ("GET", "HEAD")
            and urlsplit(origin).netloc.lower() != host.lower()
        ):
            return problem(403, "Pages of other sites may not ask this server.")
        return None

    def _known(self, headers: Headers) -> bool:
        assert self._token is not None
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return _same(shown.strip().encode("utf-8", "surrogateescape"), self._token)
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and _same(cookie.value.encode(), self._session.encode())

    async def _sign_in(self, scope: Scope, body: _Body) -> Response:
        assert self._token is not None
        try:
            data = await body.whole(4096)
        except _TooLargeError:
            return _too_large()
        shown = parse_qs(data.decode("utf-8", "replace")).get("token", [""])[0]
        if not _same(shown.encode("utf-8", "replace"), self._token):
            return HTMLResponse(_FORM.format(said="This is not the token."), 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE, self._session, httponly=True, samesite="strict", path="/",
            secure=scope.get("scheme") == "https",
        )  # fmt: skip
        return answer


class _TooLargeError(Exception):
    """The body is larger than may be."""


class _Body:
    """The body of a request as it comes: counted, and not for ever."""

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        self._size = 0
        self._until = asyncio.get_running_loop().time() + _SLOWEST
        self._whole = False
        # Who expects to be told to go on waits for our answer, and has sent nothing yet.
        self._waits = headers.get("expect", "").lower() == "100-continue"
        self.late = False
        stated = headers.get("content-length", "0")
        self.too_large_by_its_word = stated.isdigit() and int(stated) > LARGEST

    async def receive(self) -> Message:
        """Give the next part of the body; after the last, wait for the client to go away."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            self.late = True
            raise
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._size > LARGEST:
                raise _TooLargeError
        return message

    async def whole(self, most: int) -> bytes:
        """Give a small body."""
        parts: list[bytes] = []
        while not self._whole:
            message = await self.receive()
            if message["type"] != "http.request":
                break
            parts.append(message.get("body", b""))
            if self._size > most:
                raise _TooLargeError
        return b"".join(parts)

    async def drain(self) -> None:
        """Drop what is still coming, within bounds: a client that sends does not read."""
        try:
            async with asyncio.timeout_at(self._until):
                while not self._whole and not self._waits and self._size < _DRAINED:
                    message = await self._receive()
                    if message["type"] != "http.request":
                        return
                    self._size += len(message.get("body", b""))
                    self._whole = not message.get("more_body", False)
        except TimeoutError:
            return


def _too_large() -> Response:
    return problem(413, f"The request is larger than {LARGEST:,} bytes.", {"Connection": "close"})


def _ask_for_token(headers: Headers) -> Response:
    challenge = {"WWW-Authenticate": 'Bearer realm="mtus"'}
    if "text/html" in headers.get("accept", ""):
        said = "This server asks for the token that it was started with."
        return HTMLResponse(_FORM.format(said=said), 401, challenge)
    return problem(401, "Show the token of the server: Authorization: Bearer TOKEN.", challenge)


def _name_of(host: str) -> str:
    """Give the name in a Host header, without its port."""
    if host.startswith("["):
        return host.partition("]")[0].strip("[]")
    return host.partition(":")[0].lower()


def _same(shown: bytes, right: bytes) -> bool:
    # Digests, so that the time taken tells nothing of the length either.
    return hmac.compare_digest(hashlib.sha256(shown).digest(), hashlib.sha256(right).digest())
