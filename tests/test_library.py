"""The library of cases: every file under tests/cases is decided as it says that it should be.

A case file holds, beside the case, what is expected of it:

    expect:
      request-1:
        decision: MedicallyNecessary        # or NecessaryAsModified, NotMedicallyNecessary, ...
        basis: Contradicted                 # why it is not necessary
        supported: 4                        # the quantity that is supported, where it is less
        governedBy: chronic-pain-2009/trigger-points
        criteria: {"5": Met, "2a": PresumedMet, "6a": NotApplicable}
    readings: [lower-end-of-range]

Each key of an expectation may be left out. Together the cases of a topic have to show every
criterion of it met, contradicted and undocumented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reasoner.adjudication import Decided, decide
from reasoner.assessment import Assessment
from reasoner.case import parse_case
from reasoner.decision import ItemDecision
from reasoner.guidelines import number_key
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.outcomes import Outcome, Role
from reasoner.terms import BASE

LIBRARY = Path(__file__).parent / "cases"
FILES = [str(f.relative_to(LIBRARY)) for f in sorted(LIBRARY.rglob("*.yaml"))]
TOPICS = sorted({str(Path(f).parent) for f in FILES})

KEYS = {"decision", "basis", "supported", "governedBy", "criteria"}

# (topic, criterion, outcome): why no record can give it.
_STATED_OR_NOT = "a number of earlier visits is stated or it is not; no fact contradicts that it is"
_ONE_DIAGNOSIS = "that one diagnosis is absent does not contradict that another is present"
UNREACHABLE: dict[tuple[str, str, str], str] = {
    ("acupuncture-2007/acupuncture", "6", "NotMet"): _STATED_OR_NOT,
    ("chronic-pain-2009/physical-medicine", "0", "NotMet"): _ONE_DIAGNOSIS,
    ("chronic-pain-2009/physical-medicine", "8a", "NotMet"): _STATED_OR_NOT,
    ("chronic-pain-2016/physical-medicine", "0", "NotMet"): _ONE_DIAGNOSIS,
    ("chronic-pain-2016/physical-medicine", "8a", "NotMet"): _STATED_OR_NOT,
}


@dataclass(frozen=True)
class LibraryCase:
    """A case of the library, what is expected of it, and what was decided."""

    expected: dict[str, dict[str, Any]]
    decided: Decided

    def items(self) -> dict[str, ItemDecision]:
        return {str(r).rsplit("#", 1)[1]: item for r, item in self.decided.items.items()}


@cache
def knowledge_under(readings: tuple[str, ...]) -> Knowledge:
    return knowledge_under(()).under(readings) if readings else load_knowledge()


@cache
def library_case(file: str) -> LibraryCase:
    content = yaml.safe_load((LIBRARY / file).read_text(encoding="utf-8"))
    expected = content.pop("expect")
    readings = (*content.pop("readings", ()), *expected.pop("readings", ()))
    knowledge = knowledge_under(tuple(sorted(readings)))
    data = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()
    case = parse_case(data, file, knowledge)
    return LibraryCase(expected, decide(case, knowledge, Role.IMR))


def shown(assessment: Assessment) -> str:
    met = assessment.outcome is Outcome.MET
    return "PresumedMet" if met and assessment.presumed else assessment.outcome.value


def topic_of(item: ItemDecision) -> str | None:
    governing = item.recommendation
    if governing is None:
        return None
    return str(governing.iri).removeprefix(BASE + "guideline/").split("#")[0]


def differences(name: str, expected: dict[str, Any], item: ItemDecision) -> Iterator[str]:
    """Tell where a decision is not as expected, a line for each difference."""
    unknown = set(expected) - KEYS
    assert not unknown, f"{name}: {sorted(unknown)} is nothing to expect; known are {sorted(KEYS)}"
    got = {
        "decision": item.necessity.value,
        "basis": item.basis.value if item.basis else None,
        "supported": item.supported,
        "governedBy": topic_of(item),
    }
    for key, value in got.items():
        if key in expected and expected[key] != value:
            yield f"{name} {key}: expected {expected[key]}, got {value}"
    outcomes = {a.criterion.number: a for a in item.assessments}
    for number, outcome in expected.get("criteria", {}).items():
        assessment = outcomes.get(str(number))
        if assessment is None:
            yield f"{name} criterion {number}: not assessed; assessed were {', '.join(outcomes)}"
        elif outcome not in (shown(assessment), assessment.outcome.value):
            yield (
                f"{name} criterion {number}: expected {outcome}, got {shown(assessment)}"
                f" ({assessment.criterion.statement})"
            )


@pytest.mark.parametrize("file", FILES)
def test_case_is_decided_as_it_says(file: str) -> None:
    case = library_case(file)
    items = case.items()
    assert case.expected, f"{file} expects nothing"
    unknown = set(case.expected) - set(items)
    assert not unknown, f"{file} has no request {sorted(unknown)}, only {sorted(items)}"
    found = [
        line
        for name, expected in case.expected.items()
        for line in differences(name, expected, items[name])
    ]
    if found:
        table = [
            f"  {name} {a.criterion.number}: {shown(a)}"
            for name in case.expected
            for a in items[name].assessments
        ]
        pytest.fail("\n".join([file, *found, "all outcomes:", *table]), pytrace=False)


@cache
def criteria_of(topic: str) -> frozenset[str]:
    """Give the numbers of a topic's criteria, those that only a reading brings in included."""
    of_topic = f"{BASE}guideline/{topic}#"
    readings = [
        (name,)
        for name, reading in knowledge_under(()).readings.items()
        if not reading.default and any(str(a).startswith(of_topic) for a in reading.ambiguities)
    ]
    return frozenset(
        criterion.number
        for reading in ((), *readings)
        for recommendation in knowledge_under(reading).recommendations
        if str(recommendation.iri).startswith(of_topic)
        for criterion in recommendation.criteria
    )


@cache
def outcomes_shown(topic: str) -> dict[str, frozenset[str]]:
    """Give, for each criterion of a topic, the outcomes that its cases show."""
    found: dict[str, set[str]] = {}
    for file in FILES:
        if str(Path(file).parent) != topic:
            continue
        for item in library_case(file).items().values():
            if topic_of(item) == topic:
                for assessment in item.assessments:
                    found.setdefault(assessment.criterion.number, set()).add(shown(assessment))
    return {number: frozenset(outcomes) for number, outcomes in found.items()}


COVERED = {
    "Met": {"Met"},
    "NotMet": {"NotMet"},
    "NotDocumented": {"NotDocumented", "PresumedMet"},
}


@pytest.mark.parametrize("outcome", COVERED)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_criterion_is_shown_with_every_outcome(topic: str, outcome: str) -> None:
    lacking = [
        number
        for number in sorted(criteria_of(topic), key=number_key)
        if not outcomes_shown(topic).get(number, frozenset()) & COVERED[outcome]
        and (topic, number, outcome) not in UNREACHABLE
    ]
    assert not lacking, f"no case of {topic} shows {outcome} for: {', '.join(lacking)}"


def test_what_is_called_unreachable_is_not_reached() -> None:
    reached = [
        (topic, number, outcome)
        for topic, number, outcome in UNREACHABLE
        if outcomes_shown(topic).get(number, frozenset()) & COVERED[outcome]
    ]
    assert not reached


def test_every_case_stands_in_the_folder_of_an_encoded_topic() -> None:
    assert [t for t in TOPICS if not criteria_of(t) and not _has_recommendation(t)] == []


def _has_recommendation(topic: str) -> bool:
    return any(
        str(r.iri).startswith(f"{BASE}guideline/{topic}#")
        for r in knowledge_under(()).recommendations
    )
