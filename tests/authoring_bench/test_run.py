"""A mutation run: stopped and taken up, in one process or two, gives the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reasoner.authoring.decidedcases import observe
from reasoner.authoring.expectedcases import files_of
from reasoner.authoring.mutation import run as running
from reasoner.authoring.mutation.report import as_json, contract, share, survivors_as_text
from reasoner.authoring.mutation.run import run_mutants
from reasoner.authoring.mutation.trial import EQUIVALENT, KILLED, REFUSED, SURVIVED, Trials
from reasoner.knowledge import Knowledge
from reasoner.sources import Sources
from tests.authoring_bench.conftest import TOPIC


def _run(tiny: Knowledge, library: Path, **options: object) -> dict[str, object]:
    return contract(tiny, run_mutants(tiny, library, [TOPIC], **options))  # type: ignore[arg-type]


def test_counts_add_up_and_the_share_is_of_what_was_tried(tiny: Knowledge, library: Path) -> None:
    (run,) = run_mutants(tiny, library, [TOPIC])
    found = contract(tiny, [run])
    counts = found["counts"]
    assert sum(counts.values()) == len(run.mutants)
    assert all(counts[result] > 0 for result in (KILLED, SURVIVED, REFUSED, EQUIVALENT))
    assert found["killedShare"] == round(counts[KILLED] / (counts[KILLED] + counts[SURVIVED]), 4)
    assert found["topics"][0]["cases"] == 3


def test_share_of_nothing_tried_is_none() -> None:
    assert share({}) is None


def test_survivor_is_told_with_its_place_and_the_case_to_write(
    tiny: Knowledge, library: Path
) -> None:
    (library / TOPIC / "five.yaml").unlink()
    found = _run(tiny, library)
    (survivor,) = (
        s
        for s in found["topics"][0]["survivors"]  # type: ignore[index]
        if s["mutant"] == "bound-by-one:criterion-1-limit:maxInclusive:up"
    )
    assert survivor["file"] == f"shapes/criteria/{TOPIC}.ttl"
    line = tiny.sources.files[survivor["file"]].decode().splitlines()[survivor["line"] - 1]
    assert "sh:maxInclusive 4" in line
    text = "\n".join(survivors_as_text(found))
    assert f"{survivor['file']}:{survivor['line']}: bound-by-one" in text
    assert "It would be noticed by a case where quantity is exactly 5." in text


def test_a_run_that_was_stopped_is_taken_up_and_gives_the_same(
    tiny: Knowledge, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "record.jsonl"
    whole = _run(tiny, library, record=record)
    lines = record.read_text("utf-8").splitlines()
    record.write_text("\n".join(lines[:20]) + "\n" + lines[20][:15], "utf-8")
    tried: list[str] = []
    original = Trials.run
    monkeypatch.setattr(
        Trials, "run", lambda self, mutant: (tried.append(mutant.key), original(self, mutant))[1]
    )
    assert _run(tiny, library, record=record) == whole
    assert len(tried) == len(lines) - 20
    tried.clear()
    assert _run(tiny, library, record=record) == whole
    assert not tried


def test_verdicts_found_with_other_cases_do_not_count(
    tiny: Knowledge, library: Path, tmp_path: Path
) -> None:
    record = tmp_path / "record.jsonl"
    before = _run(tiny, library, record=record)
    (library / TOPIC / "five.yaml").unlink()
    after = _run(tiny, library, record=record)
    assert after["counts"][KILLED] < before["counts"][KILLED]  # type: ignore[index]
    assert after == _run(tiny, library)


def test_verdicts_found_with_another_vocabulary_do_not_count_and_with_another_topic_do(
    tiny: Knowledge, library: Path, tmp_path: Path
) -> None:
    observed = observe(library, files_of(library), tiny)

    def state(**changed: str) -> str:
        files = {f"{name}.ttl".replace("__", "/"): text.encode() for name, text in changed.items()}
        sources = Sources({**tiny.sources.files, **files}, tiny.sources.release)
        return running._state(Knowledge(sources), library, TOPIC, files_of(library), observed)

    first = state()
    own = tiny.sources.guideline_of(TOPIC).removesuffix(".ttl").replace("/", "__")
    assert state(ontology__guidelines__other__topic="", shapes__criteria__other__topic="") == first
    assert state(ontology__clinical="# changed") != first
    assert state(**{own: "# changed"}) != first


def test_two_processes_find_what_one_finds(
    tiny: Knowledge, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = as_json(_run(tiny, library))
    monkeypatch.setattr(running, "_CHUNK", 50)
    assert as_json(_run(tiny, library, jobs=2)) == one


def test_progress_counts_up_to_all(tiny: Knowledge, library: Path) -> None:
    told: list[tuple[str, int, int]] = []
    run_mutants(tiny, library, [TOPIC], progress=lambda *at: told.append(at))
    assert {what for what, _, _ in told} == {"cases", "mutants"}
    assert all(done <= of for _, done, of in told)
    assert told[-1][1] == told[-1][2]


def test_findings_are_json(tiny: Knowledge, library: Path) -> None:
    found = json.loads(as_json(_run(tiny, library)))
    assert found["format"] == "mtus.mutation/1"
    assert found["release"] == tiny.release
