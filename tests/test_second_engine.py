"""The second engine answers the library's SPARQL constraints as the first, whatever the facts.

It gives no answer where a year or less is taken from a date and December comes out, and is given
such comparisons in another form (``reasoner.evidence``).
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import RDF, SH, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from reasoner.errors import KnowledgeError
from reasoner.evidence import disagreement, prepare
from reasoner.rdf import to_ntriples
from reasoner.shacl import Shapes, check_shapes, validate
from reasoner.terms import CORE
from tests.casefiles import ROOT
from tests.constraintqueries import NODES, graphs, library_queries, prepared

E = Namespace("https://example.org/")
PREFIXES = Graph().parse(ROOT / "shapes" / "prefixes.ttl")
OPERATORS: dict[str, Callable[[date, date], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
TAKEN = re.compile(r'(\S+) \?asked - "(P\w+)"\^\^xsd:yearMonthDuration')
BETWEEN = (
    "SELECT $this ?value WHERE { $this core:requestDate ?asked ; core:date ?value . FILTER (%s) }"
)


def constraint(query: str, targets: Iterable[URIRef]) -> Shapes:
    """Give a shape of nothing but a SPARQL constraint."""
    shapes = Graph()
    shapes += PREFIXES
    (prefixes,) = set(PREFIXES.subjects(SH.declare))
    shapes.add((E.S, RDF.type, SH.NodeShape))
    shapes.add((E.S, SH.sparql, E.constraint))
    shapes.add((E.constraint, RDF.type, SH.SPARQLConstraint))
    shapes.add((E.constraint, SH.prefixes, prefixes))
    shapes.add((E.constraint, SH.select, Literal(query)))
    for node in targets:
        shapes.add((E.S, SH.targetNode, node))
    return check_shapes(shapes, "a constraint")


def comparisons() -> set[tuple[str, str]]:
    """Give the operators and durations by which the library's criteria compare days."""
    return {
        found
        for file in (ROOT / "shapes" / "criteria").rglob("*.ttl")
        for found in TAKEN.findall(file.read_text(encoding="utf-8"))
    }


def before(day: date, duration: str) -> date:
    """Take months from a day, as XML Schema does: no later than the month's last day."""
    months = int(duration[1:-1]) * (12 if duration.endswith("Y") else 1)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@pytest.mark.parametrize(("comparison", "duration"), sorted(comparisons()))
def test_engines_take_months_from_a_day_by_the_calendar(comparison: str, duration: str):
    data, expected = Graph(), set()
    for year, month in ((y, m) for y in (2015, 2016) for m in range(1, 13)):
        for asked in (date(year, month, n) for n in (1, 15, 28, monthrange(year, month)[1])):
            for day in (before(asked, duration) + timedelta(days=n) for n in (-1, 0, 1)):
                request = E[f"{asked}-{day}"]
                data.add((request, CORE.requestDate, Literal(asked)))
                data.add((request, CORE.date, Literal(day)))
                if OPERATORS[comparison](day, before(asked, duration)):
                    expected.add(request)
    condition = f'?value {comparison} ?asked - "{duration}"^^xsd:yearMonthDuration'
    shapes = constraint(BETWEEN % condition, data.subjects(CORE.date, unique=True))
    report = validate(data=data, shapes=shapes)
    assert {result.focus for result in report} == expected
    assert not disagreement(report, prepare(shapes).results(to_ntriples(data)))


def test_library_compares_days_with_months():
    assert {duration for _, duration in comparisons()} >= {"P2M", "P6M", "P1Y"}


def test_months_in_another_form_are_refused():
    shapes = constraint(BETWEEN % '?value + "P2M"^^xsd:yearMonthDuration > ?asked', NODES)
    with pytest.raises(KnowledgeError, match="constraint computes with months"):
        prepare(shapes)


def by_value(term: Node | None) -> object:
    """Give a term so that 180 and 180.0 are the same."""
    return term.toPython() if isinstance(term, Literal) else term


def by_rdflib(data: Graph, query: str) -> set[tuple[Node, object]]:
    """Answer a constraint with the engine that pySHACL asks, as SHACL makes results of it."""
    return {
        (node, by_value(row.asdict().get("value", node)))
        for node in NODES
        for row in data.query(prepared(query), initBindings={"this": node})
        if row.asdict()
    }


@pytest.mark.parametrize("number", range(len(library_queries())))
def test_second_engine_answers_constraints_as_the_first(number: int):
    query = library_queries()[number]
    examiner = prepare(constraint(query, NODES))

    @given(graphs(query))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def answers(data: Graph) -> None:
        results = examiner.results(to_ntriples(data))
        assert {(r.focus, by_value(r.term)) for r in results} == by_rdflib(data, query)

    answers()
