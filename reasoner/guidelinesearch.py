"""Finding topics and criteria of the guideline library by words or by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rdflib import RDFS, SKOS, URIRef

from reasoner.errors import InputError, Problem, nearest_word
from reasoner.guidelines import Criterion, Recommendation
from reasoner.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Hit:
    """A recommendation in which words occur, or a criterion of it; None for the recommendation."""

    topic: str
    recommendation: Recommendation
    criterion: Criterion | None


def search(words: Sequence[str], knowledge: Knowledge) -> Iterator[Hit]:
    """Find criteria in which all words occur, and recommendations whose names have them.

    Args:
        words: words or parts of words, letter case aside.
        knowledge: the library.
    """
    wanted = [word.casefold() for word in words]
    for topic in knowledge.topics:
        for recommendation in topic.recommendations:
            head = f"{recommendation.label} {recommendation.section} {topic.name}"
            matching = [
                criterion
                for criterion in recommendation.criteria
                if _all_in(wanted, f"{head} {criterion.statement} {criterion.if_missing}")
            ]
            for criterion in matching:
                yield Hit(topic.name, recommendation, criterion)
            names = _names(recommendation.treatment, knowledge)
            if not matching and _all_in(wanted, f"{head} {names}"):
                yield Hit(topic.name, recommendation, None)


def topics_named(name: str, knowledge: Knowledge) -> list[str]:
    """Give the topics of a name: ``guideline/topic``, or the topic alone.

    Raises:
        InputError: if there is none.
    """
    names = knowledge.sources.topics
    found = [n for n in names if name in (n, n.split("/")[1])]
    if found:
        return found
    raise InputError(
        [
            Problem(
                f"{name} is no topic of the library.",
                expected="one that mtus guideline list gives",
                nearest=nearest_word(name, [*names, *(n.split("/")[1] for n in names)]),
            )
        ]
    )


def _names(treatment: URIRef, knowledge: Knowledge) -> str:
    kinds = [treatment, *knowledge.concepts.subclasses(treatment)]
    labels = (RDFS.label, SKOS.prefLabel, SKOS.altLabel)
    graph = knowledge.vocabulary
    return " ".join(str(n) for k in kinds for p in labels for n in graph.objects(k, p))


def _all_in(words: list[str], text: str) -> bool:
    return all(word in text.casefold() for word in words)
