"""What has to hold of a case as a whole: its shapes, its dates, its quantities, its dependencies.

The reader has checked every value by itself. The shapes are run over the result all the same:
they are what is published, and what another system would hold a case against.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from rdflib import SH, URIRef

from reasoner.case import Case
from reasoner.errors import InputError, Problem, shown
from reasoner.evidence import Examiner, prepare
from reasoner.knowledge import Knowledge
from reasoner.rdf import to_ntriples
from reasoner.shacl import Result, validate
from reasoner.terms import CORE, local_name

MAX_REQUESTS = 200
MAX_FACTS = 2000
MAX_RECORDS = 2000
"""How much a case may hold; the largest case files have some hundreds of records and facts."""


def check_case(case: Case, knowledge: Knowledge) -> None:
    """Check a case against ``shapes/case.ttl``, and for what shapes cannot say.

    Raises:
        InputError: with every problem found.
    """
    problems = [*_too_many(case)]
    if not problems:
        problems.extend(_circles(case))
        problems.extend(_grants(case))
        problems.extend(_dates(case))
        problems.extend(_reviewer(case, knowledge))
        problems.extend(
            _of_shape(case, knowledge, result)
            for result in _examiner(knowledge).results(to_ntriples(case.triples))
        )
    if problems:
        raise InputError(problems)


@lru_cache(maxsize=8)
def _examiner(knowledge: Knowledge) -> Examiner:
    """Prepare the shapes for the engine that takes a hundredth of the other's time."""
    return prepare(knowledge.form_shapes("case"))


def _problem(
    case: Case, node: URIRef, path: URIRef, key: str, message: str, expected: str | None = None
) -> Problem:
    name = shown(local_name(node) if "#" in node else case.identifier)[1:-1]
    return Problem(message, case.source, case.lines.get((node, path)), key, expected, node=name)


_WORDED = {
    SH.MinCountConstraintComponent: "It is missing.",
    SH.MaxCountConstraintComponent: "More than one value stands here.",
    SH.DatatypeConstraintComponent: "The value is of another type.",
    SH.MinInclusiveConstraintComponent: "The value is too low.",
    SH.MaxInclusiveConstraintComponent: "The value is too high.",
    SH.MaxLengthConstraintComponent: "The text is too long.",
    SH.ClassConstraintComponent: "It points to a thing of another kind.",
}


def _of_shape(case: Case, knowledge: Knowledge, result: Result) -> Problem:
    message = _WORDED.get(result.component, "The value cannot stand here.")
    for form in knowledge.case_format.values():
        for key in form.keys.values():
            if key.shape == result.shape:
                wanted = key.description.rstrip(".")
                return _problem(case, result.focus, key.path, key.name, message, wanted)
    return _problem(case, result.focus, result.shape, local_name(result.shape), message)


def _too_many(case: Case) -> Iterator[Problem]:
    for path, key, most in (
        (CORE.request, "requests", MAX_REQUESTS),
        (CORE.fact, "facts", MAX_FACTS),
        (CORE.record, "records", MAX_RECORDS),
    ):
        found = len(case.ordered(path))
        if found > most:
            yield _problem(
                case, case.iri, path, key, f"The case has {found:,} of them.", f"at most {most:,}"
            )


def _circles(case: Case) -> Iterator[Problem]:
    """Find requests that depend on themselves; each circle is told once."""
    told: set[URIRef] = set()
    for request in case.requests:
        path = [request]
        while (above := case.term(path[-1], CORE.dependsOn)) is not None and above not in path:
            path.append(above)
        if above is None or told.intersection(path):
            continue
        circle = [*path[path.index(above) :], above]
        told.update(circle)
        names = " depends on ".join(local_name(r) for r in circle)
        yield _problem(
            case, above, CORE.dependsOn, "dependsOn",
            f"The request depends on itself: {names}.",
            "a request that stands by itself",
        )  # fmt: skip


def _reviewer(case: Case, knowledge: Knowledge) -> Iterator[Problem]:
    """Hold the reviewer to what issued determinations say of every reviewer."""
    if case.term(case.iri, CORE.reviewer) is None:
        return
    shapes = knowledge.form_shapes("reviewer")
    for result in validate(data=case.graph, shapes=shapes):
        path, key = (
            shapes.graph.value(result.shape, SH.path),
            shapes.graph.value(result.shape, SH.name),
        )
        message = shapes.graph.value(result.shape, SH.message)
        assert isinstance(path, URIRef)
        yield _problem(case, result.focus, path, str(key), str(message))


def _grants(case: Case) -> Iterator[Problem]:
    for request in case.requests:
        granted = case.number(request, CORE.granted)
        asked = case.number(request, CORE.quantity)
        if granted is None:
            continue
        if asked is None:
            yield _problem(
                case, request, CORE.granted, "granted",
                f"{granted} were granted, and the quantity asked for is not stated.",
                "the key quantity beside it",
            )  # fmt: skip
        elif granted >= asked:
            yield _problem(
                case, request, CORE.granted, "granted",
                f"{granted} of {asked} were granted, so nothing is in dispute.",
                "less than the quantity asked for",
            )  # fmt: skip


def _dates(case: Case) -> Iterator[Problem]:
    """Find dates that cannot all be right.

    The order of events is injury, request, utilization review; a record reports what has begun.
    Records may be younger than the review: a reviewer is sent those, too.
    """
    review = case.utilization_review
    reviewed = case.day(review) if review is not None else None
    injury = case.term(case.iri, CORE.injury)
    injured = case.day(injury) if injury is not None else None
    if injury is not None and injured is not None and reviewed is not None and injured > reviewed:
        yield _problem(
            case, injury, CORE.date, "date",
            f"The injury, {injured}, is later than the utilization review, {reviewed}.",
        )  # fmt: skip
    for request in case.requests:
        asked = case.day(request)
        if asked is None:
            continue
        if reviewed is not None and asked > reviewed:
            yield _problem(
                case, request, CORE.date, "date",
                f"The request, {asked}, is later than the utilization review of it, {reviewed}.",
            )  # fmt: skip
        if injured is not None and injured > asked:
            yield _problem(
                case,
                request,
                CORE.date,
                "date",
                f"The request, {asked}, is earlier than the injury, {injured}.",
            )
    days = [day for r in case.requests if (day := case.request_date(r)) is not None]
    for fact in case.ordered(CORE.fact):
        yield from _too_late(case, fact, max(days, default=None))


def _too_late(case: Case, fact: URIRef, asked: date | None) -> Iterator[Problem]:
    """Find what a fact dates later than everything that could report it.

    A record reports what has begun before it; an event that it announces, such as a visit, has
    to lie before the request at the latest. A record without a date could be of any day.
    """
    written = [
        case.day(URIRef(str(record))) for record in case.graph.objects(fact, CORE.documentedIn)
    ]
    dated = [day for day in written if day is not None]
    recorded = max(dated) if dated and len(dated) == len(written) else None
    last = max((day for day in (*dated, asked) if day is not None), default=None)
    for key, predicate, bound in (
        ("onset", CORE.onset, recorded or last),
        ("date", CORE.date, last),
    ):
        day = case.day(fact, predicate)
        if day is not None and bound is not None and day > bound:
            what = "the record of it" if bound == recorded else "the request"
            yield _problem(case, fact, predicate, key, f"{day} is later than {what}, {bound}.")
