"""What is published of the case file is what the reader does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from reasoner import InputError, Knowledge, parse_case
from reasoner.casedocs import context, documents, schema
from reasoner.knowledge import load_knowledge

ROOT = Path(__file__).resolve().parent.parent
CASES = sorted([*ROOT.glob("docs/examples/**/*.yaml"), *ROOT.glob("tests/cases/**/*.yaml")])[::10]
BAD = sorted(ROOT.glob("tests/bad/*/case.yaml"))


@pytest.mark.parametrize("path", documents(load_knowledge()))
def test_document_is_made_from_the_shapes(path: str, knowledge: Knowledge) -> None:
    expected = documents(knowledge)[path]
    assert (ROOT / path).read_text("utf-8") == expected, "run python -m reasoner.casedocs"


def test_documents_do_not_depend_on_hash_seeds() -> None:
    code = (
        "import hashlib; from reasoner.casedocs import documents;"
        "from reasoner.knowledge import load_knowledge;"
        "print(hashlib.sha256(repr(documents(load_knowledge())).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_context_is_no_part_of_the_release_hash(tmp_path: Path) -> None:
    """The context is made from the shapes, which are hashed; only Turtle is."""
    ontology = tmp_path / "ontology"
    shutil.copytree(ROOT / "ontology", ontology)
    before = load_knowledge(ontology=ontology).release
    (ontology / "case-context.jsonld").unlink()
    assert load_knowledge(ontology=ontology).release == before


def test_context_defines_every_key_once(knowledge: Knowledge) -> None:
    terms = context(knowledge)["@context"]
    assert isinstance(terms, dict)
    keys = {key for form in knowledge.case_format.values() for key in form.keys}
    assert keys <= set(terms)


def _document(file: Path) -> dict[str, object]:
    content = yaml.safe_load(file.read_text("utf-8"))
    # JSON has no dates; an editor's YAML has none either.
    return json.loads(json.dumps(content, default=str))


def _validator(knowledge: Knowledge) -> Draft202012Validator:
    made = schema(knowledge)
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def test_schema_accepts_every_case(knowledge: Knowledge) -> None:
    validator = _validator(knowledge)
    for file in CASES:
        content = _document(file)
        content.pop("expect", None)
        content.pop("readings", None)
        problems = [
            f"{file.name}: {e.json_path}: {e.message}" for e in validator.iter_errors(content)
        ]
        assert not problems


def test_schema_accepts_every_example_and_what_intake_writes(knowledge: Knowledge) -> None:
    from reasoner.intake.lexicon import Lexicon
    from reasoner.intake.source import read_source

    validator, lexicon = _validator(knowledge), Lexicon(knowledge)
    texts = {str(file): file.read_text("utf-8") for file in ROOT.glob("docs/examples/**/*.yaml")}
    for path in [*ROOT.glob("tests/intake/fhir/*.json"), ROOT / "tests/intake/records"]:
        texts[str(path)] = read_source(path, lexicon).text
    assert len(texts) >= 5
    for name, text in texts.items():
        content = json.loads(json.dumps(yaml.safe_load(text), default=str))
        assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(content)] == [], name


# What a schema cannot know: ids of the file, how values agree, what YAML makes of text.
BEYOND = {
    "all-granted", "alternative-label", "circle-of-requests", "control-character-in-text",
    "depends-on-a-record", "duplicate-id", "duplicate-key", "event-after-request", "fact-of-no-record",
    "granted-without-quantity", "id-of-a-supposed-fact", "injury-after-request",
    "injury-after-review", "merge-key", "onset-after-record", "onset-after-request",
    "request-after-review", "request-of-itself", "words-where-truth-belongs",
}  # fmt: skip


def test_schema_refuses_what_it_can_of_bad_cases(knowledge: Knowledge) -> None:
    validator = _validator(knowledge)
    for file in BAD:
        try:
            content = _document(file)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError):
            continue
        if file.parent.name not in BEYOND:
            assert not validator.is_valid(content), file.parent.name


def test_schema_lists_and_describes_every_concept(knowledge: Knowledge) -> None:
    lists = schema(knowledge)["$defs"]
    assert isinstance(lists, dict)
    anything = lists["any-Documentable"]
    assert {"Tenderness", "TriggerPointInjection", "Radiculopathy"} <= set(anything["enum"])
    assert len(anything["enum"]) == len(anything["enumDescriptions"])
    tenderness = anything["enumDescriptions"][anything["enum"].index("Tenderness")]
    assert tenderness.endswith(".")
    assert "Tenderness" not in lists["any-Treatment"]["enum"]


def test_schema_refuses_a_wrong_key_and_an_unknown_concept(knowledge: Knowledge) -> None:
    validator = _validator(knowledge)
    case = {"id": "x", "requests": [{"treatment": "TriggerPointInjection"}]}
    assert validator.is_valid(case)
    assert not validator.is_valid(case | {"recrods": []})
    assert not validator.is_valid({"id": "x", "requests": [{"treatment": "TriggerPointInjektion"}]})


def test_command_gives_the_published_schema(tmp_path: Path) -> None:
    for extra in ([], ["-o", "made.json"]):
        done = subprocess.run(
            [sys.executable, "-m", "reasoner", "schema", *extra],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
    published = (ROOT / "docs/schema/case.schema.json").read_text("utf-8")
    assert (tmp_path / "made.json").read_text("utf-8") == published
    assert done.stdout == ""


def test_schema_describes_every_key(knowledge: Knowledge) -> None:
    made = schema(knowledge)
    forms = [made, *made["$defs"].values()]  # type: ignore[attr-defined]
    for form in forms:
        for name, key in form.get("properties", {}).items():  # type: ignore[index]
            assert key["description"], name


def test_reference_names_every_key(knowledge: Knowledge) -> None:
    text = (ROOT / "docs" / "case-file.md").read_text("utf-8")
    for form in knowledge.case_format.values():
        for key in form.keys:
            assert f"| `{key}` |" in text


def test_example_of_a_quantity_in_the_reference_is_read(knowledge: Knowledge) -> None:
    """Every unit that the reference lists is read."""
    from reasoner.quantities import KINDS, parse_quantity, units_of

    for kind in KINDS:
        for unit in units_of(kind):
            assert parse_quantity(f"3 {unit}", kind) is not None
    with pytest.raises(InputError):
        parse_case(b"id: x\nrequests: [{treatment: MRI, course: 3 parsecs}]", "c.yaml", knowledge)
