"""The pages for people: plain HTML made on the server, which script only adds to."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from reasoner.errors import MtusError
from reasoner.web.keeping import giving_way, keeping
from reasoner.web.pages import (
    asking,
    cases,
    home,
    library,
    ontology,
    trying,
    whatif,
)
from reasoner.web.pages.shelf import read_ahead
from reasoner.web.pages.site import NotFoundError, Site
from reasoner.web.settings import Settings

_STATIC = Path(str(files("reasoner.web"))) / "static"


def add_pages(app: FastAPI, settings: Settings) -> None:
    """Add the pages to a server."""
    site = app.state.site = Site(app, settings, _warm)
    for module in (home, cases, trying, library, ontology, asking, whatif):
        app.include_router(module.router(site), include_in_schema=False)

    @app.get("/static/determination.css", include_in_schema=False)
    def style() -> Response:
        css = files("reasoner.rendering") / "templates" / "determination.css"
        return Response(css.read_bytes(), media_type="text/css")

    # The pages of the ontology name no icon of their own; browsers ask for this one then.
    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response((_STATIC / "icon.svg").read_bytes(), media_type="image/svg+xml")

    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    async def on_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, MtusError)
        return site.trouble(request, error)

    plain: Any = app.exception_handlers[HTTPException]

    async def on_missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and "text/html" in request.headers.get("accept", ""):
            return site.trouble(request, NotFoundError("There is no such page."))
        answer: Response = await plain(request, error)
        return answer

    app.add_exception_handler(MtusError, on_error)
    app.add_exception_handler(HTTPException, on_missing)
    _live_with(app, site)


def _live_with(app: FastAPI, site: Site) -> None:
    """Read the list when the server starts; end the processes that decide when it ends."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
        async with inner(application) as state:
            if site.settings.store is not None:
                threading.Thread(target=read_ahead, args=(site,), daemon=True).start()
            try:
                yield state
            finally:
                site.again.close()
                site.trying.close()

    app.router.lifespan_context = lifespan


def _warm(site: Site) -> None:
    """Make ready what later pages need, once somebody looks at one."""
    with giving_way(), suppress(MtusError, OSError):  # whoever asks for such a page is told
        site.again.start()
        library.warm(site.knowledge)
        with keeping():
            ontology.warm(site.knowledge)
