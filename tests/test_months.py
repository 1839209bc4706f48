"""Months before a day: the calendar, pySHACL and the second engine say the same.

The second engine gives no answer where a year or less is taken from a date and December comes out;
it is given such comparisons in another form (``reasoner.evidence``).
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from rdflib import RDF, XSD, Graph, Literal, Namespace

from reasoner.errors import KnowledgeError
from reasoner.evidence import disagreement, prepare
from reasoner.rdf import to_ntriples
from reasoner.shacl import Shapes, check_shapes, validate
from tests.casefiles import ROOT

E = Namespace("https://example.org/")
SHAPES = """
    @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix e: <https://example.org/> .
    e:p sh:declare
        [ sh:prefix "e" ; sh:namespace "https://example.org/"^^xsd:anyURI ] ,
        [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] .
    e:S a sh:NodeShape ; sh:targetClass e:Request ; sh:sparql e:c .
    e:c a sh:SPARQLConstraint ; sh:prefixes e:p ; sh:select '''
        SELECT $this ?value WHERE { $this e:asked ?asked ; e:given ?value . FILTER (%s) }''' .
"""
OPERATORS: dict[str, Callable[[date, date], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
TAKEN = re.compile(r'(\S+) \?asked - "(P\w+)"\^\^xsd:yearMonthDuration')


def comparisons() -> set[tuple[str, str]]:
    """Give the operators and durations by which the library's criteria compare days."""
    return {
        found
        for file in (ROOT / "shapes" / "criteria").rglob("*.ttl")
        for found in TAKEN.findall(file.read_text(encoding="utf-8"))
    }


def shapes_of(condition: str) -> Shapes:
    return check_shapes(Graph().parse(data=SHAPES % condition), "months")


def before(day: date, duration: str) -> date:
    """Take months from a day, as XML Schema does: no later than the month's last day."""
    months = int(duration[1:-1]) * (12 if duration.endswith("Y") else 1)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@pytest.mark.parametrize(("comparison", "duration"), sorted(comparisons()))
def test_engines_take_months_from_a_day_by_the_calendar(comparison: str, duration: str):
    data, expected = Graph(), set()
    for year, month in ((y, m) for y in (2015, 2016) for m in range(1, 13)):
        last = monthrange(year, month)[1]
        for asked in (date(year, month, n) for n in (1, 15, 28, last)):
            for given in (before(asked, duration) + timedelta(days=n) for n in (-1, 0, 1)):
                request = E[f"{asked}-{given}"]
                data.add((request, RDF.type, E.Request))
                data.add((request, E.asked, Literal(asked, datatype=XSD.date)))
                data.add((request, E.given, Literal(given, datatype=XSD.date)))
                if OPERATORS[comparison](given, before(asked, duration)):
                    expected.add(request)
    shapes = shapes_of(f'?value {comparison} ?asked - "{duration}"^^xsd:yearMonthDuration')
    report = validate(data=data, shapes=shapes)
    assert {result.focus for result in report} == expected
    assert not disagreement(report, prepare(shapes).results(to_ntriples(data)))


def test_library_compares_days_with_months():
    assert {duration for _, duration in comparisons()} >= {"P2M", "P6M", "P1Y"}


def test_months_in_another_form_are_refused():
    shapes = shapes_of('?value + "P2M"^^xsd:yearMonthDuration > ?asked')
    with pytest.raises(KnowledgeError, match="c computes with months"):
        prepare(shapes)
