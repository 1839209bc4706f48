"""What is said when something cannot be answered: problem details as JSON.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
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


async def on_http_exception(_: Request, error: Exception) -> Response:
    """Answer an error of the framework (no such page, no such method) as a problem."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), error.headers)
