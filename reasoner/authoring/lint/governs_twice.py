"""Problem: two recommendations of one search step govern the same request, and neither prevails.

Why: the engine does not choose between two recommendations of one rank. The first case that both
govern stops with an error.

Mend: state ``core:prevailsOver`` on the more specific one, or narrow the class of requests that one
of them applies to (``core:appliesTo``).

Source: 8 CCR 9792.21.1 (the medical evidence search sequence); ``docs/semantics.md``, section 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import networkx as nx
from rdflib import RDF, Graph, URIRef

from reasoner.authoring.lint.base.editions import day
from reasoner.authoring.lint.base.entry import Condition, alternatives, implies
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.vocabulary import Vocabulary, vocabulary_of
from reasoner.rdf import iris
from reasoner.terms import CORE

RULE = rule_name(__name__)


@dataclass(frozen=True)
class _Scope:
    """When a recommendation governs."""

    recommendation: URIRef
    step: URIRef
    start: date
    end: date
    treatment: URIRef
    ways: tuple[frozenset[Condition], ...]


def check(release: Release) -> Iterator[Finding]:
    """Find pairs of recommendations that both govern, and of which none gives way."""
    vocabulary = vocabulary_of(release)
    order: nx.DiGraph[URIRef] = nx.DiGraph(
        (s, o)
        for s, o in release.graph.subject_objects(CORE.prevailsOver)
        if isinstance(s, URIRef) and isinstance(o, URIRef)
    )
    scopes = [s for r in _recommendations(release.graph) if (s := _scope(release, r)) is not None]
    for one, other in combinations(scopes, 2):
        if (
            one.step == other.step
            and one.start <= other.end
            and other.start <= one.end
            and _related(vocabulary, one.treatment, other.treatment)
            and not _ordered(order, one.recommendation, other.recommendation)
        ):
            first, second = (one, other)
            if _covers(vocabulary, second, first):
                first, second = second, first
            elif not _covers(vocabulary, first, second):
                continue
            yield release.finding(
                RULE,
                second.recommendation,
                f"What {shown(second.recommendation)} governs,"
                f" {shown(first.recommendation)} governs as well, and neither prevails.",
                f"State core:prevailsOver {shown(first.recommendation)}, or narrow one of the two.",
                predicate=CORE.appliesTo,
            )


def _recommendations(graph: Graph) -> list[URIRef]:
    found = graph.subjects(RDF.type, CORE.Recommendation)
    return sorted(r for r in found if isinstance(r, URIRef))


def _scope(release: Release, recommendation: URIRef) -> _Scope | None:
    graph = release.graph
    stated = [
        iris(graph, recommendation, p) for p in (CORE.guideline, CORE.treatment, CORE.appliesTo)
    ]
    if any(len(values) != 1 for values in stated):
        return None  # incomplete: the meta-shapes say so
    guideline, treatment, applies_to = (values[0] for values in stated)
    steps = iris(graph, guideline, CORE.searchStep)
    if len(steps) != 1:
        return None
    return _Scope(
        recommendation,
        steps[0],
        day(graph, guideline, CORE.inForceFrom) or date.min,
        day(graph, guideline, CORE.inForceUntil) or date.max,
        treatment,
        tuple(
            way | {("kind", str(treatment)), ("kind", str(CORE.TreatmentRequest))}
            for way in alternatives(release, applies_to)
        ),
    )


def _related(vocabulary: Vocabulary, one: URIRef, other: URIRef) -> bool:
    return vocabulary.is_kind_of(one, other) or vocabulary.is_kind_of(other, one)


def _ordered(order: nx.DiGraph[URIRef], one: URIRef, other: URIRef) -> bool:
    if one not in order or other not in order:
        return False
    return nx.has_path(order, one, other) or nx.has_path(order, other, one)


def _covers(vocabulary: Vocabulary, wide: _Scope, narrow: _Scope) -> bool:
    """Tell whether some way into the one scope is a way into the other as well."""
    return any(implies(vocabulary, have, want) for have in narrow.ways for want in wide.ways)
