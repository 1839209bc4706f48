"""Stage 2, classify: a case with what follows from it, and the types that the ontology gives.

The closure runs over the axioms that can matter to the case: those above the kinds of thing
that it names, and those of the recommendations that its requests could fall under. Types only
flow upward from what is asserted, so the result is that of the whole ontology; a test holds it
to that, and to HermiT. What is absent is the other way about: with a kind of thing, its narrower
kinds are absent, and those are stated before the closure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.term import Node

from reasoner.case import Case
from reasoner.closure import LOGICAL_PREDICATES, LOGICAL_TYPES, close
from reasoner.derivation import derive
from reasoner.knowledge import Knowledge
from reasoner.rdf import Triple, graph_of, iris
from reasoner.terms import CORE


@dataclass(frozen=True)
class ClassifiedCase:
    """A case as criteria see it, for the requests of one day.

    Attributes:
        case: the case as read.
        day: the day of the requests; None if the case states none.
        graph: what the case states, what follows from it, and the named types of its nodes;
            not to be changed.
        requests: the requests of that day, in the order of the file.
    """

    case: Case
    day: date | None
    graph: Graph
    requests: tuple[URIRef, ...]

    def types(self, node: URIRef) -> frozenset[URIRef]:
        """Give the named classes that a node belongs to."""
        return frozenset(iris(self.graph, node, RDF.type))


@dataclass(frozen=True)
class Axioms:
    """Logical axioms, arranged by what they are about.

    Attributes:
        of_property: axioms about properties and regions.
        of_class: axioms about a class of the vocabularies, by the class.
        definitions: definitions of classes that a case can enter without naming them.
    """

    of_property: tuple[Triple, ...]
    of_class: Mapping[URIRef, tuple[Triple, ...]]
    definitions: tuple[Triple, ...]


def _is_logical(triple: Triple) -> bool:
    _, predicate, value = triple
    return predicate in LOGICAL_PREDICATES or (predicate == RDF.type and value in LOGICAL_TYPES)


def _with_expressions(graph: Graph, roots: Iterable[Triple]) -> tuple[Triple, ...]:
    """Give axioms with the blank nodes that their class expressions are made of."""
    found: dict[Triple, None] = {}
    frontier = list(roots)
    while frontier:
        triple = frontier.pop()
        if triple in found or not _is_logical(triple):
            continue
        found[triple] = None
        if isinstance(triple[2], BNode):
            frontier.extend(graph.triples((triple[2], None, None)))
    return tuple(found)


@lru_cache(maxsize=8)
def axioms_of(knowledge: Knowledge) -> Axioms:
    """Arrange the axioms of the vocabularies."""
    graph, concepts = knowledge.vocabulary, knowledge.concepts
    of_property: list[Triple] = list(graph.triples((None, CORE.partOf, None)))
    definitions: list[Triple] = []
    by_class: dict[URIRef, list[Triple]] = {}
    for triple in graph:
        subject = triple[0]
        if not _is_logical(triple) or not isinstance(subject, URIRef):
            continue
        if subject in _DEFINED:
            definitions.extend(_with_expressions(graph, [triple]))
        elif subject in concepts.ancestors:
            by_class.setdefault(subject, []).extend(_with_expressions(graph, [triple]))
        else:
            of_property.extend(_with_expressions(graph, [triple]))
    of_class = {c: tuple(dict.fromkeys(t)) for c, t in by_class.items()}
    return Axioms(tuple(dict.fromkeys(of_property)), of_class, tuple(dict.fromkeys(definitions)))


def topic_axioms(graph: Graph) -> tuple[Triple, ...]:
    """Give the logical axioms of a topic."""
    return tuple(triple for triple in graph if _is_logical(triple))


# Axioms of a property matter only where the property is used. What a case states of relevance
# it states in full, so that no property enters by way of another.
_OF_PROPERTY = frozenset({RDFS.domain, RDFS.range, RDFS.subPropertyOf})

# Classes defined by what their members state; a case can enter them without naming them.
_DEFINED = frozenset({CORE.PresentFact, CORE.AbsentFact, CORE.TreatmentTrial, CORE.Medication})


@lru_cache(maxsize=512)
def _module(
    knowledge: Knowledge,
    named: frozenset[URIRef],
    used: frozenset[URIRef],
    asked: frozenset[URIRef],
) -> tuple[Triple, ...]:
    """Give the axioms that can matter to things of the named kinds and properties.

    A topic defines classes of requests, so only the kinds of what is asked for call for topics.
    """
    axioms, ancestors = axioms_of(knowledge), knowledge.concepts.ancestors
    above = {a for kind in named for a in ancestors.get(kind, ())}
    of_requests = {a for kind in asked for a in ancestors.get(kind, ())}
    return (
        *(t for t in axioms.of_property if t[1] not in _OF_PROPERTY or t[0] in used),
        *axioms.definitions,
        *(t for kind in sorted(above) for t in axioms.of_class.get(kind, ())),
        *(t for topic in knowledge.topics_about(of_requests) for t in topic_axioms(topic.graph)),
    )


def classify(case: Case, knowledge: Knowledge, day: date | None) -> ClassifiedCase:
    """Classify a case for its requests of one day.

    Args:
        case: a case that was read.
        knowledge: the ontology.
        day: the day of the requests; None for those without any.
    """
    stated = {*case.triples, *derive(case, knowledge, day)}
    absences = _absences(case, knowledge)
    withheld = {
        (request, predicate, fact)
        for request in case.requests
        for fact in absences
        for predicate in (CORE.relevantFact, CORE.absentFact)
        if _narrower(case, knowledge, fact, request)
    } & stated
    given = {
        t
        for t in stated - withheld
        if not (t[1] == RDF.type and absences.get(t[0], {t[2]}) != {t[2]})
    } | {(fact, RDF.type, kind) for fact, kinds in absences.items() for kind in kinds}
    nodes = {s for s, _, _ in stated}
    kinds = {(s, o) for s, p, o in given if p == RDF.type and isinstance(o, URIRef)}
    module = _module(
        knowledge,
        frozenset(o for _, o in kinds),
        frozenset(p for _, p, _ in given if isinstance(p, URIRef)),
        frozenset(o for s, o in kinds if s in case.requests),
    )
    graph = graph_of(
        (s, p, o)
        for s, p, o in (*close((*module, *given)), *withheld)
        if s in nodes
        and o != OWL.Thing
        and not isinstance(o, BNode)
        and p != OWL.sameAs
        and not (p == RDF.type and s in absences and o not in CORE and o not in absences[s])
    )
    for conversion in set(graph.objects(None, CORE.conversion)):
        for triple in knowledge.vocabulary.triples((conversion, None, None)):
            if triple[1] in (CORE.factor, CORE.aboveMg, CORE.upToMg):
                graph.add(triple)
    requests = tuple(r for r in case.requests if case.request_date(r) == day)
    return ClassifiedCase(case, day, graph, requests)


def _absences(case: Case, knowledge: Knowledge) -> dict[Node, frozenset[URIRef]]:
    """Give, for each absent fact, the kinds that are absent with it.

    What is absent is absent in all its kinds: no neurologic deficit is no motor deficit. It is
    not so the other way: no motor deficit says nothing of other deficits. So absence is closed
    downward where presence is closed upward.
    """
    concepts = knowledge.concepts
    found: dict[Node, frozenset[URIRef]] = {}
    for fact in case.ordered(CORE.fact):
        if case.term(fact, CORE.status) != CORE.Absent:
            continue
        kinds = {
            k for k in iris(case.graph, fact, RDF.type) if k in concepts.ancestors and k not in CORE
        }
        below = {k for k, above in concepts.ancestors.items() if above & kinds}
        found[fact] = frozenset(kinds | below | {CORE.Fact})
    return found


def _narrower(case: Case, knowledge: Knowledge, fact: Node, request: URIRef) -> bool:
    """Tell whether an absent fact is of a narrower kind than what is asked for.

    That no cyclobenzaprine was taken does not make a request for muscle relaxants the first; the
    closure, which knows kinds only upward, would have it so.
    """
    assert isinstance(fact, URIRef)
    kind, asked = case.concept(fact, knowledge), case.concept(request, knowledge)
    return kind != asked and knowledge.concepts.is_kind_of(kind, asked)
