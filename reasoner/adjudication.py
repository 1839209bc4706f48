"""The stages in their order: a case and the knowledge in, a decision on every request out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import URIRef

from reasoner.assessment import Assessment, assess
from reasoner.case import Case
from reasoner.classification import ClassifiedCase, classify
from reasoner.decision import ItemDecision, decide_item, in_order_of_dependence
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role
from reasoner.selection import select


@dataclass(frozen=True)
class Decided:
    """A case with the decision on each of its requests.

    Attributes:
        items: the decisions, by request.
        classified: the classified case that each decision was made on, by request.
    """

    items: Mapping[URIRef, ItemDecision]
    classified: Mapping[URIRef, ClassifiedCase]


def decide(case: Case, knowledge: Knowledge, role: Role, *, only: URIRef | None = None) -> Decided:
    """Classify, select, assess and decide the requests of a case.

    Args:
        case: a case that was read.
        knowledge: the ontology, guidelines and shapes.
        role: who decides.
        only: decide this request, and those that it depends on, instead of all.

    Raises:
        EngineError: if an engine fails or two disagree.
        KnowledgeError: if the knowledge does not say which of two recommendations prevails.
    """
    wanted = in_order_of_dependence(case, case.requests if only is None else (only,))
    days = dict.fromkeys(case.request_date(r) for r in wanted)
    by_day = {day: classify(case, knowledge, day) for day in days}
    classified = {r: by_day[case.request_date(r)] for r in wanted}
    assessed: dict[tuple[URIRef, object], dict[URIRef, tuple[Assessment, ...]]] = {}
    items: dict[URIRef, ItemDecision] = {}
    for request in wanted:
        of_request = classified[request]
        selection = select(of_request, knowledge, request)
        assessments: tuple[Assessment, ...] = ()
        if selection.governing is not None:
            key = (selection.governing.iri, of_request.day)
            if key not in assessed:
                assessed[key] = assess(of_request, knowledge, selection.governing)
            assessments = assessed[key][request]
        items[request] = decide_item(of_request, knowledge, selection, assessments, items, role)
    return Decided({r: items[r] for r in case.requests if r in items}, classified)
