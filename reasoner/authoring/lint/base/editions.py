"""Editions of guidelines that replace each other, and the days that each governs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rdflib import Graph, Literal, URIRef

from reasoner.terms import CORE


@dataclass(frozen=True, slots=True)
class Succession:
    """A newer edition and the one that it replaces.

    Attributes:
        until: the last day of the older edition; None if it is open.
        since: the first day of the newer edition; None if it is open.
    """

    newer: URIRef
    older: URIRef
    until: date | None
    since: date | None


def day(graph: Graph, subject: URIRef, predicate: URIRef) -> date | None:
    """Give a date that is stated of a subject; None if none is, or it is no date."""
    found = graph.value(subject, predicate, any=True)
    value = found.value if isinstance(found, Literal) else None
    return value if isinstance(value, date) else None


def successions(graph: Graph) -> Iterator[Succession]:
    """Give every pair of editions of which one replaces the other."""
    for newer, older in sorted(graph.subject_objects(CORE.supersedes)):
        if isinstance(newer, URIRef) and isinstance(older, URIRef):
            yield Succession(
                newer,
                older,
                day(graph, older, CORE.inForceUntil),
                day(graph, newer, CORE.inForceFrom),
            )
