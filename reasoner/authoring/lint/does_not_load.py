"""Problem: a topic, or the readings, cannot be loaded.

Why: the engine refuses what is not complete, and decides nothing that comes near it.

Mend: put right what the message names. This rule speaks only where no other rule finds anything in
the file: it is what the engine itself says.

Source: ``reasoner/guidelines.py`` and ``reasoner/shacl.py``, which load and check a topic.
"""

from __future__ import annotations

from collections.abc import Iterator

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import GUIDELINES, Release
from reasoner.errors import KnowledgeError
from reasoner.shacl import check_shapes

RULE = rule_name(__name__)
WHERE_NOTHING_ELSE_IS_FOUND = True


def check(release: Release) -> Iterator[Finding]:
    """Load every topic as the engine does, and its shapes."""
    knowledge = release.knowledge
    try:
        _ = knowledge.guidelines
    except KnowledgeError as error:
        yield _finding("ontology/core.ttl", "guidelines", error)
        return
    for name in release.topics:
        try:
            topic = knowledge.topic(name)
            if len(topic.shapes):
                check_shapes(topic.shapes, name)
        except KnowledgeError as error:
            yield _finding(f"{GUIDELINES}{name}.ttl", name, error)
    try:
        _ = knowledge.readings
    except KnowledgeError as error:
        yield _finding("ontology/readings.ttl", "readings", error)


def _finding(file: str, subject: str, error: KnowledgeError) -> Finding:
    text = str(error)
    message = f"{text[0].upper()}{text[1:]}."
    return Finding(file, 1, RULE, subject, message, "Put right what it names.")
