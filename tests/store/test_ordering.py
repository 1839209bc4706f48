"""Rows that are sorted outside the engine stand as the engine sorts them."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.queries import load_queries
from reasoner.store.ordering import sort_rows, without_order

XSD = "http://www.w3.org/2001/XMLSchema#"
ROWS = "SELECT ?a ?b WHERE { ?row <urn:of> <urn:table> . OPTIONAL { ?row <urn:a> ?a } OPTIONAL { ?row <urn:b> ?b } }"


def typed(values, kind):
    return values.map(lambda v: ox.Literal(str(v), datatype=ox.NamedNode(XSD + kind)))


NAMES = st.text("abé/𝄞-1", min_size=1, max_size=4).map(lambda s: ox.NamedNode("urn:x:" + s))
COLUMNS = st.sampled_from([
    NAMES,
    st.one_of(st.none(), NAMES),
    st.one_of(st.none(), st.text("aBé𝄞 1", max_size=3).map(ox.Literal)),
    st.text("aBé𝄞 1", max_size=3).map(lambda s: ox.Literal(s, language="en")),
    st.one_of(NAMES, typed(st.integers(-20, 20), "integer")),
    st.one_of(
        typed(st.integers(-20, 20), "integer"),
        typed(st.decimals(-20, 20, places=1), "decimal"),
    ),
    typed(st.dates(), "date"),
    typed(st.sampled_from(["true", "false", "1", "0"]), "boolean"),
])  # fmt: skip


@given(st.data())
def test_rows_stand_as_the_engine_sorts_them(data):
    store = ox.Store()
    first, second = data.draw(COLUMNS), data.draw(COLUMNS)
    for number in range(data.draw(st.integers(0, 12))):
        row = ox.BlankNode(f"r{number}")
        store.add(ox.Quad(row, ox.NamedNode("urn:of"), ox.NamedNode("urn:table")))
        for predicate, values in (("urn:a", first), ("urn:b", second)):
            value = data.draw(values)
            if value is not None:
                store.add(ox.Quad(row, ox.NamedNode(predicate), value))
    order = data.draw(st.sampled_from(
        ["?a ?b", "DESC(?a) ?b", "asc ( ?b ) desc(?a)", "DESC(?b)", "?b # and no more\n"]
    ))  # fmt: skip
    found = without_order(f"{ROWS} ORDER BY {order}")
    assert found is not None
    text, keys = found
    assert "ORDER" not in text
    asked = store.query(f"{ROWS} ORDER BY {order}")
    expected = [tuple(solution) for solution in asked]
    rows = sort_rows(("a", "b"), [tuple(s) for s in store.query(text)], keys)
    assert rows is not None
    places = [("a", "b").index(name) for name, _ in keys]

    def by_value(row):
        return [value_of(row[place]) for place in places]

    assert list(map(by_value, rows)) == list(map(by_value, expected))
    assert sorted(map(str, rows)) == sorted(map(str, expected))


def value_of(term):
    """Give what is equal in an order: 1 and 1.0, true and 1."""
    if isinstance(term, ox.Literal) and term.datatype.value in (XSD + "integer", XSD + "decimal"):
        return float(term.value)
    if isinstance(term, ox.Literal) and term.datatype.value == XSD + "boolean":
        return term.value in ("true", "1")
    return term


@pytest.mark.parametrize("values", [
    '"a" 1', '"a"@en "b"', '1.0e0 2.0e0', '"x"^^<urn:t> "y"^^<urn:t>',
    f'"2020-01-01T00:00:00Z"^^<{XSD}dateTime> "2020-01-01T01:00:00+02:00"^^<{XSD}dateTime>',
])  # fmt: skip
def test_what_only_the_engine_compares_is_left_to_it(values):
    rows = list(map(tuple, ox.Store().query(f"SELECT ?a WHERE {{ VALUES ?a {{ {values} }} }}")))
    assert len(rows) == 2
    assert sort_rows(("a",), rows, (("a", False),)) is None


@pytest.mark.parametrize("text", [
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY ?b",
    "SELECT * WHERE { ?a ?b ?c } ORDER BY ?b",
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY ?a LIMIT 10",
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY STR(?a)",
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY DESC(?a + 1) ?a",
    "SELECT ?a WHERE { ?a ?b ?c } # ORDER BY ?a",
    "SELECT ?a WHERE { { SELECT ?a WHERE { ?a ?b ?c } ORDER BY ?a } }",
    "SELECT (MAX(?c) AS ?a) WHERE { ?a ?b ?c } GROUP BY ?a ORDER BY ?c",
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY ?a VALUES ?a { <urn:a> }",
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY \\u003Fa",
    "ASK { ?a ?b ?c }",
    'SELECT ?a WHERE { ?a ?b "ORDER BY ?a',
])  # fmt: skip
def test_other_orders_are_left_to_the_engine(text):
    assert without_order(text) is None


def test_the_order_of_most_queries_of_the_library_is_made_here():
    left = {name for name, query in load_queries().items() if without_order(query.text) is None}
    assert len(left) <= 6, left
