"""Problem: a shape is a blank node.

Why: a validation report names the shape that a value fails. A blank node has no name, so the
result leads to no criterion and no page, and a determination cannot cite it.

Mend: give the shape an IRI in the namespace of its topic, and name it where it was written in
brackets.

Source: W3C SHACL, section 3.6.2.4 (``sh:sourceShape``).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import BNode

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import all_shapes

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find shapes without a name."""
    graph = release.statements
    for shape in sorted(all_shapes(graph), key=str):
        if isinstance(shape, BNode):
            owner = next(iter(sorted(graph.subjects(None, shape), key=str)), None)
            of = "" if owner is None or isinstance(owner, BNode) else f" of {shown(owner)}"
            yield release.finding(
                RULE,
                shape,
                f"A shape{of} is a blank node.",
                "Give it an IRI, and name it here.",
            )
