"""What OpenAPI says of the endpoint beyond what the code's signatures say."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from reasoner.web.negotiation import RDF, RESULTS
from reasoner.web.problems import documented

_TEXT = {"schema": {"type": "string"}}
_JSON = {"schema": {"type": "object"}}


def _media(*types: str) -> dict[str, Any]:
    return {media: _JSON if media.endswith("json") else _TEXT for media in types}


_ASKING = (400, 401, 403, 404, 406, 421, 422, 500, 503, 504)
_QUERY = {"type": "string", "format": "sparql-query"}
_UPDATE = {"type": "string", "format": "sparql-update"}
_GRAPHS = {"type": "array", "items": {"type": "string", "format": "uri"}}
_FIELDS = {
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "query": _QUERY, "default-graph-uri": _GRAPHS, "named-graph-uri": _GRAPHS,
                "update": False,
            },
            "required": ["query"],
        },
        {
            "type": "object",
            "properties": {
                "update": _UPDATE, "query": False,
                "default-graph-uri": False, "named-graph-uri": False,
                "using-graph-uri": False, "using-named-graph-uri": False,
            },
            "required": ["update"],
        },
    ]
}  # fmt: skip

ASKED: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": "The answer; without a query, a description of the service.",
            "content": _media(*RESULTS, *RDF),
        },
        **documented(*_ASKING),
    },
}
POSTED: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "The answer to a query.", "content": _media(*RESULTS, *RDF)},
        204: {"description": "The update was run; it is on the disk."},
        **documented(*_ASKING, 408, 413, 415, 507),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": _FIELDS},
                "application/sparql-query": {"schema": _QUERY},
                "application/sparql-update": {"schema": _UPDATE},
            },
        }
    },
}
GRAPH: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "The graph.", "content": _media(*RDF)},
        **documented(*_ASKING),
    },
}
