"""Problem: two criteria of one recommendation are checked by shapes that say the same.

Why: one of them is the other copied and not changed, so that what it states is checked by nothing;
or one statement is counted, and cited, twice.

Mend: change the shape to what its statement says, or drop one criterion. Two that differ in what
silence counts as (``core:whenSilent``) are two.

Source: W3C SHACL, section 1.1 (a shape is what is stated of it; its name says nothing).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import URIRef

from reasoner.authoring.lint.base.canonical import canonical
from reasoner.authoring.lint.base.combinations import Recommended, recommended
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, View, shown
from reasoner.authoring.lint.base.shapes import CriterionShape, criterion_shapes, presumed_met
from reasoner.terms import CORE, local_name

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find criteria whose shapes are equal but for names."""
    for view in release.views:
        shapes = {found.criterion: found for found in criterion_shapes(view.shapes)}
        for of in recommended(view.graph):
            yield from _of_recommendation(release, view, shapes, of)


def _of_recommendation(
    release: Release, view: View, shapes: dict[URIRef, CriterionShape], of: Recommended
) -> Iterator[Finding]:
    seen: dict[object, URIRef] = {}
    for criterion in of.criteria:
        if criterion not in shapes:
            continue
        found = shapes[criterion]
        presumed = presumed_met(view.graph, criterion)
        says = (found.targets, presumed, canonical(view.shapes, found.shape))
        first = seen.setdefault(says, criterion)
        if first != criterion:
            yield release.finding(
                RULE,
                criterion,
                f"{shown(criterion)} is checked by the same constraints as {local_name(first)}.",
                "Change its shape to what it states, or drop one of the two.",
                predicate=CORE.shape,
                reading=view.reading,
            )
