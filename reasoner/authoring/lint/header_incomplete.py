"""Problem: the header of an ontology file lacks a field, or does not fit the file.

Why: who made a file, under which license, in which version and from which document is what a
reader of a copied file has to know, and cannot ask.

Mend: complete the ``owl:Ontology`` at the top of the file: ``dcterms:title``, ``description``,
``creator``, ``license``, ``created`` and ``modified`` (dates, the second not before the first),
``owl:versionIRI`` and ``owl:versionInfo``; for a vocabulary ``vann:preferredNamespacePrefix`` and
``vann:preferredNamespaceUri``, and ``rdfs:isDefinedBy`` on each term; for what a guideline says,
``dcterms:source``.

Source: W3C OWL 2 Structural Specification, section 3.1; Garijo and Poveda-Villalon, "Best
Practices for Implementing FAIR Vocabularies and Ontologies on the Web" (2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, VANN

from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import GUIDELINES, VOCABULARIES, Release, shown
from reasoner.authoring.lookupgraph import lookup_graph
from reasoner.terms import BASE

RULE = rule_name(__name__)
_ALWAYS = (
    DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.license, DCTERMS.created,
    DCTERMS.modified, OWL.versionIRI, OWL.versionInfo,
)  # fmt: skip


def check(release: Release) -> Iterator[Finding]:
    """Find headers that are missing, incomplete or of another file."""
    for name in release.guideline_files:
        if name.endswith("/guideline.ttl"):
            continue  # describes a document, and declares no terms
        graph = lookup_graph(release.triples(name))
        header = URIRef(BASE + name.removeprefix("ontology/").removesuffix(".ttl")).replace(
            "guidelines/", "guideline/"
        )
        iri = URIRef(header)
        if (iri, RDF.type, OWL.Ontology) not in graph:
            others = ", ".join(sorted(shown(o) for o in graph.subjects(RDF.type, OWL.Ontology)))
            yield Finding(
                name,
                1,
                RULE,
                shown(iri),
                f"The file is no owl:Ontology named {iri}"
                + (f", but {others}." if others else "."),
                "Begin it with a header of that name.",
            )
            continue
        yield from _of_header(release, name, graph, iri)


def _of_header(release: Release, name: str, graph: Graph, header: URIRef) -> Iterator[Finding]:
    wanted = list(_ALWAYS)
    if any(str(s).startswith(f"{header}#") for s in graph.subjects()):
        wanted += [VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri]
    if name.startswith(GUIDELINES):
        wanted = [*_ALWAYS, DCTERMS.source]
    for field in wanted:
        if not any(str(o).strip() for o in graph.objects(header, field)):
            message = f"The header has no {shown(field)}."
            yield release.finding(RULE, header, message, f"State {shown(field)}.", predicate=field)
    for message, field in _misfits(name, graph, header):
        yield release.finding(RULE, header, message, "Put it right.", predicate=field)
    if name in VOCABULARIES:
        for term in sorted(set(graph.subjects(RDF.type, None)), key=str):
            own = isinstance(term, URIRef) and str(term).startswith(f"{header}#")
            if own and (term, RDFS.isDefinedBy, header) not in graph:
                yield release.finding(
                    RULE,
                    term,
                    f"{shown(term)} does not say that it is defined by {header}.",
                    f"State rdfs:isDefinedBy <{header}>.",
                    predicate=RDFS.isDefinedBy,
                )


def _misfits(name: str, graph: Graph, header: URIRef) -> Iterator[tuple[str, URIRef]]:
    days = {}
    for field in (DCTERMS.created, DCTERMS.modified):
        for stated in graph.objects(header, field):
            value = stated.value if isinstance(stated, Literal) else None
            if isinstance(value, date):
                days[field] = value
            else:
                yield f"{shown(field)} is {stated}, which is no date.", field
    if len(days) == 2 and days[DCTERMS.modified] < days[DCTERMS.created]:
        yield "The file was modified before it was created.", DCTERMS.modified
    for version in graph.objects(header, OWL.versionInfo):
        wanted = f"{BASE}release/{version}/{str(header).removeprefix(BASE)}"
        for stated in graph.objects(header, OWL.versionIRI):
            if str(stated) != wanted:
                yield (
                    f"owl:versionIRI is {stated}; of version {version} it is {wanted}.",
                    (OWL.versionIRI),
                )
    if name.startswith(GUIDELINES):
        document = URIRef(str(header).rsplit("/", 1)[0])
        sources = set(graph.objects(header, DCTERMS.source))
        if sources and document not in sources:
            yield f"dcterms:source is not {document}, in whose folder the file is.", DCTERMS.source
