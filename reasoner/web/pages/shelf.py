"""The determinations of a store as a list to choose from, read once for each state of the store."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib import URIRef

from reasoner.errors import MtusError
from reasoner.knowledge import Knowledge
from reasoner.labels import listing
from reasoner.store.names import CASES, CATALOGUE, DETERMINATIONS
from reasoner.terms import BASE, CORE, local_name
from reasoner.web.pages.site import Site

PAGE = 50
"""Determinations on one page of the list."""

# Each asks for little: what takes time is to look up the names in the answer.
_PREFIXES = f"""PREFIX core: <{CORE}> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX void: <http://rdfs.org/ns/void#> """
_HEADS = f"""{_PREFIXES} SELECT ?graph ?case ?outcome ?role WHERE {{ GRAPH ?graph {{
    ?graph core:determines ?case ; core:itemOutcome ?outcome ; core:role ?role }} }}"""
_OTHERS = f"""{_PREFIXES} SELECT ?graph WHERE {{ GRAPH ?graph {{
    ?graph core:releaseHash ?release FILTER (?release != "RELEASE") }} }}"""
_ISSUED = f"""{_PREFIXES} SELECT ?graph ?issued WHERE {{ GRAPH <{CATALOGUE}> {{
    ?graph dct:type "determination" ; dct:issued ?issued }} }}"""
_ITEMS = f"""{_PREFIXES} SELECT ?graph ?order ?outcome ?recommendation ?request WHERE {{
    GRAPH ?graph {{ ?graph core:itemDecision ?item . ?item core:order ?order ;
        core:itemOutcome ?outcome ; core:decides ?request .
        OPTIONAL {{ ?item core:recommendation ?recommendation }} }} }}"""
_REQUESTS = f"""{_PREFIXES} SELECT ?request ?kind ?wording ?region WHERE {{
    GRAPH ?case {{ ?case core:request ?request . ?request a ?kind .
        FILTER (?kind != core:TreatmentRequest)
        OPTIONAL {{ ?request core:wording ?wording }}
        OPTIONAL {{ ?request core:region ?region }} }} }}"""
_COUNTS = f"""{_PREFIXES} SELECT ?kind (COUNT(*) AS ?graphs) (SUM(?n) AS ?triples) WHERE {{
    GRAPH <{CATALOGUE}> {{ ?graph dct:type ?kind ; void:triples ?n }} }} GROUP BY ?kind"""


@dataclass(frozen=True, slots=True)
class Line:
    """An item of a determination, as the list shows it."""

    label: str
    outcome: str
    topic: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A determination, as the list shows it and is searched.

    Attributes:
        ours: whether this release made it.
        words: what it is found by.
    """

    hash: str
    case: str
    outcome: str
    role: str
    ours: bool
    issued: str
    items: tuple[Line, ...]
    regions: frozenset[str]
    words: str


@dataclass(frozen=True)
class Shelf:
    """The determinations of a store in one state of it.

    Attributes:
        rows: newest first.
        counts: how many graphs there are of each kind.
        triples: how many triples they have.
    """

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    triples: int

    def outcomes(self) -> list[tuple[str, int]]:
        """Count determinations by outcome."""
        return Counter(row.outcome for row in self.rows).most_common()

    def topics(self) -> list[tuple[str, int]]:
        """Count determinations by topic."""
        found = Counter(
            topic for row in self.rows for topic in {i.topic for i in row.items if i.topic}
        )
        return sorted(found.items())

    def select(
        self, outcome: str, topic: str, regions: frozenset[str] | None, text: str
    ) -> Sequence[Row]:
        """Give the determinations that fit; an empty text, or None, asks for nothing."""
        words = text.casefold().split()
        return [
            row
            for row in self.rows
            if (not outcome or outcome in (row.outcome, *(i.outcome for i in row.items)))
            and (not topic or any(i.topic == topic for i in row.items))
            and (regions is None or row.regions & regions)
            and all(word in row.words for word in words)
        ]


_MANY = 2000
"""Determinations from which the list before is shown while the new one is read."""


@dataclass(frozen=True)
class _Kept:
    folder: Path
    shelf: Shelf


_lock = threading.Lock()
_kept: dict[str, _Kept] = {}


def shelf(site: Site) -> Shelf:
    """Give the list of a store; read anew when the store has changed.

    Raises:
        NotFoundError: if the server was started without a store.
    """
    with site.copy() as folder:
        before = _kept.get(str(site.settings.store))
        if before is not None and before.folder == folder:
            return before.shelf
        if before is not None and len(before.shelf.rows) > _MANY:
            if not _lock.locked():
                threading.Thread(target=read_ahead, args=(site,), daemon=True).start()
            return before.shelf
        return _read(site, folder)


def read_ahead(site: Site) -> None:
    """Read the list while nobody waits for it."""
    with suppress(MtusError, OSError), site.copy() as folder:
        _read(site, folder)


def _read(site: Site, folder: Path) -> Shelf:
    place = str(site.settings.store)
    with _lock:
        before = _kept.get(place)
        if before is not None and before.folder == folder:
            return before.shelf  # another has read it meanwhile
        made = read_shelf(ox.Store.read_only(str(folder)), site.knowledge)
        _kept[place] = _Kept(folder, made)
        return made


def read_shelf(store: ox.Store, knowledge: Knowledge) -> Shelf:
    """Read the list out of a store."""
    requests = _requests(store, knowledge)
    items: dict[str, list[tuple[int, Line, _Request]]] = {}
    for graph, order, outcome, recommendation, request in _ask(store, _ITEMS):
        of = requests.get(request, _UNKNOWN)
        line = Line(of[0], outcome.rpartition("#")[2], _topic(recommendation))
        items.setdefault(graph, []).append((int(order), line, of))
    issued = {row[0]: row[1] for row in _ask(store, _ISSUED)}
    others = {graph for (graph,) in _ask(store, _OTHERS.replace("RELEASE", knowledge.release))}
    rows = []
    for graph, case, outcome, role in _ask(store, _HEADS):
        found = sorted(items.get(graph, []), key=lambda item: item[0])
        lines = tuple(line for _, line, _ in found)
        name = case.removeprefix(CASES)
        said = [name, *(i.label for i in lines), *(i.topic or "" for i in lines)]
        said += [of[2] for _, _, of in found]
        rows.append(
            Row(graph.removeprefix(DETERMINATIONS), name, outcome.rpartition("#")[2], role,
                graph not in others, issued.get(graph, ""), lines,
                frozenset().union(*(of[1] for _, _, of in found)), " ".join(said).casefold())
        )  # fmt: skip
    rows.sort(key=lambda row: row.case)
    rows.sort(key=lambda row: row.issued, reverse=True)
    counts = {kind: (int(n), int(triples)) for kind, n, triples in _ask(store, _COUNTS)}
    return Shelf(
        tuple(rows),
        {kind: n for kind, (n, _) in counts.items()},
        sum(triples for _, triples in counts.values()),
    )


_Request = tuple[str, frozenset[str], str]
_UNKNOWN: _Request = ("", frozenset(), "")


def _requests(store: ox.Store, knowledge: Knowledge) -> dict[str, _Request]:
    """Give each request's label, its regions, and further words to find it by."""
    concepts = knowledge.concepts
    stated: dict[str, tuple[str, str, set[URIRef]]] = {}
    for request, kind, wording, region in _ask(store, _REQUESTS):
        places = stated.setdefault(request, (concepts.label(URIRef(kind)), wording, set()))[2]
        if region:
            places.add(URIRef(region))
    found: dict[str, _Request] = {}
    for request, (kind, wording, regions) in stated.items():
        where = listing(sorted(concepts.label(region) for region in regions))
        made = kind[:1].upper() + kind[1:] + (f", {where}" if where else "")
        found[request] = (wording or made, frozenset(map(local_name, regions)), made)
    return found


def _ask(store: ox.Store, text: str) -> list[tuple[str, ...]]:
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    return [
        tuple("" if term is None else str(getattr(term, "value", "")) for term in solution)
        for solution in solutions
    ]


def _topic(recommendation: str) -> str | None:
    if not recommendation:
        return None
    return recommendation.removeprefix(f"{BASE}guideline/").partition("#")[0]
