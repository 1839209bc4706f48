"""A determination is derived again from its case, and whatever differs is said."""

from __future__ import annotations

import json

import pytest

from reasoner import InputError, adjudicate, read_case
from reasoner.provenance import to_triples
from reasoner.serialization import to_jsonld, to_turtle
from reasoner.verification import verify

EXAMPLE = "docs/examples/trigger-points.yaml"


@pytest.fixture(scope="module")
def determination(knowledge):
    return adjudicate(read_case(EXAMPLE, knowledge), knowledge)


def test_turtle_follows_from_the_case_that_it_carries(determination, knowledge, tmp_path):
    file = tmp_path / "d.ttl"
    file.write_text(to_turtle(to_triples(determination)))
    assert verify(file, knowledge).holds


def test_jsonld_follows_from_the_case_that_it_carries(determination, knowledge, tmp_path):
    file = tmp_path / "d.jsonld"
    file.write_text(to_jsonld(to_triples(determination)))
    assert verify(file, knowledge).holds


def test_json_follows_from_the_case_file(determination, knowledge, tmp_path):
    file = tmp_path / "d.json"
    file.write_text(json.dumps(determination.to_dict()))
    assert verify(file, knowledge, case=EXAMPLE).holds


def test_json_without_its_case_is_refused(determination, knowledge, tmp_path):
    file = tmp_path / "d.json"
    file.write_text(json.dumps(determination.to_dict()))
    with pytest.raises(InputError, match="--case"):
        verify(file, knowledge)


def test_a_changed_outcome_is_found(determination, knowledge, tmp_path):
    file = tmp_path / "d.ttl"
    file.write_text(to_turtle(to_triples(determination)).replace("core:NotMet", "core:Met"))
    assert any("result Met" in d for d in verify(file, knowledge).differences)


def test_a_changed_fact_is_found(determination, knowledge, tmp_path):
    file = tmp_path / "d.ttl"
    file.write_text(
        to_turtle(to_triples(determination)).replace("core:quantity 6", "core:quantity 5")
    )
    assert any("hash" in d for d in verify(file, knowledge).differences)


def test_a_changed_sentence_is_found_by_its_place(determination, knowledge, tmp_path):
    contract = json.loads(json.dumps(determination.to_dict()))
    contract["items"][0]["rationale"][2]["text"] = "Because."
    file = tmp_path / "d.json"
    file.write_text(json.dumps(contract))
    (difference,) = verify(file, knowledge, case=EXAMPLE).differences
    assert difference.startswith("items[1].rationale[3].text is 'Because.'")


def test_another_release_is_said(determination, knowledge, tmp_path):
    file = tmp_path / "d.ttl"
    other = "0" * 64
    file.write_text(to_turtle(to_triples(determination)).replace(knowledge.release, other))
    assert any(f"release {other}" in d for d in verify(file, knowledge).differences)


def test_the_role_and_readings_are_those_it_was_made_with(knowledge, tmp_path):
    made = adjudicate(
        read_case(EXAMPLE, knowledge), knowledge, role="ur", readings=["lower-end-of-range"]
    )
    file = tmp_path / "d.ttl"
    file.write_text(to_turtle(to_triples(made)))
    assert verify(file, knowledge).holds


@pytest.mark.parametrize("content", ["", "{}", "[1]", "not json", '{"format": "other/1"}'])
def test_what_is_no_determination_is_refused(content, knowledge, tmp_path):
    file = tmp_path / "d.json"
    file.write_text(content)
    with pytest.raises(InputError):
        verify(file, knowledge, case=EXAMPLE)


def test_a_graph_without_determination_is_refused(knowledge, tmp_path):
    file = tmp_path / "d.ttl"
    file.write_text("<urn:a> <urn:b> <urn:c> .")
    with pytest.raises(InputError, match="no determination"):
        verify(file, knowledge)
