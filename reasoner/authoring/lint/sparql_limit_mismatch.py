"""Problem: the number of a quantity limit is not the number in its query.

Why: ``core:limit`` is what a modified decision says is supported, and the query is what decides.
If they differ, a reviewer is told a number that the engine does not hold to.

Mend: write one number in both; under a reading, in the overlay.

Source: ``ontology/core.ttl``, ``core:limit``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from rdflib import Literal

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release
from reasoner.authoring.lint.base.shapes import criterion_shapes, text_of_queries
from reasoner.terms import CORE

RULE = rule_name(__name__)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)")


def check(release: Release) -> Iterator[Finding]:
    """Find limits that no query of their shape states."""
    for view in release.views:
        for found in criterion_shapes(view.shapes):
            limit = view.graph.value(found.criterion, CORE.limit, any=True)
            queries = text_of_queries(view.shapes, found.shape)
            if not isinstance(limit, Literal) or not queries:
                continue
            for constraint, query in queries:
                numbers = {Decimal(n) for n in _NUMBER.findall(query)}
                if numbers and Decimal(str(limit)) not in numbers:
                    yield release.finding(
                        RULE,
                        found.criterion,
                        f"core:limit is {limit}; the query of its shape compares with"
                        f" {', '.join(str(n) for n in sorted(numbers))}.",
                        "Write one number in both.",
                        predicate=CORE.limit,
                        reading=view.reading,
                    )
                del constraint
