"""The endpoint, as clients of SPARQL use it: protocol, formats, graphs, updates."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from reasoner import adjudicate, read_case
from reasoner.store.embedded import writing
from reasoner.store.loading import Loader
from reasoner.web.negotiation import RESULTS, choose
from tests.web.serving import make_store, serving

ALL = "SELECT ?s ?p ?o WHERE { GRAPH <urn:text> { ?s ?p ?o } } ORDER BY ?p"
RESULT_FORMATS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
RDF_FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}


def expected(folder):
    """Give the graph of texts, read out of the store itself."""
    with writing(folder) as store:
        lines = [line for line in store.lines() if b"<urn:text>" in line]
    dataset = ox.Dataset(
        ox.Quad(q.subject, q.predicate, q.object)
        for q in ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return set(dataset)


def canonical(triples):
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return set(dataset)


@pytest.mark.parametrize("media", RESULT_FORMATS)
def test_rows_come_in_every_format_without_loss(server, media):
    answer = server.ask(ALL, media)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == media
    found = ox.parse_query_results(answer.content, format=RESULT_FORMATS[media])
    assert canonical(tuple(row) for row in found) == expected(server.folder)


def test_rows_as_csv(server):
    import csv

    answer = server.ask("SELECT ?o WHERE { <urn:x> <urn:q> ?o }", "text/csv")
    assert list(csv.reader(answer.text.splitlines(keepends=True)))[1] == [
        'a "b"\n<result>, {"x": 1},\r\n\tc'
    ]


@pytest.mark.parametrize("media", RDF_FORMATS)
def test_graphs_come_in_every_format_without_loss(server, media):
    built = server.ask("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <urn:text> { ?s ?p ?o } }", media)
    whole = server.get("/graphs?graph=urn:text", headers={"Accept": media})
    for answer in (built, whole):
        assert answer.headers["content-type"].partition(";")[0] == media
        quads = ox.parse(answer.content, format=RDF_FORMATS[media])
        found = canonical((q.subject, q.predicate, q.object) for q in quads)
        assert found == expected(server.folder)


@pytest.mark.parametrize("media", [*RESULT_FORMATS, "text/csv"])
def test_asking_whether(server, media):
    for query, true in (("ASK { <urn:s1> ?p 1 }", True), ("ASK { <urn:s1> ?p 2 }", False)):
        text = server.ask(query, media).text
        assert ("true" in text, "false" in text) == (true, not true)


def test_every_way_to_send_a_query(server):
    query = "SELECT ?o WHERE { <urn:s7> ?p ?o }"
    url = f"{server.url}/sparql"
    kind = {"Content-Type": "application/sparql-query"}
    answers = [
        httpx.get(url, params={"query": query}),
        httpx.post(url, data={"query": query}),
        httpx.post(url, content=query, headers=kind),
        httpx.post(f"{url}?default-graph-uri=urn:g1", content=query, headers=kind),
    ]
    assert [a.json()["results"]["bindings"][0]["o"]["value"] for a in answers] == ["7"] * 4


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.4", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/json"),
        ("TEXT/CSV; charset=utf-8; Q=0.3", "text/csv"),
        ("text/html, text/turtle", None),
        ("text/csv;q=0", None),
        ("nonsense", None),
        (",,;q=,", None),
    ],
)
def test_format_that_is_wanted_most_is_chosen(accept, chosen):
    assert choose(accept, RESULTS) == chosen


def test_who_takes_none_of_the_formats_is_told(server):
    for query, accept in (
        ("ASK {}", "text/html"),
        ("ASK {}", "text/turtle"),
        ("DESCRIBE <urn:x>", "text/csv"),
    ):
        answer = server.ask(query, accept)
        assert answer.status_code == 406, answer.text
        assert "JSON" in answer.json()["detail"] or "Accept" in answer.json()["detail"]
    for path in ("/sparql", "/graphs?graph=urn:text"):
        assert server.get(path, headers={"Accept": "text/html"}).status_code == 406


NOTHING, FIRST = "urn:none", "urn:g0"


@pytest.mark.parametrize(
    ("where", "dataset", "count"),
    [
        ("{ ?s <urn:p> ?o }", {}, 3000),
        ("FROM <urn:g0> { ?s <urn:p> ?o }", {}, 1500),
        ("FROM NAMED <urn:g0> { ?s <urn:p> ?o }", {}, 0),
        ("FROM NAMED <urn:g0> { GRAPH ?g { ?s <urn:p> ?o } }", {}, 1500),
        ("{ ?s <urn:p> ?o }", {"default-graph-uri": FIRST}, 1500),
        ("{ ?s <urn:p> ?o }", {"default-graph-uri": ["urn:g0", "urn:g1"]}, 3000),
        ("FROM <urn:g0> { ?s <urn:p> ?o }", {"default-graph-uri": NOTHING}, 0),
        ("{ GRAPH ?g { ?s <urn:p> ?o } }", {"default-graph-uri": FIRST}, 0),
        ("{ GRAPH ?g { ?s <urn:p> ?o } }", {"named-graph-uri": FIRST}, 1500),
        ("{ ?s <urn:p> ?o }", {"named-graph-uri": FIRST}, 0),
        ("{ ?s <urn:p> ?o FILTER(STR(?s) != 'FROM <urn:g0>') } # FROM <urn:g0>", {}, 3000),
    ],
)
def test_graphs_are_those_that_were_named(server, where, dataset, count):
    query = f"SELECT (COUNT(*) AS ?n) {where}"
    posted = server.ask(query, **dataset).json()
    got = server.get("/sparql", params={"query": query, **dataset}).json()
    assert posted == got
    assert posted["results"]["bindings"][0]["n"]["value"] == str(count)


def test_service_is_described(server):
    answer = server.get("/sparql")
    graph = Graph().parse(data=answer.text, format="turtle")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    (service,) = graph.subjects(URIRef(f"{sd}endpoint"), URIRef(f"{server.url}/sparql"))
    features = set(graph.objects(service, URIRef(f"{sd}feature")))
    assert features == {URIRef(f"{sd}UnionDefaultGraph")}
    assert URIRef(f"{sd}SPARQL11Update") in set(graph.objects(service))


def test_graph_that_is_not_there(server):
    assert server.get("/graphs?graph=urn:none").status_code == 404
    assert server.get("/graphs?graph=none").status_code == 400
    assert server.get("/graphs").status_code == 400
    assert server.get("/graphs?graph=urn:text&default").status_code == 400
    assert httpx.head(f"{server.url}/graphs?graph=urn:text").status_code == 200
    refused = httpx.put(f"{server.url}/graphs?graph=urn:text", content="")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


def test_all_graphs_as_one(server):
    answer = server.get("/graphs?default", headers={"Accept": "application/n-triples"})
    assert len(answer.text.splitlines()) == 3003


# Clients


def test_rdflib_reads_and_writes(server):
    graph = Graph(SPARQLStore(f"{server.url}/sparql", method="POST"))
    rows = list(graph.query("SELECT ?o WHERE { <urn:s5> <urn:p> ?o }"))
    assert rows[0].o == Literal(5)
    assert (URIRef("urn:s5"), URIRef("urn:p"), Literal(5)) in graph
    assert graph.query("ASK { <urn:s5> ?p ?o }").askAnswer is True
    assert len(graph.query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <urn:text> { ?s ?p ?o } }").graph) == 3  # fmt: skip

    store = SPARQLUpdateStore(f"{server.url}/sparql", f"{server.url}/sparql", autocommit=True)
    written = Graph(store, URIRef("urn:rdflib"))
    written.add((URIRef("urn:a"), URIRef("urn:b"), Literal("c")))
    assert Literal("c") in set(written.objects(URIRef("urn:a"), URIRef("urn:b")))
    assert server.update("DROP GRAPH <urn:rdflib>").status_code == 204


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads(server, method):
    client = SPARQLWrapper(f"{server.url}/sparql")
    client.setMethod(method)
    client.setQuery("SELECT ?o WHERE { <urn:s5> <urn:p> ?o }")
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["results"]["bindings"][0]["o"]["value"] == "5"
    client.setReturnFormat(XML)
    assert "5" in client.queryAndConvert().toxml()
    client.setReturnFormat(CSV)
    assert client.queryAndConvert().decode().split() == ["o", "5"]
    client.setQuery("DESCRIBE <urn:x>")
    client.setReturnFormat(TURTLE)
    assert b"urn:q" in client.queryAndConvert()
    client.setReturnFormat(JSON)
    client.setQuery("SELECT ?o WHERE")
    with pytest.raises(Exception, match="malformed"):
        client.query()


def test_page_on_serving_shows_what_runs(server, tmp_path, capsys):
    text = Path("docs/serve.md").read_text()
    code = re.search(r"^    from rdflib.*?(?=^\S)", text, re.M | re.S)[0]
    code = re.sub(r"^    ", "", code, flags=re.M)
    code = code.replace("http://127.0.0.1:8765", server.url)
    code = code.replace("?d a <https://w3id.org/mtus/core#Determination>", "?d <urn:q> ?x")
    exec(compile(code, "docs/serve.md", "exec"), {})
    assert "urn:x" in capsys.readouterr().out.split()


# Updates, and others that write


def test_update_is_seen_by_the_next_query_and_is_on_the_disk(server):
    assert server.update("INSERT DATA { GRAPH <urn:u> { <urn:a> <urn:b> 1 } }").status_code == 204
    assert server.ask("ASK { GRAPH <urn:u> { <urn:a> <urn:b> 1 } }").json()["boolean"]
    with writing(server.folder) as store:
        assert list(store.select("SELECT ?s { GRAPH <urn:u> { ?s ?p 1 } }")) == [("urn:a",)]
    sent = httpx.post(
        f"{server.url}/sparql", content="DROP GRAPH <urn:u>", headers={"Content-Type": "application/sparql-update"}, timeout=60,
    )  # fmt: skip
    assert sent.status_code == 204
    assert not server.ask("ASK { GRAPH <urn:u> { ?s ?p ?o } }").json()["boolean"]


def test_update_is_whole_or_not_at_all(server):
    refused = server.update("INSERT DATA { GRAPH <urn:u> { <urn:a> <urn:b> 1 } } ; CREATE GRAPH <urn:g0>")  # fmt: skip
    assert refused.status_code != 204
    assert not server.ask("ASK { GRAPH <urn:u> { ?s ?p ?o } }").json()["boolean"]


def test_what_another_process_wrote_is_served_when_it_is_done(tmp_path, knowledge):
    import subprocess
    import sys
    import time

    store = make_store(tmp_path / "store", "<urn:a> <urn:b> <urn:c> <urn:g> .\n")
    count = "SELECT (COUNT(?d) AS ?n) { ?d a <https://w3id.org/mtus/core#Determination> }"

    def held(server):
        return int(server.ask(count).json()["results"]["bindings"][0]["n"]["value"])

    with serving(tmp_path, "--store", store) as server:
        with writing(Path(store)) as opened:  # a process that writes for long
            Loader(opened).add_determination(
                adjudicate(read_case("docs/examples/trigger-points.yaml", knowledge), knowledge)
            )
            time.sleep(2.5)  # the server looks every second
            assert held(server) == 0
            assert server.still_answers()
        until = time.monotonic() + 20
        while held(server) == 0 and time.monotonic() < until:
            time.sleep(0.2)
        assert held(server) == 1
        done = subprocess.run(
            [sys.executable, "-m", "reasoner", "determine", "docs/examples/trigger-points.yaml", "--role", "ur", "--store", store],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        until = time.monotonic() + 20
        while held(server) == 1 and time.monotonic() < until:
            time.sleep(0.2)
        assert held(server) == 2
        copies = list((Path(store) / "served").glob("*/*/CURRENT"))
        assert len(copies) <= 2
        (tmp_path / "two").mkdir()
        with serving(tmp_path / "two", "--store", store) as two:  # each has a copy of its own
            assert held(two) == 2
        assert server.still_answers()
    assert not list((Path(store) / "served").iterdir())


def test_copy_of_a_server_that_was_killed_is_removed_by_the_next(tmp_path):
    store = make_store(tmp_path / "store", "<urn:a> <urn:b> <urn:c> <urn:g> .\n")
    with serving(tmp_path, "--store", store) as server:
        server.process.kill()
        server.process.wait()
        (left,) = (Path(store) / "served").iterdir()
    with serving(tmp_path, "--store", store):
        assert not left.exists()
