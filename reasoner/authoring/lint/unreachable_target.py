"""Problem: no request can be in the class that a shape or a recommendation is about.

Why: a shape whose target class has no members checks nothing: its criterion is not applicable to
any request, and a recommendation that applies to such a class never governs. Nothing else says
so, for what has no members conforms.

Mend: define the class by what a request states (``owl:equivalentClass``, or an expression that is
``rdfs:subClassOf`` it), name the class that is meant, or put right a definition whose parts
exclude each other.

Source: W3C SHACL, section 2.1.3.2; W3C OWL 2 Profiles, section 4.2 (what a class may be made of).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, SH, URIRef

from reasoner.authoring.lint.base.entry import enterable_classes
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import criterion_shapes
from reasoner.terms import CORE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find targets, scopes and exclusions that no request can be in."""
    enterable = enterable_classes(release)
    asked: list[tuple[URIRef, URIRef, URIRef]] = [
        (found.shape, SH.targetClass, target)
        for found in criterion_shapes(release.shapes)
        for target in found.targets
    ]
    for view in release.views:
        for predicate in (CORE.appliesTo, CORE.ruledOutBy):
            asked.extend(
                (s, predicate, o)
                for s, o in view.graph.subject_objects(predicate)
                if isinstance(s, URIRef) and isinstance(o, URIRef)
            )
    for subject, predicate, class_ in sorted(set(asked)):
        is_defined = (class_, RDF.type, OWL.Class) in release.graph
        if is_defined and class_ not in enterable:
            yield release.finding(
                RULE,
                subject,
                f"No request can be in {shown(class_)}, which {shown(predicate)} names.",
                "Define the class by what a request states, or name another.",
                predicate=predicate,
            )
