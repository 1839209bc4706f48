"""Every determination follows the published JSON Schema, and the schema lets nothing else by."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reasoner import adjudicate, read_case
from reasoner.contract import FORMAT
from tests.casefiles import case_files

SCHEMA = json.loads(Path("docs/schema/determination.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def contract(knowledge):
    case = read_case("docs/examples/trigger-points.yaml", knowledge)
    return adjudicate(case, knowledge).to_dict()


def test_schema_is_itself_valid():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


def test_every_object_of_the_schema_is_closed_and_every_property_described():
    def walk(node):
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node:
                assert node["additionalProperties"] is False
                for name, value in node["properties"].items():
                    assert "description" in value or "$ref" in value, name
            for below in node.values():
                walk(below)
        elif isinstance(node, list):
            for below in node:
                walk(below)

    walk(SCHEMA)


# Utilization review differs in the words of its outcomes alone, so that fewer cases are enough.
@pytest.mark.parametrize(
    ("file", "role"),
    [
        *(pytest.param(file, "imr", id=f"imr-{file.name}") for file in case_files(2)),
        *(pytest.param(file, "ur", id=f"ur-{file.name}") for file in case_files(1)),
    ],
)
def test_determination_follows_the_schema(file, role):
    contract = adjudicate(file.case, file.knowledge, role=role).to_dict()
    plain = json.loads(json.dumps(contract))
    errors = [f"{e.json_path}: {e.message}" for e in VALIDATOR.iter_errors(plain)]
    assert errors == []


def _put(contract, path, value):
    changed = copy.deepcopy(contract)
    *way, last = path
    node = changed
    for step in way:
        node = node[step]
    node[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "mtus.determination/2"),
        (("role",), "judge"),
        (("outcome",), "upheld"),
        (("outcome",), "Denied"),
        (("release",), "123"),
        (("note",), "not in the contract"),
        (("summary", "worker", "name"), "Jane Doe"),
        (("summary", "injuryDate"), "6/24/10"),
        (("items",), []),
        (("items", 0, "outcome"), "OverturnedInPart"),
        (("items", 0, "outcome"), "Denied"),
        (("items", 0, "basis"), None),
        (("items", 0, "modifiedTo"), {"quantity": 4, "unit": "injection"}),
        (("items", 0, "rationale"), []),
        (("items", 0, "rationale", 0, "sources"), []),
        (("items", 0, "criteria", 0, "outcome"), "Unknown"),
        (("items", 0, "criteria", 0, "missing"), []),
        (("items", 0, "criteria", 0, "id"), "criterion one"),
    ],
)
def test_schema_rejects_what_is_not_the_contract(contract, path, value):
    assert VALIDATOR.is_valid(contract)
    assert not VALIDATOR.is_valid(_put(contract, path, value))


def test_schema_rejects_a_criterion_met_by_silence(contract):
    silent = copy.deepcopy(contract["items"][0]["criteria"][1])
    silent.update(outcome="Met", missing=[], evidence=[])
    assert not VALIDATOR.is_valid(_put(contract, ("items", 0, "criteria", 1), silent))


def test_page_names_every_field():
    page = Path("docs/json-contract.md").read_text("utf-8")

    def names(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield from node["properties"]
            for below in node.values():
                yield from names(below)

    missing = sorted({name for name in names(SCHEMA) if f"`{name}`" not in page})
    assert missing == []


def test_page_shows_what_the_example_gives(contract):
    """Every snippet is a part of the real determination, ``...`` standing for what is left out."""
    page = Path("docs/json-contract.md").read_text("utf-8")
    snippets = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert snippets
    for snippet in snippets:
        assert any(_shows(json.loads(snippet), part) for part in _parts(contract)), snippet


def _parts(node):
    yield node
    for below in node.values() if isinstance(node, dict) else node:
        if isinstance(below, dict | list):
            yield from _parts(below)


def _shows(shown, real):
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(
            key in real and _shows(value, real[key]) for key, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(real, list) and all(any(_shows(s, r) for r in real) for s in shown)
    if isinstance(shown, str) and isinstance(real, str) and re.fullmatch(r".*\.\.\.", shown):
        return real.startswith(shown[:-3])
    return shown == real
