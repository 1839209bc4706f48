"""A store at a SPARQL 1.1 endpoint: Query, Update and the Graph Store Protocol over HTTP.

Sources: W3C SPARQL 1.1 Protocol; W3C SPARQL 1.1 Graph Store HTTP Protocol.
"""

from __future__ import annotations

import base64
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from reasoner.errors import InputError, MtusError, Problem
from reasoner.queries import Answer
from reasoner.store.journal import Commit
from reasoner.store.names import CATALOGUE

_LARGE = 2_000_000
"""Bytes from which the graphs of a commit are put one by one, and listed at the end."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_RESULTS = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is, and how to sign in; ``authorization`` is shown nowhere."""

    name: str
    query: str
    update: str
    graphs: str
    authorization: str | None


def address_of(url: str, environment: Mapping[str, str] = os.environ) -> Address:
    """Give the address of an endpoint.

    Args:
        url: the URL that its three services stand below.
        environment: holds credentials, and the services' own URLs where they differ.

    Raises:
        InputError: if the URL holds credentials or is none, or credentials would go in the clear.
    """

    def wrong(message: str, expected: str) -> InputError:
        return InputError([Problem(message, "--store", expected=expected)])

    base = url.rstrip("/")
    places = {
        "query": environment.get("MTUS_STORE_QUERY", f"{base}/query"),
        "update": environment.get("MTUS_STORE_UPDATE", f"{base}/update"),
        "graphs": environment.get("MTUS_STORE_GRAPHS", f"{base}/store"),
    }
    user, token = environment.get("MTUS_STORE_USER"), environment.get("MTUS_STORE_TOKEN")
    authorization = None
    if token:
        authorization = f"Bearer {token}"
    elif user:
        pair = f"{user}:{environment.get('MTUS_STORE_PASSWORD', '')}".encode()
        authorization = f"Basic {base64.b64encode(pair).decode()}"
    for place in (url, *places.values()):
        parts = urlsplit(place)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise wrong("This is no URL of an endpoint.", "https://HOST/...")
        if parts.username or parts.password:
            raise wrong(
                "The URL holds credentials.", "MTUS_STORE_USER and MTUS_STORE_PASSWORD instead"
            )
        if authorization and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise wrong("Credentials would go in the clear.", "https://HOST/...")
    return Address(base, authorization=authorization, **places)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow none: it would carry the credentials elsewhere."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


class EndpointStore:
    """A store at an endpoint; made by ``open_endpoint``."""

    def __init__(self, address: Address, *, timeout: float = 300.0) -> None:
        self.place = address.name
        self._address = address
        self._timeout = timeout

    def select(self, text: str) -> Iterator[tuple[str | None, ...]]:
        """Ask a query of ours, and give the values of its rows."""
        for row in self.ask(text, self._timeout).rows:
            yield tuple(None if term is None else term.value for term in row)

    def ask(self, text: str, seconds: float, stopped: Callable[[], bool] | None = None) -> Answer:
        """Ask a query.

        Raises:
            MtusError: if there is no answer in time, or none that is whole.
            InputError: if the endpoint refuses the query.
        """
        data, kind = self._send(
            self._address.query,
            "POST",
            text.encode(),
            {"Content-Type": "application/sparql-query",
             "Accept": f"{_RESULTS}, application/n-triples;q=0.9"},
            seconds, stopped,
        )  # fmt: skip
        try:
            if "json" in kind:
                found = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
                if isinstance(found, ox.QueryBoolean):
                    return Answer(("answer",), ((ox.Literal(bool(found)),),))
                columns = tuple(v.value for v in found.variables)
                return Answer(columns, tuple(tuple(solution) for solution in found))
            triples = (quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES))
            rows = tuple((t.subject, t.predicate, t.object) for t in triples)
            return Answer(("subject", "predicate", "object"), rows)
        except (SyntaxError, ValueError) as error:  # Oxigraph cuts an answer off after its time
            raise MtusError(f"{self.place}: the answer is not whole: {error}") from error

    def commit(self, commit: Commit) -> None:
        """Write what belongs together, in one request unless it is too large for that.

        Raises:
            MtusError: if the endpoint cannot be reached, or refuses.
        """
        graphs: dict[str, list[str]] = {}
        for quad in ox.parse(commit.quads, format=ox.RdfFormat.N_QUADS):
            assert isinstance(quad.graph_name, ox.NamedNode)
            graphs.setdefault(quad.graph_name.value, []).append(f"{quad.triple} .\n")
        steps = [
            f"DROP SILENT GRAPH <{name}> ;\n"
            f"DELETE WHERE {{ GRAPH <{CATALOGUE}> {{ <{name}> ?p ?o }} }}"
            for name in commit.drops
        ]
        if len(commit.quads) > _LARGE:
            self._update(steps)
            steps = []
            for name in [name for name in graphs if name != CATALOGUE]:
                self._put(name, "".join(graphs.pop(name)).encode())
        if graphs:
            blocks = "".join(
                f"GRAPH <{name}> {{\n{''.join(lines)}}}\n" for name, lines in graphs.items()
            )
            steps.append(f"INSERT DATA {{\n{blocks}}}")
        self._update(steps)

    def _update(self, steps: list[str]) -> None:
        if steps:
            self._send(
                self._address.update, "POST", " ;\n".join(steps).encode(),
                {"Content-Type": "application/sparql-update"}, self._timeout,
            )  # fmt: skip

    def _put(self, name: str, triples: bytes) -> None:
        self._send(
            f"{self._address.graphs}?graph={quote(name, safe='')}",
            "PUT",
            triples,
            {"Content-Type": "application/n-triples"},
            self._timeout,
        )

    def arrange(self) -> None:
        """Do nothing: how it lays out what it has is the server's affair."""

    def lines(self) -> Iterator[bytes]:
        """Give every quad of the graphs that the catalogue lists, as lines of N-Quads."""
        kind = "<http://purl.org/dc/terms/type>"
        listed = f"SELECT DISTINCT ?g WHERE {{ GRAPH <{CATALOGUE}> {{ ?g {kind} ?k }} }}"
        names = [row[0] for row in self.select(listed)]
        for name in (*names, CATALOGUE):
            data, _ = self._send(
                f"{self._address.graphs}?graph={quote(str(name), safe='')}", "GET", None,
                {"Accept": "application/n-triples"}, self._timeout,
            )  # fmt: skip
            for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES):
                yield f"{quad.triple} <{name}> .\n".encode()

    def _send(
        self,
        url: str,
        method: str,
        data: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
        stopped: Callable[[], bool] | None = None,
    ) -> tuple[bytes, str]:
        request = urllib.request.Request(url, data=data, method=method, headers=dict(headers))
        request.add_header("User-Agent", "mtus-reasoner")
        if self._address.authorization is not None:
            request.add_unredirected_header("Authorization", self._address.authorization)
        until = time.monotonic() + seconds
        try:
            with _OPENER.open(request, timeout=seconds) as answer:
                kind = str(answer.headers.get("Content-Type", ""))
                return self._read(answer, until, seconds, stopped), kind
        except urllib.error.HTTPError as error:
            said = " ".join(error.read(500).decode("utf-8", "replace").split())
            if error.code == 400:
                raise InputError(
                    [Problem(f"The endpoint refuses it: {said}", self.place)]
                ) from error
            if error.code in (401, 403):
                raise MtusError(
                    f"{self.place} does not let us in ({error.code}); set MTUS_STORE_USER and "
                    "MTUS_STORE_PASSWORD, or MTUS_STORE_TOKEN"
                ) from error
            raise MtusError(f"{self.place} answers {error.code}: {said}") from error
        except TimeoutError as error:
            raise MtusError(f"{self.place} gave no answer in {seconds:g} s") from error
        except (urllib.error.URLError, OSError) as error:
            why = getattr(error, "reason", error)
            if isinstance(why, TimeoutError):
                raise MtusError(f"{self.place} gave no answer in {seconds:g} s") from error
            raise MtusError(f"{self.place} cannot be reached: {why}") from error

    def _read(
        self, answer: IO[bytes], until: float, seconds: float, stopped: Callable[[], bool] | None
    ) -> bytes:
        parts = []
        while part := answer.read(65536):
            parts.append(part)
            if time.monotonic() > until:
                raise MtusError(f"{self.place} gave no answer in {seconds:g} s")
            if stopped is not None and stopped():
                raise MtusError("the query was stopped")
        return b"".join(parts)


@contextmanager
def open_endpoint(url: str) -> Iterator[EndpointStore]:
    """Open the store at an endpoint.

    Raises:
        InputError: if the URL will not do.
    """
    yield EndpointStore(address_of(url))
