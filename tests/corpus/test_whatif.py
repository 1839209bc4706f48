"""What a rule change would do: the same as deciding everything twice, and only what it touches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from reasoner.adjudication import decide
from reasoner.case import parse_case
from reasoner.cli import app
from reasoner.corpus.chart import by_month, columns
from reasoner.corpus.reform import between, with_files, with_setting, with_shapes
from reasoner.corpus.sampling import Sample
from reasoner.corpus.tables import write_tables
from reasoner.corpus.whatif import compare, whatif
from reasoner.errors import InputError, MtusError
from reasoner.outcomes import Role
from reasoner.terms import local_name
from tests.corpus.population import CASE, write_cases

SETTING = "chronic-pain-2009/trigger-points#criterion-5.maxInclusive=6"

OTHER = """
id: other
utilizationReview: {date: 2014-09-10, decision: Denied}
requests: [{treatment: TENS}]
"""


@pytest.fixture
def cases(knowledge):
    texts = [CASE.format(n=n) for n in range(3, 9)] + [OTHER]
    return [parse_case(t.encode(), f"case-{n}.yaml", knowledge) for n, t in enumerate(texts)]


def test_flips_are_those_of_deciding_every_case_twice(cases, tmp_path, knowledge):
    reform = between(knowledge, with_setting(knowledge, SETTING), "six injections")
    write_cases(cases, tmp_path, knowledge)
    comparison = compare(tmp_path, knowledge, reform)
    expected = set()
    for case in cases:
        before = decide(case, knowledge, Role.IMR).items
        after = decide(case, reform.after, Role.IMR).items
        expected |= {
            (case.source, local_name(str(r)), str(before[r].outcome), str(after[r].outcome))
            for r in before
            if before[r].outcome is not after[r].outcome
        }
    assert {(f["source"], f["request"], f["before"], f["after"]) for f in comparison.flips} == (
        expected
    )
    assert expected
    assert comparison.cases == 7
    assert comparison.decided == 6, "a case of another topic is not decided again"


def test_reform_is_a_value_with_a_name(knowledge):
    one = between(knowledge, with_setting(knowledge, SETTING), "one")
    same = between(knowledge, with_setting(knowledge, SETTING), "another title")
    other = between(knowledge, with_setting(knowledge, SETTING.replace("=6", "=7")), "one")
    assert one.iri == same.iri != other.iri
    assert one.base == knowledge.release != one.after.release
    assert one.topics() == {"chronic-pain-2009/trigger-points"}
    changes = [line for line in one.patch.splitlines() if line[:2] in ("A ", "D ")]
    assert [line[0] for line in changes] == ["D", "A"]
    assert '"6"' in changes[1]


def _edited(folder: Path) -> Path:
    """Give a copy of the release in which six injections are allowed in a session."""
    shutil.copytree("shapes", folder / "shapes")
    shutil.copytree("ontology", folder / "ontology")
    file = folder / "shapes" / "criteria" / "chronic-pain-2009" / "trigger-points.ttl"
    text = file.read_text("utf-8")
    assert text.count("sh:maxInclusive 4 ") == 1
    file.write_text(text.replace("sh:maxInclusive 4 ", "sh:maxInclusive 6 "), "utf-8")
    return folder


def test_edited_copy_of_the_shapes_is_the_same_reform(tmp_path, knowledge):
    edited = between(knowledge, with_shapes(knowledge, _edited(tmp_path) / "shapes"), "x")
    assert edited.iri == between(knowledge, with_setting(knowledge, SETTING), "x").iri


def test_nothing_changed_flips_nothing(cases, tmp_path, knowledge):
    write_cases(cases, tmp_path, knowledge)
    reform = between(knowledge, knowledge, "none")
    comparison = compare(tmp_path, knowledge, reform)
    assert (comparison.decided, comparison.flips) == (0, ())


def test_flip_rests_on_silence_where_the_record_does_not_say(tmp_path, knowledge):
    """Pain of which no duration is documented passes, where none is asked for any more."""
    text = CASE.format(n=3).replace(", duration: 6 months", "")
    case = parse_case(text.encode(), "case.yaml", knowledge)
    write_cases([case], tmp_path, knowledge)
    setting = "trigger-points#pain-over-three-months-duration.minCount=0"
    reform = between(knowledge, with_setting(knowledge, setting), "no duration")
    flips = compare(tmp_path, knowledge, reform).flips
    # The second request depends on the first, and flips with it.
    assert [(f["request"], f["after"], f["rests_on"]) for f in flips] == [
        ("d", "Undetermined", "silence"),
        ("q", "Overturned", "silence"),
    ]
    assert flips[0]["criteria"] is None
    assert flips[1]["criteria"] == "chronic-pain-2009/trigger-points#criterion-2"


def test_change_of_a_vocabulary_decides_every_case(cases, tmp_path, knowledge):
    file = "ontology/clinical.ttl"
    changed = knowledge.sources.files[file].replace(b'"trigger point"@en', b'"trigger spot"@en')
    assert changed != knowledge.sources.files[file]
    reform = between(knowledge, with_files(knowledge, {file: changed}), "another word")
    assert reform.topics() is None
    write_cases(cases[4:], tmp_path, knowledge)
    comparison = compare(tmp_path, knowledge, reform)
    assert (comparison.cases, comparison.decided, comparison.flips) == (3, 3, ())


def test_sample_is_drawn_by_its_seed_and_tells_of_all(cases, tmp_path, knowledge):
    reform = between(knowledge, with_setting(knowledge, SETTING), "six injections")
    write_cases(cases, tmp_path, knowledge)
    everything = compare(tmp_path, knowledge, reform)
    some, same, other = (
        compare(tmp_path, knowledge, reform, sample=Sample(3, seed)) for seed in (1, 1, 4)
    )
    assert some == same
    assert some.read == 3
    numbers = [{f["case_no"] for f in c.flips} for c in (some, other, everything)]
    assert numbers[0] != numbers[1]
    assert numbers[0] <= numbers[2]
    found = some.estimates()
    assert (found["drawn"], found["of"]) == (3, 7)
    whole = found["casesWithAFlip"]
    assert whole["seen"] == len(numbers[0])
    assert whole["low"] <= len(numbers[2]) <= whole["high"]
    assert everything.estimates() is None


@pytest.fixture(scope="module")
def written(tmp_path_factory, knowledge):
    """Three case files compared, and what is written of it."""
    folder = tmp_path_factory.mktemp("whatif")
    (folder / "cases").mkdir()
    for n in (4, 5, 6):
        (folder / "cases" / f"{n}.yaml").write_text(CASE.format(n=n), "utf-8")
    reform = between(knowledge, with_setting(knowledge, SETTING), "Six <injections>", "a bill")
    comparison = whatif([folder / "cases"], folder / "out", knowledge, reform, show=1)
    return comparison, folder / "out"


def test_summary_and_flips_are_written(written):
    comparison, out = written
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["flips"] == len(comparison.flips) == 2
    assert summary["by"]["direction"] == {"Upheld to Overturned": 2}
    assert summary["by"]["month"] == {"2014-09": 2}
    assert summary["reform"]["citation"] == "a bill"
    assert summary["sample"] is None
    rows = duckdb.sql(f"SELECT rests_on, criteria FROM '{out}/flips.parquet'").fetchall()
    assert ("facts", "chronic-pain-2009/trigger-points#criterion-5") in rows
    text = (out / "summary.md").read_text("utf-8")
    assert "3 cases; the reform can touch 3 of them, with 6 items. 2 items flip;" in text
    assert "| lumbar region | 2 |" in text


def test_chart_and_pages_are_written(written):
    _, out = written
    assert (out / "chart.svg").read_text("utf-8").startswith("<svg")
    assert (out / "chart.png").read_bytes().startswith(b"\x89PNG")
    page = (out / "index.html").read_text("utf-8")
    assert "Six &lt;injections&gt;" in page
    assert "<injections>" not in page
    (shown,) = (out / "flips").iterdir()
    assert f'href="flips/{shown.name}"' in page
    text = shown.read_text("utf-8")
    before, after = text.index("<h2>Before</h2>"), text.index("<h2>After</h2>")
    assert "exceeds" in text[before:after] or "no more than" in text[before:after]
    assert text.count('class="mtus"') == 2


def test_case_file_that_is_no_longer_that_of_the_tables_is_told(tmp_path, knowledge):
    (tmp_path / "case.yaml").write_text(CASE.format(n=5), "utf-8")
    write_tables([tmp_path / "case.yaml"], tmp_path / "tables", knowledge)
    (tmp_path / "case.yaml").write_text(CASE.format(n=3), "utf-8")
    reform = between(knowledge, with_setting(knowledge, SETTING), "six")
    with pytest.raises(MtusError, match="not the one that the tables were made of"):
        whatif([tmp_path / "tables"], tmp_path / "out", knowledge, reform)


def test_chart_has_the_months_between_and_a_scale():
    months = by_month({"none stated": 1, "2015-02": 7, "2014-11": 12})
    assert list(months.items()) == [
        ("2014-11", 12), ("2014-12", 0), ("2015-01", 0), ("2015-02", 7), ("none stated", 1),
    ]  # fmt: skip
    drawn = columns("title", months)
    assert drawn.count("<rect") == 1 + len(months)
    assert all(f'text-anchor="end">{n}</text>' in drawn for n in (0, 5, 10, 15))
    assert "none</text>" in columns("title", {})


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("trigger-point#criterion-5.maxInclusive=6", "is no topic"),
        ("tens#criterion-5.maxInclusive=6", "is several topics"),
        ("trigger-points#criterion-5.maxInclusve=6", 'mean "maxInclusive"'),
        ("trigger-points#criterion-4.maxInclusive=6", "criterion-4 has no sh:maxInclusive"),
        ("trigger-points#criterion-5.maxInclusive=six", "six is no integer"),
        ("trigger-points", "sets nothing"),
    ],
)
def test_setting_that_names_nothing_is_told(setting, message, knowledge):
    with pytest.raises(InputError, match=message):
        with_setting(knowledge, setting)


@pytest.mark.parametrize("how", ["--set", "--shapes", "--release"])
def test_command(tmp_path, how):
    """A limit that is set, an edited copy of the shapes, and another release flip the same item."""
    given = {"--set": SETTING}
    if how != "--set":
        folder = _edited(tmp_path / "edited")
        given = {"--shapes": str(folder / "shapes"), "--release": str(folder)}
    for many in (4, 5, 7):
        (tmp_path / f"{many}.yaml").write_text(CASE.format(n=many), "utf-8")
    done = CliRunner().invoke(
        app,
        ["whatif", *(str(tmp_path / f"{n}.yaml") for n in (4, 5, 7)), how, given[how],
         "--out", str(tmp_path / "out"), "--jobs", "1"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    flips = duckdb.sql(f"SELECT case_id FROM '{tmp_path}/out/flips.parquet'").fetchall()
    assert [case for (case,) in flips] == ["tpi-5"]
    assert "1 item flips" in done.output


def test_command_asks_what_changes():
    done = CliRunner().invoke(app, ["whatif", str(Path("docs/examples")), "--out", "x"])
    assert "What changes?" in str(done.exception)
