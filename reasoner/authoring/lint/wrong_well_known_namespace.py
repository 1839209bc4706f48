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


@cache
def _right(namespace: str) -> str | None:
    """Give the namespace that is nearly this one; None if it is right, or another altogether."""
    right = _BY_PLAIN.get(_plain(namespace))
    return None if right == namespace else right


def check(release: Release) -> Iterator[Finding]:
    """Find prefixes and IRIs that miss a well-known namespace."""
    for name in release.files:
        wrong: set[str] = set()
        text = release.sources.files[name].decode("utf-8", errors="replace")
        for prefix, namespace in _DECLARED.findall(text):
            right = NAMESPACES.get(prefix) or _right(namespace)
            if right is not None and right != namespace:
                wrong.add(namespace)
                _, line = release.lines(name).prefixes.get(prefix, ("", 1))
                yield _finding(name, line, f"{prefix}:", namespace, right)
        for iri in {t for triple in release.triples(name) for t in triple}:
            namespace = _namespace(iri) if isinstance(iri, URIRef) else ""
            near = _right(namespace) if namespace else None
            if near is not None and isinstance(iri, URIRef) and namespace not in wrong:
                wrong.add(namespace)
                line_of = release.lines(name).mention(iri)
                yield _finding(name, line_of, str(iri), namespace, near)
        for declared, predicate, value in release.triples(name):
            near = _right(str(value)) if predicate == SH.namespace else None
            if near is not None and isinstance(declared, URIRef):
                line_of = release.lines(name).of(declared, SH.namespace)
                yield _finding(name, line_of, local_name(declared) + ":", str(value), near)


_DECLARED = re.compile(r"^\s*@?prefix\s+([\w.-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)


def _namespace(iri: URIRef) -> str:
    """Give what an IRI begins with; nothing if it names a namespace itself."""
    local = local_name(iri)
    return str(iri)[: -len(local)] if local else ""


def _finding(file: str, line: int | None, subject: str, wrong: str, right: str) -> Finding:
    return Finding(
        file, line, RULE, subject, f"The namespace is written {wrong}.", f"Write {right}.", right
    )
