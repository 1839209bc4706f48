"""Problem: an IRI that was released is no longer stated.

Why: determinations, cases and other people's data name it. A name that goes takes the meaning of
what was written with it.

Mend: bring it back. What is no longer to be used stays, with ``owl:deprecated true`` and
``dcterms:isReplacedBy``. What was never released is taken off ``ontology/released.txt`` by hand;
``mtus lint --update-released`` only adds.

Source: W3C, "Cool URIs don't change" (1998); OBO Foundry principle 3 (identifiers are not reused).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import RELEASED, Release, shown
from reasoner.errors import nearest_word
from reasoner.terms import BASE

RULE = rule_name(__name__)


def check(release: Release) -> Iterator[Finding]:
    """Find released IRIs that no file states."""
    present = stated_iris(release)
    for line, iri in released_iris(release):
        if iri not in present and not release.is_hidden(iri):
            namespace, _, local = iri.rpartition("#")
            near = {p.rpartition("#")[2] for p in present if p.rpartition("#")[0] == namespace}
            yield Finding(
                RELEASED,
                line,
                RULE,
                shown(URIRef(iri)),
                f"{shown(URIRef(iri))} was released, and no file states it.",
                "Bring it back; mark it owl:deprecated if it is no longer to be used.",
                nearest_word(local, near),
            )


def stated_iris(release: Release) -> frozenset[str]:
    """Give every IRI of ours that a file says the kind of."""
    return frozenset(
        str(s)
        for s in release.statements.subjects(RDF.type, None)
        if isinstance(s, URIRef) and str(s).startswith(BASE)
    )


def released_iris(release: Release) -> list[tuple[int, str]]:
    """Give every IRI on the list of those released, with its line; none if there is no list."""
    try:
        text = (release.root / RELEASED).read_text("utf-8")
    except FileNotFoundError:
        return []
    lines = enumerate(text.splitlines(), start=1)
    return [(n, BASE + line) for n, line in lines if line and not line.startswith("#")]


def update_released(release: Release) -> int:
    """Add what is stated now to the list of released IRIs, and give how many were added."""
    known = {iri for _, iri in released_iris(release)}
    found = known | stated_iris(release)
    text = "# Every IRI ever released, from " + BASE + " on. None may go or change its meaning.\n"
    text += "".join(f"{iri.removeprefix(BASE)}\n" for iri in sorted(found))
    unfinished = release.root / f"{RELEASED}.part"
    unfinished.write_text(text, "utf-8")
    unfinished.replace(release.root / RELEASED)
    return len(found - known)
