"""What every page is made with: the knowledge, the store, the templates."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from fastapi import FastAPI
from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.rendering.cleaning import clean_text
from reasoner.rendering.environment import environment
from reasoner.rendering.html import tone
from reasoner.web.assets import VENDOR
from reasoner.web.faults import AskingError
from reasoner.web.pages.decider import Decider
from reasoner.web.serving import ServedStore
from reasoner.web.settings import Settings

SECTIONS = (
    ("/cases", "Cases"),
    ("/new", "Try a case"),
    ("/guidelines", "Guidelines"),
    ("/queries", "Queries"),
    ("/query", "SPARQL"),
    ("/what-if", "What if"),
)
_TRYING = 30.0
_AGAIN = 30.0
"""Seconds that a case may take to decide, tried or of the store."""


@cache
def shared_knowledge() -> Knowledge:
    """Give the knowledge of this release, read once a process."""
    return load_knowledge()


class NotFoundError(MtusError):
    """There is no such thing to show."""


class Site:
    """What every page is made with.

    Args:
        app: the server, whose state holds the store that it serves.
        settings: what the server was started with.
        warm: makes ready what pages need; called beside the first of them.
    """

    def __init__(self, app: FastAPI, settings: Settings, warm: Callable[[Site], None]) -> None:
        self._app = app
        self._warm: Callable[[Site], None] | None = warm
        self.settings = settings
        # Whoever tries a case keeps nobody waiting who looks one up.
        self.trying = Decider(_TRYING)
        self.again = Decider(_AGAIN)

    @property
    def served(self) -> ServedStore:
        """The store as it is served.

        Raises:
            NotFoundError: if the server was started without one.
        """
        served = self._app.state.served
        if not isinstance(served, ServedStore):
            raise NotFoundError("This server was started without a store.")
        return served

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge of this release."""
        return shared_knowledge()

    @cached_property
    def environment(self) -> Environment:
        """The templates: ours, and those of the renderings."""
        made = environment(autoescape=True)
        assert made.loader is not None
        made.loader = ChoiceLoader([PackageLoader("reasoner.web"), made.loader])
        made.filters.update(tone=tone, count=lambda number: f"{number:,}", clean=clean_text)
        made.globals.update(SECTIONS=SECTIONS, settings=self.settings)
        return made

    @contextmanager
    def store(self) -> Iterator[ox.Store]:
        """Open the copy of the store that is served, for as long as a page reads it.

        Raises:
            NotFoundError: if the server was started without one.
        """
        with self.served.copy() as folder:
            yield ox.Store.read_only(str(folder))

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """Hold the copy of the store that is served; another state of it is another folder.

        Raises:
            NotFoundError: if the server was started without one.
        """
        with self.served.copy() as folder:
            yield folder

    def page(
        self, request: Request, template: str, status: int = 200, **given: Any
    ) -> HTMLResponse:
        """Make a page.

        Args:
            request: what was asked.
            template: the name of the template.
            status: the HTTP status.
            given: what the template shows.
        """
        warm, self._warm = self._warm, None
        if warm is not None:
            threading.Thread(target=warm, args=(self,), daemon=True, name="warm").start()
        section = next((p for p, _ in SECTIONS if request.url.path.startswith(p)), "")
        if request.url.path.startswith("/determinations"):
            section = "/cases"
        if request.url.path.startswith("/queries"):
            section = "/queries"
        text = self.environment.get_template(template).render(
            section=section, vendor=vendored(), path=request.url.path, **given
        )
        return HTMLResponse(text, status)

    def trouble(self, request: Request, error: MtusError) -> HTMLResponse:
        """Say on a page what went wrong."""
        status = 503
        if isinstance(error, NotFoundError):
            status = 404
        elif isinstance(error, InputError):
            status = 422
        elif isinstance(error, AskingError):
            status = error.status
        return self.page(
            request, "trouble.html.j2", status,
            title=HTTPStatus(status).phrase, problems=problems_of(error),
        )  # fmt: skip


def problems_of(error: MtusError) -> list[Problem]:
    """Give what is wrong, each once."""
    if isinstance(error, InputError):
        return list(error.problems)
    return [Problem(str(error))]


def vendored() -> Mapping[str, bool]:
    """Tell which third-party files are there."""
    return {
        "cytoscape": (VENDOR / "cytoscape.min.js").is_file(),
        "yasgui": (VENDOR / "yasgui.min.js").is_file(),
    }
