"""Problem: a shape has no target, and no shape uses it.

Why: such a shape is never run. A criterion whose shape has no target class is about no request:
it would count as not applicable to every case.

Mend: give the criterion's shape the class of requests that it is about (``sh:targetClass``), name
a property shape in ``sh:property`` of its criterion's shape, or drop what is left over.

Source: W3C SHACL, sections 2.1.3 (targets) and 3.4 (validation of a shapes graph).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, BNode, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import TARGETS, all_shapes, used_shapes
from reasoner.errors import nearest_word
from reasoner.terms import BASE, CORE, local_name

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find shapes that nothing leads to."""
    graph = release.statements
    used = used_shapes(graph).union(*(used_shapes(view.shapes) for view in release.views))
    checking = {s for view in release.views for s in view.graph.objects(None, CORE.shape)}
    for shape in sorted(all_shapes(graph), key=str):
        if isinstance(shape, BNode) or not str(shape).startswith(f"{BASE}shape/"):
            continue  # blank shapes are another rule's, and are used where they stand
        targeted = any((shape, target, None) in graph for target in TARGETS)
        if targeted or not release.is_stated(shape):
            continue
        if shape in checking:
            yield release.finding(
                RULE,
                shape,
                f"{local_name(str(shape))} checks a criterion and has no target class.",
                "State sh:targetClass with the class of requests that the criterion is about.",
            )
        elif shape not in used:
            near = nearest_word(
                local_name(str(shape)),
                [
                    local_name(str(other))
                    for other in used
                    if isinstance(other, URIRef)
                    and str(other).startswith(str(shape).split("#")[0])
                    and not release.is_stated(other)
                ],
            )
            yield release.finding(
                RULE,
                shape,
                f"{shown(shape)} has no target, and no shape uses it.",
                "Name it in sh:property or sh:qualifiedValueShape of a shape that needs it, or drop"
                " it.",
                nearest=near,
            )
    for owner, used_shape in sorted(graph.subject_objects(SH.property)):
        if (
            isinstance(used_shape, URIRef)
            and release.is_stated(used_shape)
            and (used_shape, SH.path, None) not in graph
        ):
            yield release.finding(
                RULE,
                used_shape,
                f"{shown(used_shape)} is a property of {shown(owner)} and has no path.",
                "State sh:path.",
            )
