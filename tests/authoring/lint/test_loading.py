"""That a topic loads is found out once, and again only after a change that it looks at."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.authoring.lint import does_not_load
from reasoner.authoring.lint.base.release import read_release
from tests.authoring.lint.releases import apply, small_release

TOPIC, OTHER = "demo-2010/injections", "demo-2016/injections"


@pytest.fixture
def folder(tmp_path) -> Path:
    return small_release(tmp_path / "release")


@pytest.fixture
def loaded(monkeypatch) -> list[str]:
    """The names of the topics that were loaded, in their order."""
    names: list[str] = []
    load = does_not_load._load

    def noted(knowledge, name):
        names.append(name)
        load(knowledge, name)

    monkeypatch.setattr(does_not_load, "_load", noted)
    return names


def look(folder: Path):
    release = read_release(folder, cache=folder.parent / "cache")
    return release, list(does_not_load.check(release))


def test_a_topic_is_loaded_once(folder, loaded):
    release, found = look(folder)
    assert set(loaded) == set(release.topics)
    assert not found
    loaded.clear()
    look(folder)
    assert not loaded


@pytest.mark.parametrize("part", ["ontology/guidelines", "shapes/criteria"])
def test_a_changed_topic_is_loaded_again_and_no_other(folder, loaded, part):
    look(folder)
    loaded.clear()
    apply(({"file": f"{part}/{TOPIC}.ttl", "add": "\n# changed\n"},), folder)
    look(folder)
    assert loaded == [TOPIC]


@pytest.mark.parametrize(
    "file", ["ontology/clinical.ttl", "ontology/guidelines/demo-2010/guideline.ttl"]
)
def test_a_changed_vocabulary_loads_every_topic_again(folder, loaded, file):
    look(folder)
    before = sorted(loaded)
    loaded.clear()
    apply(({"file": file, "add": "\n# changed\n"},), folder)
    look(folder)
    assert sorted(loaded) == before


def test_other_code_loads_every_topic_again(folder, loaded, monkeypatch):
    look(folder)
    before = sorted(loaded)
    loaded.clear()
    monkeypatch.setattr(does_not_load, "code_behind", lambda _module: "other")
    look(folder)
    assert sorted(loaded) == before


def test_a_topic_that_does_not_load_is_said_each_time(folder, monkeypatch):
    load = does_not_load._load

    def refuse(knowledge, name):
        if name == TOPIC:
            raise does_not_load.KnowledgeError("it lacks something")
        load(knowledge, name)

    monkeypatch.setattr(does_not_load, "_load", refuse)
    for _ in range(2):
        _, found = look(folder)
        assert [(f.subject, f.message) for f in found] == [(TOPIC, "It lacks something.")]
    monkeypatch.setattr(does_not_load, "_load", load)
    assert look(folder)[1] == []
