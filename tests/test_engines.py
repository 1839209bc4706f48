"""Engines of different descent report the same on every criterion shape.

pySHACL decides; pyshifty is held against it in every determination; TopBraid SHACL, which shares
no code, no language and no RDF library with either, is asked here. An engine that is not
installed fails these tests, it does not skip them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.assessment import Assessment, assess
from reasoner.case import Case
from reasoner.classification import ClassifiedCase, classify
from reasoner.evidence import findings
from reasoner.guidelines import Criterion, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Outcome
from reasoner.paths import follow, parse_path
from reasoner.rdf import to_ntriples, to_oxigraph
from reasoner.shacl import Result, validate
from reasoner.terms import BASE, CORE
from tests import topbraid
from tests.casefiles import ROOT, CaseFile, case_files, spread, variants

CASES_OF_A_FOLDER, VARIANTS_OF_A_CASE = 4, 3
"""How many cases of a topic are tried, and how many variants of each: evenly spread over all that
there are. Every case of the library runs through the first two engines when it is decided."""


def topic_of(recommendation: Recommendation) -> str:
    return str(recommendation.iri).removeprefix(BASE + "guideline/").split("#")[0]


TOPICS = sorted(
    str(file.relative_to(ROOT / "shapes" / "criteria").with_suffix(""))
    for file in (ROOT / "shapes" / "criteria").rglob("*.ttl")
)


@dataclass(frozen=True)
class Trial:
    """A classified case, and a recommendation of whose shapes a request of it is a target."""

    name: str
    classified: ClassifiedCase
    knowledge: Knowledge
    recommendation: Recommendation

    @property
    def data(self) -> bytes:
        return to_ntriples(self.classified.graph)


def trials_of(file: CaseFile, name: str, classified: ClassifiedCase) -> Iterator[Trial]:
    types = {t for request in classified.requests for t in classified.types(request)}
    for topic in file.knowledge.topics_about(types):
        for recommendation in topic.recommendations:
            if recommendation.criteria and recommendation.applies_to in types:
                yield Trial(f"{file.name} {name}", classified, file.knowledge, recommendation)


@cache
def trials() -> dict[str, list[Trial]]:
    """Give a spread of case files, each as it is and in a spread of variants, by topic."""
    found: dict[str, list[Trial]] = {topic: [] for topic in TOPICS}
    for file in case_files(CASES_OF_A_FOLDER):
        as_it_is, *others = variants(file.case)
        for label, case in (as_it_is, *spread(others, VARIANTS_OF_A_CASE)):
            for trial in _tried(file, label, case):
                found[topic_of(trial.recommendation)].append(trial)
    return found


def _tried(file: CaseFile, label: str, case: Case) -> Iterator[Trial]:
    for day in dict.fromkeys(case.request_date(r) for r in case.requests):
        yield from trials_of(file, label, classify(case, file.knowledge, day))


@cache
def by_pyshacl(topic: str) -> list[tuple[Result, ...]]:
    return [
        validate(data=t.classified.graph, shapes=t.knowledge.shapes_of(t.recommendation)[0])
        for t in trials()[topic]
    ]


def differing(topic: str, others: list[tuple[Result, ...]]) -> list[str]:
    """Tell where another engine's results are not pySHACL's, value nodes included."""
    found = []
    for trial, ours, theirs in zip(trials()[topic], by_pyshacl(topic), others, strict=True):
        one, other = findings(ours), findings(theirs)
        if one != other:
            found.append(f"{trial.name}: pySHACL alone {one - other}, the other {other - one}")
    return found


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_tried(topic: str):
    assert trials()[topic], f"no case of the examples or the library is about {topic}"


@pytest.mark.parametrize("topic", TOPICS)
def test_pyshifty_reports_what_pyshacl_reports(topic: str):
    given = [t.knowledge.shapes_of(t.recommendation)[1].results(t.data) for t in trials()[topic]]
    assert not differing(topic, given)


@cache
def by_topbraid() -> dict[str, list[tuple[Result, ...]]]:
    """Ask TopBraid SHACL about all trials at once: starting Java takes longer than a report."""
    shapes: dict[str, bytes] = {}
    jobs: list[tuple[str, bytes]] = []
    for of_topic in trials().values():
        for t in of_topic:
            name = " ".join([str(t.recommendation.iri), *t.knowledge.chosen])
            if name not in shapes:
                shapes[name] = to_ntriples(t.knowledge.shapes_of(t.recommendation)[0].graph)
            jobs.append((name, t.data))
    given = iter(topbraid.reports(shapes, jobs))
    return {topic: [next(given) for _ in of_topic] for topic, of_topic in trials().items()}


@pytest.mark.parametrize("topic", TOPICS)
def test_topbraid_reports_what_pyshacl_reports(topic: str):
    assert not differing(topic, by_topbraid()[topic])


def evidence_by_pyshifty(
    trial: Trial, request: URIRef, assessment: Assessment
) -> set[tuple[URIRef, Literal | None]]:
    """Give facts and values that pyshifty names as witnesses of a criterion shape.

    It names value nodes; the facts on the way to them are found along the paths of the shape.
    Of a property shape that is a query and no more it names all that the path reaches, and we
    name nothing, since a query does not tell what it looked at: those are left out.
    """
    shapes, examiner = trial.knowledge.shapes_of(trial.recommendation)
    key = (str(request), str(assessment.criterion.shape))
    named = examiner.witnesses(trial.data).get(key, frozenset())
    found: set[tuple[URIRef, Literal | None]] = set()
    reached: set[str] = set()
    for shape in shapes.graph.objects(assessment.criterion.shape, SH.property):
        path = parse_path(shapes.graph, shapes.graph.value(shape, SH.path))
        for value, via in follow(trial.classified.graph, request, path).items():
            if _ntriples(value) in named:
                reached.add(_ntriples(value))
                if _is_query_alone(shapes.graph, shape):
                    continue
                facts = [
                    node
                    for node in (value, *via)
                    if (node, RDF.type, CORE.Fact) in trial.classified.graph
                ]
                literal = value if isinstance(value, Literal) else None
                found |= {(fact, literal) for fact in facts or [request]}
    assert reached == named, f"{trial.name}: no path leads to {named - reached}"
    # A fact that is named for its value need not be named beside it.
    with_values = {node for node, value in found if value is not None}
    return {(node, value) for node, value in found if value is not None or node not in with_values}


def _is_query_alone(graph: Graph, shape: Node) -> bool:
    return (shape, SH.sparql, None) in graph and (shape, SH.minCount, None) not in graph


def names_too_much(trial: Trial, criterion: Criterion) -> bool:
    """Tell whether a query takes the path of another shape of a criterion.

    pyshifty then names what the query looked at, and from the names alone it cannot be told what
    the other shape found.
    """
    graph = trial.knowledge.shapes_of(trial.recommendation)[0].graph
    shapes = list(graph.objects(criterion.shape, SH.property))
    paths = {s: parse_path(graph, graph.value(s, SH.path)) for s in shapes}
    queries = [s for s in shapes if _is_query_alone(graph, s)]
    return any(paths[q] == paths[s] for q in queries for s in shapes if s not in queries)


def _ntriples(term: Node) -> str:
    return str(to_oxigraph(term))


def our_evidence(assessment: Assessment) -> set[object]:
    return {
        (evidence.node, value)
        for evidence in assessment.evidence
        for value in evidence.values or (None,)
    }


@pytest.mark.parametrize("topic", TOPICS)
def test_what_bears_a_criterion_out_is_what_pyshifty_names(topic: str):
    differing = []
    for trial in trials()[topic][::2]:
        assessed = assess(trial.classified, trial.knowledge, trial.recommendation)
        for request, assessments in assessed.items():
            for assessment in assessments:
                if assessment.outcome is Outcome.MET and not assessment.presumed:
                    ours = our_evidence(assessment)
                    theirs = evidence_by_pyshifty(trial, request, assessment)
                    wider = names_too_much(trial, assessment.criterion) and ours < theirs
                    if ours != theirs and not wider:
                        differing.append(
                            f"{trial.name} {assessment.criterion.number}:"
                            f" we alone {ours - theirs}, pyshifty {theirs - ours}"
                        )
    assert not differing


def test_the_trials_are_worth_the_name():
    """Engines that find nothing agree as well; most trials have to have results."""
    every = [r for topic in TOPICS for r in by_pyshacl(topic)]
    components = {result.component for results in every for result in results}
    assert sum(bool(results) for results in every) > len(every) / 2
    assert {
        SH.QualifiedMinCountConstraintComponent,
        SH.QualifiedMaxCountConstraintComponent,
        SH.MaxInclusiveConstraintComponent,
        SH.SPARQLConstraintComponent,
    } <= components
