"""Problem: a term has no label or no definition.

Why: labels are what a rationale prints and what a case file may say; without one a sentence shows
an IRI. A class without a definition is used for what it seems to mean.

Mend: state ``rdfs:label`` and ``skos:definition`` in English; for a document ``dcterms:title``.

Source: W3C SKOS Reference, section 7; OBO Foundry principle 6 (textual definitions).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, SKOS, Literal, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.vocabulary import PROPERTIES
from reasoner.terms import BASE, CORE

RULE = rule_name(__name__)

_BOTH = (RDFS.label, SKOS.definition)
_WANTED: dict[URIRef, tuple[URIRef, ...]] = {
    OWL.Class: _BOTH,
    RDFS.Datatype: _BOTH,
    OWL.NamedIndividual: _BOTH,
    **dict.fromkeys(PROPERTIES, _BOTH),
    CORE.Ambiguity: _BOTH,
    CORE.Reading: _BOTH,
    CORE.Recommendation: (RDFS.label,),
    CORE.Guideline: (RDFS.label, DCTERMS.title),
}


def check(release: Release) -> Iterator[Finding]:
    """Find terms of ours that lack a label, a definition or a title."""
    graph = release.graph
    for kind, wanted in _WANTED.items():
        for term in sorted(graph.subjects(RDF.type, kind), key=str):
            if not isinstance(term, URIRef) or not str(term).startswith(BASE):
                continue
            for predicate in wanted:
                if not any(_says_something(o) for o in graph.objects(term, predicate)):
                    yield release.finding(
                        RULE,
                        term,
                        f"{shown(term)} has no {shown(predicate)}.",
                        f"State {shown(predicate)}.",
                        predicate=predicate,
                    )


def _says_something(node: Node) -> bool:
    return isinstance(node, Literal) and bool(str(node).strip())
