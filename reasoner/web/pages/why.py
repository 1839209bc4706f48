"""The graph of why an item came out as it did, laid out in columns.

Item, cited pages, criteria, what they rest on, records: each in a column of its own, so that a page
that many criteria share crosses no edge between these and their facts.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reasoner.rendering import words

COLUMNS = ("Item", "Guideline", "Criteria", "What they rest on", "Records")
_WIDE, _GAP, _ROW, _HEAD, _LINE = 184, 40, 12, 30, 15
_LETTERS, _LINES = 25, 5


@dataclass
class Node:
    """A node, with its place.

    Attributes:
        kind: ``item``, ``guideline``, ``criterion``, ``fact`` or ``record``.
        outcome: of an item or criterion; empty elsewhere.
        anchor: where on the page it is told in full; empty if nowhere.
        x, y: its upper left corner.
    """

    id: str
    kind: str
    column: int
    label: str
    outcome: str
    anchor: str
    lines: tuple[str, ...] = ()
    x: float = 0
    y: float = 0

    @property
    def wide(self) -> int:
        """Its width."""
        return _WIDE

    @property
    def high(self) -> int:
        """Its height, by its lines."""
        return 14 + _LINE * len(self.lines)

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.high / 2


@dataclass(frozen=True)
class Edge:
    """An edge, from what rests to what it rests on."""

    source: str
    target: str
    relation: str
    path: str = ""


@dataclass(frozen=True)
class Why:
    """The graph of an item.

    Attributes:
        left_out: how many criteria do not apply and are left out.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int
    wide: int
    high: int

    def rests_on(self, node: Node) -> list[tuple[str, Node]]:
        """Give what a node rests on, each with the relation."""
        by_id = {other.id: other for other in self.nodes}
        return [(e.relation, by_id[e.target]) for e in self.edges if e.source == node.id]

    def elements(self) -> dict[str, Any]:
        """Give it as the script takes it."""
        return {
            "nodes": [
                {"id": n.id, "kind": n.kind, "label": "\n".join(n.lines), "full": n.label,
                 "tone": _tone(n), "anchor": n.anchor, "w": n.wide, "h": n.high,
                 "x": n.x + n.wide / 2, "y": n.middle}
                for n in self.nodes
            ],
            "edges": [
                {"source": e.source, "target": e.target, "relation": e.relation}
                for e in self.edges
            ],
        }  # fmt: skip


def _tone(node: Node) -> str:
    from reasoner.rendering.html import tone

    return tone(node.outcome) if node.outcome else "none"


def why(contract: Mapping[str, Any], number: int, prefix: str) -> Why:
    """Lay out the graph of an item.

    Args:
        contract: the determination, in the form of the JSON contract.
        number: the item, from 1.
        prefix: what anchors on the page begin with.
    """
    item = contract["items"][number - 1]
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []

    def node(key: str, kind: str, column: int, label: str, outcome: str, anchor: str) -> str:
        if key not in nodes:
            sign = f"{words.symbol(outcome)} " if words.symbol(outcome) else ""
            lines = _wrapped(sign + label)
            at = f"{prefix}{anchor}" if anchor else ""
            nodes[key] = Node(f"n{len(nodes)}", kind, column, label, outcome, at, lines)
        return nodes[key].id

    outcome = words.outcome(item["outcome"])
    label = f"{outcome}: {words.capital(item['label'])}"
    top = node("item", "item", 0, label, item["outcome"], f"item-{number}")
    if item["dependsOn"] is not None:
        place = next(
            (n for n, o in enumerate(contract["items"], 1) if o["request"] == item["dependsOn"]), 0
        )
        parent = contract["items"][place - 1]["label"] if place else "another request"
        goes = node("parent", "item", 1, f"goes with: {parent}", "", f"item-{place}")
        edges.append(Edge(top, goes, "depends on"))
    _criteria(contract, item, number, top, node, edges)
    placed = _place(list(nodes.values()), edges)
    by_id = {n.id: n for n in placed}
    drawn = tuple(
        Edge(e.source, e.target, e.relation, _path(by_id[e.source], by_id[e.target]))
        for e in dict.fromkeys(edges)
    )
    return Why(
        tuple(placed),
        drawn,
        len(words.set_aside(item["criteria"])),
        len(COLUMNS) * (_WIDE + _GAP) - _GAP + 4,
        int(max(n.y + n.high for n in placed)) + 6,
    )


def _criteria(
    contract: Mapping[str, Any], item: Any, number: int, top: str, node: Any, edges: list[Edge]
) -> None:
    recommendation = item["recommendation"]
    if recommendation is None:
        return
    own = ", ".join(p for p in (recommendation["guideline"], recommendation["section"]) if p)
    facts = {f["fact"]: n for n, f in enumerate(contract["summary"]["facts"], 1)}
    records = {r["id"]: n for n, r in enumerate(contract["summary"]["records"], 1)}
    if not item["criteria"]:
        said = f"{own}, {words.page(recommendation['page'])}: {recommendation['stance']}"
        at = node("page", "guideline", 1, said, "", "")
        edges.append(Edge(top, at, "governed by"))
    for place, criterion in enumerate(item["criteria"], 1):
        if criterion in words.set_aside(item["criteria"]):
            continue
        document = criterion["citedFrom"] or own
        where = words.page(criterion["page"])
        said = f"{document}, {where}" if where else document
        cited = node(f"page {said}", "guideline", 1, said, "", "")
        edges.append(Edge(top, cited, "governed by"))
        at = node(criterion["id"], "criterion", 2,
                  f"{criterion['number']}. {criterion['statement']}", criterion["outcome"],
                  f"item-{number}-criterion-{place}")  # fmt: skip
        edges.append(Edge(cited, at, "requires"))
        for evidence in criterion["evidence"]:
            told = words.evidence({**evidence, "record": "request"}, item["request"])
            known = facts.get(evidence["fact"])
            key = evidence["fact"] if known else f"{evidence['fact']} {told}"
            below = node(key, "fact", 3, words.capital(told), "",
                         f"fact-{known}" if known else f"item-{number}")  # fmt: skip
            edges.append(Edge(at, below, "for" if evidence["supports"] else "against"))
            for record in evidence["records"]:
                title = next(
                    r["label"] for r in contract["summary"]["records"] if r["id"] == record
                )
                paper = node(record, "record", 4, words.capital(title), "",
                             f"place-{records[record]}")  # fmt: skip
                edges.append(Edge(below, paper, "documented in"))


def _wrapped(text: str) -> tuple[str, ...]:
    lines = textwrap.wrap(text, _LETTERS, break_long_words=True)
    if len(lines) > _LINES:
        lines = lines[:_LINES]
        lines[-1] = lines[-1][: _LETTERS - 1].rstrip(" ,.;") + "\u2026"
    return tuple(lines) or (" ",)


def _place(nodes: list[Node], edges: list[Edge]) -> list[Node]:
    """Put nodes into their columns, each beside the first of what it is joined to."""
    by_id = {n.id: n for n in nodes}
    columns = [[n for n in nodes if n.column == column] for column in range(len(COLUMNS))]
    for n in nodes:
        n.x = 2 + n.column * (_WIDE + _GAP)
    # Criteria set the pace, those of one page together.
    cited = list(dict.fromkeys(e.source for e in edges if e.relation == "requires"))
    by_page = {e.target: cited.index(e.source) for e in edges if e.relation == "requires"}
    _stack(columns[2], {n.id: by_page[n.id] / len(cited) for n in columns[2]})
    for column in (3, 4):
        above = {n.id: [by_id[e.source].y for e in edges if e.target == n.id]
                 for n in columns[column]}  # fmt: skip
        _stack(columns[column], {name: min(found) for name, found in above.items()})
    for column in (1, 0):
        below = {n.id: [by_id[e.target].y for e in edges if e.source == n.id]
                 for n in columns[column]}  # fmt: skip
        _stack(columns[column], {name: min(found, default=0.0) for name, found in below.items()})
    return nodes


def _stack(nodes: list[Node], wanted: Mapping[str, float]) -> None:
    bottom = float(_HEAD)
    for n in sorted(nodes, key=lambda n: wanted[n.id]):
        n.y = max(bottom, wanted[n.id])
        bottom = n.y + n.high + _ROW


def _path(one: Node, other: Node) -> str:
    left, right = one.x + one.wide, other.x
    bend = (left + right) / 2
    return (
        f"M{left:.0f} {one.middle:.0f} C{bend:.0f} {one.middle:.0f}"
        f" {bend:.0f} {other.middle:.0f} {right:.0f} {other.middle:.0f}"
    )
