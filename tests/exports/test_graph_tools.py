"""The graph of why, read by programs that did not write it: igraph (in C) and PyGraphistry."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise

import igraph
import pytest
from graphistry.plugins.gexf.reader import gexf_to_dfs

from reasoner.exports.whygraph import to_gexf, to_graphml, why_graph

GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
SAID = ("label", "text", "kind", "outcome", "layer")


@pytest.fixture(scope="module")
def graphs(contracts):
    return [why_graph(contract) for contract in contracts]


def edges(graph):
    return Counter((a, b, said["relation"]) for a, b, said in graph.edges(data=True))


def test_igraph_reads_graphml_as_it_was(graphs, tmp_path):
    file = tmp_path / "why.graphml"
    for graph in graphs:
        file.write_bytes(to_graphml(graph))
        back = igraph.Graph.Read_GraphML(str(file))
        assert back.is_directed()
        said = {v["id"]: {key: v[key] for key in SAID} for v in back.vs}
        assert said == dict(graph.nodes(data=True))
        assert edges(graph) == Counter(
            (back.vs[e.source]["id"], back.vs[e.target]["id"], e["relation"]) for e in back.es
        )
        assert back.es["label"] == back.es["relation"]
        assert back.vs["name"] == back.vs["label"]
        for v in back.vs:
            assert "#{:02x}{:02x}{:02x}".format(*(int(v[c]) for c in "rgb")) == v["color"]
            assert v["size"] > 0


def test_graphistry_reads_gexf_as_it_was(graphs):
    for graph in graphs:
        links, nodes, head = gexf_to_dfs(to_gexf(graph))
        assert (head["version"], head["defaultedgetype"]) == ("1.2", "directed")
        rows = {row["node_id"]: row for row in nodes.to_dict("records")}
        said = {name: {key: row[key] for key in SAID} for name, row in rows.items()}
        assert said == dict(graph.nodes(data=True))
        assert edges(graph) == Counter(
            zip(links["source"], links["target"], links["relation"], strict=True)
        )
        assert list(links["label"]) == list(links["relation"])
        assert links["edge_id"].is_unique
        for row in [*rows.values(), *links.to_dict("records")]:
            assert re.fullmatch("#[0-9A-F]{6}", row["viz_color"])
            assert row["viz_opacity"] == 1
        assert all(row["viz_size"] > 0 for row in rows.values())


def test_both_are_drawn_alike_and_no_node_covers_another(graphs, tmp_path):
    file = tmp_path / "why.graphml"
    for graph in graphs:
        file.write_bytes(to_graphml(graph))
        one = {v["id"]: (v["x"], v["y"], v["size"], v["color"]) for v in igraph.load(str(file)).vs}
        _, nodes, _ = gexf_to_dfs(to_gexf(graph))
        other = {
            row["node_id"]: (row["viz_x"], row["viz_y"], row["viz_size"], row["viz_color"].lower())
            for row in nodes.to_dict("records")
        }
        assert one == other
        rows = {}
        for x, y, size, _ in one.values():
            rows.setdefault(x, []).append((y, size))
        for column in rows.values():
            column.sort()
            for (y, size), (above, wide) in pairwise(column):
                assert above - y > size + wide


def test_criteria_are_coloured_by_their_outcome(graphs):
    seen = {}
    for graph in graphs:
        _, nodes, _ = gexf_to_dfs(to_gexf(graph))
        for row in nodes.to_dict("records"):
            if row["kind"] == "criterion":
                seen.setdefault(row["outcome"], set()).add(row["viz_color"])
    assert {"Met", "NotMet", "NotDocumented"} <= set(seen)
    assert all(len(colours) == 1 for colours in seen.values())
    assert len({min(colours) for colours in seen.values()}) == len(seen)


def test_evidence_for_and_against_is_told_apart(graphs):
    seen = {}
    for graph in graphs:
        links, _, _ = gexf_to_dfs(to_gexf(graph))
        for relation, colour in zip(links["relation"], links["viz_color"], strict=True):
            seen.setdefault(relation, set()).add(colour)
    assert len(seen["met by"]) == len(seen["spoken against by"]) == 1
    assert seen["met by"] != seen["spoken against by"]
    assert not (seen["met by"] | seen["spoken against by"]) & seen["assessed by"]


def test_graphml_is_what_gephi_and_cytoscape_take_for_their_own(graphs):
    for graph in graphs:
        root = ET.fromstring(to_graphml(graph))
        keys = [key.attrib for key in root.iter(GRAPHML + "key")]
        ids = [key["id"] for key in keys]
        assert len(set(ids)) == len(ids)
        assert not {"d3", "d7"} & set(ids)  # Gephi takes these for labels, by yEd's custom
        nodes = {key["attr.name"]: key["attr.type"] for key in keys if key["for"] == "node"}
        assert {n: nodes[n] for n in ("label", "name", "color")} == dict.fromkeys(
            ("label", "name", "color"), "string"
        )
        assert {nodes[n] for n in "rgb"} == {"long"}
        assert {nodes[n] for n in ("x", "y", "size")} == {"double"}
        assert {key["attr.name"] for key in keys if key["for"] == "edge"} == {"label", "relation"}
        names = [edge.get("id") for edge in root.iter(GRAPHML + "edge")]
        assert len(set(names)) == len(names) == graph.number_of_edges()  # a second is dropped


def test_gexf_has_nothing_that_its_schema_does_not_know(graphs):
    space = "{http://www.gexf.net/1.2draft}"
    viz = "{http://www.gexf.net/1.2draft/viz}"
    known = {
        space + "meta": set(), space + "creator": set(),
        space + "graph": {"defaultedgetype", "mode"},
        space + "attributes": {"class", "mode"}, space + "attribute": {"id", "title", "type"},
        space + "nodes": set(), space + "node": {"id", "label"},
        space + "edges": set(), space + "edge": {"id", "source", "target", "label"},
        space + "attvalues": set(), space + "attvalue": {"for", "value"},
        viz + "color": {"r", "g", "b", "a"}, viz + "size": {"value"},
        viz + "position": {"x", "y", "z"},
    }  # fmt: skip
    for graph in graphs:
        root = ET.fromstring(to_gexf(graph))
        assert (root.tag, root.get("version")) == (space + "gexf", "1.2")
        for element in list(root.iter())[1:]:
            assert element.attrib.keys() <= known[element.tag]
        assert {a.get("type") for a in root.iter(space + "attribute")} <= {"string", "integer"}


def test_labels_are_short_and_texts_whole(graphs):
    for graph in graphs:
        for _, said in graph.nodes(data=True):
            assert 0 < len(said["label"]) <= 56
            whole = " ".join(said["text"].split())
            assert said["label"] == whole or whole.startswith(said["label"].removesuffix("…"))


def test_every_edge_leads_to_a_lower_layer(graphs):
    for graph in graphs:
        for one, other in graph.edges():
            assert graph.nodes[one]["layer"] > graph.nodes[other]["layer"]
