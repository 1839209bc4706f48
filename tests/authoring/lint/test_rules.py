"""Every rule finds what it is for, where it is, and nothing else; and lets its neighbour by."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.authoring.lint.base.registry import SECTIONS, rules
from reasoner.authoring.lint.base.release import read_release
from reasoner.authoring.lint.base.run import run
from tests.authoring.lint.releases import HERE, Edited, apply, edited, small_release

# These take seconds, and are run only where they are what is tried.
SLOW = {"inconsistent-ontology", "criterion-without-cases", "case-fails"}
ELSEWHERE = {"page-lacks-terms"}  # needs a source: test_page_lacks_terms.py


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def folder(tmp_path) -> Path:
    return small_release(tmp_path / "release")


def found_in(folder: Path, cache: Path, trial: Edited | None = None):
    release = read_release(folder, cache=cache)
    chosen = [
        rule
        for rule in rules().values()
        if rule.name not in SLOW or (trial is not None and rule.name == trial.rule)
    ]
    return release, run(release, chosen)


def shown(report) -> str:
    return "\n".join(f"{f.file}:{f.line}: {f.rule}: {f.text}" for f in report.findings)


@pytest.mark.parametrize("trial", edited("bad"), ids=str)
def test_a_bad_edit_is_found_where_it_is(trial: Edited, folder: Path, cache: Path):
    apply(trial.edits, folder)
    release, report = found_in(folder, cache, trial)
    own = [f for f in report.findings if f.rule == trial.rule]
    assert not report.notes
    assert len(own) == len(trial.finds), shown(report)
    for wanted in trial.finds:
        matching = [f for f in own if wanted["says"] in f.text]
        assert matching, shown(report)
        if "at" in wanted:
            lines = {
                (release.root / f.file).read_text("utf-8").splitlines()[(f.line or 1) - 1]
                for f in matching
            }
            assert wanted["at"] in lines
        if "file" in wanted:
            assert wanted["file"] in {f.file for f in matching}
        if "nearest" in wanted:
            assert wanted["nearest"] in {f.nearest for f in matching}
    assert all(f.mend.endswith(".") for f in own)
    assert {f.rule for f in report.findings} - {trial.rule} == trial.also, shown(report)


@pytest.mark.parametrize("trial", edited("good"), ids=str)
def test_a_good_edit_is_let_by(trial: Edited, folder: Path, cache: Path):
    apply(trial.edits, folder)
    _, report = found_in(folder, cache, trial)
    assert not report.findings, shown(report)
    assert not report.notes


def test_the_small_release_is_clean(folder: Path, cache: Path):
    report = run(read_release(folder, cache=cache), rules().values())
    assert not report.findings, shown(report)


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_every_rule_has_a_fixture_of_either_kind(kind: str):
    assert {e.rule for e in edited(kind)} == set(rules()) - ELSEWHERE


def test_every_fixture_is_of_a_rule():
    folders = {path.name for path in HERE.iterdir() if (path / "bad.yaml").exists()}
    assert folders <= set(rules())


@pytest.mark.parametrize("name", rules())
def test_a_rule_says_its_problem_why_mend_and_source(name: str):
    sections = rules()[name].sections
    assert tuple(sections) == SECTIONS
    assert all(text.endswith(".") for text in sections.values())
