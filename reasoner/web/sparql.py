"""The SPARQL endpoint: queries, updates, graphs.

Sources: W3C SPARQL 1.1 Protocol; SPARQL 1.1 Service Description; SPARQL 1.1 Graph Store HTTP
Protocol (reading).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

import pyoxigraph as ox
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.requests import ClientDisconnect

from reasoner.web.description import describe_service
from reasoner.web.faults import (
    AbsentError,
    AskingError,
    MalformedError,
    UnacceptableError,
)
from reasoner.web.negotiation import RDF, RESULTS, choose
from reasoner.web.openapi import ASKED, GRAPH, POSTED
from reasoner.web.problems import problem
from reasoner.web.serving import ServedStore

router = APIRouter(tags=["SPARQL"])

_FORM, _QUERY, _UPDATE = (
    "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update",
)  # fmt: skip
_DATASET = ("default-graph-uri", "named-graph-uri")
_USING = ("using-graph-uri", "using-named-graph-uri")
_LONGEST = 1_000_000
"""Bytes of a query."""

Iri = Annotated[str, Field(json_schema_extra={"format": "uri"})]
DefaultGraph = Annotated[
    list[Iri], Query(alias="default-graph-uri", description="Graphs that are asked as one.")
]
NamedGraph = Annotated[
    list[Iri], Query(alias="named-graph-uri", description="Graphs that a query can name.")
]
QueryText = Annotated[
    Annotated[str, Field(json_schema_extra={"format": "sparql-query"})] | None,
    Query(description="A query of SPARQL 1.1."),
]


class _UnsupportedError(AskingError):
    status = 415


class _ForbiddenError(AskingError):
    status = 403


@router.get("/sparql", operation_id="query", **ASKED)
async def ask(
    request: Request,
    query: QueryText = None,  # noqa: ARG001 - read below, where repetition is seen too
    default: DefaultGraph = [],  # noqa: ARG001, B006
    named: NamedGraph = [],  # noqa: ARG001, B006
) -> Response:
    """Answer a query; without one, describe the service."""
    pairs = list(request.query_params.multi_items())
    if not any(key == "query" for key, _ in pairs):
        return await _answered(request, _describe(request, pairs))
    return await _answered(request, _query(request, pairs))


@router.post("/sparql", operation_id="query_or_update", **POSTED)
async def post(request: Request) -> Response:
    """Answer a query, or run an update if the server was started with --writable."""
    try:
        body = await request.body()
    except ClientDisconnect:
        return problem(400, "The client went away.")
    return await _answered(request, _posted(request, body))


@router.get("/graphs", operation_id="graph", **GRAPH)
@router.head("/graphs", operation_id="graph_head", **GRAPH)
async def graph(
    request: Request,
    graph: Annotated[Iri | None, Query(description="The name of a graph, an IRI.")] = None,
    default: Annotated[str | None, Query(description="All graphs as one.")] = None,
) -> Response:
    """Give a graph."""
    return await _answered(request, _graph(request, graph, default))


async def _answered(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """Answer, or say why not; stop when the client goes away."""
    try:
        return await _unless_gone(request, work)
    except AskingError as error:
        headers = {"Retry-After": "2"} if error.status == 503 else {}
        return problem(error.status, str(error), headers)


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    task = asyncio.create_task(work)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return problem(400, "The client went away.")  # nobody reads it
    finally:
        for one in (task, gone):
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await one


async def _posted(request: Request, body: bytes) -> Response:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_FORM, _QUERY, _UPDATE):
        raise _UnsupportedError(f"Send {_FORM}, {_QUERY} or {_UPDATE}.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("The request is not in UTF-8.") from None
    pairs = list(request.query_params.multi_items())
    if kind == _QUERY:
        pairs.append(("query", text))
    elif kind == _UPDATE:
        pairs.append(("update", text))
    else:
        try:
            pairs += parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
        except (ValueError, UnicodeDecodeError):
            raise MalformedError("The form is malformed.") from None
    keys = [key for key, _ in pairs]
    if "query" in keys and "update" in keys:
        raise MalformedError("A request holds a query or an update, not both.")
    if "update" in keys:
        return await _update(request, pairs)
    return await _query(request, pairs)


def _served(request: Request) -> ServedStore:
    served: ServedStore | None = request.app.state.served
    if served is None:
        raise AbsentError("This server was started without a store: mtus serve --store STORE.")
    return served


def _one(pairs: Sequence[tuple[str, str]], key: str) -> str:
    found = [value for name, value in pairs if name == key]
    if len(found) != 1:
        raise MalformedError(f"A request holds one {key}, not {len(found)}.")
    if len(found[0].encode("utf-8", "replace")) > _LONGEST and key == "query":
        raise MalformedError(f"A query has at most {_LONGEST:,} bytes.")
    return found[0]


def _graphs(pairs: Sequence[tuple[str, str]], key: str) -> list[str] | None:
    names = [value for name, value in pairs if name == key]
    for name in names:
        _require_iri(name, key)
    return names or None


def _require_iri(name: str, key: str) -> None:
    try:
        ox.NamedNode(name)
    except ValueError:
        raise MalformedError(f"{key} is no absolute IRI.") from None


def _chosen(request: Request, offered: dict[str, str]) -> str | None:
    return choose(request.headers.get("accept"), offered)


async def _query(request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
    text = _one(pairs, "query")
    default, named = (_graphs(pairs, key) for key in _DATASET)
    results, rdf = _chosen(request, RESULTS), _chosen(request, RDF)
    if results is None and rdf is None:
        raise UnacceptableError("Accept one of " + ", ".join([*RESULTS, *RDF]) + ".")
    reply = await _served(request).query(
        text,
        results=None if results is None else RESULTS[results],
        rdf=None if rdf is None else RDF[rdf],
        default=default,
        named=named,
    )
    media = results if reply.kind == "results" else rdf
    assert media is not None
    return _written(reply.data, media, reply.took)


async def _update(request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
    served = _served(request)
    if not request.app.state.settings.writable:
        raise _ForbiddenError("This server takes no updates: mtus serve --writable would.")
    if any(key in (*_USING, *_DATASET) for key, _ in pairs):
        raise MalformedError("Name graphs in the update, by GRAPH, WITH or USING.")
    await served.update(_one(pairs, "update"))
    return Response(status_code=204)


async def _describe(request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
    if any(key == "update" for key, _ in pairs):
        raise MalformedError("An update is sent by POST.")
    for key in _DATASET:
        _graphs(pairs, key)  # what is no IRI is told, query or not
    media = _chosen(request, RDF)
    if media is None:
        raise UnacceptableError("The service is described as one of " + ", ".join(RDF) + ".")
    settings = request.app.state.settings
    address = str(request.url.replace(query=""))
    return _written(describe_service(address, RDF[media], writable=settings.writable), media)


async def _graph(request: Request, name: str | None, default: str | None) -> Response:
    if (name is None) == (default is None):
        raise MalformedError("Name one graph, by ?graph=IRI, or ask for ?default.")
    if name is not None:
        _require_iri(name, "graph")
    media = _chosen(request, RDF)
    if media is None:
        raise UnacceptableError("A graph is given as one of " + ", ".join(RDF) + ".")
    reply = await _served(request).graph(name, RDF[media])
    return _written(reply.data, media, reply.took)


def _written(data: bytes, media: str, took: float | None = None) -> Response:
    headers = {"Vary": "Accept"}
    if took is not None:
        headers["Server-Timing"] = f"query;dur={took * 1000:.1f}"
    return Response(data, 200, headers, media)


async def _gone(request: Request) -> None:
    """Wait until the client goes away; its request was read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
