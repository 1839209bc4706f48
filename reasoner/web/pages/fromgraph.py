"""A determination in the form of the JSON contract, out of its graph in a store alone.

What the graph does not hold stays empty: the values that were looked at, what was considered and
does not govern, and why there is no cure.
"""

from __future__ import annotations

from typing import Any

from rdflib import DCTERMS, RDF, RDFS, Graph, URIRef
from rdflib.namespace import PROV

from reasoner.case import Case
from reasoner.contract import FORMAT, fact_entry, summary_of
from reasoner.guidelines import number_key
from reasoner.knowledge import Knowledge
from reasoner.labels import request_label
from reasoner.rdf import iris
from reasoner.terms import CORE, local_name


def contract_of_graph(
    iri: URIRef, graph: Graph, case: Case, release: Graph, knowledge: Knowledge
) -> dict[str, Any]:
    """Give a determination in the form of the contract.

    Args:
        iri: the determination.
        graph: its graph.
        case: its case.
        release: what the release that made it says of its criteria and recommendations.
        knowledge: what names the concepts.
    """
    return {
        "format": FORMAT,
        "id": str(iri),
        "engine": str(graph.value(iri, CORE.engineVersion)),
        "case": case.identifier,
        "role": str(graph.value(iri, CORE.role)),
        "outcome": _name(graph, iri, CORE.itemOutcome),
        "release": str(graph.value(iri, CORE.releaseHash)),
        "caseHash": str(graph.value(iri, CORE.caseHash)),
        "readings": [],
        "summary": summary_of(case, knowledge),
        "items": [
            _item(node, graph, case, release, knowledge)
            for node in _ordered(graph, iri, CORE.itemDecision)
        ],
    }


def cures_of(graph: Graph, item: URIRef) -> list[dict[str, Any]]:
    """Give the cures of an item; which triples they change is not in the graph."""
    return [
        {
            "text": str(graph.value(cure, CORE.text)),
            "changes": [
                {
                    "kind": "",
                    "text": str(graph.value(change, CORE.text)),
                    "criterion": str(graph.value(change, PROV.wasDerivedFrom)),
                    "add": [],
                    "remove": [],
                }
                for change in _ordered(graph, cure, CORE.change)
            ],
            "resultingOutcome": _name(graph, cure, CORE.resultingOutcome),
        }
        for cure in _ordered(graph, item, CORE.cure)
    ]


def _name(graph: Graph, node: URIRef, predicate: URIRef) -> str:
    return local_name(str(graph.value(node, predicate)))


def _ordered(graph: Graph, node: URIRef, predicate: URIRef) -> list[URIRef]:
    return sorted(
        iris(graph, node, predicate), key=lambda below: int(str(graph.value(below, CORE.order)))
    )


def _item(
    node: URIRef, graph: Graph, case: Case, release: Graph, knowledge: Knowledge
) -> dict[str, Any]:
    request = URIRef(str(graph.value(node, CORE.decides)))
    treatment = case.concept(request, knowledge)
    day = case.request_date(request)
    basis = graph.value(node, CORE.basis)
    supported = graph.value(node, CORE.supportedQuantity)
    recommendation = graph.value(node, CORE.recommendation)
    dependent = basis is not None and local_name(str(basis)) == "Dependent"
    parent = case.term(request, CORE.dependsOn) if dependent else None
    return {
        "request": str(request),
        "label": request_label(case, knowledge, request),
        "treatment": local_name(treatment),
        "treatmentLabel": knowledge.concepts.label(treatment),
        "requestDate": None if day is None else day.isoformat(),
        "decision": _name(graph, node, CORE.necessity),
        "basis": None if basis is None else local_name(str(basis)),
        "outcome": _name(graph, node, CORE.itemOutcome),
        "quantity": case.number(request, CORE.quantity),
        "granted": case.number(request, CORE.granted),
        "modifiedTo": None
        if supported is None
        else {"quantity": int(str(supported)), "unit": _noun(release, recommendation)},
        "dependsOn": None if parent is None else str(parent),
        "recommendation": None
        if not isinstance(recommendation, URIRef)
        else _recommendation(recommendation, release, knowledge),
        "readings": [],
        "criteria": sorted(
            (
                _criterion(assessment, graph, case, release, knowledge)
                for assessment in iris(graph, node, CORE.assessment)
            ),
            key=lambda criterion: number_key(criterion["number"]),
        ),
        "rationale": [
            {
                "text": str(graph.value(sentence, CORE.text)),
                "sources": [str(s) for s in iris(graph, sentence, PROV.wasDerivedFrom)],
            }
            for sentence in _ordered(graph, node, CORE.sentence)
        ],
        "cure": cures_of(graph, node),
        "cureNote": None,
        "notEvaluated": [],
        "nextSource": None,
    }


def _noun(release: Graph, recommendation: object) -> str:
    found = release.value(recommendation, CORE.noun) if isinstance(recommendation, URIRef) else None
    return "unit" if found is None else str(found)


def _text(release: Graph, node: URIRef, predicate: URIRef) -> str:
    return str(release.value(node, predicate) or "")


def _attested(release: Graph, node: URIRef, knowledge: Knowledge) -> str:
    found = release.value(node, CORE.attestation)
    return knowledge.concepts.label(found) if isinstance(found, URIRef) else ""


def _recommendation(iri: URIRef, release: Graph, knowledge: Knowledge) -> dict[str, Any]:
    document = release.value(iri, CORE.guideline)
    stance = release.value(iri, CORE.stance)
    known = document if isinstance(document, URIRef) else URIRef(str(iri).rpartition("/")[0])
    title = _text(release, known, DCTERMS.title) or local_name(str(known).rpartition("/")[2])
    return {
        "id": str(iri),
        "label": _text(release, iri, RDFS.label) or str(iri).rpartition("/")[2],
        "guideline": _text(release, known, RDFS.label) or title,
        "title": title,
        "citation": "",
        "source": "",
        "section": _text(release, iri, CORE.section),
        "page": _text(release, iri, CORE.page),
        "stance": knowledge.concepts.label(stance) if isinstance(stance, URIRef) else "",
        "confidence": _attested(release, iri, knowledge),
    }


def _criterion(
    assessment: URIRef, graph: Graph, case: Case, release: Graph, knowledge: Knowledge
) -> dict[str, Any]:
    criterion = URIRef(str(graph.value(assessment, CORE.assesses)))
    outcome = _name(graph, assessment, CORE.result)
    cited = release.value(criterion, CORE.citedFrom)
    document = knowledge.guidelines.get(cited) if isinstance(cited, URIRef) else None
    presumed = str(graph.value(assessment, CORE.presumed)) == "true"
    missing = _text(release, criterion, CORE.ifMissing)
    return {
        "id": str(criterion),
        "shape": str(graph.value(assessment, PROV.wasDerivedFrom)),
        "number": _text(release, criterion, CORE.number)
        or str(assessment).rpartition("-criterion-")[2],
        "statement": _text(release, criterion, CORE.statement)
        or "The store does not hold the release that worded it.",
        "outcome": outcome,
        "presumed": presumed,
        "presumption": (_text(release, criterion, CORE.presumption) or None) if presumed else None,
        "page": _text(release, criterion, CORE.page),
        "citedFrom": None if document is None else document.title,
        "confidence": _attested(release, criterion, knowledge),
        "limit": (criterion, CORE.limits, None) in release,
        "evidence": [
            _evidence(node, outcome == "Met", case, knowledge)
            for node in iris(graph, assessment, CORE.evidence)
        ],
        "missing": [missing] if outcome == "NotDocumented" and missing else [],
    }


def _evidence(node: URIRef, supports: bool, case: Case, knowledge: Knowledge) -> dict[str, Any]:
    if (node, RDF.type, CORE.Fact) in case.graph:
        shown = fact_entry(case, knowledge, node)
    else:
        shown = {"fact": str(node), "label": f"the request: {request_label(case, knowledge, node)}",
                 "record": "request", "records": [], "page": None, "quote": None}  # fmt: skip
    return {**shown, "values": [], "supports": supports}
