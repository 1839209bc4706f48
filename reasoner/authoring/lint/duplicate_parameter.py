"""Problem: a shape has a parameter twice that it may have once.

Why: one engine refuses such a shape and another takes either value, so that a bound is 4 here and
6 there.

Mend: keep one value. Two bounds on one path are two property shapes.

Source: W3C SHACL, sections 2.3.1 and 4.1 to 4.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import PARAMETERS_ALLOWED_ONCE, all_shapes

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find parameters with more than one value."""
    for graph, reading in (
        (release.statements, None),
        *((view.shapes, view.reading) for view in release.views[1:]),
    ):
        for shape in sorted(all_shapes(graph), key=str):
            stated = [p for p in graph.predicates(shape) if p in PARAMETERS_ALLOWED_ONCE]
            for parameter in sorted({p for p in stated if stated.count(p) > 1}, key=str):
                assert isinstance(parameter, URIRef)
                values = ", ".join(sorted(shown(o) for o in graph.objects(shape, parameter)))
                yield release.finding(
                    RULE,
                    shape,
                    f"{shown(shape)} has {shown(parameter)} more than once: {values}.",
                    "Keep one value.",
                    predicate=parameter,
                    reading=reading,
                )
