"""Problem: the ontology contradicts itself, or a class of it can have no member.

Why: from a contradiction everything follows. A class that can have no member is worse than an
unused one: whatever is put into it contradicts the rest.

Mend: look at the axioms that the message names. They are enough for the contradiction, and none of
them can be left out; one of them is wrong.

Source: W3C OWL 2 Direct Semantics, section 2.5; HermiT decides, the explanation is found by leaving
axioms out (Kalyanpur et al., "Finding All Justifications of OWL DL Entailments", ISWC 2007).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, URIRef
from rdflib.namespace import DCTERMS

from reasoner.authoring.dl import examine
from reasoner.authoring.lint.base.axioms import Axiom, axioms_of, module, show, smallest
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.vocabulary import vocabulary_of
from reasoner.cachefolder import keep_text, kept_text
from reasoner.rdf import Triple, canonical_hash

RULE = rule_name(__name__)

SECONDS_TO_EXPLAIN = 120
"""How long to look for a smallest explanation; after that what was found so far is given."""
_MOST_EXPLAINED = 3
_FORMAT = "mtus.lint.dl/1"


@dataclass(frozen=True)
class _Broken:
    """A class that can have no member, or None for the ontology as a whole, and why."""

    subject: URIRef | None
    because: tuple[str, ...]
    about: URIRef | None


def check(release: Release) -> Iterator[Finding]:
    """Find contradictions, each with axioms that explain it."""
    for broken in _examined(release):
        because = "; ".join(broken.because)
        subject = broken.subject or broken.about
        message = (
            "The ontology contradicts itself"
            if broken.subject is None
            else f"{shown(broken.subject)} can have no member"
        )
        message += f": {because}." if because else "."
        mend = "Put one of these axioms right." if because else "See the classes above it."
        if subject is None:
            yield Finding("ontology/core.ttl", 1, RULE, "ontology", message, mend)
        else:
            yield release.finding(RULE, subject, message, mend)


def _examined(release: Release) -> list[_Broken]:
    logical = _is_logical(release)
    triples = [t for t in release.graph if logical(t)]
    path = release.cache / f"lint-dl-{canonical_hash(triples)}.json"
    kept = _read_kept(path)
    if kept is None:
        kept = _examine(release, triples, logical)
        _keep(path, kept)
    return kept


def _is_logical(release: Release) -> Callable[[Triple], bool]:
    """Tell what bears on consistency: all but annotations and headers."""
    silent = {
        p for p in release.graph.subjects(RDF.type, OWL.AnnotationProperty) if isinstance(p, URIRef)
    } | {RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.seeAlso}
    headers = set(release.graph.subjects(RDF.type, OWL.Ontology))
    spaces = (str(SKOS), str(DCTERMS), "http://purl.org/vocab/vann/")

    def logical(triple: Triple) -> bool:
        subject, predicate, value = triple
        return not (
            predicate in silent
            or subject in headers
            or str(predicate).startswith(spaces)
            or (predicate == RDF.type and value == OWL.AnnotationProperty)
        )

    return logical


def _examine(
    release: Release, triples: list[Triple], logical: Callable[[Triple], bool]
) -> list[_Broken]:
    found = examine(triples)
    if found.consistent and not found.unsatisfiable:
        return []
    declarations, axioms = axioms_of(release.graph, logical)
    until = time.monotonic() + SECONDS_TO_EXPLAIN
    if not found.consistent:

        def contradicts(part: Sequence[Axiom]) -> bool:
            return not examine(_triples(declarations, part)).consistent

        return [_explained(release, None, axioms, contradicts, until)]
    above = vocabulary_of(release).above
    roots = sorted(
        c for c in found.unsatisfiable if not (above.get(c, {c}) - {c}) & found.unsatisfiable
    ) or sorted(found.unsatisfiable)
    broken: list[_Broken] = []
    for class_ in roots:
        if len(broken) == _MOST_EXPLAINED:
            break

        def empties(part: Sequence[Axiom], class_: URIRef = class_) -> bool:
            return class_ in examine(_triples(declarations, part)).unsatisfiable

        near = module(axioms, [class_])
        broken.append(
            _explained(release, class_, near if empties(near) else axioms, empties, until)
        )
    told = {b.subject for b in broken}
    broken.extend(_Broken(c, (), None) for c in sorted(found.unsatisfiable - told))
    return broken


def _triples(declarations: list[Triple], axioms: Sequence[Axiom]) -> list[Triple]:
    return [*declarations, *(t for axiom in axioms for t in axiom.triples)]


class _OutOfTime(Exception):
    """No more time to look for a smaller explanation."""


def _explained(
    release: Release,
    subject: URIRef | None,
    axioms: list[Axiom],
    breaks: Callable[[Sequence[Axiom]], bool],
    until: float,
) -> _Broken:
    def in_time(part: Sequence[Axiom]) -> bool:
        if time.monotonic() > until:
            raise _OutOfTime
        return breaks(part)

    try:
        enough = smallest([], axioms, in_time)
    except _OutOfTime:
        enough = []
    about = (a.root[0] for a in enough if isinstance(a.root[0], URIRef))
    because = tuple(sorted(show(release.graph, axiom) for axiom in enough))
    return _Broken(subject, because, next(about, None))


def _read_kept(path: Path) -> list[_Broken] | None:
    try:
        kept = json.loads(kept_text(path) or "")
        if kept["format"] != _FORMAT:
            return None
        return [
            _Broken(
                URIRef(b["subject"]) if b["subject"] else None,
                tuple(b["because"]),
                URIRef(b["about"]) if b["about"] else None,
            )
            for b in kept["broken"]
        ]
    except (ValueError, KeyError, TypeError):
        return None


def _keep(path: Path, broken: list[_Broken]) -> None:
    """Keep what HermiT found; without a cache it is asked again."""
    content = [{"subject": b.subject, "because": list(b.because), "about": b.about} for b in broken]
    keep_text(path, json.dumps({"format": _FORMAT, "broken": content}))
