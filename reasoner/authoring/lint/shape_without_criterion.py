"""Problem: a shape that is run on requests leads to no criterion, or to another than names it.

Why: a result of such a shape stops the determination, because nothing says what it means; or it is
counted for a criterion that it does not check.

Mend: state ``core:criterion`` on the node shape and on each of its property shapes, with the
criterion whose ``core:shape`` it is.

Source: ``docs/semantics.md``, section 3 (from a result to its criterion in one step).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, BNode, Graph
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import CRITERIA, Release, shown
from reasoner.authoring.lint.base.shapes import TARGETS, properties
from reasoner.terms import CORE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find target shapes and their property shapes that lead to no criterion of theirs."""
    for view in release.views:
        for shape in sorted({s for t in TARGETS for s in view.shapes.subjects(t, None)}, key=str):
            if not (release.file_of(shape) or "").startswith(CRITERIA):
                continue
            named = set(view.shapes.objects(shape, CORE.criterion))
            for message, owner in _problems(view.graph, view.shapes, shape, named):
                if not any(release.is_hidden(str(c)) for c in named):
                    yield release.finding(
                        RULE,
                        owner,
                        message,
                        "State core:criterion with the criterion whose core:shape it is.",
                        predicate=CORE.criterion,
                        reading=view.reading,
                    )


def _problems(
    graph: Graph, shapes: Graph, shape: Node, named: set[Node]
) -> Iterator[tuple[str, Node]]:
    if len(named) != 1:
        yield f"{shown(shape)} has a target and names {len(named) or 'no'} criteria.", shape
        return
    (criterion,) = named
    if (criterion, CORE.shape, shape) not in graph:
        yield f"{shown(shape)} names {shown(criterion)}, which does not name it back.", shape
        return
    for prop in properties(shapes, shape):
        if isinstance(prop, BNode):
            continue
        of = set(shapes.objects(prop, CORE.criterion))
        if of != {criterion} and (prop, SH.path, None) in shapes:
            names = ", ".join(sorted(shown(c) for c in of)) or "no criterion"
            yield f"{shown(prop)} checks {shown(criterion)} and names {names}.", prop
