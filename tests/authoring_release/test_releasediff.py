"""`mtus diff` tells what two releases say differently, and shows it by cases."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from reasoner.adjudication import decide
from reasoner.authoring.releasediff import Change, compare
from reasoner.authoring.revisions import load_release
from reasoner.case import parse_case
from reasoner.errors import InputError
from reasoner.knowledge import Knowledge, load_knowledge
from reasoner.outcomes import Role

HEARING = "odg-as-quoted/hearing-aid"
POINTS = "chronic-pain-2009/trigger-points"


def says(topic: str) -> str:
    return f"ontology/guidelines/{topic}.ttl"


def shapes(topic: str) -> str:
    return f"shapes/criteria/{topic}.ttl"


def changed(tree: Path, file: str, *swaps: tuple[str, str]) -> Knowledge:
    path = tree / file
    text = path.read_text()
    for before, after in swaps:
        assert text.count(before) >= 1, before
        text = text.replace(before, after, 1)
    path.write_text(text)
    return load_knowledge(tree / "ontology", tree / "shapes", cache=tree / "cache")


def found(old: Knowledge, new: Knowledge) -> dict[tuple[str, str], Change]:
    return {(c.what, c.name): c for c in compare(old, new).changes}


def outcome(change: Change, number: str, knowledge: Knowledge) -> str:
    case = parse_case(change.separating.case.encode(), "case.yaml", knowledge)
    (item,) = decide(case, knowledge, Role.IMR).items.values()
    return next(a.outcome.value for a in item.assessments if a.criterion.number == number)


def test_release_says_the_same_as_itself(knowledge):
    assert compare(knowledge, load_knowledge()).changes == ()


def test_higher_bound_loosens_and_the_boundary_separates(knowledge, tree):
    new = changed(tree, shapes(POINTS), ("sh:maxInclusive 4 .", "sh:maxInclusive 6 ."))
    ((key, change),) = found(knowledge, new).items()
    assert key == ("criterion", f"{POINTS} 5")
    assert change.kind == "loosened"
    assert change.details == ("criterion-5-limit sh:maxInclusive: 4 -> 6",)
    assert "quantity: 5" in change.separating.case
    assert "facts" not in change.separating.case
    assert outcome(change, "5", knowledge) == change.separating.old == "NotMet"
    assert outcome(change, "5", new) == change.separating.new == "Met"


def test_the_same_change_backwards_tightens(knowledge, tree):
    old = changed(tree, shapes(POINTS), ("sh:maxInclusive 4 .", "sh:maxInclusive 6 ."))
    (change,) = found(old, knowledge).values()
    assert change.kind == "tightened"


def test_exclusive_for_inclusive_is_separated_at_the_bound(knowledge, tree):
    new = changed(tree, shapes(POINTS), ("sh:minExclusive 50.0", "sh:minInclusive 50.0"))
    (change,) = found(knowledge, new).values()
    assert change.kind == "loosened"
    assert "relief: 50 %" in change.separating.case


def test_wider_concept_is_separated(knowledge, tree):
    new = changed(tree, shapes(POINTS), ("sh:class clinical:TwitchResponse", "sh:class core:Finding"))  # fmt: skip
    change = found(knowledge, new)["criterion", f"{POINTS} 1b"]
    assert change.kind in ("loosened", "shifted")
    assert {outcome(change, "1b", k) for k in (knowledge, new)} == {
        change.separating.old, change.separating.new,
    }  # fmt: skip


def test_words_alone_are_told_from_meaning(knowledge, tree):
    new = changed(
        tree, says(HEARING),
        ('"The device is named."', '"The device is told."'),
        ('core:number "2" ;\n    core:page "Head chapter"', 'core:number "2" ;\n    core:page "17"'),
    )  # fmt: skip
    (change,) = found(knowledge, new).values()
    assert change.kind == "described"
    assert change.details == (
        "statement: The device is named. -> The device is told.",
        "page: Head chapter -> 17",
    )
    assert change.separating is None


def test_confidence_is_told(knowledge, tree):
    new = changed(tree, says(HEARING), ("core:QuotedByReviewers ;\n    core:statement", "core:RecalledLow ;\n    core:statement"))  # fmt: skip
    (change,) = found(knowledge, new).values()
    assert change.details == ("confidence: as quoted by reviewers -> recalled, low confidence",)


def test_dropped_criterion_loosens_the_recommendation(knowledge, tree):
    new = changed(tree, says(HEARING), (":criterion-1 ,\n        :criterion-2 .", ":criterion-1 ."))
    changes = found(knowledge, new)
    whole = changes["recommendation", HEARING]
    assert whole.kind == "loosened"
    assert whole.details[0] == "what was enough beside 1: 2"
    assert whole.details[1] == "what is enough beside 1: nothing more"
    assert (whole.separating.old, whole.separating.new) == ("not met", "met")
    assert changes["criterion", f"{HEARING} 2"].kind == "dropped"


def test_any_for_all_is_shown_by_a_case(knowledge, tree):
    new = changed(tree, says(HEARING), (":required a core:AllOf", ":required a core:AnyOf"))
    (change,) = found(knowledge, new).values()
    assert change.kind == "loosened"
    case = parse_case(change.separating.case.encode(), "case.yaml", knowledge)
    decisions = [
        next(iter(decide(case, k, Role.IMR).items.values())).necessity.value
        for k in (knowledge, new)
    ]
    assert decisions == ["NotMedicallyNecessary", "MedicallyNecessary"]


def test_shape_that_is_only_written_otherwise_is_not_called_looser(knowledge, tree):
    new = changed(
        tree, shapes(HEARING),
        ("sh:qualifiedValueShape :device-named ;", "sh:qualifiedValueShape :device-told ;"),
        ("# Facts that", ":device-told a sh:NodeShape ; sh:class clinical:DeviceNamed .\n\n# Facts"),
    )  # fmt: skip
    (change,) = found(knowledge, new).values()
    assert change.kind == "rewritten"
    assert change.separating is None


def test_added_topic_and_concept_are_told(knowledge, tree):
    (tree / says(HEARING)).unlink()
    (tree / shapes(HEARING)).unlink()
    text = (tree / "ontology/clinical.ttl").read_text()
    start = text.index("clinical:HearingAid a ")
    end = text.index("\n\n", start)
    (tree / "ontology/clinical.ttl").write_text(text[:start] + text[end:])
    old = load_knowledge(tree / "ontology", tree / "shapes", cache=tree / "cache")
    changes = found(old, knowledge)
    assert changes["recommendation", HEARING].kind == "added"
    assert changes["concept", "HearingAid"].kind == "added"


def test_cases_that_decide_differently_are_named_with_the_reason(run, tree):
    changed(tree, says(HEARING), (":criterion-1 ,\n        :criterion-2 .", ":criterion-1 ."))
    done = run("diff", ".", str(tree), "--cases", f"tests/cases/{HEARING}", "--no-separate")
    assert done.code == 0, done.out
    assert "hearing-aid-device" not in done.out
    line = "device-contradicted.yaml request-1: NotMedicallyNecessary -> MedicallyNecessary"
    assert line in done.out
    assert "criterion 2: NotMet -> not asked for" in done.out
    cases = len(list(Path(f"tests/cases/{HEARING}").glob("*.yaml")))
    assert f"{cases} cases decided" in done.out


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_other_forms_hold_the_same(run, tree, form):
    changed(tree, shapes(POINTS), ("sh:maxInclusive 4 .", "sh:maxInclusive 6 ."))
    done = run("diff", ".", str(tree), "--format", form, "--no-separate")
    assert done.code == 0, done.out
    if form == "json":
        stated = json.loads(done.out)
        assert stated["format"] == "mtus.diff/1"
        (change,) = stated["changes"]
        assert change["name"] == f"{POINTS} 5"
        assert change["kind"] == "rewritten"
        assert stated["cases"] is None
    else:
        assert f"### {POINTS} 5: stated differently" in done.out


def test_revision_of_the_source_tree_is_a_release(tree, knowledge):
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@example.org",
             *arguments],
            check=True, capture_output=True,
        )  # fmt: skip

    git("init", "-q", "-b", "main")
    git("add", "ontology", "shapes")
    git("commit", "-q", "-m", "first")
    git("tag", "v1")
    changed(tree, shapes(POINTS), ("sh:maxInclusive 4 .", "sh:maxInclusive 6 ."))
    assert load_release("v1", tree).release == knowledge.release
    assert load_release(str(tree)).release != knowledge.release


@pytest.mark.parametrize("name", ["no-such-revision", "--upload-pack=x", "tests"])
def test_what_is_no_release_is_refused(name):
    with pytest.raises(InputError, match=r"no revision of|holds no folder"):
        load_release(name)
