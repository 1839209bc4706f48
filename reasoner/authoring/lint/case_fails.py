"""Problem: a case of the library cannot be read or decided, or is not decided as it says.

Why: a case that fails proves nothing of its criteria. What stops it would stop a reviewer's case as
well: two recommendations that both govern, a value that a shape cannot read, two engines that
disagree. What is decided otherwise than its author expects is a mistake of one of the two.

Mend: put right what the message names: the encoding, or what the case expects of it.

Source: ``docs/case-file.md``; ``docs/semantics.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.authoring.lint.base.cases import shown_by_cases
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release
from reasoner.errors import KnowledgeError

RULE = rule_name(__name__)
LOOKS_AT_CASES = True


def check(release: Release) -> Iterator[Finding]:
    """Find cases that fail, with every difference from what they expect."""
    try:
        cases = shown_by_cases(release)
    except KnowledgeError:
        return  # what keeps the knowledge from being loaded is another rule's
    for case in cases:
        for wrong in case.wrong:
            message = f"{wrong.splitlines()[0].rstrip('.')}."
            mend = "Put right the encoding, or what the case expects."
            yield Finding(case.file, 1, RULE, case.file, message, mend)
