"""`mtus guideline new` gives files that hold at once, or writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from reasoner.adjudication import decide
from reasoner.authoring.newtopic import parse_criterion, write_files
from reasoner.case import parse_case
from reasoner.errors import InputError, MtusError
from reasoner.knowledge import load_knowledge
from reasoner.outcomes import Role
from reasoner.shacl import report, results_of
from reasoner.terms import local_name

TOPIC = "chronic-pain-2009/pillows"
PLACES = [
    f"ontology/guidelines/{TOPIC}.ttl",
    f"shapes/criteria/{TOPIC}.ttl",
    f"tests/cases/{TOPIC}/pillows-all-met.yaml",
    f"tests/cases/{TOPIC}/pillows-silent.yaml",
]
OPTIONS = {
    "--title": "Pillows", "--treatment": "TherapeuticPillow", "--section": "Pillows",
    "--page": "12", "--stance": "Option", "--noun": "pillow", "--attestation": "RecalledLow",
}  # fmt: skip
CRITERIA = (
    "Myofascial pain syndrome is diagnosed.",
    "Radiculopathy is not present. = no Radiculopathy",
    "NSAIDs have failed. = NSAID failed",
    "Not more than two pillows are asked for. = at most 2",
)


def options(tree: Path, *criteria: str, **changed: str | None) -> list[str]:
    given = {**OPTIONS, **{f"--{name}": value for name, value in changed.items()}}
    found = [part for pair in given.items() if pair[1] is not None for part in pair]
    for criterion in criteria or CRITERIA:
        found += ["--criterion", criterion]
    return [*found, "--in", str(tree)]


def files_of(tree: Path) -> set[str]:
    return {str(f.relative_to(tree)) for f in tree.rglob("*") if f.is_file()}


@pytest.fixture
def laid_out(tree, run) -> Path:
    before = files_of(tree)
    done = run("new_guideline_topic", TOPIC, *options(tree))
    assert done.code == 0, done.out
    assert files_of(tree) - before == set(PLACES)
    return tree


def test_new_topic_is_valid_at_once(laid_out):
    """It loads, its shapes are sound, the meta-shapes accept it, and its cases hold."""
    knowledge = load_knowledge(laid_out / "ontology", laid_out / "shapes")
    (recommendation,) = knowledge.topic(TOPIC).recommendations
    assert [c.number for c in recommendation.criteria] == ["1", "2", "3", "4"]
    assert {c.page for c in recommendation.criteria} == {"12"}
    knowledge.shapes_of(recommendation)
    found = results_of(report(data=knowledge.graph, shapes=knowledge.form_shapes("guideline")))
    assert not [r for r in found if TOPIC in r.focus]
    for file in PLACES[2:]:
        content = yaml.safe_load((laid_out / file).read_text())
        expected = content.pop("expect")["request-1"]
        case = parse_case(yaml.safe_dump(content).encode(), file, knowledge)
        (item,) = decide(case, knowledge, Role.IMR).items.values()
        assert item.necessity.value == expected["decision"]
        outcomes = {a.criterion.number: a.outcome.value for a in item.assessments}
        assert outcomes == expected["criteria"]


def test_nothing_is_overwritten(laid_out, run):
    before = {f: (laid_out / f).read_bytes() for f in PLACES}
    done = run("new_guideline_topic", TOPIC, *options(laid_out))
    assert done.code == 2
    assert "is there already" in done.out
    assert {f: (laid_out / f).read_bytes() for f in PLACES} == before


def test_answers_are_asked_for(tree, run):
    text = "\n".join(
        ["Pillows", "TherapeuticPillow", "", "12", "Option", "pillow", "RecalledLow",
         "Radiculopathy is not present. = no Radiculopathy", "", ""]
    )  # fmt: skip
    done = run("new_guideline_topic", TOPIC, "--in", str(tree), text=text)
    assert done.code == 0, done.out
    assert (tree / PLACES[3]).exists()


def test_treatment_that_is_not_recommended_needs_no_criteria(tree, run):
    arguments = [*options(tree, "x")[:-4], "--in", str(tree), "--stance", "NotRecommended"]
    done = run("new_guideline_topic", TOPIC, *arguments)
    assert done.code == 0, done.out
    assert not (tree / PLACES[1]).exists()
    assert [f.name for f in (tree / PLACES[2]).parent.iterdir()] == ["pillows-not-supported.yaml"]


def test_more_specific_topic_prevails_over_that_of_the_class(tree, run):
    """Tizanidine is a muscle relaxant, on which the guideline has a section of its own."""
    done = run("new_guideline_topic", "chronic-pain-2009/tizanidine", *options(
        tree, CRITERIA[0], title="Tizanidine", treatment="Tizanidine", noun="tablet"))  # fmt: skip
    assert done.code == 0, done.out
    assert "It prevails over chronic-pain-2009/muscle-relaxants, being more specific." in done.out
    knowledge = load_knowledge(tree / "ontology", tree / "shapes")
    file = tree / "tests/cases/chronic-pain-2009/tizanidine/tizanidine-all-met.yaml"
    content = yaml.safe_load(file.read_text())
    content.pop("expect")
    case = parse_case(yaml.safe_dump(content).encode(), file.name, knowledge)
    (item,) = decide(case, knowledge, Role.IMR).items.values()
    assert item.recommendation.iri.endswith("/chronic-pain-2009/tizanidine#recommendation")


@pytest.mark.parametrize(
    ("topic", "changed", "criteria", "said"),
    [
        (TOPIC, {"treatment": "TherapeuticPilow"}, (), 'Did you mean "TherapeuticPillow"?'),
        (TOPIC, {"stance": "recomended"}, (), 'Did you mean "Recommended"?'),
        ("chronic-pain-209/pillows", {}, (), 'Did you mean "chronic-pain-2009"?'),
        ("pillows", {}, (), "guideline/topic in lower case"),
        ("chronic-pain-2009/../../x", {}, (), "guideline/topic in lower case"),
        (TOPIC, {}, ("The moon is full.",), "name no concept of the vocabulary"),
        (TOPIC, {}, ("Pain. = Radiculopaty",), 'Did you mean "Radiculopathy"?'),
        (TOPIC, {}, ("Radiculopathy.", "Radiculopathy, again."), "look for the same"),
        (TOPIC, {}, ("a = Radiculopathy", "b = no Radiculopathy"), "Criterion 1 is NotMet"),
        (TOPIC, {"treatment": "TriggerPointInjection"}, (), "neither prevails"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(tree, run, topic, changed, criteria, said):
    before = files_of(tree)
    done = run("new_guideline_topic", topic, *options(tree, *criteria, **changed))
    assert done.code == 2
    assert said in done.out
    assert files_of(tree) == before


def test_concept_that_a_statement_names_is_found(knowledge):
    assert local_name(parse_criterion(CRITERIA[0], knowledge).concept) == "MyofascialPainSyndrome"


def test_statement_that_names_several_concepts_is_not_guessed_at(knowledge):
    with pytest.raises(InputError, match="Radiculopathy and "):
        parse_criterion("Radiculopathy and myofascial pain syndrome.", knowledge)


def test_what_was_written_is_taken_back_if_a_file_cannot_be(tmp_path):
    (tmp_path / "b").write_text("a file where a folder has to be")
    with pytest.raises(MtusError, match="cannot be written"):
        write_files({"a/one.txt": "1", "b/two.txt": "2"}, tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["b"]
