"""What is said when something cannot be answered: problem details as JSON.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """What went wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Say what went wrong.

    Args:
        status: the HTTP status.
        detail: what is wrong and what would be right, as sentences.
        headers: further headers.
    """
    body = ProblemDetails(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(
        json.dumps(body.model_dump(), ensure_ascii=False).encode(),
        status,
        dict(headers or {}),
        MEDIA_TYPE,
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Give the entries of OpenAPI for answers that are problems."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def add_problems(app: FastAPI) -> None:
    """Answer what the framework refuses as problems; tell of them, and of the token, in OpenAPI."""
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    plain = app.openapi

    def described() -> dict[str, Any]:
        described = plain()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
        if app.state.settings.token is not None:
            bearer = {"bearer": {"type": "http", "scheme": "bearer"}}
            described["components"]["securitySchemes"] = bearer
            described["security"] = [{"bearer": []}]
        return described

    app.openapi = described  # type: ignore[method-assign]


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:  # the framework names the methods of one route only
        paths = request.app.openapi()["paths"]
        if request.url.path in paths:
            headers["Allow"] = ", ".join(sorted(paths[request.url.path])).upper()
    return problem(error.status_code, str(error.detail), headers)


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
    return problem(422, said)
