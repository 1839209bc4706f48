"""The library's SPARQL constraints, and drawn graphs of what they ask about."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from hypothesis import strategies as st
from rdflib import RDF, SH, Graph, Literal, Namespace, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query

from reasoner import load_knowledge
from reasoner.corpus import algebra
from reasoner.corpus.sparqlconstraints import kind_of_values
from reasoner.terms import BASE, CORE

EX = Namespace("http://example.org/")
NODES = [EX[f"n{n}"] for n in range(6)]
DAYS = [date(2014, 2, 28), date(2014, 8, 31), date(2014, 9, 1), date(2015, 2, 28)]
VALUES = {
    "num": [Literal(n) for n in (0, 1, 4, 6, 24, 60)],
    "day": [Literal(day) for day in DAYS],
    "lex": [Literal(text) for text in ("L5", "L5-S1", "S1")],
}


@lru_cache
def library_queries() -> list[str]:
    """Give the constraints of the library, one of each pattern."""
    knowledge = load_knowledge()
    sources = knowledge.sources
    triples = (t for topic in sources.topics for t in sources.triples(*sources.shapes_of(topic)))
    texts = sorted({str(o) for _, p, o in triples if p == SH.select}, key=lambda t: (len(t), t))
    patterns = {algebra._TERM.sub(lambda m: m[0] if m["left"] else "T", t): t for t in texts}
    assert len(patterns) > 30
    return list(patterns.values())


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
def prepared(text: str) -> Query:
    """Parse a constraint, once."""
    return prepareQuery(text, initNs=algebra._PREFIXES)
