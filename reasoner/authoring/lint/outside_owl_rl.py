"""Problem: an axiom is outside OWL 2 RL.

Why: the closure that classifies a case at run time is complete for OWL 2 RL and for no more.
Outside of it, it answers all the same, with less than what follows, and a request is not in a
class that it belongs to.

Mend: put the axiom another way: what suffices for a class goes below it (``rdfs:subClassOf`` from
an intersection, union or ``owl:someValuesFrom``); an equivalence takes intersections and
``owl:hasValue`` only. Property ranges of dates and of ``core:Quantity`` are excepted, since no
class looks at them.

Source: W3C OWL 2 Profiles (Second Edition), section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import XSD, Graph, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release
from reasoner.authoring.profile import Violation, violations
from reasoner.terms import CORE, local_name

RULE = rule_name(__name__)
_EXCEPTED = frozenset({XSD.date, CORE.Quantity})


def check(release: Release) -> Iterator[Finding]:
    """Find axioms that the profile does not have."""
    graph = release.graph
    for violation in violations(graph):
        if violation.about in _EXCEPTED and violation.axiom.startswith("DataProperty"):
            continue
        names = _named_in(graph, violation)
        subject = names[0] if names else violation.about
        found = release.finding(
            RULE,
            subject,
            f"{violation}.",
            "Put the axiom in a form that the profile has.",
        )
        yield found


def _named_in(graph: Graph, violation: Violation) -> list[URIRef]:
    """Give the terms that an axiom names, those of guidelines first: they lead to its file."""
    words = set(violation.axiom.replace("(", " ").replace(")", " ").split())
    named = {s for s in graph.subjects() if isinstance(s, URIRef) and local_name(s) in words}
    return sorted(named, key=lambda s: ("/guideline/" not in s, s))
