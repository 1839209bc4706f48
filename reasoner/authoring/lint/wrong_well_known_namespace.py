"""Problem: a well-known vocabulary is written with another IRI than its own.

Why: ``http://purl.org/dc/terms#`` is no Dublin Core, and nothing says so: every query and every
shape that asks for ``http://purl.org/dc/terms/`` passes over what was stated.

Mend: write the namespace as its owner has it.

Source: each vocabulary's own document; prefix.cc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rdflib import SH, URIRef

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release
from reasoner.terms import BASE, local_name

RULE = rule_name(__name__)

NAMESPACES = {
    "cito": "http://purl.org/spar/cito/",
    "clinical": f"{BASE}clinical#",
    "core": f"{BASE}core#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The namespace of each prefix that means one thing everywhere."""


@cache
def _plain(namespace: str) -> str:
    """Give a namespace without what is easily got wrong: scheme, host prefix, case and ending."""
    return re.sub(r"^https?://(www\.)?|[#/]+$", "", namespace.casefold())


_BY_PLAIN = {_plain(namespace): namespace for namespace in NAMESPACES.values()}


def _right(namespace: str) -> str | None:
    """Give the namespace that is nearly this one; None if it is right, or another altogether."""
    right = _BY_PLAIN.get(_plain(namespace))
    return None if right == namespace else right


def check(release: Release) -> Iterator[Finding]:
    """Find prefixes and IRIs that miss a well-known namespace."""
    for name in release.files:
        lines = release.lines(name)
        wrong: set[str] = set()
        for prefix, (namespace, line) in lines.prefixes.items():
            right = NAMESPACES.get(prefix) or _right(namespace)
            if right is not None and right != namespace:
                wrong.add(namespace)
                yield _finding(name, line, f"{prefix}:", namespace, right)
        for iri, mentioned in lines.mentions.items():
            namespace = iri[: len(iri) - len(local_name(iri))]
            near = _right(namespace)
            if near is not None and namespace not in wrong and local_name(iri):
                wrong.add(namespace)
                yield _finding(name, mentioned[0], str(iri), namespace, near)
        for declared, predicate, value in release.triples(name):
            near = _right(str(value)) if predicate == SH.namespace else None
            if near is not None and isinstance(declared, URIRef):
                line_of = lines.of(declared, SH.namespace)
                yield _finding(name, line_of, local_name(declared) + ":", str(value), near)


def _finding(file: str, line: int | None, subject: str, wrong: str, right: str) -> Finding:
    return Finding(
        file, line, RULE, subject, f"The namespace is written {wrong}.", f"Write {right}.", right
    )
