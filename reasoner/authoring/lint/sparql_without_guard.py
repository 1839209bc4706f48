"""Problem: a SPARQL constraint has nothing beside it that asks for its values.

Why: a query that finds nothing is no violation, and a filter that errs finds nothing. On a record
that is silent, or whose value is of another kind, the constraint holds.

Mend: add a property shape with ``sh:minCount 1`` on the path that the query compares, and its
``sh:datatype`` where it has one; or ``core:whenSilent`` on the criterion.

Source: W3C SHACL, section 5.3.1; W3C SPARQL 1.1 Query, section 17.2 (errors in a filter).
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import (
    criterion_shapes,
    demands_presence,
    presumed_met,
    text_of_queries,
)

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find criteria that rest on queries alone."""
    for view in release.views:
        for found in criterion_shapes(view.shapes):
            if presumed_met(view.graph, found.criterion):
                continue
            if any(demands_presence(view.shapes, p) for p in found.properties):
                continue
            for constraint, _ in text_of_queries(view.shapes, found.shape):
                yield release.finding(
                    RULE,
                    constraint,
                    f"The query of {shown(found.shape)} holds where the record is silent.",
                    "Add a property shape with sh:minCount 1 on the path that it compares.",
                    reading=view.reading,
                )
