"""Determinations for a terminal, and the letter as plain text."""

from __future__ import annotations

import copy

import pytest

from reasoner.rendering import render
from reasoner.rendering.cleaning import clean_text


def letter_words(contract):
    return " ".join(render(contract, "letter").split())


@pytest.mark.parametrize("format", ["text", "letter"])
def test_lines_fit_eighty_columns(mixed, format):
    assert max(map(len, render(mixed, format).splitlines())) <= 80


def test_text_quotes_the_record_beside_the_criterion(modified):
    shown = render(modified["imr"], "text")
    assert "+ pain, cervical region, for 4 months; progress report" in shown
    assert "“neck pain”" in shown


def test_letter_has_the_sections_of_an_issued_letter(seed):
    lines = render(seed, "letter").splitlines()
    sections = [line for line in lines if line.isupper() and len(line) > 10]
    assert sections == [
        "HOW THE IMR FINAL DETERMINATION WAS MADE",
        "CLINICAL CASE SUMMARY",
        "IMR ISSUES, DECISIONS AND RATIONALES",
    ]


def test_letter_gives_both_guidelines(seed):
    words = letter_words(seed)
    assert (
        "Claims Administrator guideline: Decision based on MTUS Chronic Pain Medical Treatment"
        " Guidelines, Criteria for the use of trigger point injections, page 122."
    ) in words
    assert (
        "Reviewer guideline: Decision based on MTUS Chronic Pain Medical Treatment Guidelines,"
        " May 2009, Trigger point injections, page 122."
    ) in words


def test_letter_leaves_the_reviewers_statement_to_the_reviewer(seed):
    words = letter_words(seed)
    assert "[Reviewer\u2019s statement, to be completed by the reviewing physician:" in words
    for invented in ("Board Certified", "expert reviewer", "no affiliation", "five years"):
        assert invented not in words


def test_letter_states_of_a_reviewer_only_what_is_given(mixed):
    words = letter_words(mixed)
    assert "has been in active clinical practice for 12 years." in words
    assert "State(s) of licensure: California, Texas" in words
    assert "Certification(s)/specialty: Anesthesiology" in words
    assert "hours a week" not in words
    assert "affiliation" not in words
    assert "to be completed" not in words


def test_letter_discloses_an_affiliation(mixed):
    contract = copy.deepcopy(mixed)
    contract["summary"]["reviewer"]["affiliatedWith"] = ["employer"]
    assert "The expert reviewer has an affiliation with the employer." in letter_words(contract)


def test_letter_tells_the_facts_by_record(modified):
    words = letter_words(modified["imr"])
    assert (
        "52-year-old female injured worker (warehouse worker), date of injury 5 March 2012" in words
    )
    assert "Per the progress report of 10 August 2014: pain, cervical region" in words
    assert "imaging report of 1 July 2014" in words


def test_letter_of_utilization_review_cites_no_earlier_one(modified):
    words = letter_words(modified["ur"])
    assert "HOW THE UTILIZATION REVIEW DECISION WAS MADE" in words
    assert "Claims Administrator guideline" not in words


def test_dependent_item_names_what_it_goes_with(mixed):
    assert "Reviewer guideline: None of its own; the item goes with" in letter_words(mixed)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07text", "text"),
        ("\x9b31mred", "red"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x1bc reset", "reset"),
        ("one\r\ntwo\tthree\x0bfour", "one two three four"),
        ("back\x08space", "back space"),
        ("\u202edesrever\u202c", "desrever"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("95° ≥ 50 % é 中 😀", "95° ≥ 50 % é 中 😀"),
        ("", ""),
    ],
)
def test_cleaning_keeps_words_and_drops_controls(text, cleaned):
    assert clean_text(text) == cleaned
