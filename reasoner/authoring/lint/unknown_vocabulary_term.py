"""Problem: a term of ours, or of a standard vocabulary, is used and defined nowhere.

Why: RDF takes any IRI. A misspelt constraint constrains nothing, a misspelt path leads nowhere,
a misspelt class has no members; validation conforms in each of these cases, and a criterion is
met by whatever is recorded. The same goes for a class where a property belongs.

Mend: take the nearest name, or define the term: a class or property in the vocabularies with its
label and definition, a shape or criterion in the files of its topic.

Source: W3C SHACL, section 1.3 (what is no shape is ignored); Brick Schema, ``validation.ttl``
(namespace closure).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, VANN, DefinedNamespace
from rdflib.term import Node

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release, shown
from reasoner.authoring.lint.base.shapes import path_of, steps
from reasoner.authoring.lint.base.vocabulary import PROPERTIES
from reasoner.errors import nearest_word
from reasoner.terms import BASE, local_name

RULE = rule_name(__name__)

_STANDARDS: dict[str, type[DefinedNamespace]] = {
    str(space): space for space in (SH, OWL, RDFS, SKOS, DCTERMS, XSD, VANN)
}
# These name what is not in our files: a version of one, or the document a query is in.
_ELSEWHERE = frozenset({OWL.versionIRI, OWL.priorVersion, OWL.imports, RDFS.seeAlso})
_CLASS_WANTED = frozenset({SH["class"], SH.targetClass, RDFS.subClassOf, RDFS.domain})
_IN_QUERY = re.compile(r"(?<![\w:?$])(\w+):([A-Za-z][\w-]*)")


def check(release: Release) -> Iterator[Finding]:
    """Find terms that nothing defines, or that are defined as something else."""
    defined = _defined(release.statements)
    known: dict[tuple[URIRef, bool, bool], str | None] = {}
    for name in release.files:
        seen: set[tuple[URIRef, str]] = set()
        for triple in release.triples(name):
            for term in _terms(triple):
                place = (term, term is triple[1], term is triple[2] and triple[1] in _CLASS_WANTED)
                if place not in known:
                    known[place] = _problem(release, defined, *place)
                problem = known[place]
                if problem is not None and (term, problem) not in seen:
                    seen.add((term, problem))
                    yield _finding(release, defined, name, term, triple, problem)
        yield from _in_queries(release, defined, name)
    yield from _in_paths(release)


@cache
def _names(namespace: str) -> frozenset[str]:
    space = _STANDARDS[namespace]
    return frozenset(local_name(str(term)) for term in dir(space))


def _defined(graph: Graph) -> Mapping[URIRef, frozenset[Node]]:
    """Give every IRI that a file says the kind of, with its kinds."""
    kinds: dict[URIRef, set[Node]] = {}
    for subject, kind in graph.subject_objects(RDF.type):
        if isinstance(subject, URIRef):
            kinds.setdefault(subject, set()).add(kind)
    for declared in graph.subjects(SH.namespace, None):
        if isinstance(declared, URIRef):
            kinds.setdefault(declared, set())
    return {iri: frozenset(found) for iri, found in kinds.items()}


def _terms(triple: tuple[Node, Node, Node]) -> Iterator[URIRef]:
    subject, predicate, value = triple
    for term in (subject, predicate):
        if isinstance(term, URIRef):
            yield term
    if isinstance(value, URIRef) and predicate not in _ELSEWHERE:
        yield value
    if isinstance(value, Literal) and value.datatype is not None:
        yield value.datatype


def _problem(
    release: Release,
    defined: Mapping[URIRef, frozenset[Node]],
    term: URIRef,
    as_property: bool,
    as_class: bool,
) -> str | None:
    """Tell what is wrong with a term where it stands; None if nothing is."""
    if term.startswith(BASE):
        if term not in defined:
            return None if release.is_hidden(term) else "is used and not defined"
        kinds = defined[term]
        if as_property and not kinds & set(PROPERTIES):
            return "stands where a property belongs and is defined as none"
        if as_class and not kinds & {OWL.Class, RDFS.Class}:
            return "stands where a class belongs and is defined as none"
        return None
    namespace = term[: len(term) - len(local_name(term))]
    if namespace in _STANDARDS and term not in _STANDARDS[namespace] and term != namespace:
        return "is no term of its vocabulary"
    return None


def _finding(
    release: Release,
    defined: Mapping[URIRef, frozenset[Node]],
    name: str,
    term: URIRef,
    triple: tuple[Node, Node, Node],
    problem: str,
) -> Finding:
    subject, predicate, _ = triple
    lines = release.lines(name)
    assert isinstance(predicate, URIRef)
    begins = lines.of(subject, predicate) if isinstance(subject, URIRef) else None
    line = lines.mention(term, since=begins or 1) or begins
    nearest = _nearest(defined, term)
    return Finding(
        name, line, RULE, shown(term), f"{shown(term)} {problem}.", _mend(nearest), nearest
    )


def _mend(nearest: str | None) -> str:
    return f"Write {nearest}, or define the term." if nearest else "Define it, or name another."


def _nearest(defined: Mapping[URIRef, frozenset[Node]], term: URIRef) -> str | None:
    local = local_name(term)
    namespace = term[: len(term) - len(local)]
    known = (
        _names(namespace)
        if namespace in _STANDARDS
        else {local_name(iri) for iri in defined if iri.startswith(namespace) and iri != term}
    )
    found = nearest_word(local, known)
    return None if found is None else shown(URIRef(namespace + found))


def _in_queries(
    release: Release, defined: Mapping[URIRef, frozenset[Node]], name: str
) -> Iterator[Finding]:
    prefixes = {
        str(prefix): str(namespace)
        for declared in release.statements.subjects(SH.prefix, None)
        for prefix in release.statements.objects(declared, SH.prefix)
        for namespace in release.statements.objects(declared, SH.namespace)
    }
    for subject, predicate, query in release.triples(name):
        if predicate != SH.select or not isinstance(subject, URIRef):
            continue
        text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', str(query))
        for prefix, local in dict.fromkeys(_IN_QUERY.findall(text)):
            term = URIRef(prefixes.get(prefix, "") + local)
            nearest: str | None = None
            if prefix not in prefixes:
                problem = f"the prefix {prefix}: is not declared"
                nearest = nearest_word(prefix, prefixes)
            elif term.startswith(BASE) and term not in defined and not release.is_hidden(term):
                problem = f"{shown(term)} is not defined"
                nearest = _nearest(defined, term)
            else:
                continue
            yield Finding(
                name,
                release.lines(name).of(subject, SH.select),
                RULE,
                shown(subject),
                f"In the query, {problem}.",
                _mend(nearest),
                nearest,
            )


def _in_paths(release: Release) -> Iterator[Finding]:
    """Find what stands in a path, is defined, and is no property."""
    graph, vocabulary = release.statements, release.graph
    for shape in sorted(set(graph.subjects(SH.path, None)), key=str):
        path = path_of(graph, shape)
        for step in () if path is None else steps(path):
            kinds = set(vocabulary.objects(step, RDF.type))
            if kinds and not kinds & set(PROPERTIES):
                yield release.finding(
                    RULE,
                    shape,
                    f"{shown(step)} stands in a path and is no property.",
                    "Name the property that leads to the value.",
                    predicate=SH.path,
                )
