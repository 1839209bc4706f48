"""Problem: a criterion belongs to no recommendation, neither by default nor under a reading.

Why: what no combination takes in is never assessed. A criterion that was written and forgotten
looks as if it were decided by.

Mend: name it in ``core:operand`` of the combination that the recommendation requires, or drop it.

Source: ``docs/semantics.md``, section 3 (every criterion of the governing recommendation).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, URIRef

from reasoner.authoring.lint.base.combinations import recommended
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.terms import CORE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find criteria that no recommendation requires."""
    required = {c for view in release.views for of in recommended(view.graph) for c in of.criteria}
    for kind in (CORE.Criterion, CORE.QuantityLimit):
        for criterion in sorted(release.graph.subjects(RDF.type, kind), key=str):
            if isinstance(criterion, URIRef) and criterion not in required:
                yield release.finding(
                    RULE,
                    criterion,
                    f"No recommendation requires {shown(criterion)}.",
                    "Name it in core:operand of a combination, or drop it.",
                )
