"""The library of cases: every file under tests/cases is decided as it says that it should be.

What a case file holds beside the case is told in ``reasoner/authoring/expectedcases.py``.
Together the cases of a topic have to show every
criterion of it met, contradicted and undocumented.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from reasoner.authoring.expectedcases import (
    LibraryCase,
    decide_library_case,
    differences,
    files_of,
    read_library_case,
    shown,
    topic_of,
    under,
)
from reasoner.decision import ItemDecision
from reasoner.guidelines import number_key
from reasoner.knowledge import load_knowledge
from reasoner.terms import BASE

LIBRARY = Path(__file__).parent / "cases"
FILES = files_of(LIBRARY)
TOPICS = sorted({str(Path(f).parent) for f in FILES})

# (topic, criterion, outcome): why no record can give it.
_STATED_OR_NOT = "a number of earlier visits is stated or it is not; no fact contradicts that it is"
_QUANTITY_OR_NOT = "a quantity is stated or it is not; no fact contradicts that it is"
_ONE_DIAGNOSIS = "that one diagnosis is absent does not contradict that another is present"
_ONE_OPERATION = "that one operation is absent does not contradict that another is on record"
UNREACHABLE: dict[tuple[str, str, str], str] = {
    ("acupuncture-2007/acupuncture", "6", "NotMet"): _STATED_OR_NOT,
    ("chronic-pain-2009/physical-medicine", "0", "NotMet"): _ONE_DIAGNOSIS,
    ("chronic-pain-2009/physical-medicine", "8a", "NotMet"): _STATED_OR_NOT,
    ("chronic-pain-2016/manual-therapy", "3a", "NotMet"): _STATED_OR_NOT,
    ("chronic-pain-2016/physical-medicine", "0", "NotMet"): _ONE_DIAGNOSIS,
    ("chronic-pain-2016/physical-medicine", "8a", "NotMet"): _STATED_OR_NOT,
    ("odg-as-quoted/antiemetics", "2", "NotMet"): _QUANTITY_OR_NOT,
    ("postsurgical-2009/postsurgical-therapy", "0", "NotMet"): _ONE_OPERATION,
}


KNOWLEDGE = cache(load_knowledge)


@cache
def library_case(file: str) -> LibraryCase:
    return read_library_case(LIBRARY, file, KNOWLEDGE())


@cache
def decided(file: str) -> dict[str, ItemDecision]:
    return decide_library_case(library_case(file), KNOWLEDGE())


@pytest.mark.parametrize("file", FILES)
def test_case_is_decided_as_it_says(file: str) -> None:
    case = library_case(file)
    items = decided(file)
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
        for name, reading in KNOWLEDGE().readings.items()
        if not reading.default and any(str(a).startswith(of_topic) for a in reading.ambiguities)
    ]
    return frozenset(
        criterion.number
        for reading in ((), *readings)
        for recommendation in under(KNOWLEDGE(), reading).recommendations
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
        for item in decided(file).values():
            if topic_of(item.recommendation) == topic:
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
        str(r.iri).startswith(f"{BASE}guideline/{topic}#") for r in KNOWLEDGE().recommendations
    )
