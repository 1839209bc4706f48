"""Coverage says what cases prove, what they only show, and what no case proves."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from reasoner.authoring import decidedcases
from reasoner.authoring.coverage import TopicCoverage, as_html, as_json, as_text, cover, totals
from reasoner.authoring.decidedcases import observe
from reasoner.authoring.expectedcases import files_of
from reasoner.knowledge import Knowledge
from tests.authoring_bench.conftest import (
    GUIDELINE,
    SHAPES,
    TOPIC,
    knowledge_with,
    write_case,
)


def _covered(tiny: Knowledge, library: Path) -> TopicCoverage:
    (found,) = cover(tiny, [TOPIC], observe(library, files_of(library), tiny))
    return found


def _cell(found: TopicCoverage, number: str, outcome: str):  # type: ignore[no-untyped-def]
    (row,) = (row for row in found.rows if row.number == number)
    return row.cells[outcome]


def test_stated_outcome_is_proved_and_another_only_shown(tiny: Knowledge, library: Path) -> None:
    found = _covered(tiny, library)
    cell = _cell(found, "1", "NotMet")
    assert cell.proved == (f"{TOPIC}/five.yaml",)
    met = _cell(found, "1", "Met")
    assert met.proved == (f"{TOPIC}/all-met.yaml",)
    assert met.shown == (f"{TOPIC}/three-months.yaml",)


def test_outcome_that_no_case_proves_is_a_gap(tiny: Knowledge, library: Path) -> None:
    assert not _cell(_covered(tiny, library), "1", "NotMet").gap
    (library / TOPIC / "five.yaml").unlink()
    found = _covered(tiny, library)
    assert _cell(found, "1", "NotMet").gap
    assert ("1", "NotMet") in {(row.number, outcome) for row, outcome in found.gaps}


def test_outcome_that_cannot_be_is_no_gap(tiny: Knowledge, library: Path) -> None:
    found = _covered(tiny, library)
    # Criterion 1 is asked of every request; criterion 2 has a lower count only.
    for number, outcome in (("1", "NotApplicable"), ("2", "NotMet")):
        cell = _cell(found, number, outcome)
        assert not cell.can_be
        assert not cell.gap
    assert _cell(found, "5", "NotApplicable").can_be


def test_silence_that_counts_as_met_covers_silence(tiny: Knowledge, library: Path) -> None:
    write_case(library, "agent-unstated", 'criteria: {"4": PresumedMet}', request="quantity: 4")
    assert _cell(_covered(tiny, library), "4", "NotDocumented").proved


def test_case_that_is_not_decided_as_it_says_proves_nothing(tiny: Knowledge, library: Path) -> None:
    write_case(library, "wrong", 'criteria: {"1": NotMet, "2": Met}')
    found = _covered(tiny, library)
    assert found.wrong == (f"{TOPIC}/wrong.yaml",)
    assert f"{TOPIC}/wrong.yaml" not in _cell(found, "2", "Met").proved


def test_totals_count_what_is_proved(tiny: Knowledge, library: Path) -> None:
    found = _covered(tiny, library)
    of = totals([found])
    assert (of["topics"], of["criteria"], of["cases"]) == (1, 6, 3)
    assert of["outcomes"] == of["proved"] + of["gaps"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_page_needs_nothing_from_elsewhere_and_its_table_is_accessible(
    tiny: Knowledge, library: Path
) -> None:
    text = as_html([_covered(tiny, library)], tiny.release)
    page = _Page()
    page.feed(text)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe"}
    assert "http" not in text
    assert "url(" not in text
    assert {"main", "h1", "h2", "table", "caption", "thead"} <= names
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert ("html", {"lang": "en"}) in page.tags
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    links = {a["href"].removeprefix("#") for t, a in page.tags if t == "a" and a["href"]}
    assert links <= ids


def test_what_a_case_says_is_escaped(tiny: Knowledge, library: Path) -> None:
    write_case(library, "a&b", 'criteria: {"1": Met}')
    assert "a&amp;b.yaml" in as_html([_covered(tiny, library)], tiny.release)


def test_terminal_and_json_say_the_same(tiny: Knowledge, library: Path) -> None:
    found = _covered(tiny, library)
    text = io.StringIO()
    as_text([found], Console(file=text, width=120))
    content = json.loads(as_json([found], tiny.release))
    assert f"{content['totals']['gaps']} gaps" in text.getvalue()
    assert content["format"] == "mtus.coverage/1"


def test_a_case_is_decided_once_a_release(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = knowledge_with(GUIDELINE, SHAPES, tmp_path / "cache")
    names = files_of(library)
    first = observe(library, names, cached)
    monkeypatch.setattr(decidedcases, "observe_case", _refuse)
    assert observe(library, names, cached) == first
    other = knowledge_with(GUIDELINE + "\n", SHAPES, tmp_path / "cache")
    with pytest.raises(AssertionError):
        observe(library, names, other)


def test_a_case_that_other_code_decided_is_decided_again(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = knowledge_with(GUIDELINE, SHAPES, tmp_path / "cache")
    observe(library, files_of(library), cached)
    monkeypatch.setattr(decidedcases, "deciding_code", lambda: "other")
    monkeypatch.setattr(decidedcases, "observe_case", _refuse)
    with pytest.raises(AssertionError):
        observe(library, files_of(library), cached)


def test_a_damaged_cache_costs_time_only(library: Path, tmp_path: Path) -> None:
    cached = knowledge_with(GUIDELINE, SHAPES, tmp_path / "cache")
    first = observe(library, files_of(library), cached)
    (file,) = (tmp_path / "cache").glob("cases-*.jsonl")
    file.write_text('not json\n{"format": 2}\n' + file.read_text("utf-8")[:50], "utf-8")
    assert observe(library, files_of(library), cached) == first


def _refuse(*_: object) -> None:
    raise AssertionError("a case was decided again")
