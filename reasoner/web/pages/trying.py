"""Trying a case: a form, a box for a case file, and what comes of it. Nothing is kept unasked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge
from reasoner.store.names import DETERMINATIONS
from reasoner.web.pages.caseform import (
    COMPLETIONS,
    GROUPS,
    Draft,
    choices,
    completions,
    described_readings,
    empty_draft,
    field_of,
    label_of,
    read_draft,
    to_case_file,
)
from reasoner.web.pages.expectedcases import library_text
from reasoner.web.pages.showing import shown
from reasoner.web.pages.site import NotFoundError, Site, problems_of

MAX_BYTES = 1_000_000
_MAX_FIELDS = 800
_MOST_OFFERED = 200
_SOON = 10.0
"""Seconds in which what was written is served, at the latest."""
_READING = "reading-"
FORM_NAME = "the form"
BOX_NAME = "case.yaml"


def router(site: Site) -> APIRouter:
    """Give the routes for trying a case."""
    routes = APIRouter()

    @routes.get("/new")
    def new(request: Request) -> HTMLResponse:
        offered = _offered(site)
        text = library_text(request.query_params.get("library", ""))
        name = request.query_params.get("file", "")
        if name:
            if name not in offered:
                raise NotFoundError("The folder of cases has no file of this name.")
            text = offered[name].read_bytes()[:MAX_BYTES].decode("utf-8", "surrogateescape")
        return _form(site, request, empty_draft(), text=text)

    @routes.post("/new")
    async def decide(request: Request) -> Response:
        given = await _given(request)
        return await run_in_threadpool(_decide, site, request, given)

    @routes.post("/new/keep")
    async def keep(request: Request) -> Response:
        given = await _given(request)
        return await run_in_threadpool(_keep, site, request, given)

    return routes


def _offered(site: Site) -> dict[str, Path]:
    """Give the case files that the server was started to offer, by name."""
    if site.settings.cases is None:
        return {}
    files = sorted(f for f in site.settings.cases.iterdir() if f.suffix in (".yaml", ".yml"))
    return {f.name: f for f in files[:_MOST_OFFERED] if f.is_file()}


async def _given(request: Request) -> dict[str, str]:
    """Give the fields of a form as text; of an uploaded file, its content and name."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise InputError([Problem("This is no form.", FORM_NAME, expected="multipart/form-data")])
    given: dict[str, str] = {}
    async with request.form(
        max_files=1, max_fields=_MAX_FIELDS, max_part_size=2 * MAX_BYTES
    ) as form:
        if len(form) > _MAX_FIELDS:
            raise InputError([Problem("The form has too many fields.", FORM_NAME)])
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    if (value.size or 0) > MAX_BYTES:
                        raise _too_large(value.filename)
                    given["yaml"] = (await value.read()).decode("utf-8", "surrogateescape")
                    given["name"] = PurePath(value.filename).name[-100:]
            elif not (name == "yaml" and given.get("yaml")):
                given[name] = value
    return given


def _too_large(name: str) -> InputError:
    return InputError(
        [Problem(f"The file has more than {MAX_BYTES / 1e6:g} MB.", PurePath(name).name[-100:],
                 expected="a smaller one, or mtus determine")]
    )  # fmt: skip


def _decide(site: Site, request: Request, given: Mapping[str, str]) -> HTMLResponse:
    draft = read_draft(given)
    if given.get("more"):
        return _form(site, request, draft, given)
    fields: dict[int, str] | None = None
    name, text = given.get("name") or BOX_NAME, given.get("yaml", "")
    if given.get("from") != "box":
        text, fields = to_case_file(draft)
        name = FORM_NAME
    try:
        contract = site.trying.ask(_job("try", text, name, given))["contract"]
    except MtusError as error:
        return _form(site, request, draft, given, error, fields)
    return site.page(
        request, "tried.html.j2", **shown(contract), text=_shown_text(text),
        name=BOX_NAME if name == FORM_NAME else name,
        may_keep=site.settings.writable and site.settings.store is not None,
    )  # fmt: skip


def _job(do: str, text: str, name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Make the job of deciding a case file.

    Raises:
        InputError: if it is too large, or the role is none.
    """
    if len(text.encode("utf-8", "surrogateescape")) > MAX_BYTES:
        raise _too_large(name)
    role = given.get("role", "imr")
    if role not in ("imr", "ur"):
        raise InputError([Problem("This is no role.", key="role", expected="imr or ur")])
    return {"do": do, "text": text, "name": name, "role": role, "readings": _taken(given)}


def _taken(given: Mapping[str, str]) -> list[str]:
    """Give the names of the readings that a form asks for."""
    return [name.removeprefix(_READING) for name in given if name.startswith(_READING)]


def _keep(site: Site, request: Request, given: Mapping[str, str]) -> Response:
    if not site.settings.writable or site.settings.store is None:
        raise NotFoundError("This server was not started so that it may write to a store.")
    job = _job("keep", given.get("yaml", ""), given.get("name") or BOX_NAME, given)
    try:
        iri = site.trying.ask(job | {"store": site.settings.store})["iri"]
    except MtusError as error:
        return _form(site, request, empty_draft(), {**given, "from": "box"}, error)
    _await_served(site, ox.NamedNode(iri))
    return RedirectResponse(f"/determinations/{iri.removeprefix(DETERMINATIONS)}", 303)


def _await_served(site: Site, name: ox.NamedNode) -> None:
    """Wait until what was written is in the copy that is served, as it soon is."""
    until = time.monotonic() + _SOON
    while time.monotonic() < until:
        with site.store() as store:
            if any(True for _ in store.quads_for_pattern(name, None, None, None)):
                return
        time.sleep(0.1)


def _form(
    site: Site,
    request: Request,
    draft: Draft,
    given: Mapping[str, str] | None = None,
    error: MtusError | None = None,
    fields: Mapping[int, str] | None = None,
    text: str = "",
) -> HTMLResponse:
    problems = [] if error is None else problems_of(error)
    places = [field_of(problem, fields) if fields is not None else None for problem in problems]
    by_field: dict[str, list[Problem]] = {}
    for place, problem in zip(places, problems, strict=True):
        if place is not None:
            by_field.setdefault(place, []).append(problem)
    in_box = (given or {}).get("from") == "box"
    return site.page(
        request, "new.html.j2", 422 if problems else 200,
        groups=GROUPS, draft=draft, problems=problems, by_field=by_field,
        in_box=in_box, named=[None if p is None else (p, label_of(p)) for p in places],
        text=_shown_text((given or {}).get("yaml", text)),
        role=(given or {}).get("role", "imr"), taken=_taken(given or {}),
        lists=_lists(site.knowledge), max_bytes=MAX_BYTES,
        offered=list(_offered(site)),
    )  # fmt: skip


def _shown_text(text: str) -> str:
    """Give a text back as it was entered; bytes that are no UTF-8 are marked."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@lru_cache(maxsize=2)
def _lists(knowledge: Knowledge) -> dict[str, Any]:
    return {
        **choices(knowledge),
        **{name: completions(knowledge, kind) for name, kind in COMPLETIONS.items()},
        "readings": described_readings(knowledge),
    }
