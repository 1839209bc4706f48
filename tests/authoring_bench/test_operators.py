"""Each operator makes the slips that it is named for, and no others."""

from __future__ import annotations

import pytest
from rdflib import SH, Literal

from reasoner.authoring.mutation.mutant import Encoding, Mutant, encoding_of
from reasoner.authoring.mutation.operators import mutants_of, mutants_of_topic
from reasoner.authoring.mutation.structure import criteria
from reasoner.knowledge import Knowledge
from reasoner.terms import CORE
from tests.authoring_bench.conftest import TOPIC


@pytest.fixture(scope="module")
def encoding(tiny: Knowledge) -> Encoding:
    return encoding_of(tiny, TOPIC)


@pytest.fixture(scope="module")
def mutants(encoding: Encoding) -> dict[str, Mutant]:
    return {m.key: m for m in mutants_of(encoding)}


@pytest.mark.parametrize(
    ("key", "description"),
    [
        ("bound-by-one:criterion-1-limit:maxInclusive:up", "at most 5 instead of 4"),
        ("bound-by-one:criterion-1-limit:maxInclusive:down", "at most 3 instead of 4"),
        ("bound-by-one:long-pain-duration:minExclusive:up", "more than 4.0 instead of 3.0"),
        ("bound-strictness:criterion-1-limit:maxInclusive", "less than 4 instead of at most 4"),
        ("bound-strictness:long-pain-duration:minExclusive", "at least 3.0 instead of more than"),
        ("count-by-one:criterion-2-documented:qualifiedMinCount:up", "at least 2 of present"),
        ("count-by-one:criterion-3-not-untried:qualifiedMaxCount:up", "at most 1 of absent"),
        ("all-any:required:type", "any instead of all"),
        ("all-any:failed:or", "all of nsaid, exercise instead of any"),
        ("threshold-by-one:care:atLeast:2", "at least 2 instead of 1"),
        ("exception-dropped:repeat:exception", "the exception criterion 6 (Function has"),
        ("operand-dropped:required:operand:criterion-2", "criterion 2 (Pain has lasted"),
        ("operand-dropped:failed:or:exercise", "exercise is lost from any of nsaid, exercise"),
        ("property-dropped:long-pain:property:long-pain-duration", "long-pain-duration is lost"),
        ("negation-dropped:criterion-4-agents:not:steroid", "steroid instead of not steroid"),
        ("wrong-concept:nsaid:class:NSAID:parent", "instead of nonsteroidal anti-inflammatory"),
        ("wrong-concept:nsaid:class:NSAID:sibling", "instead of nonsteroidal anti-inflammatory"),
        ("wrong-concept:failed-outcome:hasValue:Failed", "instead of failed"),
        ("status-swapped:criterion-2-documented:path:0", "absent fact instead of present fact"),
        ("unit-swapped:long-pain-duration:path:0:durationWeeks", "weeks instead of months"),
        ("silence-flipped:criterion-2:whenSilent", "silence counts as met"),
        ("silence-flipped:criterion-4:whenSilent", "undocumented instead of met"),
        ("violation-flipped:criterion-3-not-untried:onViolation", "instead of not met"),
        ("target-swapped:criterion-5:targetClass:request", "asked of each request for injections"),
        ("target-swapped:criterion-1:targetClass:repeat-request", "each request for more"),
        ("query-number:criterion-5-query:select:0:3", "3 instead of 2 in: FILTER (?given"),
        ("query-strictness:criterion-5-query:select:0", ">= instead of > in: FILTER"),
        ("query-direction:criterion-5-query:select:0", "< instead of > in: FILTER"),
    ],
)
def test_operator_makes_the_slip(mutants: dict[str, Mutant], key: str, description: str) -> None:
    assert description in mutants[key].description


def test_clinical_words_and_the_number_of_the_criterion_describe_a_mutant(
    mutants: dict[str, Mutant],
) -> None:
    mutant = mutants["bound-by-one:criterion-1-limit:maxInclusive:up"]
    assert mutant.description == (
        "Criterion 1 (At most four are given): quantity at most 5 instead of 4"
    )
    assert mutant.hint == "a case where quantity is exactly 5"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bound-by-one:criterion-1-limit:maxInclusive:down", "4"),
        ("bound-strictness:criterion-1-limit:maxInclusive", "4"),
        ("bound-by-one:long-pain-duration:minExclusive:up", "4"),
        ("bound-by-one:long-pain-duration:minExclusive:down", "3"),
    ],
)
def test_hint_names_the_value_that_separates(
    mutants: dict[str, Mutant], key: str, value: str
) -> None:
    assert mutants[key].hint.split("exactly ")[1].startswith(value)


def test_a_mutant_is_taken_back_in_full(encoding: Encoding, mutants: dict[str, Mutant]) -> None:
    before = set(encoding.shapes), set(encoding.guideline)
    for mutant in mutants.values():
        with encoding.applied(mutant):
            changed = set(encoding.shapes), set(encoding.guideline)
            assert changed != before, mutant.key
        assert (set(encoding.shapes), set(encoding.guideline)) == before, mutant.key


def test_keys_are_the_same_from_run_to_run(tiny: Knowledge, mutants: dict[str, Mutant]) -> None:
    assert [m.key for m in mutants_of_topic(tiny, TOPIC)] == list(mutants)


@pytest.mark.parametrize(
    "key",
    [
        # Nothing else of criterion 1 can bear it out: silence is undocumented all the same.
        "count-by-one:criterion-1-limit:minCount:down",
        "count-by-one:criterion-2-documented:qualifiedMinCount:down",
        # The only other shape is an upper count, which bears nothing out.
        "count-by-one:criterion-3-documented:qualifiedMinCount:down",
    ],
)
def test_what_no_case_can_notice_is_equivalent_by_construction(
    mutants: dict[str, Mutant], key: str
) -> None:
    assert mutants[key].equivalent


def test_a_count_within_a_fact_is_not_called_equivalent(mutants: dict[str, Mutant]) -> None:
    assert mutants["count-by-one:long-pain-duration:minCount:down"].equivalent is None


def test_a_stated_limit_matters_only_where_the_shape_has_no_bound(tiny: Knowledge) -> None:
    encoding = encoding_of(tiny, TOPIC)
    (of,) = (c for c in encoding.criteria if c.number == "1")
    encoding.guideline.add((of.iri, CORE.limit, Literal(4)))
    bounded = {m.key: m for m in criteria(encoding)}
    encoding.shapes.remove((None, SH.maxInclusive, None))
    unbounded = {m.key: m for m in criteria(encoding)}
    for way in ("up", "down"):
        assert bounded[f"limit-by-one:criterion-1:limit:{way}"].equivalent
        assert unbounded[f"limit-by-one:criterion-1:limit:{way}"].equivalent is None


def test_what_a_reading_brings_in_is_changed_as_well(knowledge: Knowledge) -> None:
    found = mutants_of_topic(knowledge, "chronic-pain-2009/trigger-points")
    assert "threshold-by-one:failed-management:atLeast:3" in {m.key for m in found}
