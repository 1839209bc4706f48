"""Queries parsed by their patterns are those that rdflib parses."""

from __future__ import annotations

import pytest
from pyparsing import ParseException
from rdflib import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.corpus import algebra
from reasoner.corpus.algebra import algebra_of

IN_PLACE = "SELECT $this ?value WHERE { $this core:asked ?value . FILTER (%s) }"
OTHERS = [
    IN_PLACE % "?value > 4",
    IN_PLACE % "EXISTS { ?value core:a 4 . FILTER NOT EXISTS { ?value core:b core:c } }",
    IN_PLACE % "?value > -4 && ?value - 3 < 10.5",
    IN_PLACE % "?value IN (core:a, core:b, 7) || ?value4 = 4",
    IN_PLACE % "STR(?value) = 'core:a 4' || STR(?value) = \"core:b 4\"",
    IN_PLACE % "?value = xsd:integer('4')",
    IN_PLACE % "?value = '2020-01-01'^^xsd:date",
    IN_PLACE % "?value > 4 # core:a 4\n",
    "SELECT $this WHERE { $this core:a/core:b ?x ; core:c|core:d 4 }",
    "SELECT $this WHERE { $this core:a* ?x ; ^core:b ?y ; !core:c ?z ; core:d? ?w }",
    "SELECT $this WHERE { $this <urn:core:a4> 4 . $this core:a 4.\n $this core:b core:c.\n }",
    "SELECT $this WHERE { $this core:a ?x } LIMIT 4",
    "SELECT $this (SUM(?x) AS ?value) WHERE { $this core:a ?x } GROUP BY $this HAVING (SUM(?x) > 4)",
    "PREFIX core: <urn:other#> SELECT $this WHERE { $this core:a 4 }",
]


def shown(part):
    if isinstance(part, CompValue):
        # Of these, one is what evaluates it, and the other is left where it was evaluated.
        beside = {k: value for k, value in vars(part).items() if k not in ("_evalfn", "ctx")}
        return sorted((key, shown(value)) for kept in (part, beside) for key, value in kept.items())
    if isinstance(part, list | tuple):
        return [shown(one) for one in part]
    return sorted(map(repr, part)) if isinstance(part, set) else repr(part)


def parsed(text):
    return shown(prepareQuery(text, initNs=algebra._PREFIXES).algebra)


@pytest.mark.parametrize("text", OTHERS)
def test_terms_are_where_they_were(text):
    assert shown(algebra_of(text)) == parsed(text)


def test_every_query_of_the_library_is_as_rdflib_parses_it(knowledge):
    sources = knowledge.sources
    triples = (t for topic in sources.topics for t in sources.triples(*sources.shapes_of(topic)))
    texts = {str(o) for _, p, o in triples if p == SH.select}
    assert len(texts) > 100
    for text in texts:
        assert shown(algebra_of(text)) == parsed(text)


def test_query_that_is_malformed_is_told_as_it_stands():
    with pytest.raises(ParseException) as told:
        algebra_of("SELECT $this WHERE { $this core:a 4 ")
    assert "urn:term:" not in str(told.value)
