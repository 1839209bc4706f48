"""The start page: what is here."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from reasoner.errors import MtusError
from reasoner.queries import load_queries
from reasoner.web.pages.shelf import shelf
from reasoner.web.pages.site import Site


def router(site: Site) -> APIRouter:
    """Give the routes of the start page."""
    routes = APIRouter()

    @routes.get("/")
    def start(request: Request) -> HTMLResponse:
        counts: Mapping[str, int] | None = None
        outcomes: list[tuple[str, int]] = []
        triples, trouble = 0, None
        if site.settings.store is not None:
            counts = {}
            try:
                found = shelf(site)
                counts, outcomes, triples = found.counts, found.outcomes(), found.triples
            except MtusError as error:
                trouble = str(error)
        return site.page(
            request, "start.html.j2", counts=counts, outcomes=outcomes, triples=triples,
            trouble=trouble, topics=len(site.knowledge.sources.topics),
            guidelines=sum(g.encoded for g in site.knowledge.guidelines.values()),
            queries=len(load_queries()), release=site.knowledge.release,
        )  # fmt: skip

    return routes
