"""Problem: recommendations, or editions, prevail over each other in a circle.

Why: none of them would govern, since each gives way to another. The engine stops when it loads
them.

Mend: drop the statement (``core:prevailsOver`` or ``core:supersedes``) that is the wrong way round.

Source: ``docs/semantics.md``, section 2.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
from rdflib import URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.terms import CORE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find circles of precedence; each is reported once."""
    for predicate in (CORE.prevailsOver, CORE.supersedes):
        order: nx.DiGraph[URIRef] = nx.DiGraph()
        for one, other in sorted(release.graph.subject_objects(predicate)):
            if isinstance(one, URIRef) and isinstance(other, URIRef):
                order.add_edge(one, other)
        for circle in nx.strongly_connected_components(order):
            first = min(circle)
            if len(circle) == 1 and not order.has_edge(first, first):
                continue
            edges = nx.find_cycle(order.subgraph(circle), first)
            yield release.finding(
                RULE,
                first,
                f"{shown(predicate)} runs in a circle: "
                + ", ".join(f"{shown(a)} over {shown(b)}" for a, b in edges)
                + ".",
                "Drop the statement that is the wrong way round.",
                predicate=predicate,
            )
