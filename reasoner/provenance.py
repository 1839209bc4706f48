"""A determination as a PROV graph, complete with the case that it decides.

The graph says what was decided, on what, by which release of the guidelines and which software;
each sentence of the rationale is derived from its sources, and each fact that counted is
annotated to its place in the record. It conforms to ``shapes/determination.ttl``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rdflib import RDF, RDFS, XSD, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV

from reasoner.assessment import Assessment
from reasoner.case import Case
from reasoner.determination import Determination, Item
from reasoner.rdf import Triple, iris
from reasoner.terms import BASE, CORE

_text = partial(Literal, datatype=XSD.string)

OA = "http://www.w3.org/ns/oa#"


def to_triples(determination: Determination) -> list[Triple]:
    """Give a determination as RDF, the case included; no blank nodes, no duplicates."""
    return sorted(set(_determination(determination)) | set(determination.case.triples))


def _determination(determination: Determination) -> Iterator[Triple]:
    case, knowledge, iri = determination.case, determination.knowledge, determination.iri
    activity = URIRef(f"{iri}#adjudication")
    release = URIRef(f"{BASE}release/sha256/{knowledge.release}")
    agent = URIRef(f"{BASE}software/{determination.engine.replace(' ', '/')}")
    yield (iri, RDF.type, CORE.Determination)
    yield (iri, RDF.type, PROV.Entity)
    yield (iri, RDFS.label, Literal(f"Determination of case {case.identifier}", lang="en"))
    yield (iri, CORE.determines, case.iri)
    yield (iri, CORE.itemOutcome, _outcome(determination.outcome.value))
    yield (iri, CORE.role, _text(determination.role.value))
    yield (iri, CORE.caseHash, _text(case.hash))
    yield (iri, CORE.releaseHash, _text(knowledge.release))
    yield (iri, CORE.engineVersion, _text(determination.engine))
    yield (iri, PROV.wasGeneratedBy, activity)
    yield (iri, PROV.wasDerivedFrom, case.iri)
    yield (iri, PROV.wasDerivedFrom, release)
    yield (iri, PROV.wasAttributedTo, agent)
    yield (activity, RDF.type, PROV.Activity)
    yield (activity, PROV.used, case.iri)
    yield (activity, PROV.used, release)
    yield (activity, PROV.wasAssociatedWith, agent)
    yield (release, RDF.type, PROV.Entity)
    yield (release, DCTERMS.identifier, _text(knowledge.release))
    yield (agent, RDF.type, PROV.SoftwareAgent)
    yield (agent, RDFS.label, _text(determination.engine))
    yield (case.iri, RDF.type, PROV.Entity)
    for name in knowledge.chosen:
        yield (activity, PROV.used, knowledge.readings[name].iri)
    for number, item in enumerate(determination.items, start=1):
        node = URIRef(f"{iri}#item-{number}")
        yield (iri, CORE.itemDecision, node)
        yield from _item(item, node, number, determination)


def _outcome(value: str) -> URIRef:
    return CORE[value]


def _item(item: Item, node: URIRef, number: int, determination: Determination) -> Iterator[Triple]:
    decision = item.decision
    yield (node, RDF.type, CORE.ItemDecision)
    yield (node, RDF.type, PROV.Entity)
    yield (node, CORE.order, Literal(number))
    yield (node, CORE.decides, decision.request)
    yield (node, CORE.necessity, decision.necessity.iri)
    yield (node, CORE.itemOutcome, _outcome(decision.outcome.value))
    if decision.basis is not None:
        yield (node, CORE.basis, decision.basis.iri)
    if decision.supported is not None:
        yield (node, CORE.supportedQuantity, Literal(decision.supported))
    if decision.recommendation is not None:
        yield (node, CORE.recommendation, decision.recommendation.iri)
        yield (node, PROV.wasDerivedFrom, decision.recommendation.iri)
        for reading in determination.knowledge.readings_of(decision.recommendation):
            yield (node, CORE.rests, reading.iri)
    for assessment in decision.assessments:
        yield from _assessment(assessment, node, determination.case)
    for order, sentence in enumerate(item.rationale, start=1):
        at = URIRef(f"{node}-sentence-{order}")
        yield (node, CORE.sentence, at)
        yield (at, RDF.type, CORE.Sentence)
        yield (at, CORE.order, Literal(order))
        yield (at, CORE.text, _text(sentence.text))
        for source in sentence.sources:
            yield (at, PROV.wasDerivedFrom, source)
    for order, cure in enumerate(item.cures.cures, start=1):
        at = URIRef(f"{node}-cure-{order}")
        yield (node, CORE.cure, at)
        yield (at, RDF.type, CORE.Cure)
        yield (at, CORE.order, Literal(order))
        yield (at, CORE.text, _text(cure.text))
        yield (at, CORE.resultingOutcome, _outcome(cure.outcome.value))
        for place, change in enumerate(cure.changes, start=1):
            below = URIRef(f"{at}-change-{place}")
            yield (at, CORE.change, below)
            yield (below, RDF.type, CORE.Change)
            yield (below, CORE.order, Literal(place))
            yield (below, CORE.text, _text(change.text))
            yield (below, PROV.wasDerivedFrom, change.criterion)


def _assessment(assessment: Assessment, item: URIRef, case: Case) -> Iterator[Triple]:
    node = URIRef(f"{item}-criterion-{assessment.criterion.number}")
    yield (item, CORE.assessment, node)
    yield (node, RDF.type, CORE.Assessment)
    yield (node, CORE.assesses, assessment.criterion.iri)
    yield (node, CORE.result, assessment.outcome.iri)
    yield (node, CORE.presumed, Literal(assessment.presumed))
    yield (node, PROV.wasDerivedFrom, assessment.criterion.shape)
    for evidence in assessment.evidence:
        yield (node, CORE.evidence, evidence.node)
        yield from _annotation(evidence.node, case)


def _annotation(fact: URIRef, case: Case) -> Iterator[Triple]:
    """Annotate a fact to its place in each record. Source: W3C Web Annotation Data Model."""
    for record in iris(case.graph, fact, CORE.documentedIn):
        record_name = str(record).rsplit("#", 1)[-1]
        annotation = URIRef(f"{fact}-in-{record_name}")
        target = URIRef(f"{annotation}-place")
        yield (annotation, RDF.type, URIRef(OA + "Annotation"))
        yield (annotation, URIRef(OA + "motivatedBy"), URIRef(OA + "identifying"))
        yield (annotation, URIRef(OA + "hasBody"), fact)
        yield (annotation, URIRef(OA + "hasTarget"), target)
        yield (target, RDF.type, URIRef(OA + "SpecificResource"))
        yield (target, URIRef(OA + "hasSource"), record)
        quote = case.text(fact, CORE.quote)
        if quote is not None:
            selector = URIRef(f"{annotation}-quote")
            yield (target, URIRef(OA + "hasSelector"), selector)
            yield (selector, RDF.type, URIRef(OA + "TextQuoteSelector"))
            yield (selector, URIRef(OA + "exact"), _text(quote))
        page = case.text(fact, CORE.recordPage)
        if page is not None:
            yield (target, URIRef(OA + "hasState"), URIRef(f"{annotation}-page"))
            yield (URIRef(f"{annotation}-page"), RDF.type, URIRef(OA + "FragmentSelector"))
            yield (URIRef(f"{annotation}-page"), RDF.value, _text(f"page={page}"))
