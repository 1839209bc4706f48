"""Problem: an alternative reading has no overlay, an overlay no reading, or a reading no use.

Why: a reading that is asked for by name and changes nothing would be named in the rationale as if
the decision rested on it. The engine refuses to load readings that are not complete.

Mend: for each alternative write ``ontology/readings/NAME.ttl`` with what it changes, describe each
reading in ``ontology/readings.ttl``, and name it in an ambiguity, as its default or as an
alternative.

Source: ``docs/semantics.md`` (readings); ``ontology/readings.ttl``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import OVERLAYS, Release, shown
from reasoner.errors import nearest_word
from reasoner.terms import CORE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find readings, overlays and ambiguities that do not belong together."""
    graph = release.graph
    names = {
        reading: str(graph.value(reading, CORE.readingName, any=True) or "")
        for reading in sorted(graph.subjects(RDF.type, CORE.Reading), key=str)
        if isinstance(reading, URIRef)
    }
    malformed = {n.removeprefix(OVERLAYS).removesuffix(".ttl") for n in release.malformed}
    for reading, name in names.items():
        default = (None, CORE.defaultReading, reading) in graph
        alternative = (None, CORE.alternative, reading) in graph
        if not name:
            message, mend = f"{shown(reading)} has no name.", "State core:readingName."
        elif default and alternative:
            message = f"{name} is the default of one ambiguity and an alternative of another."
            mend = "Make two readings of it."
        elif not default and not alternative:
            message = f"{name} is a reading of no ambiguity."
            mend = "Name it in core:defaultReading or core:alternative of an ambiguity, or drop it."
        elif alternative and name not in release.overlays and name not in malformed:
            message = f"{name} is an alternative, and nothing says what it changes."
            mend = f"Write {OVERLAYS}{name}.ttl."
        else:
            continue
        yield release.finding(RULE, reading, message, mend, predicate=CORE.readingName)
    alternatives = {
        name for reading, name in names.items() if (None, CORE.alternative, reading) in graph
    }
    for name, file in release.overlays.items():
        if name not in alternatives:
            yield Finding(
                file,
                1,
                RULE,
                name,
                f"{name} is no alternative reading of an ambiguity.",
                "Describe it in ontology/readings.ttl, and name it in core:alternative.",
                nearest_word(name, alternatives - set(release.overlays)),
            )
    used = set(graph.objects(None, CORE.ambiguity))
    for ambiguity in sorted(graph.subjects(RDF.type, CORE.Ambiguity), key=str):
        if ambiguity not in used:
            yield release.finding(
                RULE,
                ambiguity,
                f"Nothing is said to rest on the ambiguity {shown(ambiguity)}.",
                "Name it in core:ambiguity of the criterion, combination or recommendation.",
            )
