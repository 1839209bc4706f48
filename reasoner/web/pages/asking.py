"""The query library as forms, and an editor for SPARQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlencode

import pyoxigraph as ox
from anyio import from_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from rdflib import OWL, RDF, URIRef
from starlette.concurrency import run_in_threadpool

from reasoner.answers import bars_of, to_csv
from reasoner.errors import InputError, MtusError, Problem
from reasoner.knowledge import Knowledge
from reasoner.queries import Answer, Bound, Query, Value, bind, load_queries, open_graph, shorten
from reasoner.store.asking import ask, place_of_quads
from reasoner.store.names import DETERMINATIONS
from reasoner.terms import BASE
from reasoner.web.pages.bars import as_svg
from reasoner.web.pages.caseform import COMPLETIONS, completions
from reasoner.web.pages.site import NotFoundError, Site, problems_of

MOST_SHOWN = 500
"""Rows of an answer that a page shows."""
MOST_BARS = 40
MAX_QUERY = 100_000
_LONGEST_VALUE = 300
_EXAMPLE = f"""PREFIX core: <{BASE}core#>
SELECT ?outcome (COUNT(*) AS ?determinations) WHERE {{
  GRAPH ?determination {{ ?determination a core:Determination ; core:itemOutcome ?outcome }}
}}
GROUP BY ?outcome
ORDER BY DESC(?determinations)
"""

_PREFIXES = {
    "core": f"{BASE}core#", "clinical": f"{BASE}clinical#", "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "sh": "http://www.w3.org/ns/shacl#",
    "case": f"{BASE}case/", "determination": f"{BASE}determination/",
    "guideline": f"{BASE}guideline/", "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip


def router(site: Site) -> APIRouter:
    """Give the routes of queries."""
    routes = APIRouter()

    @routes.get("/queries")
    def queries(request: Request) -> HTMLResponse:
        q = request.query_params.get("q", "")[:200].strip()
        words = q.casefold().split()
        library = load_queries()
        found: dict[str, list[Query]] = {}
        for query in library.values():
            said = f"{query.name} {query.question} {query.asked_by}".casefold()
            if all(word in said for word in words):
                found.setdefault(query.asked_by, []).append(query)
        return site.page(request, "queries.html.j2", q=q, groups=sorted(found.items()),
                         found=sum(map(len, found.values())), total=len(library))  # fmt: skip

    @routes.get("/queries/{name}.csv")
    def csv(request: Request, name: str) -> Response:
        query = _find(name)
        bound = bind(query, site.knowledge, _given(query, request.query_params))
        answer = _run(site, bound)
        return Response(to_csv(answer), media_type="text/csv", headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"'})  # fmt: skip

    @routes.get("/queries/{name}")
    def query(request: Request, name: str) -> HTMLResponse:
        return _library_query(site, request, _find(name))

    @routes.get("/query")
    def editor(request: Request) -> HTMLResponse:
        name = request.query_params.get("name")
        text = _EXAMPLE
        if name:
            found = _find(name)
            text = bind(found, site.knowledge, _given(found, request.query_params)).text
        return _editor(site, request, text)

    @routes.post("/query")
    async def run(request: Request) -> HTMLResponse:
        data = await request.body()
        if len(data) > MAX_QUERY * 3:
            raise _too_long()
        text = parse_qs(data.decode("utf-8", "replace"), max_num_fields=10).get("query", [""])[0]
        return await run_in_threadpool(_editor, site, request, text, True)

    return routes


def _too_long() -> InputError:
    most = f"at most {MAX_QUERY:,} characters"
    return InputError([Problem("The query is too long.", "the box", expected=most)])


def _find(name: str) -> Query:
    library = load_queries()
    if name not in library:
        raise NotFoundError("The library has no query of this name.")
    return library[name]


def _given(query: Query, params: Mapping[str, str]) -> dict[str, str]:
    return {
        p.name: params[p.name].strip()[:_LONGEST_VALUE]
        for p in query.parameters
        if params.get(p.name, "").strip()
    }


def _ask(site: Site, text: str, name: str) -> Answer:
    """Ask the store that is served, or the guidelines alone; within the limits of the server."""
    if site.settings.store is not None:
        return from_thread.run(site.served.ask, text)
    with place_of_quads(open_graph(site.knowledge)) as place:
        return ask(place, text, site.settings.limits, name=name)


def _run(site: Site, bound: Bound) -> Answer:
    if bound.query.reads == "determinations" and site.settings.store is None:
        raise NotFoundError("This query asks about determinations, and there is no store.")
    release = bound.values.get("release")
    if site.settings.store is not None and release is not None:
        held = _ask(site, f"ASK {{ GRAPH {release} {{ ?s ?p ?o }} }}", "the release")
        if held.rows[0][0] is None or held.rows[0][0].value != "true":
            raise InputError(
                [Problem("The store does not hold this release.", key="release",
                         expected="the digits of one that it holds, or mtus store load")]
            )  # fmt: skip
    return bound.answer(_ask(site, bound.text, bound.query.name))


def _library_query(site: Site, request: Request, query: Query) -> HTMLResponse:
    given = _given(query, request.query_params)
    answer, problems = None, []
    needs_store = query.reads == "determinations" and site.settings.store is None
    # What depends on values waits for them; the release is known.
    open_values = any(p.type != "release" for p in query.parameters)
    waits = needs_store or (open_values and not request.query_params)
    try:
        bound = bind(query, site.knowledge, given)
        if not waits:
            answer = _run(site, bound)
    except MtusError as error:
        problems = problems_of(error)
    values = {p.name: request.query_params.get(p.name, "") or p.default for p in query.parameters}
    return site.page(
        request, "query.html.j2", 422 if problems else 200, query=query, values=values,
        problems=problems, by_name={p.key: p for p in problems if p.key in values},
        link=urlencode(given), **_shown(answer), lists=_lists(site, query),
        guidelines=sorted(str(g).rpartition("/")[2] for g in site.knowledge.guidelines),
        needs_store=needs_store,
    )  # fmt: skip


def _lists(site: Site, query: Query) -> dict[str, Any]:
    wanted = {p.type for p in query.parameters} & {"treatment", "concept"}
    kinds = {"treatment": COMPLETIONS["treatments"], "concept": COMPLETIONS["documentables"]}
    return {name: completions(site.knowledge, kinds[name]) for name in wanted}


def _editor(site: Site, request: Request, text: str, run: bool = False) -> HTMLResponse:
    answer, problems = None, []
    if run:
        try:
            if len(text) > MAX_QUERY:
                raise _too_long()
            answer = _ask(site, text, "the query")
        except MtusError as error:
            problems = problems_of(error)
    return site.page(
        request, "sparql.html.j2", 422 if problems else 200, text=text[:MAX_QUERY], ran=run,
        problems=problems, words=_words(site.knowledge), **_shown(answer),
    )  # fmt: skip


@lru_cache(maxsize=2)
def _words(knowledge: Knowledge) -> dict[str, Any]:
    """Give the prefixes and terms that the editor completes."""
    vocabulary = knowledge.vocabulary
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    properties = {str(s) for kind in kinds for s in vocabulary.subjects(RDF.type, kind)}
    classes = {str(s) for s in vocabulary.subjects(RDF.type, OWL.Class) if isinstance(s, URIRef)}
    return {"prefixes": _PREFIXES, "properties": sorted(properties), "classes": sorted(classes)}


def _shown(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {"answer": None, "rows": [], "chart": None, "bars": 0}
    chart = None
    if answer.rows:
        head = Answer(answer.columns, answer.rows[:MOST_BARS])
        try:
            chart = as_svg(bars_of(head))
        except InputError:
            chart = None  # nothing of it is a number
    return {"answer": answer, "rows": list(_rows(answer)), "chart": chart, "bars": MOST_BARS}


def _rows(answer: Answer) -> Iterator[list[tuple[str, str | None, bool]]]:
    for row in answer.rows[:MOST_SHOWN]:
        yield [
            (shorten(value), _link(value, column), _is_number(value))
            for value, column in zip(row, answer.columns, strict=True)
        ]


def _is_number(value: Value) -> bool:
    return isinstance(value, ox.Literal) and value.datatype.value.rpartition("#")[2] in (
        "integer", "decimal", "double",
    )  # fmt: skip


def _link(value: Value, column: str) -> str | None:
    """Give the page of what a value names, if there is one."""
    if value is None:
        return None
    text = value.value
    if isinstance(value, ox.NamedNode):
        if match := re.match(rf"{re.escape(DETERMINATIONS)}([0-9a-f]{{64}})", text):
            return f"/determinations/{match[1]}"
        text = text.removeprefix(f"{BASE}guideline/")
    elif column != "topic":
        return None
    if match := re.fullmatch(r"([a-z0-9-]+/[a-z0-9-]+)(#criterion-\w+)?(?:#[\w-]*)?", text):
        return f"/guidelines/{match[1]}{match[2] or ''}"
    return None
