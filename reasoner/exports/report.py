"""The SHACL validation reports that a determination was read from, as pySHACL issues them."""

from __future__ import annotations

import pyoxigraph as ox
from rdflib import URIRef

from reasoner.adjudication import decide
from reasoner.case import Case
from reasoner.errors import InputError, Problem
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.rdf import quads
from reasoner.shacl import report
from reasoner.store.graphs import NamedGraph, canonical
from reasoner.terms import BASE


def report_graphs(
    case: Case, knowledge: Knowledge, *, with_graphs: bool = False
) -> list[NamedGraph]:
    """Give the report on each recommendation that governs a request of a case.

    Args:
        case: the case.
        knowledge: the knowledge, under the readings wanted.
        with_graphs: whether to add the data and the shapes that were validated.

    Raises:
        InputError: if nothing governs, so that nothing was validated.
    """
    decided = decide(case, knowledge, Role.IMR)
    found: dict[str, NamedGraph] = {}
    for request, item in decided.items.items():
        recommendation = item.recommendation
        if recommendation is None or not recommendation.criteria:
            continue
        classified = decided.classified[request]
        shapes = knowledge.shapes_of(recommendation)[0]
        topic = str(recommendation.iri).removeprefix(f"{BASE}guideline/").replace("#", "/")
        day = "undated" if classified.day is None else classified.day.isoformat()
        name = f"{case.iri}/report/{day}/{topic}"
        given = report(data=classified.graph, shapes=shapes)
        for part, graph in (
            ("", given),
            *((("/data", classified.graph), ("/shapes", shapes.graph)) if with_graphs else ()),
        ):
            found[name + part] = _named(name + part, [q.triple for q in quads(graph)])
    if not found:
        raise InputError(
            [Problem("Nothing with criteria governs a request.", case.source,
                     expected="a case that criteria were held against")]
        )  # fmt: skip
    return list(found.values())


def _named(name: str, triples: list[ox.Triple]) -> NamedGraph:
    return NamedGraph(str(URIRef(name)), "report", "", canonical(triples))
