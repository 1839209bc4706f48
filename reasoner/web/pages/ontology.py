"""The pages of the ontology, as ``mtus export ontology`` writes them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from reasoner.exports.ontologypages import pages, terms_of
from reasoner.knowledge import Knowledge
from reasoner.web.pages.site import NotFoundError, Site

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript",
          ".ttl": "text/turtle"}  # fmt: skip
_making = threading.Lock()


def router(site: Site) -> APIRouter:
    """Give the routes of the ontology."""
    routes = APIRouter()

    @routes.get("/ontology")
    def start() -> Response:
        return RedirectResponse("/ontology/index.html", 307)

    @routes.get("/ontology/{name}")
    def file(name: str) -> Response:
        data = _files(site.knowledge).get(name)
        if data is None:
            raise NotFoundError("The ontology has no such page.")
        return Response(data, media_type=_TYPES[PurePosixPath(name).suffix])

    return routes


def warm(knowledge: Knowledge) -> None:
    """Make the pages, which takes some seconds, before anybody waits for them."""
    _files(knowledge)


def _files(knowledge: Knowledge) -> Mapping[str, bytes]:
    with _making:  # whoever comes meanwhile waits instead of making them again
        return _made(knowledge)


@lru_cache(maxsize=1)
def _made(knowledge: Knowledge) -> Mapping[str, bytes]:
    return pages(knowledge, terms_of(knowledge), home="/")
