"""The server, put together: a guard in front, the endpoint, the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from reasoner.errors import MtusError
from reasoner.web.pages import add_pages
from reasoner.web.problems import add_problems
from reasoner.web.security import Guard
from reasoner.web.serving import ServedStore
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
        lifespan=_serving,
    )
    app.state.settings = settings
    app.state.served = None
    app.state.failure = None
    app.add_middleware(Guard, settings=settings)
    add_problems(app)
    app.include_router(router)
    add_pages(app, settings)
    return app


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[None]:
    """Serve the store for as long as the server runs."""
    if app.state.settings.store is None:
        yield
        return
    served = ServedStore(app.state.settings)
    try:
        await served.start()
    except MtusError as error:
        app.state.failure = error
        raise
    app.state.served = served
    try:
        yield
    finally:
        await served.close()
