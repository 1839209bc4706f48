"""Why a determination came out as it did, as a graph for Gephi, Cytoscape and networkx."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import networkx as nx

_LAYERS = ("record", "fact", "criterion", "recommendation", "item", "case")
_COLOURS = {
    "Met": (34, 139, 84), "NotMet": (192, 57, 43), "NotDocumented": (214, 146, 20),
    "NotApplicable": (150, 150, 150), "Overturned": (34, 139, 84), "Approved": (34, 139, 84),
    "Upheld": (192, 57, 43), "Denied": (192, 57, 43), "Modified": (214, 146, 20),
    "OverturnedInPart": (214, 146, 20), "Undetermined": (150, 150, 150),
}  # fmt: skip
_KIND_COLOURS = {
    "record": (141, 110, 99), "fact": (93, 109, 126), "recommendation": (52, 101, 164),
    "sentence": (170, 160, 200), "case": (60, 60, 60),
}  # fmt: skip


def why_graph(contract: Mapping[str, Any]) -> nx.MultiDiGraph[str]:
    """Build the graph of why from a determination in the form of the JSON contract.

    Nodes are IRIs and have ``label``, ``kind``, ``outcome`` (empty where there is none) and
    ``layer``; edges lead from what rests to what it rests on, and have ``relation``.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()

    def node(name: str, kind: str, label: str, outcome: str = "") -> str:
        if name not in graph:
            layer = _LAYERS.index(kind) if kind in _LAYERS else _LAYERS.index("item")
            graph.add_node(name, label=label, kind=kind, outcome=outcome, layer=layer)
        return name

    def edge(one: str, other: str, relation: str) -> None:
        graph.add_edge(one, other, key=relation, relation=relation)

    case = node(contract["id"], "case", f"Case {contract['case']}", contract["outcome"])
    for record in contract["summary"]["records"]:
        node(record["id"], "record", record["title"] or record["label"])
    for fact in contract["summary"]["facts"]:
        at = node(fact["fact"], "fact", fact["label"])
        for record in fact["records"]:
            edge(at, record, "documented in")
    for number, item in enumerate(contract["items"], start=1):
        name = f"{contract['id']}#item-{number}"
        edge(case, node(name, "item", item["label"], item["outcome"]), "decides")
        node(item["request"], "request", item["label"])
        edge(name, item["request"], "is on")
    for number, item in enumerate(contract["items"], start=1):
        name = f"{contract['id']}#item-{number}"
        if item["dependsOn"] is not None:
            edge(name, item["dependsOn"], "depends on")
        governing = item["recommendation"]
        if governing is not None:
            label = f"{governing['label']} ({governing['guideline']}, page {governing['page']})"
            edge(name, node(governing["id"], "recommendation", label), "governed by")
        for criterion in item["criteria"]:
            at = f"{name}-criterion-{criterion['number']}"
            text = f"{criterion['number']} {criterion['statement']}"
            edge(name, node(at, "criterion", text, criterion["outcome"]), "assessed by")
            if governing is not None:
                edge(at, governing["id"], "required by")
            for evidence in criterion["evidence"]:
                edge(
                    at, evidence["fact"], "met by" if evidence["supports"] else "spoken against by"
                )
        for order, sentence in enumerate(item["rationale"], start=1):
            at = node(f"{name}-sentence-{order}", "sentence", sentence["text"])
            edge(name, at, "explained by")
            for source in sentence["sources"]:
                if source in graph:
                    edge(at, source, "derived from")
    return graph


def to_graphml(graph: nx.MultiDiGraph[str]) -> bytes:
    """Write the graph as GraphML."""
    stream = io.BytesIO()
    nx.write_graphml_xml(graph, stream)
    return stream.getvalue()


def to_gexf(graph: nx.MultiDiGraph[str]) -> bytes:
    """Write the graph as GEXF 1.2, with colours and places."""
    placed: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    rows: dict[int, int] = {}
    for name, said in graph.nodes(data=True):
        layer = int(said["layer"])
        rows[layer] = rows.get(layer, 0) + 1
        colour = _COLOURS.get(said["outcome"]) or _KIND_COLOURS.get(said["kind"], (120, 120, 120))
        placed.add_node(
            name,
            **said,
            viz={
                "color": dict(zip("rgb", colour, strict=True)) | {"a": 1.0},
                "size": 12.0 if said["kind"] in ("case", "item") else 6.0,
                "position": {"x": 220.0 * layer, "y": -40.0 * rows[layer], "z": 0.0},
            },
        )
    for one, other, said in graph.edges(data=True):
        placed.add_edge(one, other, relation=said["relation"])
    lines = nx.generate_gexf(placed, version="1.2draft")
    text = re.sub(r' lastmodifieddate="[^"]*"', "", "\n".join(lines))  # no clock
    return ("<?xml version='1.0' encoding='utf-8'?>\n" + text + "\n").encode()
