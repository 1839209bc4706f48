"""`mtus witness` gives cases that show what they say, of which nothing can be left out."""

from __future__ import annotations

import re

import pytest
import yaml

from reasoner.adjudication import decide
from reasoner.authoring.drafts import smaller, to_yaml
from reasoner.authoring.smallest import Search, routes, smallest_cases, to_case_file
from reasoner.case import parse_case
from reasoner.outcomes import Outcome, Role

SMALL = [
    "odg-as-quoted/hearing-aid",
    "acoem-knee-2004/cruciate-reconstruction",
    "acoem-low-back-2004/discography",
    "acoem-shoulder-2004/surgical-consultation-shoulder",
]


def decided(text: str, knowledge):
    case = parse_case(text.encode(), "case.yaml", knowledge)
    return decide(case, knowledge, Role.IMR).items[case.requests[0]]


@pytest.mark.parametrize("topic", SMALL)
def test_every_criterion_has_a_case_in_which_it_alone_stands_in_the_way(topic, knowledge):
    for found in smallest_cases(knowledge, topic):
        assert found.draft is not None, found.criterion
        item = decided(to_case_file(found, knowledge), knowledge)
        assert item.recommendation == found.recommendation
        outcomes = {a.criterion.iri: a.outcome for a in item.assessments}
        if found.criterion is None:
            assert item.necessity.value == "MedicallyNecessary"
        else:
            assert item.necessity.value != "MedicallyNecessary"
            assert outcomes[found.criterion.iri] is found.outcome
            assert found.outcome in (Outcome.NOT_MET, Outcome.NOT_DOCUMENTED)


def test_nothing_can_be_left_out(knowledge):
    topic = knowledge.topic(SMALL[0])
    (recommendation,) = topic.recommendations
    draft = Search(knowledge, topic, recommendation).meeting()
    assert draft is not None
    for less in smaller(draft, knowledge.concepts):
        assert decided(to_yaml(less, "less"), knowledge).necessity.value != "MedicallyNecessary"


def test_as_many_facts_are_given_as_a_shape_counts(knowledge):
    """Two urine drug tests within the year, which are told apart by their days."""
    topic = knowledge.topic("opioids-2016/opioids-ongoing")
    (recommendation,) = topic.recommendations
    draft = Search(knowledge, topic, recommendation).meeting()
    assert draft is not None
    tests = [fact for fact in map(dict, draft.facts) if fact["is"] == "UrineDrugTest"]
    assert len(tests) == len({fact["date"] for fact in tests}) == 2
    assert decided(to_yaml(draft, "two-tests"), knowledge).necessity.value == "MedicallyNecessary"


def test_bound_is_crossed_by_one(knowledge):
    """Five injections where four are allowed, everything else being met."""
    (found,) = smallest_cases(knowledge, "chronic-pain-2009/trigger-points", number="5")
    assert found.outcome is Outcome.NOT_MET
    assert dict(found.draft.request)["quantity"] == "5"
    assert [o for o in found.verdict.outcomes.values() if o is Outcome.NOT_MET] == [Outcome.NOT_MET]


def test_a_reading_is_taken(knowledge):
    (found,) = smallest_cases(
        knowledge.under(["lower-end-of-range"]), "chronic-pain-2009/trigger-points", number="5"
    )
    assert dict(found.draft.request)["quantity"] == "4"


def test_cases_are_printed_one_after_the_other(run, knowledge):
    done = run("witness", "hearing-aid")
    assert done.code == 0, done.out
    cases = done.out.split("---\n")
    assert len(cases) == 3
    assert all(re.match(r"# .*\nid: hearing-aid-", case) for case in cases)
    for case in cases:
        decided(case, knowledge)


def test_cases_are_written_with_what_is_expected(run, tmp_path, knowledge):
    done = run("witness", SMALL[0], "--criterion", "1", "--out", str(tmp_path), "--expect")
    assert done.code == 0, done.out
    (file,) = tmp_path.iterdir()
    content = yaml.safe_load(file.read_text())
    expected = content.pop("expect")["request-1"]
    item = decided(yaml.safe_dump(content), knowledge)
    assert expected["decision"] == item.necessity.value == "NotMedicallyNecessary"
    assert expected["basis"] == "Contradicted"
    assert expected["criteria"] == {a.criterion.number: a.outcome.value for a in item.assessments}


def test_criterion_that_nothing_can_meet_is_said_to_have_no_case(run, tree):
    """A shape that wants a fact both present and absent is met by none that is found."""
    file = tree / "shapes/criteria/odg-as-quoted/hearing-aid.ttl"
    text = file.read_text()
    assert text.count("sh:qualifiedMaxCount 0") == 2
    file.write_text(text.replace("sh:qualifiedMaxCount 0", "sh:qualifiedMinCount 2", 1).replace(
        "sh:path core:absentFact", "sh:path core:noSuchPath", 1))  # fmt: skip
    done = run("witness", SMALL[0], "--criterion", "1", "--in", str(tree))
    assert done.code == 1
    assert "No case was found in which criterion 1" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hearing-aids"], "hearing-aids is no topic"),
        (["tens"], "the name of several topics"),
        ([SMALL[0], "--criterion", "7"], "Expected one of 1, 2."),
        ([SMALL[0], "--reading", "lower-end"], "is no reading"),
        ([SMALL[0], "--in", "tests"], "holds no folder ontology"),
    ],
)
def test_what_cannot_be_is_said(run, arguments, said):
    done = run("witness", *arguments)
    assert done.code == 2
    assert said in done.out


def test_topic_without_criteria_says_so(run):
    assert "has no criteria" in run("witness", "magnets").out


def test_same_cases_whatever_the_hash_seed(tmp_path):
    import subprocess
    import sys

    code = (
        "from reasoner.knowledge import load_knowledge\n"
        "from reasoner.authoring.smallest import smallest_cases, to_case_file\n"
        "k = load_knowledge()\n"
        f"print([to_case_file(f, k) for f in smallest_cases(k, {SMALL[2]!r})])"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PATH": ""},
                       capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1


def test_routes_through_a_combination(knowledge):
    (recommendation,) = (
        knowledge.under(["two-named-therapies"])
        .topic("chronic-pain-2009/trigger-points")
        .recommendations
    )
    found = routes(recommendation.requires)
    numbers = {c.iri: c.number for c in recommendation.criteria}
    therapies = {frozenset(numbers[c] for c in r if numbers[c].startswith("3")) for r in found}
    assert len(therapies) == 6
    assert all(len(t) == 2 for t in therapies)
