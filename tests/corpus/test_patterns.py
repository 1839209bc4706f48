"""SPARQL constraints over all nodes at once answer as rdflib answers for each node."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, SH, Graph, Literal, Namespace, URIRef
from rdflib.plugins.sparql import prepareQuery

from reasoner import load_knowledge
from reasoner.corpus import algebra
from reasoner.corpus.algebra import algebra_of
from reasoner.corpus.frames import Frame
from reasoner.corpus.patterns import THIS, Patterns
from reasoner.corpus.solutions import Solutions, value_of
from reasoner.corpus.sparqlconstraints import kind_of_values
from reasoner.corpus.sparqlparts import _UnsupportedPart
from reasoner.corpus.vectors import np
from reasoner.terms import BASE, CORE
from tests.corpus.encoded import EncodedGraph

EX = Namespace("http://example.org/")
NODES = [EX[f"n{n}"] for n in range(6)]
DAYS = [date(2014, 2, 28), date(2014, 8, 31), date(2014, 9, 1), date(2015, 2, 28)]
VALUES = {
    "num": [Literal(n) for n in (0, 1, 4, 6, 24, 60)],
    "day": [Literal(day) for day in DAYS],
    "lex": [Literal(text) for text in ("L5", "L5-S1", "S1")],
}
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
    """The library's, one of each pattern, and others."""
    knowledge = load_knowledge()
    sources = knowledge.sources
    triples = (t for topic in sources.topics for t in sources.triples(*sources.shapes_of(topic)))
    texts = sorted({str(o) for _, p, o in triples if p == SH.select}, key=lambda t: (len(t), t))
    patterns = {algebra._TERM.sub(lambda m: m[0] if m["left"] else "T", t): t for t in texts}
    assert len(patterns) > 30
    return [*patterns.values(), *OTHERS]


@lru_cache
def kind_of(property_: URIRef) -> str | None:
    return kind_of_values(load_knowledge(), property_)


@st.composite
def graphs(draw, text: str) -> Graph:
    """Graphs of what a query asks about."""
    properties = sorted({CORE[n] for n in re.findall(r"core:([a-z]\w*)", text)})
    terms = sorted(
        {URIRef(f"{BASE}{a}#{b}") for a, b in re.findall(r"\b(core|clinical):([A-Z]\w*)", text)}
    )
    graph = Graph()
    nodes = st.sampled_from(NODES)
    for node in NODES:
        for kind in draw(st.lists(st.sampled_from([*terms, EX.other]), max_size=2)):
            graph.add((node, RDF.type, kind))
    for property_ in properties:
        values = VALUES.get(kind_of(property_) or "")
        of = (
            st.sampled_from(values)
            if values
            else st.one_of(nodes, st.sampled_from([*terms, EX.other]))
        )
        few = 1 if values else 4
        for _ in range(draw(st.integers(1, 8))):
            graph.add((draw(nodes), property_, draw(of)))
        if values:
            for node in NODES:  # what a thing states once
                for value in sorted(graph.objects(node, property_))[few:]:
                    graph.remove((node, property_, value))
    return graph


@lru_cache
def prepared(text: str):
    return prepareQuery(text, initNs=algebra._PREFIXES)


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
