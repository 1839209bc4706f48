"""Problem: a criterion counts the values of a property whose values are literals.

Why: a graph is a set. Two visits on one day, or two doses of 5 mg, are one literal, and pass
``sh:maxCount 1``.

Mend: count the things themselves, which are nodes (``core:priorTreatment``, ``core:presentFact``),
or bound the number that the record states (``core:count``).

Source: W3C SHACL, section 4.2; W3C RDF 1.1 Concepts, section 3.1 (a graph is a set of triples).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import last_steps, number, path_of
from reasoner.authoring.lint.base.vocabulary import vocabulary_of

RULE = rule_name(__name__)
_UPPER = (SH.maxCount, SH.qualifiedMaxCount)
_LOWER = (SH.minCount, SH.qualifiedMinCount)


def check(release: Release) -> Iterator[Finding]:
    """Find counts over literals in criterion shapes."""
    literal_valued = vocabulary_of(release).data_properties
    for view in release.views:
        for shape in sorted(set(view.shapes.subjects(SH.path, None)), key=str):
            path = path_of(view.shapes, shape)
            counted = (
                [] if path is None else [p for p, _ in last_steps(path) if p in literal_valued]
            )
            for parameter in (*_UPPER, *_LOWER) if counted else ():
                bound = number(view.shapes, shape, parameter)
                if bound is None or (parameter in _LOWER and bound <= 1):
                    continue
                yield release.finding(
                    RULE,
                    shape,
                    f"{shown(parameter)} {bound} counts the values of {shown(counted[0])}, which"
                    " are literals: equal ones are one.",
                    "Count nodes, or bound the number that the record states.",
                    predicate=parameter,
                    reading=view.reading,
                )
