"""The list of determinations, and one of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from rdflib import URIRef

from reasoner.rendering import render
from reasoner.terms import CORE, local_name
from reasoner.web.pages.shelf import PAGE, shelf
from reasoner.web.pages.showing import shown
from reasoner.web.pages.site import NotFoundError, Site
from reasoner.web.pages.stored import read_determination

_HASH = re.compile(r"[0-9a-f]{64}")
FORMS = (
    ("letter.txt", "Letter"),
    ("html", "Page"),
    ("md", "Markdown"),
    ("json", "JSON contract"),
)
_FILTERS = ("q", "outcome", "topic", "region")
_LONGEST = 200


def router(site: Site) -> APIRouter:
    """Give the routes of the list and of one determination."""
    routes = APIRouter()

    @routes.get("/cases")
    def cases(request: Request) -> HTMLResponse:
        return _list(site, request)

    @routes.get("/determinations/{name}")
    def determination(request: Request, name: str) -> HTMLResponse:
        found = read_determination(site, _checked(name))
        return site.page(
            request, "determination-page.html.j2", **shown(found.contract),
            note=found.note, agrees=found.agrees, forms=FORMS if found.agrees else (),
        )  # fmt: skip

    @routes.get("/determinations/{name}/{ending}")
    def form(name: str, ending: str) -> Response:
        found = read_determination(site, _checked(name))
        if ending not in dict(FORMS) or not found.agrees:
            raise NotFoundError("There is no such form of this determination.")
        if ending == "json":
            text = json.dumps(found.contract, ensure_ascii=False, indent=2)
            return Response(text, media_type="application/json")
        if ending == "html":
            return HTMLResponse(render(found.contract, "html"))
        kind = {"letter.txt": "letter", "md": "markdown"}[ending]
        return Response(render(found.contract, kind), media_type="text/plain")

    return routes


def _checked(name: str) -> str:
    if _HASH.fullmatch(name) is None:
        raise NotFoundError("A determination is named by 64 digits and letters.")
    return name


def _list(site: Site, request: Request) -> HTMLResponse:
    if site.settings.store is None:
        return site.page(request, "cases.html.j2", shelf=None)
    asked = {name: request.query_params.get(name, "")[:_LONGEST].strip() for name in _FILTERS}
    concepts = site.knowledge.concepts
    everywhere = concepts.individuals(CORE.BodyRegion)
    regions = None
    if asked["region"]:
        wanted = concepts.find(asked["region"])
        regions = frozenset(
            local_name(r) for r in everywhere if wanted is not None and concepts.overlap(r, wanted)
        )
    found = shelf(site)
    rows = found.select(asked["outcome"], asked["topic"], regions, asked["q"])
    pages = max(1, -(-len(rows) // PAGE))
    given = request.query_params.get("page", "1")
    page = min(max(int(given), 1), pages) if re.fullmatch(r"\d{1,9}", given) else 1

    def address(number: int) -> str:
        return "/cases?" + urlencode({k: v for k, v in asked.items() if v} | {"page": number})

    shown_rows = rows[(page - 1) * PAGE : page * PAGE]
    return site.page(
        request, "cases.html.j2", 200, **asked, shelf=found, rows=shown_rows, found=len(rows),
        page=page, pages=pages, address=address,
        outcomes=sorted(
            {row.outcome for row in found.rows} | {i.outcome for r in found.rows for i in r.items}
        ),
        regions=_named(concepts.labels, everywhere),
    )  # fmt: skip


def _named(labels: Mapping[URIRef, str], regions: list[URIRef]) -> list[tuple[str, str]]:
    named = [(local_name(r), labels.get(r, local_name(r))) for r in regions]
    return sorted(named, key=lambda pair: pair[1])
