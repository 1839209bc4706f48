"""What a changed limit would do to the cases of the store, decided again for a while."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from urllib.parse import parse_qs

import pyoxigraph as ox
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from rdflib import SH, Literal, URIRef
from starlette.concurrency import run_in_threadpool

from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge
from reasoner.store.names import CASES
from reasoner.terms import CORE, local_name
from reasoner.web.pages.shelf import Row, shelf
from reasoner.web.pages.site import Site, problems_of

SECONDS = 15.0
"""How long cases are decided again before the page is given; more is for ``mtus whatif``."""
_PARAMETERS = ("maxInclusive", "minInclusive", "maxExclusive", "minExclusive")
_WORDS = {
    "maxInclusive": "at most", "minInclusive": "at least",
    "maxExclusive": "less than", "minExclusive": "more than",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a criterion sets.

    Attributes:
        place: as ``mtus whatif --set`` names it, without the value.
    """

    topic: str
    place: str
    number: str
    statement: str
    bound: str
    value: str


@dataclass(frozen=True, slots=True)
class Flip:
    """An item that would be decided otherwise."""

    row: Row
    label: str
    before: str
    after: str


def router(site: Site) -> APIRouter:
    """Give the routes of the question what if."""
    routes = APIRouter()

    @routes.get("/what-if")
    def what_if(request: Request) -> HTMLResponse:
        return _page(site, request, {"place": request.query_params.get("place", "")})

    @routes.post("/what-if")
    async def run(request: Request) -> HTMLResponse:
        data = (await request.body())[:10_000].decode("utf-8", "replace")
        given = {k: v[0][:300].strip() for k, v in parse_qs(data, max_num_fields=10).items()}
        return await run_in_threadpool(_run, site, request, given)

    return routes


@lru_cache(maxsize=512)
def limits_of(knowledge: Knowledge, topic: str) -> tuple[Limit, ...]:
    """Give the numbers that the criteria of a topic set."""
    found = []
    shapes = knowledge.topic(topic).shapes
    criteria = {c.iri: c for r in knowledge.topic(topic).recommendations for c in r.criteria}
    for parameter in _PARAMETERS:
        for shape, value in shapes.subject_objects(SH[parameter]):
            criterion = criteria.get(URIRef(str(shapes.value(shape, CORE.criterion))))
            if criterion is None or not isinstance(shape, URIRef):
                continue
            number = value.value if isinstance(value, Literal) else None
            if not isinstance(number, (int, Decimal)):
                continue  # a day, or a bound that is no number
            shown = f"{Decimal(number).normalize():f}"
            found.append(
                Limit(topic, f"{topic}#{local_name(shape)}.{parameter}", criterion.number,
                      criterion.statement, _WORDS[parameter], shown)
            )  # fmt: skip
    return tuple(sorted(found, key=lambda limit: limit.place))


def _limits(site: Site) -> list[Limit]:
    if site.settings.store is None:
        return []
    topics = [name for name, _ in shelf(site).topics() if name in site.knowledge.sources.topics]
    return [limit for name in topics for limit in limits_of(site.knowledge, name)]


def _page(
    site: Site,
    request: Request,
    given: Mapping[str, str],
    problems: list[Problem] | None = None,
    **result: object,
) -> HTMLResponse:
    limits = _limits(site)
    groups: dict[str, list[Limit]] = {}
    for limit in limits:
        groups.setdefault(limit.topic, []).append(limit)
    return site.page(
        request, "whatif.html.j2", 422 if problems else 200, groups=groups, given=given,
        problems=problems or [], result=result or None,
    )  # fmt: skip


def _run(site: Site, request: Request, given: Mapping[str, str]) -> HTMLResponse:
    try:
        limit = next((x for x in _limits(site) if x.place == given.get("place")), None)
        if limit is None:
            raise InputError([Problem("No limit is chosen.", key="place", expected="one of them")])
        if re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", given.get("value", "")) is None:
            raise InputError([Problem("This is no number.", key="value", expected="such as 6")])
        setting = f"{limit.place}={given['value']}"
        rows = [
            row
            for row in shelf(site).rows
            if row.role == "imr"
            and row.ours
            and any(item.topic == limit.topic for item in row.items)
        ]
        flips, done = _flips(site, setting, rows)
    except MtusError as error:
        return _page(site, request, given, problems_of(error))
    counts = Counter((flip.before, flip.after) for flip in flips).most_common()
    return _page(
        site, request, given, limit=limit, value=given["value"], flips=flips, counts=counts,
        done=done, of=len(rows),
    )  # fmt: skip


def _flips(site: Site, setting: str, rows: list[Row]) -> tuple[list[Flip], int]:
    until = time.monotonic() + SECONDS
    flips: list[Flip] = []
    done = 0
    with site.store() as store:
        for row in rows:
            if time.monotonic() > until:
                break
            case = store.quads_for_pattern(None, None, None, ox.NamedNode(CASES + row.case))
            lines = "".join(f"{quad.triple} .\n" for quad in case)
            told = site.trying.ask(
                {"do": "under", "setting": setting, "id": row.case, "case": lines}
            )
            for item, outcome in zip(row.items, told["outcomes"], strict=True):
                if outcome != item.outcome:
                    flips.append(Flip(row, item.label, item.outcome, outcome))
            done += 1
    return flips, done
