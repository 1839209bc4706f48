"""The graph of why, read back by networkx; every edge leads from what rests to what it rests on."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import networkx as nx
import pytest

from reasoner.exports.whygraph import to_gexf, to_graphml, why_graph

SAID = ("label", "text", "kind", "outcome", "layer")


@pytest.fixture(scope="module")
def graphs(contracts):
    return [why_graph(contract) for contract in contracts]


def test_graphml_comes_back_as_it_was(graphs):
    for graph in graphs:
        back = nx.read_graphml(io.BytesIO(to_graphml(graph)), force_multigraph=True)
        assert {n: {k: d[k] for k in SAID} for n, d in back.nodes(data=True)} == dict(
            graph.nodes(data=True)
        )
        assert sorted((a, b, d["relation"]) for a, b, d in back.edges(data=True)) == sorted(
            (a, b, d["relation"]) for a, b, d in graph.edges(data=True)
        )


def test_gexf_comes_back_as_it_was_with_places_and_colours(graphs):
    for graph in graphs:
        data = to_gexf(graph)
        back = nx.read_gexf(io.BytesIO(data), version="1.2draft")
        assert {n: {k: d[k] for k in SAID} for n, d in back.nodes(data=True)} == dict(
            graph.nodes(data=True)
        )
        assert all("viz" in d for _, d in back.nodes(data=True))
        assert sorted((a, b, d["relation"]) for a, b, d in back.edges(data=True)) == sorted(
            (a, b, d["relation"]) for a, b, d in graph.edges(data=True)
        )
        assert to_gexf(graph) == data
        assert b"lastmodified" not in data
        ET.fromstring(data)


def test_a_quote_in_a_record_can_be_reached_from_the_decision(contracts, graphs):
    contract, graph = contracts[0], graphs[0]
    fact = next(f for f in contract["summary"]["facts"] if f["quote"])
    (criterion,) = (
        one
        for one, _, said in graph.in_edges(fact["fact"], data=True)
        if said["relation"] == "met by"
    )
    assert nx.has_path(graph, contract["id"], criterion)
    assert set(graph.successors(fact["fact"])) == set(fact["records"])


def test_every_criterion_and_fact_is_a_node_with_a_label(contracts, graphs):
    for contract, graph in zip(contracts, graphs, strict=True):
        kinds = [d["kind"] for _, d in graph.nodes(data=True)]
        assert kinds.count("criterion") == sum(len(i["criteria"]) for i in contract["items"])
        assert kinds.count("fact") == len(contract["summary"]["facts"])
        assert all(d["label"] for _, d in graph.nodes(data=True))
