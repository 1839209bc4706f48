"""Problem: between two editions of a guideline there are days that neither governs.

Why: the day of a request picks the edition. A request of such a day is governed by nothing, and is
sent on to the next source, as if the schedule were silent.

Mend: let the newer edition's ``core:inForceFrom`` be the day after the older one's
``core:inForceUntil``.

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
    """Find gaps between editions."""
    for found in successions(release.graph):
        if found.until is None or found.since is None:
            continue
        first = found.until + timedelta(days=1)
        if first < found.since:
            last = found.since - timedelta(days=1)
            yield release.finding(
                RULE,
                found.newer,
                f"From {first} to {last} neither {shown(found.newer)} nor {shown(found.older)},"
                " which it replaces, is in force.",
                f'State core:inForceFrom "{first}", or a later end of the older edition.',
                predicate=CORE.inForceFrom,
            )
