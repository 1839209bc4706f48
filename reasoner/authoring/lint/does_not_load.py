"""Problem: a topic, or the readings, cannot be loaded.

Why: the engine refuses what is not complete, and decides nothing that comes near it.

Mend: put right what the message names. This rule speaks only where no other rule finds anything in
the file: it is what the engine itself says.

Source: ``reasoner/guidelines.py`` and ``reasoner/shacl.py``, which load and check a topic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from reasoner.authoring.decidingcode import code_behind
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import GUIDELINES, Release
from reasoner.cachefolder import keep_text, kept_text
from reasoner.errors import KnowledgeError
from reasoner.guidelines import compile_readings
from reasoner.knowledge import Knowledge
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
    known, kept = _known_to_load(release)
    loads = {}
    for name, digest in _digests(release).items():
        try:
            if digest not in known:
                _load(knowledge, name)
            loads[name] = digest
        except KnowledgeError as error:
            yield _finding(f"{GUIDELINES}{name}.ttl", name, error)
    if set(loads.values()) != known:
        keep_text(kept, "\n".join(loads.values()))
    if len(loads) < len(release.topics):
        return
    try:
        compile_readings(release.graph)
        _ = knowledge.index
    except KnowledgeError as error:
        yield _finding("ontology/readings.ttl", "readings", error)


def _load(knowledge: Knowledge, name: str) -> None:
    topic = knowledge.topic(name)
    criteria = [c for r in topic.recommendations for c in r.criteria]
    if criteria:
        check_shapes(_used(topic.shapes, [c.shape for c in criteria]), name)


def _digests(release: Release) -> dict[str, str]:
    """Give for each topic the hash of all that loading it looks at: files, and our code."""
    sources = release.knowledge.sources
    always = [code_behind(__name__), *(_hash(sources.files[name]) for name in sources.vocabulary)]
    return {
        topic: _hash(
            " ".join(
                (
                    *always,
                    topic,
                    *(
                        _hash(sources.files[name])
                        for name in (sources.guideline_of(topic), *sources.shapes_of(topic))
                        if name in sources.files
                    ),
                )
            ).encode()
        )
        for topic in release.topics
    }


def _known_to_load(release: Release) -> tuple[set[str], Path]:
    """Give the hashes of topics that were found to load, and the file that keeps them."""
    root = _hash(str(release.root.resolve()).encode())[:16]
    kept = release.cache / f"lint-loads-{root}.txt"
    return set((kept_text(kept) or "").split()), kept


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


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
