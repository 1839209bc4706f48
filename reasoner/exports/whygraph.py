"""Why a determination came out as it did, as a graph for Gephi, Cytoscape and networkx."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import networkx as nx

# Every edge leads to a lower layer; readers are shown the layers as columns, left to right.
_LAYERS = {
    "record": 0, "fact": 1, "request": 1, "recommendation": 1, "criterion": 2, "sentence": 3,
    "item": 4, "case": 5,
}  # fmt: skip
_COLUMN, _ROW = 520.0, 48.0  # from column to column; from row to row of the fullest column
_LETTERS = 56
_COLOURS = {
    "Met": (34, 139, 84), "NotMet": (192, 57, 43), "NotDocumented": (214, 146, 20),
    "NotApplicable": (150, 150, 150), "Overturned": (34, 139, 84), "Approved": (34, 139, 84),
    "Upheld": (192, 57, 43), "Denied": (192, 57, 43), "Modified": (214, 146, 20),
    "OverturnedInPart": (214, 146, 20), "Undetermined": (150, 150, 150),
}  # fmt: skip
_KIND_COLOURS = {
    "record": (141, 110, 99), "fact": (93, 109, 126), "recommendation": (52, 101, 164),
    "sentence": (170, 160, 200), "request": (0, 128, 128),
}  # fmt: skip
_EDGE_COLOURS = {"met by": _COLOURS["Met"], "spoken against by": _COLOURS["NotMet"]}
_OTHER_EDGES = (190, 190, 190)
_SIZES = {"case": 16.0, "item": 12.0, "criterion": 8.0}
_OTHER_SIZES = 6.0


def why_graph(contract: Mapping[str, Any]) -> nx.MultiDiGraph[str]:
    """Build the graph of why from a determination in the form of the JSON contract.

    Nodes are IRIs and have ``label`` (short), ``text`` (in full), ``kind``, ``outcome`` (empty
    where there is none) and ``layer``; edges lead from what rests to what it rests on, on a lower
    layer, and have ``relation``.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()

    def node(name: str, kind: str, text: str, outcome: str = "") -> str:
        if name not in graph:
            graph.add_node(
                name, label=_short(text), text=text, kind=kind, outcome=outcome, layer=_LAYERS[kind]
            )
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
    """Write the graph as GraphML, with what draws it as attributes that readers know by name.

    Nodes have ``name`` (Cytoscape shows it), ``color``, ``r``, ``g``, ``b``, ``size``, ``x`` and
    ``y`` (Gephi takes them for its own); edges have ids of their own and ``label``.
    """
    drawn: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    drawing = _drawing(graph)
    for name, said in graph.nodes(data=True):
        colour, size, x, y = drawing[name]
        look = dict(zip("rgb", colour, strict=True)) | {"size": size, "x": x, "y": y}
        hexed = "#{:02x}{:02x}{:02x}".format(*colour)
        drawn.add_node(name, **said, name=said["label"], color=hexed, **look)
    for number, (one, other, said) in enumerate(graph.edges(data=True), start=1):
        drawn.add_edge(one, other, key=f"edge-{number}", **said, edgelabel=said["relation"])
    stream = io.BytesIO()
    # Keys by their names: Gephi takes one called d3 for yEd's label, Cytoscape.js reads no names.
    nx.write_graphml_xml(drawn, stream, named_key_ids=True)
    # The label of an edge may be called so, but not its key: nodes have a key of that name.
    return stream.getvalue().replace(b'attr.name="edgelabel"', b'attr.name="label"', 1)


def to_gexf(graph: nx.MultiDiGraph[str]) -> bytes:
    """Write the graph as GEXF 1.2, with colours, sizes and places."""
    drawn: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    drawing = _drawing(graph)
    for name, said in graph.nodes(data=True):
        colour, size, x, y = drawing[name]
        place = {"x": x, "y": y, "z": 0.0}
        drawn.add_node(name, **said, viz={"color": _viz(colour), "size": size, "position": place})
    for one, other, said in graph.edges(data=True):
        colour = _EDGE_COLOURS.get(said["relation"], _OTHER_EDGES)
        drawn.add_edge(one, other, **said, label=said["relation"], viz={"color": _viz(colour)})
    text = "\n".join(nx.generate_gexf(drawn, version="1.2draft"))
    text = re.sub(r' lastmodifieddate="[^"]*"', "", text)  # no clock
    text = text.replace(' name=""', "")  # which the schema does not know
    text = text.replace(' type="long"', ' type="integer"')  # the other is lost on Tulip
    return ("<?xml version='1.0' encoding='utf-8'?>\n" + text + "\n").encode()


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LETTERS else words[: _LETTERS - 1].rstrip(" ,.;") + "\u2026"


def _viz(colour: tuple[int, int, int]) -> dict[str, float]:
    return dict(zip("rgb", colour, strict=True)) | {"a": 1.0}


def _drawing(
    graph: nx.MultiDiGraph[str],
) -> dict[str, tuple[tuple[int, int, int], float, float, float]]:
    """Give each node its colour, size and place."""
    columns: dict[int, list[str]] = {layer: [] for layer in sorted(_LAYERS.values(), reverse=True)}
    for name, said in graph.nodes(data=True):
        columns[said["layer"]].append(name)
    high = _ROW * max(len(names) for names in columns.values())
    rows: dict[str, float] = {}
    for layer, names in columns.items():
        if layer < _LAYERS["criterion"]:  # each beside what rests on it, so that fewer edges cross
            names.sort(key=lambda name: -_mean([rows[one] for one in graph.predecessors(name)]))
        for row, name in enumerate(names):
            rows[name] = high * (0.5 - (row + 0.5) / len(names))
    found = {}
    for name, said in graph.nodes(data=True):
        kind = said["kind"]
        found[name] = (
            _COLOURS.get(said["outcome"]) or _KIND_COLOURS[kind],
            _SIZES.get(kind, _OTHER_SIZES),
            _COLUMN * said["layer"],
            rows[name],
        )
    return found


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
