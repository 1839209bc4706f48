"""Every topic has a page, made from its files."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from reasoner.authoring.topicpages import combined, index, page, path_of, shape_excerpt

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = [
    "chronic-pain-2009/trigger-points",
    "odg-as-quoted/hearing-aid",
    "chronic-pain-2009/magnets",
]


@pytest.mark.parametrize("topic", SAMPLE)
def test_page_is_made_from_the_files(topic, knowledge):
    written = (ROOT / path_of(topic)).read_text()
    assert written == page(knowledge, topic), "run python -m reasoner.authoring.topicpages"


def test_every_topic_has_a_page_and_every_page_a_topic(knowledge):
    pages = {str(f.relative_to(ROOT)) for f in (ROOT / "docs/guidelines").rglob("*.md")}
    topics = {path_of(name) for name in knowledge.sources.topics}
    assert pages == {*topics, "docs/guidelines/index.md"}


def test_index_leads_to_every_topic(knowledge):
    text = index(knowledge)
    linked = set(re.findall(r"\]\(([^)]+)\.md\)", text))
    assert linked == set(knowledge.sources.topics)
    assert (ROOT / "docs/guidelines/index.md").read_text().startswith(text[:80])


def test_page_holds_what_is_said_how_it_is_checked_and_what_proves_it(knowledge):
    text = page(knowledge, SAMPLE[0])
    section = text.split("## Criterion 5\n")[1].split("## Criterion 6a\n")[0]
    assert "Not more than four injections are given in a session" in section
    assert "Page: 122; quoted in an issued determination." in section
    assert "    sh:maxInclusive 4 ." in section
    assert re.search(r"\| `five-injections` \|.*\| NotMet \|", section)
    assert "or: `lower-end-of-range`" in text
    assert "all of 3a, 3b, 3c and 3d" in text


def test_shape_that_is_shown_is_whole(knowledge):
    """With the prefixes of its file, the excerpt parses, and has the facts it looks for."""
    import pyoxigraph as ox

    from reasoner.rdf import parse_triples

    file = ROOT / f"shapes/criteria/{SAMPLE[0]}.ttl"
    prefixes = "".join(re.findall(r"^@prefix.*\n", file.read_text(), re.MULTILINE))
    (recommendation,) = knowledge.topic(SAMPLE[0]).recommendations
    for criterion in recommendation.criteria:
        text = prefixes + shape_excerpt(knowledge, SAMPLE[0], criterion)
        subjects = {str(s) for s, _, _ in parse_triples(text.encode(), ox.RdfFormat.TURTLE)}
        assert str(criterion.shape) in subjects
    assert any(s.endswith("#local-anesthetic") for s in subjects)


def test_combinations_are_said_in_words(knowledge):
    (recommendation,) = knowledge.under(["two-named-therapies"]).topic(SAMPLE[0]).recommendations
    assert "at least 2 of 3a, 3b, 3c and 3d" in combined(recommendation.requires)


def test_unknown_argument_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "reasoner.authoring.topicpages", "--chek"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "usage" in done.stderr
