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
from reasoner.corpus.reform import between, with_setting, with_shapes
from reasoner.corpus.whatif import compare, whatif
from reasoner.errors import InputError
from reasoner.outcomes import Role
from reasoner.terms import local_name
from tests.corpus.population import write_cases

SETTING = "chronic-pain-2009/trigger-points#criterion-5.maxInclusive=6"

CASE = """
id: tpi-{n}
injury: {{date: 2013-01-10}}
utilizationReview: {{date: 2014-09-10, decision: Denied}}
records: [{{id: r, type: ProgressReport, date: 2014-08-19}}]
facts:
  - {{is: Pain, region: LumbarRegion, duration: 6 months, in: r}}
  - {{is: MyofascialPainSyndrome, region: LumbarRegion, in: r}}
  - {{is: TriggerPoint, region: LumbarRegion, in: r}}
  - {{is: TwitchResponse, region: LumbarRegion, in: r}}
  - {{is: ReferredPain, region: LumbarRegion, in: r}}
  - {{is: StretchingExercise, outcome: Failed, in: r}}
  - {{is: PhysicalTherapy, outcome: Failed, in: r}}
  - {{is: NSAID, outcome: Failed, in: r}}
  - {{is: MuscleRelaxant, outcome: Failed, in: r}}
  - {{is: Radiculopathy, status: absent, in: r}}
requests:
  - {{id: q, treatment: TriggerPointInjection, region: LumbarRegion, quantity: {n}, agents: [Lidocaine]}}
  - {{id: d, treatment: SurgicalAssistant, dependsOn: q}}
"""
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


def test_edited_copy_of_the_shapes_is_the_same_reform(tmp_path, knowledge):
    shutil.copytree("shapes", tmp_path / "shapes")
    file = tmp_path / "shapes" / "criteria" / "chronic-pain-2009" / "trigger-points.ttl"
    text = file.read_text("utf-8")
    assert text.count("sh:maxInclusive 4 ") == 1
    file.write_text(text.replace("sh:maxInclusive 4 ", "sh:maxInclusive 6 "), "utf-8")
    edited = between(knowledge, with_shapes(knowledge, tmp_path / "shapes"), "x")
    assert edited.iri == between(knowledge, with_setting(knowledge, SETTING), "x").iri


def test_nothing_changed_flips_nothing(cases, tmp_path, knowledge):
    write_cases(cases, tmp_path, knowledge)
    reform = between(knowledge, knowledge, "none")
    comparison = compare(tmp_path, knowledge, reform)
    assert (comparison.decided, comparison.flips) == (0, ())


def test_everything_is_written(tmp_path, knowledge):
    folder = tmp_path / "cases"
    folder.mkdir()
    for n in (4, 5, 6):
        (folder / f"{n}.yaml").write_text(CASE.format(n=n), "utf-8")
    reform = between(knowledge, with_setting(knowledge, SETTING), "Six injections", "a bill")
    comparison = whatif([folder], tmp_path / "out", knowledge, reform, show=1)
    out = tmp_path / "out"
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["flips"] == len(comparison.flips) > 0
    assert summary["by"]["direction"] == {"Upheld to Overturned": summary["flips"]}
    assert summary["reform"]["citation"] == "a bill"
    rows = duckdb.sql(f"SELECT rests_on, criteria FROM '{out}/flips.parquet'").fetchall()
    assert ("facts", "chronic-pain-2009/trigger-points#criterion-5") in rows
    assert (out / "chart.svg").read_text("utf-8").startswith("<svg")
    assert (out / "chart.png").read_bytes().startswith(b"\x89PNG")
    (shown,) = (out / "flips").iterdir()
    text = shown.read_text("utf-8")
    assert text.startswith("# Before")
    assert "# After" in text


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


def test_command(tmp_path):
    (tmp_path / "case.yaml").write_text(CASE.format(n=5), "utf-8")
    done = CliRunner().invoke(
        app,
        ["whatif", str(tmp_path / "case.yaml"), "--set", SETTING, "--out", str(tmp_path / "out"),
         "--jobs", "1"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "items flip" in done.output


def test_command_asks_what_changes():
    done = CliRunner().invoke(app, ["whatif", str(Path("docs/examples")), "--out", "x"])
    assert "What changes?" in str(done.exception)
