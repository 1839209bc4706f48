"""Problem: a case of the library cannot be read, or cannot be decided.

Why: a case that is not decided proves nothing. What stops it would stop a reviewer's case as well:
two recommendations that both govern, a value that a shape cannot read, two engines that disagree.

Mend: put right what the message names.

Source: ``docs/case-file.md``; ``docs/semantics.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.authoring.lint.base.cases import shown_by_cases
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release
from reasoner.errors import KnowledgeError

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find cases that fail."""
    try:
        cases = shown_by_cases(release)
    except KnowledgeError:
        return  # what keeps the knowledge from being loaded is another rule's
    for case in cases:
        if case.error is not None:
            message = case.error.splitlines()[0].removeprefix(f"{case.file}: ")
            yield Finding(case.file, 1, RULE, case.file, message, "Put right what it names.")
