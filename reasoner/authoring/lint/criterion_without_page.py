"""Problem: a criterion or a recommendation names no page of its guideline.

Why: a determination cites guideline and page for every sentence. Without one a reader cannot look
up what the decision rests on.

Mend: state ``core:page``; where the source has no pages, the section, chapter or subdivision.

Source: 8 CCR 9792.10.6(d) (a determination cites the guideline); ``shapes/guideline.ttl``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.terms import CORE

RULE = rule_name(__name__)
_CITED = (CORE.Criterion, CORE.QuantityLimit, CORE.Recommendation)
_NO_PAGE = frozenset({"", "-", "?", "n/a", "none", "tbd", "todo", "unknown", "xxx"})


def check(release: Release) -> Iterator[Finding]:
    """Find criteria and recommendations without a page, or with a stopgap for one."""
    for kind in _CITED:
        for subject in sorted(release.graph.subjects(RDF.type, kind), key=str):
            pages = [str(page).strip() for page in release.graph.objects(subject, CORE.page)]
            if isinstance(subject, URIRef) and all(p.casefold() in _NO_PAGE for p in pages):
                stated = f" but {pages[0]!r}" if pages and pages[0] else ""
                yield release.finding(
                    RULE,
                    subject,
                    f"{shown(subject)} names no page{stated}.",
                    "State core:page.",
                    predicate=CORE.page,
                )
