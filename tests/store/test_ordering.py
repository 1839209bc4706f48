"""Rows that are sorted outside the engine stand as the engine sorts them."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.queries import load_queries
from reasoner.store.ordering import ask_in_order, sort_table, without_order

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
    text = f"{ROWS} ORDER BY {order}"
    found = without_order(text)
    assert found is not None
    plain, keys = found
    assert "ORDER" not in plain
    expected = [tuple(solution) for solution in store.query(text)]
    table = ask_in_order(text, lambda one: as_tsv(store, one))
    assert table is not None
    rows = rows_of(table)
    places = [("a", "b").index(name) for name, _ in keys]

    def by_value(row):
        return [value_of(row[place]) for place in places]

    assert list(map(by_value, rows)) == list(map(by_value, expected))
    assert sorted(map(str, rows)) == sorted(map(str, expected))


def as_tsv(store, text):
    return store.query(text).serialize(format=ox.QueryResultsFormat.TSV)


def rows_of(table):
    return [tuple(s) for s in ox.parse_query_results(table, format=ox.QueryResultsFormat.TSV)]


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
    table = as_tsv(ox.Store(), f"SELECT ?a WHERE {{ VALUES ?a {{ {values} }} }}")
    assert len(rows_of(table)) == 2
    assert sort_table(table, (("a", False),)) is None


def test_rows_of_the_same_key_keep_their_order():
    table = b'?a\t?b\n"x"\t1\n\t2\n"x"\t3\n\t4\n'
    assert sort_table(table, (("a", True),)) == b'?a\t?b\n"x"\t1\n"x"\t3\n\t2\n\t4\n'
    assert sort_table(b"?a\n", (("a", False),)) == b"?a\n"
    assert sort_table(b'?a\n"x"\n\n', (("a", False),)) == b'?a\n\n"x"\n'


TERMS = """<urn:é> "a\\tb\\nc\\rd\\"e\\\\f" "\u0085\u2028\ufeff" "" "_:b" "<urn:x>" "x"@en-US "x"@en--ltr
    01 +1 -0 .5 1.50 1e0 "INF"^^xsd:double "x"^^xsd:integer "1"^^xsd:boolean true "1"^^xsd:float
    "2014-08-19"^^xsd:date "x"^^<urn:t> <<( <urn:a> <urn:b> "c\\td" )>> UNDEF"""


def test_terms_come_through_the_table_as_they_are():
    values = f"VALUES ?b {{ {TERMS} }}"
    text = f"PREFIX xsd: <{XSD}> SELECT ?a ?b WHERE {{ {values} BIND (<urn:a> AS ?a) }}"
    store = ox.Store()
    table = ask_in_order(f"{text} ORDER BY ?a", lambda one: as_tsv(store, one))
    assert table is not None
    for form in (ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML, ox.QueryResultsFormat.CSV):
        told = ox.parse_query_results(table, format=ox.QueryResultsFormat.TSV)
        assert told.serialize(format=form) == store.query(text).serialize(format=form)


@pytest.mark.parametrize("text", [
    "SELECT ?a WHERE { ?a ?b ?c } LIMIT 1 ORDER BY ?a",
    "SELECT ?a WHERE { ?a ?b ?c } VALUES ?a { <urn:a> } ORDER BY ?a",
    "SELECT ?a WHERE { ?a ?b ?c } ORDER BY ?a ORDER BY ?a",
])  # fmt: skip
def test_what_is_malformed_with_its_order_is_refused(text):
    with pytest.raises(SyntaxError):
        ask_in_order(text, lambda one: pytest.fail(f"asked: {one}"))


def test_answer_without_rows_has_no_order():
    text = "CONSTRUCT { ?a ?b ?c } WHERE { SELECT ?a ?b ?c WHERE { ?a ?b ?c } } ORDER BY ?a"
    assert ask_in_order(text, lambda _: None) is None


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
