"""The page on the library says what the library holds."""

from __future__ import annotations

from pathlib import Path

from reasoner.authoring.mutation.operators import OPERATORS, mutants_of_topic
from reasoner.authoring.mutation.report import contract
from reasoner.authoring.mutation.run import run_mutants
from reasoner.authoring.summarypage import CASES, MUTANTS, PAGE, kept, mutants_of, page
from reasoner.knowledge import Knowledge
from tests.authoring_bench.conftest import TOPIC


def test_page_is_that_of_the_library(knowledge: Knowledge) -> None:
    written = PAGE.read_text("utf-8")
    made = page(knowledge, CASES, kept(written))
    assert written == made, "write it anew: python -m reasoner.authoring.summarypage"


def test_page_keeps_what_a_run_found() -> None:
    part = MUTANTS + "\nOf 3 slips ...\n"
    assert kept("# The library\n\n" + part) == part
    assert "Not run yet" in kept("# The library\n")


def test_survivors_stand_on_the_page_with_the_case_to_write(tiny: Knowledge, library: Path) -> None:
    (library / TOPIC / "five.yaml").unlink()
    found = contract(tiny, run_mutants(tiny, library, [TOPIC]))
    text = mutants_of(found)
    assert "quantity at most 5 instead of 4 | wanted: a case where quantity is exactly 5" in text
    assert f"| {TOPIC} | {found['counts']['killed']} | {found['counts']['survived']} |" in text


def test_topics_that_were_not_run_are_named(tiny: Knowledge, library: Path) -> None:
    found = contract(tiny, run_mutants(tiny, library, [TOPIC]))
    assert "Not run: other/topic.\n" in mutants_of(found, [TOPIC, "other/topic"])
    assert "Not run" not in mutants_of(found, [TOPIC])


def test_every_kind_of_slip_is_described_for_the_author(
    tiny: Knowledge, knowledge: Knowledge
) -> None:
    text = Path("docs/authoring-bench.md").read_text("utf-8")
    made = [*mutants_of_topic(tiny, TOPIC)]
    made += mutants_of_topic(knowledge, "chronic-pain-2009/physical-medicine")
    assert len(OPERATORS) == 10
    assert not {m.operator for m in made} - set(text.replace("`", " ").replace(",", " ").split())
