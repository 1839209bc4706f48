"""Problem: a topic, or the readings, cannot be loaded.

Why: the engine refuses what is not complete, and decides nothing that comes near it.

Mend: put right what the message names. This rule speaks only where no other rule finds anything in
the file: it is what the engine itself says.

Source: ``reasoner/guidelines.py`` and ``reasoner/shacl.py``, which load and check a topic.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import GUIDELINES, Release
from reasoner.errors import KnowledgeError
from reasoner.guidelines import compile_readings
from reasoner.rdf import Triple, graph_of
from reasoner.shacl import check_shapes
from reasoner.terms import CORE

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
    loaded = True
    for name in release.topics:
        try:
            topic = knowledge.topic(name)
            criteria = [c for r in topic.recommendations for c in r.criteria]
            if criteria:
                check_shapes(_used(topic.shapes, [c.shape for c in criteria]), name)
        except KnowledgeError as error:
            loaded = False
            yield _finding(f"{GUIDELINES}{name}.ttl", name, error)
    if not loaded:
        return
    try:
        compile_readings(release.graph)
        _ = knowledge.index
    except KnowledgeError as error:
        yield _finding("ontology/readings.ttl", "readings", error)


def _used(graph: Graph, roots: list[URIRef]) -> Graph:
    """Give what describes shapes and all that they lead to, as the engine takes it."""
    found: set[Triple] = set()
    seen: set[Node] = set()
    frontier: list[Node] = list(roots)
    while frontier:
        node = frontier.pop()
        if node not in seen:
            seen.add(node)
            stated = list(graph.triples((node, None, None)))
            found.update(stated)
            frontier.extend(value for _, predicate, value in stated if predicate not in _ELSEWHERE)
    return graph_of(found)


_ELSEWHERE = frozenset({RDF.type, CORE.criterion, SH.targetClass})


def _finding(file: str, subject: str, error: KnowledgeError) -> Finding:
    text = str(error)
    message = f"{text[0].upper()}{text[1:]}."
    return Finding(file, 1, RULE, subject, message, "Put right what it names.")
