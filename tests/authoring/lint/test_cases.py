"""What cases show is found out once, and again only for the cases that a change comes near."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import URIRef

from reasoner.authoring import decidedcases
from reasoner.authoring.lint.base.cases import outcomes_of, shown_by_cases
from reasoner.authoring.lint.base.release import read_release
from reasoner.terms import BASE
from tests.authoring.lint.releases import apply, small_release

CASES = 6


@pytest.fixture
def folder(tmp_path) -> Path:
    return small_release(tmp_path / "release")


@pytest.fixture
def decided(monkeypatch) -> list[str]:
    """The names of the cases that were decided, in their order."""
    names: list[str] = []
    decide = decidedcases.observe_case

    def noted(library, name, knowledge):
        names.append(f"tests/cases/{name}")
        return decide(library, name, knowledge)

    monkeypatch.setattr(decidedcases, "observe_case", noted)
    return names


def look(folder: Path, tmp_path: Path):
    return shown_by_cases(read_release(folder, cache=tmp_path / "cache"))


def test_a_case_is_decided_once(folder, tmp_path, decided):
    first = look(folder, tmp_path)
    assert len(decided) == CASES
    assert look(folder, tmp_path) == first
    assert len(decided) == CASES


def test_outcomes_are_those_of_every_case(folder, tmp_path):
    found = outcomes_of(look(folder, tmp_path))
    first = URIRef(f"{BASE}guideline/demo-2010/injections#criterion-1")
    assert found[first] == {"Met", "NotMet", "NotDocumented"}


def test_a_changed_case_is_decided_again_and_no_other(folder, tmp_path, decided):
    look(folder, tmp_path)
    name = "tests/cases/demo-2016/injections/met.yaml"
    apply(({"file": name, "replace": "quantity: 4", "with": "quantity: 3"},), folder)
    look(folder, tmp_path)
    assert decided[CASES:] == [name]


def test_a_change_far_from_every_case_decides_none_again(folder, tmp_path, decided):
    look(folder, tmp_path)
    overlay = "ontology/readings/lower-end.ttl"
    apply(({"file": overlay, "replace": "sh:maxInclusive 3", "with": "sh:maxInclusive 2"},), folder)
    look(folder, tmp_path)
    assert len(decided) == CASES


@pytest.mark.parametrize(
    "file", ["shapes/criteria/demo-2010/injections.ttl", "ontology/clinical.ttl"]
)
def test_a_change_near_a_case_decides_it_again(folder, tmp_path, decided, file):
    look(folder, tmp_path)
    apply(({"file": file, "add": "\n# changed\n"},), folder)
    look(folder, tmp_path)
    assert len(decided) == 2 * CASES


def test_other_code_decides_every_case_again(folder, tmp_path, decided, monkeypatch):
    look(folder, tmp_path)
    monkeypatch.setattr(decidedcases, "deciding_code", lambda: "other")
    look(folder, tmp_path)
    assert len(decided) == 2 * CASES


def test_what_is_kept_holds_no_content_of_a_case(folder, tmp_path):
    """Hashes and findings only: a case may be a health record."""
    name = "tests/cases/demo-2016/injections/silent.yaml"
    told = "told in the record alone"
    apply(({"file": name, "replace": "is: Pain,", "with": f"is: Pain, quote: {told},"},), folder)
    assert told in (folder / name).read_text("utf-8")
    look(folder, tmp_path)
    (kept,) = (tmp_path / "cache").glob("cases-*.jsonl")
    entries = list(map(json.loads, kept.read_text("utf-8").splitlines()))
    assert len(entries) == CASES
    for entry in entries:
        assert set(entry) == {
            "format", "case", "key", "name", "items", "wrong", "readings", "treatments",
        }  # fmt: skip
        for item in entry["items"]:
            assert set(item) == {"request", "topic", "outcomes", "stated"}
    assert told not in kept.read_text("utf-8")


def test_a_new_topic_decides_only_the_cases_of_its_treatments_again(folder, tmp_path, decided):
    """Here each case names an injection, and one of them a therapy as well."""
    name = "tests/cases/demo-2016/injections/silent.yaml"
    apply(({"file": name, "replace": "is: Pain", "with": "is: PhysicalTherapy"},), folder)
    look(folder, tmp_path)
    guideline = folder / "ontology/guidelines/demo-2016"
    text = (guideline / "injections.ttl").read_text("utf-8").split("# When it applies")[0]
    therapy = (
        ':request a owl:Class ; rdfs:label "request"@en ; skos:definition "A request."@en ;\n'
        "    owl:equivalentClass [ owl:intersectionOf"
        " ( core:TreatmentRequest clinical:PhysicalTherapy ) ] .\n"
        ':recommendation a core:Recommendation ; rdfs:label "Therapy"@en ;\n'
        "    core:guideline guideline:demo-2016 ; core:treatment clinical:PhysicalTherapy ;\n"
        '    core:appliesTo :request ; core:stance core:NotRecommended ; core:section "Therapy" ;\n'
        '    core:page "3" ; core:attestation core:PublishedSource .\n'
    )
    (guideline / "therapy.ttl").write_text(
        text.replace("/injections", "/therapy") + therapy, "utf-8"
    )
    assert not any(case.wrong for case in look(folder, tmp_path))
    assert decided[CASES:] == [name]


def test_a_cache_that_is_damaged_costs_time_and_nothing_else(folder, tmp_path, decided):
    first = look(folder, tmp_path)
    (kept,) = (tmp_path / "cache").glob("cases-*.jsonl")
    for text in ("", "[]", json.dumps({"format": "other"})):
        kept.write_text(text, "utf-8")
        assert look(folder, tmp_path) == first
    assert len(decided) == 4 * CASES


def test_a_case_that_fails_says_why(folder, tmp_path):
    name = "tests/cases/demo-2016/injections/met.yaml"
    apply(({"file": name, "replace": "TriggerPoint,", "with": "TrigerPoint,"},), folder)
    (failed,) = (case for case in look(folder, tmp_path) if case.wrong)
    assert failed.file == name
    assert "TrigerPoint" in failed.wrong[0]


def test_what_is_no_readable_file_is_told_and_the_others_decided(folder, tmp_path):
    cases = folder / "tests/cases/demo-2016/injections"
    (cases / "folder.yaml").mkdir()
    (cases / "latin.yaml").write_bytes(b"\xff\xfe")
    (cases / "empty.yaml").write_bytes(b"")
    found = look(folder, tmp_path)
    assert len(found) == CASES + 3
    wrong = {Path(case.file).name: case.wrong[0] for case in found if case.wrong}
    assert set(wrong) == {"folder.yaml", "latin.yaml", "empty.yaml"}
    assert "Is a directory" in wrong["folder.yaml"]
    assert "cannot be read" in wrong["latin.yaml"]
    assert "expects nothing" in wrong["empty.yaml"]


def test_progress_is_told(folder, tmp_path):
    told: list[tuple[int, int]] = []
    release = read_release(
        folder, cache=tmp_path / "cache", progress=lambda done, of: told.append((done, of))
    )
    shown_by_cases(release)
    assert told == [(n, CASES) for n in range(1, CASES + 1)]
