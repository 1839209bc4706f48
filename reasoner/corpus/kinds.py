"""What a node is, told from what it is stated to be: the types of facts, ingredients and records.

The types of a node other than a request follow from its concept, its status, and whether it says
what became of a treatment; there are a few thousand such combinations however many cases there
are, so each is closed once, here. ``reasoner.classification`` says why absence is closed downward.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rdflib import OWL, RDF, RDFS, BNode, URIRef

from reasoner.errors import KnowledgeError
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE, local_name

_OF_TREATMENT = frozenset({CORE.outcome, CORE.relief, CORE.reliefDuration})


def states_a_trial(knowledge: Knowledge) -> frozenset[str]:
    """Give the local names of the properties whose subject is a treatment trial.

    Raises:
        KnowledgeError: if a property has a domain that this module does not know.
    """
    found = set()
    for property_, domain in knowledge.vocabulary.subject_objects(RDFS.domain):
        if domain == CORE.TreatmentTrial:
            if property_ not in _OF_TREATMENT:
                raise KnowledgeError(f"the domain of <{property_}> is not compiled for a corpus")
            found.add(local_name(str(property_)))
    return frozenset(found)


@dataclass(frozen=True)
class Kinds:
    """The types of a node.

    Attributes:
        known: those that criteria see.
        closed: those that classes of requests are told from; of what is absent, more.
    """

    known: frozenset[URIRef]
    closed: frozenset[URIRef]


@lru_cache(maxsize=100_000)
def kinds_of(
    knowledge: Knowledge,
    of: URIRef,
    concept: URIRef | None,
    absent: bool,
    trial: bool,
    recent: frozenset[URIRef] = frozenset(),
) -> Kinds:
    """Give the types of a node.

    Args:
        knowledge: the vocabularies.
        of: the class of its form, such as ``core:Fact``.
        concept: what it is stated to be.
        absent: whether it is a fact that is absent.
        trial: whether it states what only a treatment trial states.
        recent: the classes that it is of by its date, if it is present.
    """
    ancestors = knowledge.concepts.ancestors
    stated = {of} | ({concept} if concept is not None else set())
    kept: frozenset[URIRef] | None = None
    if absent:
        narrow = {c for c in stated if c in ancestors and c not in CORE}
        below = {c for kind in narrow for c in _below(knowledge).get(kind, ())}
        kept = frozenset(narrow | below | {CORE.Fact})
        stated = set(kept)
    else:
        stated |= recent
    closed = _above(ancestors, stated)
    if of == CORE.Fact:
        closed.add(CORE.AbsentFact if absent else CORE.PresentFact)
        if trial:
            closed |= _above(ancestors, (CORE.TreatmentTrial, CORE.Treatment))
        if CORE.Treatment in closed:
            closed.add(CORE.TreatmentTrial)
        if CORE.Drug in closed:
            closed |= {CORE.Medication, CORE.TreatmentTrial}
    known = closed if kept is None else {c for c in closed if c in CORE or c in kept}
    return Kinds(frozenset(known), frozenset(closed))


def _above(ancestors: object, kinds: Iterable[URIRef]) -> set[URIRef]:
    assert isinstance(ancestors, dict)
    return {above for kind in kinds for above in ancestors.get(kind, {kind})}


@lru_cache(maxsize=4)
def _below(knowledge: Knowledge) -> dict[URIRef, tuple[URIRef, ...]]:
    """Give for each concept those that have it above them."""
    found: dict[URIRef, list[URIRef]] = {}
    for concept, kinds in knowledge.concepts.ancestors.items():
        for above in kinds:
            found.setdefault(above, []).append(concept)
    return {above: tuple(concepts) for above, concepts in found.items()}


@lru_cache(maxsize=4)
def stated_values(knowledge: Knowledge) -> dict[URIRef, tuple[tuple[URIRef, URIRef], ...]]:
    """Give what members of a class have by definition: pairs of a property and its value."""
    graph = knowledge.vocabulary
    found: dict[URIRef, list[tuple[URIRef, URIRef]]] = {}
    for kind, restriction in graph.subject_objects(RDFS.subClassOf):
        if not isinstance(restriction, BNode) or not isinstance(kind, URIRef):
            continue
        property_ = graph.value(restriction, OWL.onProperty)
        value = graph.value(restriction, OWL.hasValue)
        if not isinstance(property_, URIRef) or not isinstance(value, URIRef):
            raise KnowledgeError(f"what <{kind}> is a kind of is not compiled for a corpus")
        found.setdefault(kind, []).append((property_, value))
    return {kind: tuple(sorted(values)) for kind, values in found.items()}


# Definitions of the core vocabulary that ``kinds_of`` holds; others would go unseen.
_DEFINED = frozenset({CORE.PresentFact, CORE.AbsentFact, CORE.TreatmentTrial, CORE.Medication})


def require_known_definitions(knowledge: Knowledge) -> None:
    """Stop if the vocabularies define a class in a way that is not compiled.

    Raises:
        KnowledgeError: if they do; the class is named.
    """
    graph = knowledge.vocabulary
    for kind in graph.subjects(OWL.equivalentClass, None):
        if kind not in _DEFINED:
            raise KnowledgeError(f"the definition of <{kind}> is not compiled for a corpus")
    for head in graph.subjects(RDFS.subClassOf, None):
        if isinstance(head, BNode):
            raise KnowledgeError("an axiom of the vocabularies is not compiled for a corpus")
    states_a_trial(knowledge)
    stated_values(knowledge)
    if (None, RDF.type, OWL.SymmetricProperty) in graph:
        raise KnowledgeError("a symmetric property is not compiled for a corpus")
