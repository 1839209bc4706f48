"""Problem: an edition of a guideline and the one that it replaces are in force on the same day.

Why: two editions govern one request, and the engine stops, because neither of their
recommendations prevails.

Mend: end the older edition (``core:inForceUntil``) on the day before the newer one's
``core:inForceFrom``.

Source: 8 CCR 9792.21(b) and the effective dates in its history notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from reasoner.authoring.lint.base.editions import successions
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.terms import CORE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find days on which an edition and its successor are both in force."""
    for found in successions(release.graph):
        if found.since is None:
            message, last = "has no first day, and replaces", None
        elif found.until is None or found.until >= found.since:
            message = f"is in force from {found.since}, and so is"
            last = found.since - timedelta(days=1)
        else:
            continue
        mend = "State core:inForceFrom of the newer edition."
        yield release.finding(
            RULE,
            found.newer,
            f"{shown(found.newer)} {message} {shown(found.older)}, which it replaces"
            f" {'without an end' if found.until is None else f'and which ends on {found.until}'}.",
            mend if last is None else f'End the older edition on "{last}".',
            predicate=CORE.inForceFrom,
        )
