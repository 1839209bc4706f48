"""Problem: no case shows a criterion met, contradicted, or undocumented.

Why: what no case shows is not proven. A criterion that no record can meet, or that nothing can
contradict, passes every test that is not written.

Mend: add a case to ``tests/cases``, in the folder of the topic: one for each outcome, at the exact
boundary of each number. That a criterion is contradicted is not asked for where its shape only
demands presence, so that nothing can contradict it.

Source: ``docs/semantics.md``, section 3 (the outcomes).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, Graph, URIRef

from reasoner.authoring.lint.base.cases import outcomes_of, shown_by_cases
from reasoner.authoring.lint.base.combinations import recommended
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import CriterionShape, criterion_shapes
from reasoner.errors import KnowledgeError
from reasoner.terms import CORE

RULE = rule_name(__name__)
LOOKS_AT_CASES = True
IS_ADVICE = True

_OUTCOMES = {
    "met": {"Met"},
    "not met": {"NotMet"},
    "not documented": {"NotDocumented", "PresumedMet"},
}
# A violation of these is silence; of the kind of a value, an error.
_NEVER_CONTRADICTED = frozenset(
    {
        SH.minCount,
        SH.qualifiedMinCount,
        SH.qualifiedValueShape,
        SH.datatype,
        SH.nodeKind,
        SH.path,
        SH.severity,
        SH.message,
        SH.name,
        SH.description,
    }
)


def check(release: Release) -> Iterator[Finding]:
    """Find criteria with an outcome that no case of the library shows."""
    if release.cases is None:
        return
    try:
        found = outcomes_of(shown_by_cases(release))
    except KnowledgeError:
        return  # what keeps the knowledge from being loaded is another rule's
    told: set[URIRef] = set()
    for view in release.views:
        shapes = {of.criterion: of for of in criterion_shapes(view.shapes)}
        required = {c for of in recommended(view.graph) for c in of.criteria}
        for criterion in sorted(required & set(shapes) - told):
            told.add(criterion)
            lacking = [
                name
                for name, outcomes in _OUTCOMES.items()
                if not outcomes & found.get(criterion, frozenset())
                and (name != "not met" or _can_be_contradicted(view.shapes, shapes[criterion]))
            ]
            if lacking:
                yield release.finding(
                    RULE,
                    criterion,
                    f"No case shows {shown(criterion)} {' or '.join(lacking)}.",
                    "Add a case for each to the folder of its topic.",
                    reading=view.reading,
                )


def _can_be_contradicted(graph: Graph, of: CriterionShape) -> bool:
    for prop in of.properties:
        declared = graph.value(prop, CORE.onViolation, any=True)
        if declared == CORE.NotMet:
            return True
        constraints = {
            p
            for p in graph.predicates(prop)
            if str(p).startswith(str(SH)) and p not in _NEVER_CONTRADICTED
        }
        if declared is None and constraints:
            return True
    return False
