"""What holds of every form of a determination."""

from __future__ import annotations

import copy
import html
import json
import re
import subprocess
import sys

import pytest

from reasoner.errors import InputError
from reasoner.rendering import FORMATS, render
from reasoner.rendering.words import VERIFIED
from reasoner.terms import CORE

WHOLE = ("text", "markdown", "html", "html-fragment")


def plain(rendered: str, format: str) -> str:
    """Take a rendering back to its words: no markup, no escapes, white space together."""
    if format.startswith("html"):
        rendered = re.sub(r"<style>.*?</style>", "", rendered, flags=re.DOTALL)
        rendered = html.unescape(re.sub(r"<[^>]*>", "", rendered))
    if format == "markdown":
        rendered = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", rendered)
    return " ".join(rendered.split())


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("format", FORMATS)
def test_every_sentence_appears(mixed, format):
    shown = plain(render(mixed, format), format)
    for item in mixed["items"]:
        for sentence in item["rationale"]:
            assert sentence["text"] in shown


@pytest.mark.parametrize("format", ["markdown", "html", "html-fragment"])
def test_every_criterion_appears(mixed, format):
    shown = plain(render(mixed, format), format)
    for item in mixed["items"]:
        for criterion in item["criteria"]:
            assert criterion["statement"] in shown


def test_every_criterion_appears_in_text_with_its_outcome(seed):
    shown = render(seed, "text")
    for criterion in seed["items"][0]["criteria"]:
        first = re.search(rf"^  {criterion['number']}\s.*$", shown, re.MULTILINE).group()
        outcome = {"NotMet": "✗ not met", "NotDocumented": "? not documented"}
        assert outcome.get(criterion["outcome"], "\u2013 not applicable") in first
        assert first.split("  ")[-1].strip() in criterion["statement"]


@pytest.mark.parametrize("format", FORMATS)
def test_seed_case_shows_both_reasons_and_the_page(seed, format):
    shown = plain(render(seed, format), format)
    assert "6 trigger point injections to the cervical area: Upheld" in shown
    assert "circumscribed trigger points" in shown
    assert "Not more than four injections" in shown
    assert "page 122" in shown
    assert "MTUS Chronic Pain Medical Treatment Guidelines" in shown


@pytest.mark.parametrize("format", FORMATS)
def test_every_change_that_would_turn_the_decision_appears(seed, format):
    shown = plain(render(seed, format), format)
    for change in seed["items"][0]["cure"][0]["changes"]:
        assert change["text"] in shown


@pytest.mark.parametrize("format", FORMATS)
def test_same_determination_gives_the_same_bytes(mixed, format):
    assert render(mixed, format) == render(copy.deepcopy(mixed), format)


@pytest.mark.parametrize("format", FORMATS)
def test_rendering_leaves_the_contract_as_it_is(mixed, format):
    before = copy.deepcopy(mixed)
    render(mixed, format)
    assert mixed == before


def test_rendering_does_not_depend_on_the_hash_seed(mixed, tmp_path):
    file = tmp_path / "contract.json"
    file.write_text(json.dumps(mixed))
    code = (
        "import json, sys; from reasoner.rendering import FORMATS, render;"
        " c = json.load(open(sys.argv[1])); print([render(c, f) for f in FORMATS])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(file)],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_software_is_named_and_replaces_no_physician(seed, format):
    shown = plain(render(seed, format), format)
    assert seed["engine"] in shown
    assert "supports a physician reviewer and does not replace one" in shown
    assert seed["release"] in shown
    assert seed["caseHash"] in shown


@pytest.mark.parametrize("format", FORMATS)
def test_quantity_granted_and_in_dispute_is_told(modified, format):
    shown = plain(render(modified["imr"], format), format)
    assert "8 asked for, 2 granted by utilization review, 6 in dispute." in shown


@pytest.mark.parametrize("format", FORMATS)
def test_utilization_review_speaks_its_own_words(modified, format):
    shown = plain(render(modified["ur"], format), format)
    assert ": Modified" in shown
    assert "the guideline supports 4 injections in all" in shown
    assert "Upheld" not in shown


@pytest.mark.parametrize("format", FORMATS)
def test_reviewer_states_the_quantity_that_is_supported(modified, format):
    shown = plain(render(modified["imr"], format), format)
    assert ": Upheld" in shown
    assert "the guideline supports 4 injections in all" in shown


@pytest.mark.parametrize("format", FORMATS)
def test_undetermined_item_names_the_next_source(mixed, format):
    shown = plain(render(mixed, format), format)
    assert "Moxibustion: Undetermined" in shown
    assert "the current acoem guidelines or the official disability guidelines." in shown.lower()


@pytest.mark.parametrize("format", FORMATS)
def test_only_an_undetermined_item_names_a_next_source(mixed, format):
    assert plain(render(mixed, format), format).count("Next source to search") == 1


@pytest.mark.parametrize("format", FORMATS)
def test_dependent_item_has_no_citation_of_its_own(mixed, format):
    contract = {**mixed, "items": [mixed["items"][4]]}
    shown = plain(render(contract, format), format)
    assert "Consultation before it: Upheld" in shown
    assert "May 2009" not in shown


@pytest.mark.parametrize("format", FORMATS)
def test_reason_for_having_no_cure_appears(mixed, format):
    shown = plain(render(mixed, format), format)
    assert "What the record documents stands in the way (criterion 5)." in shown


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_passed_over_appears_with_the_reason(mixed, format):
    shown = plain(render(mixed, format), format)
    assert "Trigger point injections elsewhere" in shown
    assert "not in force on 2014-09-10" in shown


@pytest.mark.parametrize("format", WHOLE)
def test_confidence_is_shown_where_the_source_was_not_seen(mixed, format):
    shown = plain(render(mixed, format), format)
    assert "recalled, low confidence" in shown
    assert squeezed("recalled, medium confidence") in squeezed(shown)
    assert "quoted in an issued determination" not in shown


def test_what_counts_as_seen_at_the_source_is_what_the_vocabulary_calls_so(knowledge):
    labels = {knowledge.concepts.label(CORE[t]) for t in ("IssuedDetermination", "PublishedSource")}
    assert labels == VERIFIED


@pytest.mark.parametrize("format", FORMATS)
def test_presumption_and_readings_appear(seed, format):
    shown = plain(render(seed, format), format)
    assert "The record documents no earlier trigger point injection" in shown
    for reading in seed["items"][0]["readings"]:
        assert reading["label"] in shown


@pytest.mark.parametrize("format", FORMATS)
def test_case_overturned_in_part_says_so(mixed, format):
    assert "Overturned in part" in plain(render(mixed, format), format)


@pytest.mark.parametrize("format", FORMATS)
def test_control_characters_never_come_through(hostile, format):
    shown = render(hostile, format)
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown
    )
    assert "[31m" not in shown
    assert "8;;" not in shown


@pytest.mark.parametrize("format", FORMATS)
def test_templates_are_not_expanded_in_case_text(hostile, format):
    assert "{{ 7 * 7 }}" in plain(render(hostile, format), format)


def test_unknown_format_names_the_nearest():
    with pytest.raises(InputError, match='Did you mean "markdown"'):
        render({}, "markdwn")
