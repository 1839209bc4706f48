"""The pages for people."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from reasoner.web.settings import Settings

_START = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>MTUS reasoner</title></head>
<body><h1>MTUS reasoner</h1>
<ul><li><a href="/sparql">SPARQL endpoint</a></li>
<li><a href="/openapi.json">OpenAPI</a></li></ul></body></html>
"""


def add_pages(app: FastAPI, settings: Settings) -> None:  # noqa: ARG001
    """Add the pages to a server."""

    @app.get("/", include_in_schema=False)
    async def start() -> HTMLResponse:
        return HTMLResponse(_START)
