"""A recommendation as a FHIR R4 PlanDefinition: its criteria as nested actions.

Source: HL7 FHIR R4 (4.0.1), PlanDefinition.
"""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
from rdflib import BNode
from rdflib.term import Node

from reasoner.errors import InputError, Problem, nearest_word
from reasoner.exports.rdfforms import PREFIXES, turtle_of
from reasoner.guidelines import Combination, Criterion, Operand, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.rdf import graph_of, quads
from reasoner.store.graphs import NamedGraph, canonical
from reasoner.terms import BASE, CORE

_SELECTION = {"AllOf": "all", "AnyOf": "one-or-more", "AtLeast": "one-or-more", "Unless": "all"}


def find_recommendation(name: str, knowledge: Knowledge) -> Recommendation:
    """Find a recommendation by its topic, its IRI or the end of it.

    Raises:
        InputError: if there is none of the name, or several.
    """
    short = {str(r.iri).removeprefix(f"{BASE}guideline/"): r for r in knowledge.recommendations}
    found = [r for key, r in short.items() if name in (key, key.partition("#")[0], str(r.iri))]
    if len(found) == 1:
        return found[0]
    names = {key.partition("#")[0] for key in short}
    expected = "a topic, as guideline/topic"
    if found:
        expected = "one of " + ", ".join(k for k, r in short.items() if r in found)
    raise InputError(
        [
            Problem(
                f"{name} is {'several recommendations' if found else 'no recommendation'}.",
                "NAME",
                expected=expected,
                nearest=None if found else nearest_word(name, names),
            )
        ]
    )


def topic_graph(recommendation: Recommendation, knowledge: Knowledge) -> NamedGraph:
    """Give the topic of a recommendation as a graph: what it says, and how it is checked."""
    sources = knowledge.sources
    topic = str(recommendation.iri).removeprefix(f"{BASE}guideline/").partition("#")[0]
    found = [
        quad.triple
        for name in (sources.guideline_of(topic), *sources.shapes_of(topic))
        for quad in ox.parse(sources.files[name], format=ox.RdfFormat.TURTLE)
    ]
    return NamedGraph(str(recommendation.iri).partition("#")[0], "topic", "", canonical(found))


def plan_definition(recommendation: Recommendation, knowledge: Knowledge) -> dict[str, Any]:
    """Give a recommendation as a PlanDefinition."""
    guideline = recommendation.guideline
    period = {
        key: day.isoformat()
        for key, day in (("start", guideline.start), ("end", guideline.end))
        if day is not None
    }
    resource: dict[str, Any] = {
        "resourceType": "PlanDefinition",
        "id": str(recommendation.iri).rpartition("/")[2].replace("#", "-")[:64],
        "url": str(recommendation.iri),
        "version": knowledge.release,
        "title": recommendation.label,
        "type": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/plan-definition-type",
                    "code": "eca-rule",
                    "display": "ECA Rule",
                }
            ]
        },
        "status": "draft",
        "subjectCodeableConcept": {"text": "Injured worker"},
        "description": (
            f"{guideline.title}, {recommendation.section}, page {recommendation.page}: "
            f"{knowledge.concepts.label(recommendation.stance)}."
        ),
        "topic": [
            {
                "coding": [
                    {
                        "system": str(recommendation.treatment).partition("#")[0],
                        "code": str(recommendation.treatment).rpartition("#")[2],
                        "display": knowledge.concepts.label(recommendation.treatment),
                    }
                ]
            }
        ],
        "relatedArtifact": [
            {
                "type": "citation",
                "label": f"page {recommendation.page}",
                "citation": f"{guideline.title}. {guideline.citation}",
            }
        ],
    }
    if period:
        resource["effectivePeriod"] = period
    action: dict[str, Any] = {
        "title": recommendation.label,
        "description": knowledge.concepts.label(recommendation.stance),
    }
    if recommendation.requires is not None:
        action["action"] = [_action(recommendation.requires, recommendation, knowledge)]
    resource["action"] = [action]
    return resource


def _action(
    operand: Operand, recommendation: Recommendation, knowledge: Knowledge
) -> dict[str, Any]:
    if isinstance(operand, Criterion):
        return _criterion(operand, recommendation, knowledge)
    return _combination(operand, recommendation, knowledge)


def _combination(
    combination: Combination, recommendation: Recommendation, knowledge: Knowledge
) -> dict[str, Any]:
    codes = [{"system": str(CORE), "code": combination.kind}]
    if combination.kind == "AtLeast":
        codes.append({"system": f"{CORE}atLeast", "code": str(combination.threshold)})
    below = [_action(operand, recommendation, knowledge) for operand in combination.operands]
    if combination.exception is not None:
        exception = _action(combination.exception, recommendation, knowledge)
        exception.setdefault("code", []).append(
            {"coding": [{"system": str(CORE), "code": "exception"}]}
        )
        below.append(exception)
    return {
        "id": str(combination.iri).rpartition("#")[2],
        "code": [{"coding": codes}],
        "groupingBehavior": "logical-group",
        "selectionBehavior": _SELECTION[combination.kind],
        "action": below,
    }


def _criterion(
    criterion: Criterion, recommendation: Recommendation, knowledge: Knowledge
) -> dict[str, Any]:
    return {
        "id": str(criterion.iri).rpartition("#")[2],
        "prefix": criterion.number,
        "title": criterion.statement,
        "documentation": [
            {
                "type": "citation",
                "label": f"page {criterion.page}",
                "citation": recommendation.guideline.title,
            }
        ],
        "condition": [
            {
                "kind": "applicability",
                "expression": {
                    "description": criterion.statement,
                    "language": "text/turtle",
                    "expression": _shape(criterion, recommendation, knowledge),
                    "reference": str(criterion.shape),
                },
            }
        ],
    }


def _shape(criterion: Criterion, recommendation: Recommendation, knowledge: Knowledge) -> str:
    """Give what the shape of a criterion states, and every blank node that it leads to."""
    shapes = knowledge.shapes_of(recommendation)[0].graph
    found, frontier, seen = [], [criterion.shape], set[Node]()
    while frontier:
        node = frontier.pop()
        if node in seen:
            continue
        seen.add(node)
        for triple in shapes.triples((node, None, None)):
            found.append(triple)
            value = triple[2]
            ours = isinstance(value, BNode) or str(value).startswith(f"{criterion.shape}-")
            if ours:
                frontier.append(value)  # type: ignore[arg-type]
    dataset = ox.Dataset(quads(graph_of(found)))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return turtle_of((quad.triple for quad in dataset), PREFIXES)
