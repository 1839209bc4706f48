"""`mtus guideline list`, `show` and `search` look into the library."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from reasoner.cli_guidelines import guidelines
from reasoner.errors import InputError


def run(*arguments: str) -> str:
    done = CliRunner().invoke(guidelines, arguments)
    if done.exception is not None:
        raise done.exception
    return done.output


def test_list_counts_topics_criteria_and_how_well_they_are_attested(knowledge):
    lines = run("list").splitlines()
    rows = [re.match(r" {4}[\w-]+ +(\d+) criteri(?:a|on) ", line) for line in lines]
    counted = [int(row.group(1)) for row in rows if row]
    total = re.search(r"^(\d+) topics, (\d+) criteria\.", "\n".join(lines), re.MULTILINE)
    assert total is not None
    assert len(counted) == int(total.group(1)) == len(knowledge.sources.topics)
    assert sum(counted) == int(total.group(2)) >= 350
    attested = [re.match(r" +(\d+)  (\w.*)", line) for line in lines[lines.index("") + 2 :]]
    assert sum(int(a.group(1)) for a in attested if a) == int(total.group(2))
    assert "as quoted by reviewers" in {a.group(2) for a in attested if a}


def test_show_gives_each_criterion_with_page_and_confidence():
    told = run("show", "chronic-pain-2009/trigger-points")
    assert re.search(r"5 +Not more than four injections .*\n +page 122; \w", told)
    assert "read as" in told


def test_topics_of_one_name_are_all_shown():
    told = run("show", "nsaids")
    assert "(chronic-pain-2009/nsaids)" in told
    assert "(chronic-pain-2016/nsaids)" in told


def test_unknown_topic_is_told_with_the_nearest():
    with pytest.raises(InputError, match="trigger-points"):
        run("show", "triger-points")


def test_search_finds_statements_by_all_words():
    told = run("search", "injections", "session")
    assert "chronic-pain-2009/trigger-points 5: " in told
    assert "0 found." in run("search", "injections", "xylophone")


def test_search_finds_a_topic_by_the_brand_of_its_drug():
    assert "chronic-pain-2016/benzodiazepines: Benzodiazepines" in run("search", "valium")
