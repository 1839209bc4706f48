"""Problem: a query computes with months in a form that the second engine gets wrong.

Why: every report is held against that of a second engine, which gives no answer, or a wrong one,
where months are added to a date, or are bound before they are compared. Then nothing is decided.

Mend: compare a date with another less some months, as in
``?given > ?asked - "P2M"^^xsd:yearMonthDuration``; the operator can be any.

Source: ``reasoner/evidence.py``; W3C XQuery and XPath Functions and Operators 3.1, section 9.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import criterion_shapes, text_of_queries
from reasoner.evidence import computes_months

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find queries whose months the second engine does not compute."""
    for view in release.views:
        for found in criterion_shapes(view.shapes):
            for constraint, query in text_of_queries(view.shapes, found.shape):
                if not computes_months(query):
                    yield release.finding(
                        RULE,
                        constraint,
                        f"The query of {shown(found.shape)} computes with months in a form that"
                        " the second engine gets wrong.",
                        'Compare as in ?given > ?asked - "P2M"^^xsd:yearMonthDuration.',
                        reading=view.reading,
                    )
