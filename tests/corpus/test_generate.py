"""Synthetic cases: valid, reproducible, of every topic, and decided the same either way.

``MTUS_GENERATED_CASES=10000`` decides so many either way, which takes half an hour of a processor, in
parts that ``--dist worksteal`` hands to every one; a run has 200.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from itertools import islice

import pytest
from typer.testing import CliRunner

from reasoner.case import parse_case
from reasoner.cli import app
from reasoner.corpus.determine import Population
from reasoner.corpus.drawn import RowWriter, case_file
from reasoner.corpus.generate import Generator, generate
from reasoner.corpus.schema import Rows
from reasoner.corpus.settling import topic_of
from reasoner.knowledge import Knowledge, load_knowledge
from tests.corpus.population import by_plans, differences, one_by_one, write_cases

MANY = int(os.environ.get("MTUS_GENERATED_CASES", "200"))
PART = 1000


@pytest.fixture(scope="module")
def generator(knowledge: Knowledge) -> Generator:
    return Generator.of(knowledge, 11)


@cache
def drawn_cases(many: int, part: int = 0):
    knowledge = load_knowledge()
    drawn = Generator.of(knowledge, 11).part(part, many)
    return [parse_case(case_file(c).encode(), f"{c['id']}.yaml", knowledge) for c in drawn]


def test_rows_are_those_of_the_case_file(generator, knowledge):
    writer = RowWriter(knowledge)
    for drawn, case in zip(generator.part(0, 200), drawn_cases(200), strict=True):
        direct, read = Rows(), Rows()
        writer.add(direct, 0, drawn, case.source)
        read.add(0, case, knowledge)
        assert direct.cases == read.cases
        assert sorted(direct.nodes) == sorted(read.nodes)
        assert {k: sorted(v) for k, v in direct.facts.items()} == {
            k: sorted(v) for k, v in read.facts.items()
        }


@pytest.mark.parametrize("first", range(0, MANY, PART))
def test_drawn_cases_are_decided_the_same(first, tmp_path, knowledge):
    cases = drawn_cases(min(PART, MANY - first), first // PART)
    write_cases(cases, tmp_path, knowledge)
    reference = one_by_one(cases, knowledge)
    assert not differences(by_plans(tmp_path, knowledge), reference)
    necessities = Counter(row[1] for row in reference.values() if row != ("refused",))
    assert len(necessities) == 4


def test_population_is_about_every_topic(tmp_path, knowledge):
    generate(6000, 5, tmp_path, knowledge, part=6000)
    population = Population(tmp_path, knowledge)
    governing = population.begin([0]).governing
    found = {topic_of(population.recommendations[n].iri) for n in set(governing.numbers.tolist())}
    assert found == {topic_of(r.iri) for r in knowledge.recommendations}
    # What no one wrote a case about may show that two recommendations lack a precedence.
    assert len(set(governing.requests[governing.torn].tolist())) < 60


def test_same_seed_gives_the_same_bytes_in_any_number_of_processes(tmp_path, knowledge):
    generate(300, 2, tmp_path / "one", knowledge, part=100)
    generate(300, 2, tmp_path / "two", knowledge, part=100, jobs=2)
    files = sorted(f for f in (tmp_path / "one").rglob("*") if f.is_file())
    assert len(files) > 30
    for file in files:
        other = tmp_path / "two" / file.relative_to(tmp_path / "one")
        assert file.read_bytes() == other.read_bytes(), file


def test_other_seed_gives_other_cases(generator, knowledge):
    one = list(islice(generator.part(0, 5), 5))
    two = list(islice(Generator.of(knowledge, 12).part(0, 5), 5))
    assert [c["requests"] for c in one] != [c["requests"] for c in two]


def test_dependence_absence_contradiction_and_silence_are_there(generator):
    cases = list(generator.part(0, 2000))
    facts = [f for c in cases for f in c["facts"]]
    requests = [r for c in cases for r in c["requests"]]
    absent = sum(f.get("status") == "absent" for f in facts) / len(facts)
    dependent = sum("dependsOn" in r for r in requests) / len(requests)
    assert 0.12 < absent < 0.24
    assert 0.1 < dependent < 0.4
    assert any("date" not in r for c in cases for r in c["records"])
    assert any("date" in r for r in requests)
    assert any("granted" in r for r in requests)
    assert any(
        {f.get("status", "present") for f in c["facts"] if f["is"] == kind} == {"present", "absent"}
        for c in cases
        for kind in {f["is"] for f in c["facts"]}
    )


def test_command(tmp_path):
    done = CliRunner().invoke(
        app,
        ["corpus", "generate", "--n", "20", "--seed", "3", "--out", str(tmp_path / "t"),
         "--cases", str(tmp_path / "files"), "--jobs", "1"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "files").iterdir())) == 20
