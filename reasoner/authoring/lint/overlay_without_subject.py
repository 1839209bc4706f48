"""Problem: an overlay states something of a subject that nothing else states, or changes nothing.

Why: an overlay replaces values of what is encoded. What it says of another subject is passed over
in silence, so a misspelt subject makes the reading the same as the default.

Mend: name the subject as the topic's file has it. What a reading adds is encoded in the topic and
taken up by the overlay.

Source: ``ontology/readings.ttl``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import BNode, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.errors import nearest_word
from reasoner.rdf import Triple
from reasoner.terms import local_name

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find statements of overlays that take no effect."""
    for file in release.overlays.values():
        lines = release.lines(file)
        of: dict[tuple[URIRef, URIRef], set[Triple]] = {}
        for triple in release.triples(file):
            if isinstance(triple[0], URIRef) and isinstance(triple[1], URIRef):
                of.setdefault((triple[0], triple[1]), set()).add(triple)
        unknown: set[URIRef] = set()
        for (subject, predicate), overlay in sorted(of.items()):
            if not release.is_stated(subject):
                if subject not in unknown and not release.is_hidden(subject):
                    unknown.add(subject)
                    yield Finding(
                        file,
                        lines.of(subject),
                        RULE,
                        shown(subject),
                        f"Nothing else states anything of {shown(subject)}.",
                        "Name the subject as its topic has it.",
                        _nearest(release, subject),
                    )
                continue
            stands = set(release.statements.triples((subject, predicate, None)))
            if stands == overlay and not any(isinstance(t[2], BNode) for t in overlay):
                yield Finding(
                    file,
                    lines.of(subject, predicate),
                    RULE,
                    shown(subject),
                    f"{shown(predicate)} of {shown(subject)} is stated as it stands already.",
                    "State what the reading changes, and nothing else.",
                )


def _nearest(release: Release, subject: URIRef) -> str | None:
    namespace = subject[: len(subject) - len(local_name(subject))]
    known = {
        local_name(s)
        for s in release.statements.subjects()
        if isinstance(s, URIRef) and s.startswith(namespace)
    }
    return nearest_word(local_name(subject), known)
