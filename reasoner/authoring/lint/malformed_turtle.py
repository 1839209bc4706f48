"""Problem: a file is no Turtle.

Why: nothing of the file is known, so no other rule can look at it, and no case is decided.

Mend: go to the line, which is where the parser gave up; the mistake stands there or shortly
before it. A statement that is not ended by a full stop is noticed at the next one.

Source: W3C RDF 1.1 Turtle, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find files that do not parse."""
    for name, why in release.malformed.items():
        yield Finding(
            name,
            why.line,
            RULE,
            name,
            f"The file is no Turtle: {why.message}.".replace("..", "."),
            "Look at this line and the statement before it.",
        )
