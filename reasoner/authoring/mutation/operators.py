"""Every kind of slip, and the mutants of a topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

from rdflib import URIRef

from reasoner.authoring.expectedcases import under
from reasoner.authoring.mutation import constraints, queries, structure
from reasoner.authoring.mutation.mutant import Encoding, Mutant, encoding_of
from reasoner.knowledge import Knowledge
from reasoner.rdf import iris
from reasoner.terms import CORE

OPERATORS: tuple[Callable[[Encoding], Iterator[Mutant]], ...] = (
    structure.combinations,
    structure.criteria,
    structure.targets,
    structure.parts,
    constraints.bounds,
    constraints.counts,
    constraints.concepts,
    constraints.paths,
    constraints.violations,
    queries.queries,
)


def mutants_of(encoding: Encoding) -> Iterator[Mutant]:
    """Give every mutant of an encoding, in a stable order."""
    return chain.from_iterable(operator(encoding) for operator in OPERATORS)


def readings_of(knowledge: Knowledge, topic: str) -> list[str]:
    """Name the alternative readings of what is ambiguous in a topic."""
    graph = knowledge.topic(topic).graph
    asked = set(graph.subjects(CORE.alternative, None))
    wanted = {r for a in asked if isinstance(a, URIRef) for r in iris(graph, a, CORE.alternative)}
    names = (knowledge.vocabulary.value(r, CORE.readingName) for r in wanted)
    return sorted(str(name) for name in names if name is not None)


def mutants_of_topic(knowledge: Knowledge, topic: str) -> list[Mutant]:
    """Give every mutant of a topic, those of what only a reading brings in included.

    Args:
        knowledge: this release, under its default readings.
        topic: ``guideline/topic``.
    """
    found: dict[str, Mutant] = {}
    for readings in ((), *((name,) for name in readings_of(knowledge, topic))):
        encoding = encoding_of(under(knowledge, readings), topic)
        for mutant in mutants_of(encoding):
            known = found.setdefault(mutant.key, mutant)
            if known is not mutant and (known.removed, known.added) != (
                mutant.removed,
                mutant.added,
            ):
                key = f"{mutant.key}@{'+'.join(readings)}"
                found.setdefault(key, replace(mutant, key=key))
    return list(found.values())
