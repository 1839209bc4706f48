"""A mutant is killed by a case that then decides otherwise than it says, and by no other."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reasoner.assessment import assess
from reasoner.authoring.decidedcases import observe
from reasoner.authoring.expectedcases import files_of, shown
from reasoner.authoring.mutation.mutant import Mutant
from reasoner.authoring.mutation.operators import mutants_of_topic
from reasoner.authoring.mutation.prepared import terms_named
from reasoner.authoring.mutation.trial import (
    EQUIVALENT,
    KILLED,
    REFUSED,
    SURVIVED,
    Changed,
    Trials,
    Verdict,
)
from reasoner.knowledge import Knowledge
from tests.authoring_bench.conftest import PAIN, TOPIC, write_case

Try = Callable[[str], Verdict]


@pytest.fixture(scope="module")
def mutants(tiny: Knowledge) -> dict[str, Mutant]:
    return {m.key: m for m in mutants_of_topic(tiny, TOPIC)}


def _trials(tiny: Knowledge, library: Path) -> Trials:
    return Trials(tiny, TOPIC, library, observe(library, files_of(library), tiny))


@pytest.fixture
def attempt(tiny: Knowledge, mutants: dict[str, Mutant], library: Path) -> Try:
    return lambda key: _trials(tiny, library).run(mutants[key])


UP = "bound-by-one:criterion-1-limit:maxInclusive:up"


def test_boundary_case_kills(attempt: Try) -> None:
    verdict = attempt(UP)
    assert (verdict.result, verdict.by) == (KILLED, f"{TOPIC}/five.yaml")


def test_mutant_survives_when_its_boundary_case_is_removed(attempt: Try, library: Path) -> None:
    (library / TOPIC / "five.yaml").unlink()
    assert attempt(UP).result == SURVIVED
    assert attempt("bound-by-one:criterion-1-limit:maxInclusive:down").result == KILLED


def test_a_case_that_expects_only_the_decision_kills_by_it(attempt: Try, library: Path) -> None:
    for file in (library / TOPIC).iterdir():
        file.unlink()
    write_case(library, "met", "decision: MedicallyNecessary")
    assert attempt("status-swapped:criterion-2-documented:path:0").result == KILLED
    assert attempt("all-any:required:type").result == SURVIVED


def test_the_supported_quantity_kills(attempt: Try, library: Path) -> None:
    for file in (library / TOPIC).iterdir():
        file.unlink()
    write_case(library, "five", "supported: 4", request="quantity: 5, agents: [Lidocaine]")
    assert attempt("bound-by-one:criterion-1-limit:maxInclusive:down").result == KILLED


@pytest.mark.parametrize(
    "key",
    [
        "all-any:failed:or",
        "wrong-concept:nsaid:class:NSAID:sibling",
        "wrong-concept:failed-outcome:hasValue:Failed",
        "bound-strictness:criterion-1-limit:maxInclusive",
        "bound-strictness:long-pain-duration:minExclusive",
        "bound-by-one:long-pain-duration:minExclusive:up",
        "unit-swapped:long-pain-duration:path:0:durationWeeks",
        "silence-flipped:criterion-2:whenSilent",
        "target-swapped:criterion-1:targetClass:repeat-request",
        "operand-dropped:required:operand:criterion-2",
        "negation-dropped:criterion-4-agents:not:steroid",
    ],
)
def test_slip_is_noticed(attempt: Try, key: str) -> None:
    assert attempt(key).result == KILLED


@pytest.mark.parametrize(
    "key",
    [
        "exception-dropped:repeat:exception",
        "query-strictness:criterion-5-query:select:0",
        "wrong-concept:exercise:class:Exercise:parent",
    ],
)
def test_slip_in_what_no_case_is_about_is_not_noticed(attempt: Try, key: str) -> None:
    assert attempt(key).result == SURVIVED


def test_repeat_two_months_after_kills_the_slips_of_its_query(attempt: Try, library: Path) -> None:
    write_case(
        library,
        "two-months-after",
        'criteria: {"5": Met}',
        (PAIN, "is: TriggerPointInjection, region: CervicalRegion, date: 2014-07-10, count: 1"),
        "quantity: 4, agents: [Lidocaine], phase: Continuing",
    )
    for key in (
        "query-strictness:criterion-5-query:select:0",
        "query-direction:criterion-5-query:select:0",
        "query-number:criterion-5-query:select:0:3",
    ):
        expected = SURVIVED if key.endswith("direction:criterion-5-query:select:0") else KILLED
        assert attempt(key).result == expected, key


def test_what_is_refused_when_loaded_is_told_apart(attempt: Try) -> None:
    verdict = attempt("property-dropped:criterion-1:property:criterion-1-limit")
    assert verdict.result == REFUSED
    assert "constrains nothing" in verdict.by


def test_equivalent_mutant_is_not_tried(attempt: Try) -> None:
    assert attempt("count-by-one:criterion-1-limit:minCount:down").result == EQUIVALENT


def test_a_case_that_is_not_decided_as_it_says_kills_nothing(attempt: Try, library: Path) -> None:
    (library / TOPIC / "five.yaml").unlink()
    write_case(library, "wrong", 'criteria: {"1": NotMet}')
    assert attempt(UP).result == SURVIVED


@pytest.mark.parametrize("seems", [True, False])
def test_what_seems_to_notice_decides_nothing(
    tiny: Knowledge,
    mutants: dict[str, Mutant],
    library: Path,
    monkeypatch: pytest.MonkeyPatch,
    seems: bool,
) -> None:
    """A case that pyshifty names in vain kills nothing, and one that it passes over does."""
    found = {key: _trials(tiny, library).run(m).result for key, m in mutants.items()}
    assert {KILLED, SURVIVED} < set(found.values())
    monkeypatch.setattr(Changed, "seems_noticed_by", lambda *_: seems)
    assert {key: _trials(tiny, library).run(m).result for key, m in mutants.items()} == found


def test_a_trial_leaves_no_trace(
    tiny: Knowledge, mutants: dict[str, Mutant], library: Path
) -> None:
    trials = _trials(tiny, library)
    once = {key: trials.run(mutant) for key, mutant in mutants.items()}
    again = {key: trials.run(mutants[key]) for key in reversed(list(mutants))}
    assert once == again
    assert once == {key: _trials(tiny, library).run(mutant) for key, mutant in mutants.items()}


def test_what_shapes_can_see_of_a_case_is_enough(knowledge: Knowledge) -> None:
    topic = "chronic-pain-2009/trigger-points"
    library = Path("tests/cases")
    names = [f"{topic}/{n}.yaml" for n in ("all-met-first", "repeat-fifty-percent", "silent")]
    names = [n for n in names if (library / n).exists()]
    trials = Trials(knowledge, topic, library, observe(library, names, knowledge))
    assert trials.cases
    for prepared in trials.cases:
        for request, recommendation in prepared.governed(topic).items():
            named = terms_named(knowledge.shapes_of(recommendation)[0].graph)
            assert named is not None
            ruled_out = {c.ruled_out_by for c in recommendation.criteria if c.ruled_out_by}
            view = prepared.view(request, named | ruled_out)
            assert len(view.classified.graph) < len(prepared.classified[request].graph)
            whole = assess(prepared.classified[request], knowledge, recommendation)[request]
            seen = assess(view.classified, knowledge, recommendation)[request]
            assert list(map(shown, seen)) == list(map(shown, whole))


def test_many_facts_that_look_the_same_are_told_apart_at_once(
    tiny: Knowledge, mutants: dict[str, Mutant], library: Path
) -> None:
    """Canonical names of a dozen equal nodes would take minutes."""
    (library / TOPIC / "five.yaml").unlink()
    write_case(library, "many", 'criteria: {"1": NotMet}', (PAIN,) * 14, "quantity: 5")
    started = time.process_time()
    assert _trials(tiny, library).run(mutants[UP]).result == KILLED
    assert time.process_time() - started < 5
