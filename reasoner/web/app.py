"""The server, put together: a guard in front, the endpoint, the pages."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from reasoner.web.pages import add_pages
from reasoner.web.problems import on_http_exception
from reasoner.web.security import Guard
from reasoner.web.settings import Settings, require_sound
from reasoner.web.sparql import router


def create_app(settings: Settings) -> FastAPI:
    """Make the server.

    Raises:
        InputError: if the settings will not do.
    """
    require_sound(settings)
    app = FastAPI(
        title="MTUS reasoner",
        version=version("mtus-reasoner"),
        description="Cases and determinations of Independent Medical Review, by SPARQL.",
        # The framework's pages of documentation load from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.add_middleware(Guard, settings=settings)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.include_router(router)
    add_pages(app, settings)
    return app
