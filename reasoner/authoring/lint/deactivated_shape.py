"""Problem: a shape is deactivated.

Why: a deactivated shape validates everything. Left in after a trial it makes its criterion hold
for every case, and no report says so.

Mend: take ``sh:deactivated`` out; drop the shape and its criterion if they are not meant to be.

Source: W3C SHACL, section 2.1.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find shapes, and shapes under a reading, that say that they are deactivated."""
    for name in release.files:
        for shape, predicate, value in release.triples(name):
            if predicate == SH.deactivated:
                line = release.lines(name).of(shape, SH.deactivated)  # type: ignore[arg-type]
                yield Finding(
                    name,
                    line,
                    RULE,
                    shown(shape),
                    f"{shown(shape)} states sh:deactivated {value}.",
                    "Take sh:deactivated out.",
                )
