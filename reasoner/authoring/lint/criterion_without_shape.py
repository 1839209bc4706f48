"""Problem: a criterion has no shape that checks it.

Why: a criterion without a shape cannot be assessed. Left out of the report it would look as if it
held.

Mend: write the shape in ``shapes/criteria``, in the file of the same name, and name it in
``core:shape``.

Source: ``docs/semantics.md``, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, SH, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.errors import nearest_word
from reasoner.rdf import iris
from reasoner.terms import CORE, local_name

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find criteria that name no shape, or one that is not there."""
    shapes = {s for s in release.shapes.subjects(RDF.type, SH.NodeShape) if isinstance(s, URIRef)}
    for kind in (CORE.Criterion, CORE.QuantityLimit):
        for criterion in sorted(release.graph.subjects(RDF.type, kind), key=str):
            if not isinstance(criterion, URIRef):
                continue
            named = iris(release.graph, criterion, CORE.shape)
            missing = [s for s in named if s not in shapes and not release.is_hidden(s)]
            if named and not missing:
                continue
            beside = {s for s in shapes if s.split("#")[0] == _shape_file(criterion)}
            wanted = local_name(missing[0] if missing else criterion)
            near = nearest_word(wanted, map(local_name, beside))
            yield release.finding(
                RULE,
                criterion,
                f"{shown(criterion)} names the shape {shown(missing[0])}, which is not defined."
                if missing
                else f"{shown(criterion)} names no shape.",
                "Write the shape, and name it in core:shape.",
                predicate=CORE.shape,
                nearest=near,
            )


def _shape_file(criterion: URIRef) -> str:
    return criterion.split("#")[0].replace("/guideline/", "/shape/", 1)
