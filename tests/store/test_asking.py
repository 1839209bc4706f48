"""A query has an end: of time, memory and rows; it is stopped when nobody waits for it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import polars
import pyoxigraph as ox
import pytest

from reasoner import InputError, MtusError
from reasoner.answers import to_chart, to_csv, to_json, write_parquet
from reasoner.queries import Answer, open_graph
from reasoner.store.asking import Limits, ask, place_of_quads

ENDLESS = """SELECT (COUNT(*) AS ?n) WHERE {
    GRAPH ?v { ?a ?b ?c } GRAPH ?w { ?d ?e ?f } GRAPH ?x { ?g ?h ?i } GRAPH ?y { ?j ?k ?l }
}"""
GREEDY = "SELECT DISTINCT ?a ?d WHERE { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } }"


@pytest.fixture(scope="module")
def place():
    name = ox.NamedNode("urn:g")
    quads = [
        ox.Quad(ox.NamedNode(f"urn:s{n}"), ox.NamedNode("urn:p"), ox.Literal(str(n)), name)
        for n in range(3000)
    ]
    with place_of_quads(quads) as place:
        yield place


def test_query_ends_with_its_time(place):
    before = time.monotonic()
    with pytest.raises(MtusError, match=r"longer than 0\.5 s"):
        ask(place, ENDLESS, Limits(seconds=0.5))
    assert time.monotonic() - before < 5


def test_query_ends_when_whoever_asked_is_killed(place):
    import signal

    script = (
        "import sys\nfrom pathlib import Path\nfrom reasoner.store.asking import *\n"
        "ask(Place(file=Path(sys.argv[1])), sys.argv[2], Limits(seconds=1))\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", script, place.file, ENDLESS])
    workers = []
    until = time.monotonic() + 30
    while not workers and time.monotonic() < until:
        children = Path(f"/proc/{asking.pid}/task/{asking.pid}/children").read_text().split()
        workers = [Path(f"/proc/{child}") for child in children]
        time.sleep(0.01)
    asking.send_signal(signal.SIGKILL)
    asking.wait()
    while (workers[0] / "cmdline").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not (workers[0] / "cmdline").exists()


def test_query_ends_with_its_memory(place):
    with pytest.raises(MtusError, match="more than 100 MB"):
        ask(place, GREEDY, Limits(seconds=120, megabytes=100, rows=100_000_000))


def test_query_ends_with_its_rows(place):
    with pytest.raises(MtusError, match="more than 1,000 rows"):
        ask(place, "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }", Limits(rows=1000))
    assert (
        len(ask(place, "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }", Limits(rows=3000)).rows) == 3000
    )


def test_query_that_nobody_waits_for_is_stopped(place):
    start = time.monotonic()
    with pytest.raises(MtusError, match="was stopped"):
        ask(place, GREEDY, Limits(60, 4000, 10**9), stopped=lambda: time.monotonic() > start + 0.3)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "select * where { service silent ?x { ?s ?p ?o } }",
        "SELECT * WHERE { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        'SELECT * WHERE { ?s ?p "#" . SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }',
        "SELECT * WHERE { ?s <urn:#> ?o . SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * WHERE { # '\n SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } # '",
        'SELECT * WHERE { ?s ?p """a"b""" . SERVICE<http://127.0.0.1:9/> { ?s ?p ?o } }',
        "SELECT * WHERE { # c\rSERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * WHERE { ?s ?p 1SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "PREFIX a: <http://127.0.0.1:9/> SELECT * WHERE { SERVICE a: { ?s ?p ?o } }",
    ],
)
def test_other_machines_are_not_asked(text, place):
    with pytest.raises(InputError, match="SERVICE"):
        ask(place, text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * WHERE { ?s ?p "SERVICE <http://x>" } LIMIT 1',
        "SELECT ?service WHERE { ?service <urn:service> ?o } # SERVICE",
        "PREFIX service: <urn:> SELECT * WHERE { ?s service:p ?service } LIMIT 1",
    ],
)
def test_the_word_alone_does_no_harm(text, place):
    ask(place, text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT",
        "DROP ALL",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "LOAD <file:///etc/passwd>",
        "",
    ],
)
def test_what_is_no_query_is_refused(text, place):
    with pytest.raises(InputError, match="malformed"):
        ask(place, text)


def test_every_kind_of_query_has_rows(place):
    assert ask(place, "ASK { GRAPH ?g { <urn:s1> ?p ?o } }").rows == ((ox.Literal(True),),)
    built = ask(place, "CONSTRUCT { <urn:s1> ?p ?o } WHERE { GRAPH <urn:g> { <urn:s1> ?p ?o } }")
    assert built.columns == ("subject", "predicate", "object")
    assert built.rows == ((ox.NamedNode("urn:s1"), ox.NamedNode("urn:p"), ox.Literal("1")),)


def test_graphs_are_one_where_none_is_named(place):
    assert len(ask(place, "SELECT * WHERE { ?s ?p ?o }").rows) == 3000


ANSWER = Answer(
    ("topic", "items", "rate", "day", "certain"),
    (
        (ox.Literal("a, \"b\""), ox.Literal(4), ox.Literal(0.5), ox.Literal("2014-09-10", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")), ox.Literal(True)),
        (ox.NamedNode("https://w3id.org/mtus/core#Pain"), ox.Literal(1), None, None, None),
    ),
)  # fmt: skip


def test_answers_are_written_in_every_form(tmp_path):
    assert to_csv(ANSWER).splitlines()[1] == '"a, ""b""",4,0.5,2014-09-10,true'
    assert json.loads(to_json(ANSWER))[1] == {"topic": "Pain", "items": "1", "rate": "", "day": "", "certain": ""}  # fmt: skip
    write_parquet(ANSWER, tmp_path / "a.parquet")
    table = polars.read_parquet(tmp_path / "a.parquet")
    assert table["items"].to_list() == [4, 1]
    assert table["rate"].to_list() == [0.5, None]
    assert [str(t) for t in table.dtypes] == ["String", "Int64", "Float64", "Date", "Boolean"]
    assert to_chart(ANSWER).splitlines()[1].count("█") == 40
    assert to_chart(ANSWER).splitlines()[2].count("█") == 10


def test_chart_without_numbers_is_refused():
    with pytest.raises(InputError, match="numbers"):
        to_chart(Answer(("a",), ((ox.Literal("x"),),)))


def test_folder_of_another_release_is_refused(example, knowledge, tmp_path):
    from reasoner.provenance import to_triples
    from reasoner.serialization import to_turtle

    text = to_turtle(to_triples(example)).replace(knowledge.release, "0" * 64)
    (tmp_path / "old.ttl").write_text(text)
    with pytest.raises(InputError, match="another release"):
        open_graph(knowledge, tmp_path)


def test_file_of_sparql_is_asked(tmp_path):
    query = tmp_path / "count.rq"
    query.write_text(
        "SELECT (COUNT(?c) AS ?n) WHERE { GRAPH ?g { ?c a <https://w3id.org/mtus/core#Guideline> } }"
    )

    def mtus(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "reasoner", "query", *map(str, arguments)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert int(mtus(query, "--format", "csv").stdout.splitlines()[1]) >= 18
    query.write_text("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    done = mtus(query)
    assert (done.returncode, done.stdout) == (2, "")
    assert "SERVICE" in done.stderr
    assert mtus(tmp_path / "none.rq").returncode == 2
    assert "parquet" in mtus("run", "editions", "--format", "parquet").stderr.lower()


def test_graphs_that_from_names_are_asked(place):
    assert len(ask(place, "SELECT * FROM <urn:g> WHERE { ?s ?p ?o }").rows) == 3000
    assert ask(place, "SELECT * FROM <urn:none> WHERE { ?s ?p ?o }").rows == ()
    assert ask(place, "SELECT * FROM NAMED <urn:g> WHERE { ?s ?p ?o }").rows == ()


TERMS = [
    "1", "01", "+1", "-0", "1.0", "-.5", "1e0", "1E+05", "true", "false", '"1"', '"true"',
    '"01"^^xsd:int', '"x"^^xsd:integer', '"INF"^^xsd:double', '"1"^^xsd:boolean', '"1."^^xsd:decimal',
    '""', '"a\\tb\\nc\\r\\n{\\"end\\": true}"', '"é\\u2028\\\\"', '"x"@en-US', '"<a>"', "<urn:é'>",
    '"2014-09-10"^^xsd:date', '"{\\"end\\": true}"', "'\\''",
]  # fmt: skip


def test_terms_come_as_they_are(place):
    values = " ".join(f"({number} {term})" for number, term in enumerate(TERMS))
    text = (
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?n ?x ?none WHERE "
        f"{{ VALUES (?n ?x) {{ {values} }} }} ORDER BY ?n"
    )
    expected = [tuple(row) for row in ox.Store().query(text)]
    assert len(expected) == len(TERMS)
    assert list(ask(place, text).rows) == expected
    assert ask(place, "SELECT ?x WHERE { VALUES ?x { UNDEF UNDEF } }").rows == ((None,), (None,))
    assert ask(place, "SELECT * {}").rows == ((),)
    assert ask(place, "SELECT ?x WHERE { ?x <urn:none> ?y }").rows == ()
