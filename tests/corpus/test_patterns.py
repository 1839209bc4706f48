"""SPARQL constraints over all nodes at once answer as rdflib answers for each node."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import Graph, Literal

from reasoner.corpus.algebra import algebra_of
from reasoner.corpus.frames import Frame
from reasoner.corpus.patterns import THIS, Patterns
from reasoner.corpus.solutions import Solutions, value_of
from reasoner.corpus.sparqlparts import _UnsupportedPart
from reasoner.corpus.vectors import np
from tests.constraintqueries import NODES, graphs, kind_of, library_queries, prepared
from tests.corpus.encoded import EncodedGraph

OTHERS = [
    "SELECT $this WHERE { $this core:presentFact ?a , ?b . FILTER (?a != ?b) }",
    "SELECT $this WHERE { $this core:presentFact ?a . OPTIONAL { ?a core:count ?n } FILTER (!(?n > 4)) }",
    "SELECT $this WHERE { $this core:presentFact ?a . OPTIONAL { ?a core:count ?n } FILTER (?n > 4 || !BOUND(?n)) }",
    "SELECT $this WHERE { $this core:presentFact ?a . OPTIONAL { ?a core:count ?n } FILTER (COALESCE(?n, 6) = 6) }",
    "SELECT $this WHERE { $this core:presentFact ?a . ?a core:date ?d . FILTER (?d - 'P6M'^^xsd:yearMonthDuration < '2014-03-01'^^xsd:date) }",
    "SELECT $this WHERE { $this core:presentFact ?a . ?a core:date ?d . FILTER (?d - 'P2D'^^xsd:dayTimeDuration >= '2014-08-30'^^xsd:date) }",
    "SELECT $this ?value WHERE { { $this core:quantity ?value } UNION { $this core:presentFact ?a . ?a core:count ?value } FILTER (?value IN (4, 24)) }",
    "SELECT $this WHERE { $this core:presentFact ?a . FILTER EXISTS { ?a core:count ?n . $this core:quantity ?q . FILTER (?n > ?q) } }",
    "SELECT $this WHERE { $this core:presentFact ?a . FILTER NOT EXISTS { ?a core:date ?d . FILTER EXISTS { $this core:presentFact ?b . ?b core:date ?e . FILTER (?e > ?d) } } }",
]
REFUSED = [
    "SELECT $this ?value WHERE { $this core:quantity ?value . FILTER (?value > 4 || ?none > 4) }",
    "SELECT $this WHERE { ?case core:request $this ; core:fact ?a . ?a core:count 4 }",
    "SELECT $this WHERE { ?a core:count ?n }",
    "SELECT $this WHERE { $this a ?kind }",
    "SELECT $this WHERE { $this core:a* ?x }",
    "SELECT $this WHERE { $this core:presentFact ?a } GROUP BY ?a",
    "SELECT $this WHERE { $this core:presentFact ?a . MINUS { ?a core:count ?n } }",
    "SELECT $this WHERE { $this core:presentFact ?a . OPTIONAL { ?a core:fact ?b } ?b core:count ?n }",
    "SELECT $this WHERE { $this core:quantity ?q . FILTER (?q / 2 > 1) }",
    "SELECT $this WHERE { $this core:presentFact ?a . { SELECT ?a (SUM(?n) AS ?s) WHERE { ?a core:count ?n } GROUP BY ?a } }",
]


@lru_cache
def queries() -> list[str]:
    return [*library_queries(), *OTHERS]


def by_rdflib(graph: Graph, text: str):
    """For each node that has answers, the greatest number that is reported."""
    found = {}
    for node in NODES:
        rows = list(graph.query(prepared(text), initBindings={"this": node}))
        rows = [row for row in rows if row.asdict()]
        if rows:
            numbers = [v.toPython() for row in rows if (v := row.asdict().get("value")) is not None
                       and isinstance(v, Literal)]  # fmt: skip
            found[node] = max(numbers, default=None)
    return found


def by_columns(graph: Graph, text: str):
    source = EncodedGraph(graph, NODES)
    pattern = Patterns(kind_of).query(algebra_of(text))
    nodes = np.array(sorted(map(source.number, NODES)), dtype=np.int64)
    frame = Frame(source, nodes)
    found = pattern.run(source, Solutions(len(nodes), {THIS: frame.distinct}, {}))
    here = [source.terms[n] for n in found.nodes[THIS].tolist()]
    answers = dict.fromkeys(here)
    kind = pattern.variables["value"].kind if "value" in pattern.variables else None
    if kind is not None:
        values = value_of(source, found, "value", kind).tolist()
        for node, value in zip(here, values, strict=True):
            if value is not None:
                shown = (
                    date.fromordinal(value + date(1970, 1, 1).toordinal())
                    if kind == "day"
                    else value
                )
                answers[node] = shown if answers[node] is None else max(answers[node], shown)
    return answers


@pytest.mark.parametrize("number", range(len(queries())))
def test_columns_answer_as_rdflib(number):
    text = queries()[number]

    @given(graphs(text))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def answers(graph):
        assert by_columns(graph, text) == by_rdflib(graph, text)

    answers()


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_compiled_is_refused(text):
    with pytest.raises(_UnsupportedPart):
        Patterns(kind_of).query(algebra_of(text))
