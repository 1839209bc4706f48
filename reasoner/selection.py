"""Stage 3, select: the recommendation that governs a request, and why the others do not.

The day of the request picks the edition. Sources are ranked: the schedule first; where nothing
of it governs, the next step of the medical evidence search sequence (8 CCR 9792.21.1). Within
a step, a recommendation that another prevails over gives way.
"""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import URIRef

from reasoner.classification import ClassifiedCase
from reasoner.errors import InputError, KnowledgeError, Problem
from reasoner.guidelines import Guideline, Recommendation
from reasoner.knowledge import Knowledge
from reasoner.rdf import iris
from reasoner.terms import CORE, local_name


@dataclass(frozen=True, slots=True)
class Passed:
    """A recommendation of the treatment that does not govern, and why."""

    recommendation: Recommendation
    why: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What governs a request.

    Attributes:
        governing: the recommendation that governs; None if none does.
        passed: recommendations of the treatment that were passed over.
        silent: guidelines in force that are known not to address the treatment.
        unread: guidelines in force that are not encoded, and come no later in the search
            sequence than what governs: they could address the treatment.
        next_step: the next step of the search sequence that is not encoded, where none governs.
    """

    request: URIRef
    governing: Recommendation | None
    passed: tuple[Passed, ...]
    silent: tuple[Guideline, ...]
    unread: tuple[Guideline, ...]
    next_step: str | None


_STEPS = (
    "the Medical Treatment Utilization Schedule",
    "the current ACOEM guidelines or the Official Disability Guidelines",
    "another current, nationally recognised, evidence-based guideline",
    "current peer-reviewed studies",
)


def select(classified: ClassifiedCase, knowledge: Knowledge, request: URIRef) -> Selection:
    """Select what governs a request.

    Raises:
        KnowledgeError: if two recommendations of one step govern and neither prevails.
    """
    types = classified.types(request)
    about = [
        r for topic in knowledge.topics_about(types) for r in topic.recommendations
        if r.treatment in types
    ]  # fmt: skip
    passed: list[Passed] = []
    candidates: list[Recommendation] = []
    for recommendation in about:
        guideline = recommendation.guideline
        if classified.day is None:
            passed.append(Passed(recommendation, "the case states no date of request or review"))
        elif not guideline.in_force(classified.day):
            passed.append(Passed(recommendation, f"not in force on {classified.day}"))
        elif recommendation.applies_to not in types:
            passed.append(Passed(recommendation, "its scope does not cover this request"))
        else:
            candidates.append(recommendation)
    first = min((r.guideline.step for r in candidates), default=0)
    for recommendation in candidates:
        if recommendation.guideline.step != first:
            passed.append(Passed(recommendation, "a source earlier in the search sequence governs"))
    candidates = [r for r in candidates if r.guideline.step == first]
    governing = [
        r
        for r in candidates
        if not any(r.iri in knowledge.index.displaced.get(o.iri, ()) for o in candidates)
    ]
    passed.extend(
        Passed(r, "a more specific recommendation governs")
        for r in candidates
        if r not in governing
    )
    if len(governing) > 1 and len(iris(classified.case.graph, request, CORE.region)) > 1:
        raise InputError(
            [
                Problem(
                    "The request names several regions, which different recommendations govern.",
                    classified.case.source,
                    key="region",
                    expected="a request for each region",
                    node=local_name(request),
                )
            ]
        )
    if len(governing) > 1:
        raise KnowledgeError(
            "recommendations of one rank govern the same request, and neither prevails: "
            + ", ".join(f"<{r.iri}>" for r in governing)
        )
    silent = tuple(
        g
        for _, g in sorted(knowledge.guidelines.items())
        if classified.day is not None and g.in_force(classified.day) and g.silent_on & types
    )
    return Selection(
        request=request,
        governing=governing[0] if governing else None,
        passed=tuple(passed),
        silent=silent,
        unread=tuple(
            g
            for _, g in sorted(knowledge.guidelines.items())
            if classified.day is not None
            and not g.encoded
            and g.in_force(classified.day)
            and (not governing or g.step <= governing[0].guideline.step)
        ),
        next_step=None if governing else _next_step(silent),
    )


def _next_step(silent: tuple[Guideline, ...]) -> str:
    """Name the first step of the sequence that nothing encoded is known to be silent at."""
    answered = {guideline.step for guideline in silent}
    return next((step for rank, step in enumerate(_STEPS, 1) if rank not in answered), _STEPS[-1])
