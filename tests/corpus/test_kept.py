"""Topics that are kept compiled decide as topics that are compiled now."""

from __future__ import annotations

import os
import pickle
import zlib
from hashlib import sha256

import pytest

from reasoner.case import parse_case
from reasoner.corpus import kept
from reasoner.corpus.kept import CompiledTopics, compile_topic, keep_topic, read_topic
from reasoner.knowledge import Knowledge
from tests.corpus.population import CASE, by_plans, write_cases

TOPIC = "chronic-pain-2009/trigger-points"


@pytest.fixture
def keeping(knowledge, tmp_path) -> Knowledge:
    """The knowledge, with a cache folder of its own."""
    return Knowledge(knowledge.sources, tmp_path / "cache")


@pytest.fixture
def tables(knowledge, tmp_path):
    cases = [parse_case(CASE.format(n=n).encode(), f"{n}.yaml", knowledge) for n in range(1, 9)]
    write_cases(cases, tmp_path / "tables", knowledge)
    return tmp_path / "tables"


def files(knowledge: Knowledge):
    return sorted((knowledge.cache / "plans").glob("*"))


def must_not_compile(*_):
    raise AssertionError("it is compiled anew")


def test_what_is_kept_decides_the_same(keeping, tables, monkeypatch):
    first = by_plans(tables, keeping)
    assert len({row[1] for row in first.values()}) > 1
    assert files(keeping)
    monkeypatch.setattr(kept, "compile_topic", must_not_compile)
    assert by_plans(tables, Knowledge(keeping.sources, keeping.cache)) == first


def test_every_topic_is_read_as_it_was_kept(knowledge, tmp_path):
    for name in sorted(knowledge.sources.topics):
        made = compile_topic(name, knowledge)
        keep_topic(tmp_path / "topic.plan", made)
        read = read_topic(tmp_path / "topic.plan")
        assert read is not None
        assert read.recommendations == made.recommendations
        assert read.rules == made.rules
        assert read.plans == made.plans  # by what columns say
        assert set(made.plans) == {r.iri for r in made.recommendations if r.requires is not None}


def hashes(knowledge: Knowledge) -> dict[str, str]:
    topics = CompiledTopics(knowledge)
    return {name: topics._hash(name) for name in knowledge.sources.topics}


def changed(knowledge: Knowledge, file: str) -> Knowledge:
    said = knowledge.sources.files
    sources = type(knowledge.sources)({**said, file: said[file] + b"\n"}, knowledge.sources.release)
    return Knowledge(sources, knowledge.cache)


def test_a_change_of_a_topic_is_of_that_topic_alone(keeping):
    before, file = hashes(keeping), f"shapes/criteria/{TOPIC}.ttl"
    assert len(set(before.values())) == len(before)
    after = hashes(changed(keeping, file))
    assert {name for name in before if before[name] != after[name]} == {TOPIC}


@pytest.mark.parametrize("file", ["ontology/clinical.ttl", "shapes/case.ttl"])
def test_a_change_of_what_topics_share_is_of_every_topic(file, keeping):
    before, after = hashes(keeping), hashes(changed(keeping, file))
    assert not [name for name in before if before[name] == after[name]]


def test_a_reading_has_topics_of_its_own(keeping):
    name = next(n for n, reading in keeping.readings.items() if not reading.default)
    before, after = hashes(keeping), hashes(keeping.under([name]))
    assert not [name for name in before if before[name] == after[name]]


@pytest.mark.parametrize("spoil", [
    lambda content: content[:-10],
    lambda content: content[:50] + b"?" + content[51:],
    lambda _: b"",
])  # fmt: skip
def test_what_is_damaged_is_compiled_anew(spoil, keeping, tables):
    first = by_plans(tables, keeping)
    for file in files(keeping):
        file.write_bytes(spoil(file.read_bytes()))
        assert read_topic(file) is None
    assert by_plans(tables, Knowledge(keeping.sources, keeping.cache)) == first


class Command:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class Writing(Command):
    def __reduce__(self):
        from reasoner.wholefile import write_text

        return write_text, (self.path, "written")


@pytest.mark.parametrize("kind", [Command, Writing])
def test_what_is_no_topic_is_not_run(kind, tmp_path):
    packed = zlib.compress(pickle.dumps(kind(tmp_path / "made"), protocol=5))
    (tmp_path / "topic.plan").write_bytes(sha256(packed).digest() + packed)
    assert read_topic(tmp_path / "topic.plan") is None
    assert not (tmp_path / "made").exists()


def test_a_cache_that_cannot_be_written_costs_nothing_else(knowledge, tables, tmp_path):
    (tmp_path / "file").write_text("no folder", "utf-8")
    assert by_plans(tables, Knowledge(knowledge.sources, tmp_path / "file"))


def test_those_not_asked_for_the_longest_go(knowledge, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST_KEPT", 4)
    topic = compile_topic(TOPIC, knowledge)
    for number in range(4):
        keep_topic(tmp_path / f"{number}.plan", topic)
        os.utime(tmp_path / f"{number}.plan", (number, number))
    assert read_topic(tmp_path / "0.plan")
    keep_topic(tmp_path / "last.plan", topic)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["0.plan", "3.plan", "last.plan"]
