"""A reviewer, where a case names one, is what issued determinations say of every reviewer."""

from __future__ import annotations

import pytest

from reasoner import InputError, adjudicate, parse_case

CASE = """
id: reviewed
utilizationReview: {{date: 2014-09-10}}
reviewer: {{{reviewer}}}
requests: [{{treatment: TriggerPointInjection, region: CervicalRegion, quantity: 4}}]
"""
FIT = {
    "licensedIn": "California",
    "certification": "Anesthesiology",
    "yearsInPractice": "5.5",
    "hoursAWeek": "24",
}


def read(knowledge, **changes):
    stated = {**FIT, **changes}
    text = ", ".join(f"{key}: {value}" for key, value in stated.items() if value is not None)
    return parse_case(CASE.format(reviewer=text).encode(), "case.yaml", knowledge)


def test_a_fit_reviewer_is_taken(knowledge):
    contract = adjudicate(read(knowledge), knowledge).to_dict()
    assert contract["summary"]["reviewer"]["licensedIn"] == ["California"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("affiliatedWith", "Employer", "no affiliation"),
        ("affiliatedWith", "ClaimsAdministrator", "no affiliation"),
        ("licensedIn", None, "licensed"),
        ("certification", None, "certified"),
        ("yearsInPractice", "5", "more than five years"),
        ("hoursAWeek", "23.5", "at least 24 hours"),
    ],
)
def test_an_unfit_reviewer_is_refused(key, value, words, knowledge):
    with pytest.raises(InputError, match=words):
        read(knowledge, **{key: value})
