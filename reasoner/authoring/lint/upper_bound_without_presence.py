"""Problem: a bound or a denial holds where the record says nothing.

Why: a constraint on values holds where there is no value, and an upper count where nothing is
counted. Without a demand for presence beside it, silence passes, or the criterion can never be
met at all. A number has to be there to be compared, whatever else is documented.

Mend: add ``sh:minCount 1`` (or ``sh:qualifiedMinCount 1``) in the same shape, for a numeric bound
on the same path; or say on the criterion what its silence counts as: ``core:whenSilent
core:PresumedMet`` with a ``core:presumption``. Where a violation is said to be silence
(``core:onViolation core:NotDocumented``), nothing is missing.

Source: W3C SHACL, sections 4.2 to 4.8 (each is validated for each value node);
``docs/semantics.md``, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, View, shown
from reasoner.authoring.lint.base.shapes import (
    VALUE_CONSTRAINTS,
    criterion_shapes,
    demands_presence,
    leads_past,
    path_of,
    presumed_met,
    properties,
    reachable,
)
from reasoner.terms import CORE

RULE = rule_name(__name__)
_NUMERIC = frozenset(
    {
        SH.minInclusive,
        SH.minExclusive,
        SH.maxInclusive,
        SH.maxExclusive,
        SH.lessThan,
        SH.lessThanOrEquals,
    }
)
_UPPER_COUNTS = (SH.maxCount, SH.qualifiedMaxCount)


def check(release: Release) -> Iterator[Finding]:
    """Find constraints that silence satisfies, in criterion shapes and the facts they ask for."""
    for view in release.views:
        examined: set[Node] = set()
        for found in criterion_shapes(view.shapes):
            if presumed_met(view.graph, found.criterion):
                examined.add(found.shape)  # its facts are asked for all the same
            for shape in reachable(view.shapes, found.shape):
                if shape not in examined:
                    examined.add(shape)
                    yield from _of_shape(release, view, shape, is_criterion=shape == found.shape)


def _of_shape(
    release: Release, view: View, shape: Node, *, is_criterion: bool
) -> Iterator[Finding]:
    graph = view.shapes
    beside = properties(graph, shape)
    present = [p for p in beside if demands_presence(graph, p)]
    for prop in beside:
        parameter = _constraint(graph, prop)
        is_silence = (prop, CORE.onViolation, CORE.NotDocumented) in graph
        if parameter is not None and not is_silence and not _holds(graph, prop, present):
            yield release.finding(
                RULE,
                prop,
                f"{shown(parameter)} holds where the record states no value.",
                "Add sh:minCount 1 to it, or core:whenSilent to the criterion.",
                predicate=parameter,
                reading=view.reading,
            )
        counted = next((c for c in _UPPER_COUNTS if (prop, c, None) in graph), None)
        if is_criterion and counted is not None and not present:
            yield release.finding(
                RULE,
                prop,
                f"{shown(counted)} holds where nothing is recorded, and nothing beside it asks for"
                " a fact: no record meets the criterion.",
                "Add a property shape that asks for presence, or core:whenSilent to the criterion.",
                predicate=counted,
                reading=view.reading,
            )


def _constraint(graph: Graph, prop: Node) -> URIRef | None:
    """Give the first constraint of a property shape that is about each of its values."""
    return next((c for c in VALUE_CONSTRAINTS if (prop, c, None) in graph), None)


def _holds(graph: Graph, prop: Node, present: list[Node]) -> bool:
    """Tell whether what stands beside a property shape keeps silence from satisfying it."""
    if prop in present:
        return True
    if not any((prop, parameter, None) in graph for parameter in _NUMERIC):
        return bool(present)
    path = path_of(graph, prop)
    paths = [path_of(graph, other) for other in present]
    return path is None or any(p is not None and leads_past(p, path) for p in paths)
