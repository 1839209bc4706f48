"""How outcomes combine: strong Kleene logic, with what is not applicable left out.

Source: Kleene, Introduction to Metamathematics (1952), section 64.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.outcomes import Outcome, all_of, any_of, at_least, unless

MET, NOT_MET = Outcome.MET, Outcome.NOT_MET
UNKNOWN, NEUTRAL = Outcome.NOT_DOCUMENTED, Outcome.NOT_APPLICABLE
TRUTHS = (NOT_MET, UNKNOWN, MET)
OUTCOMES = (*TRUTHS, NEUTRAL)

outcomes = st.lists(st.sampled_from(OUTCOMES), max_size=6)
truths = st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=6)


def negation(outcome: Outcome) -> Outcome:
    return {MET: NOT_MET, NOT_MET: MET}.get(outcome, outcome)


def refined_by(one: Outcome, other: Outcome) -> bool:
    """The order of knowledge: an unknown can become anything, what is known stays."""
    return one is other or one is UNKNOWN


def no_worse(one: Outcome, other: Outcome) -> bool:
    """The order of truth, from not met over not documented to met."""
    return TRUTHS.index(one) <= TRUTHS.index(other)


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (MET, MET, MET, MET),
        (MET, UNKNOWN, UNKNOWN, MET),
        (MET, NOT_MET, NOT_MET, MET),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, NOT_MET, NOT_MET, UNKNOWN),
        (NOT_MET, NOT_MET, NOT_MET, NOT_MET),
        (NEUTRAL, MET, MET, MET),
        (NEUTRAL, UNKNOWN, UNKNOWN, UNKNOWN),
        (NEUTRAL, NOT_MET, NOT_MET, NOT_MET),
        (NEUTRAL, NEUTRAL, NEUTRAL, NEUTRAL),
    ],
)
def test_truth_tables(left: Outcome, right: Outcome, both: Outcome, either: Outcome) -> None:
    assert all_of([left, right]) is all_of([right, left]) is both
    assert any_of([left, right]) is any_of([right, left]) is either


def test_a_requirement_is_lifted_by_its_exception_alone() -> None:
    table = {
        (MET, MET): MET, (MET, UNKNOWN): MET, (MET, NOT_MET): MET, (MET, NEUTRAL): MET,
        (UNKNOWN, MET): MET, (UNKNOWN, UNKNOWN): UNKNOWN, (UNKNOWN, NOT_MET): UNKNOWN,
        (UNKNOWN, NEUTRAL): UNKNOWN,
        (NOT_MET, MET): MET, (NOT_MET, UNKNOWN): UNKNOWN, (NOT_MET, NOT_MET): NOT_MET,
        (NOT_MET, NEUTRAL): NOT_MET,
    }  # fmt: skip
    for (requirement, exception), expected in table.items():
        assert unless(requirement, exception) is expected
    for exception in OUTCOMES:
        assert unless(NEUTRAL, exception) is NEUTRAL


@given(outcomes)
def test_order_of_operands_does_not_count(operands: list[Outcome]) -> None:
    for combined in (all_of, any_of):
        assert combined(operands) is combined(operands[::-1]) is combined(sorted(operands))


@given(outcomes, outcomes)
def test_grouping_of_operands_does_not_count(one: list[Outcome], other: list[Outcome]) -> None:
    for combined in (all_of, any_of):
        assert combined([combined(one), combined(other)]) is combined([*one, *other])


@given(outcomes)
def test_what_is_not_applicable_is_neutral(operands: list[Outcome]) -> None:
    without = [o for o in operands if o is not NEUTRAL]
    for combined in (all_of, any_of):
        assert combined(operands) is combined(without)
    for threshold in range(1, len(operands) + 2):
        assert at_least(threshold, operands) is at_least(threshold, without)


@given(truths)
def test_negation_turns_all_into_any(operands: list[Outcome]) -> None:
    """De Morgan."""
    assert negation(all_of(operands)) is any_of(map(negation, operands))
    assert negation(any_of(operands)) is all_of(map(negation, operands))


@given(truths, st.integers(1, 6))
def test_negation_turns_at_least_into_at_most(operands: list[Outcome], threshold: int) -> None:
    """At least k of n fails exactly if at least n - k + 1 fail."""
    if threshold <= len(operands):
        failing = at_least(len(operands) - threshold + 1, map(negation, operands))
        assert negation(at_least(threshold, operands)) is failing


@given(truths)
def test_all_and_any_are_the_ends_of_at_least(operands: list[Outcome]) -> None:
    assert at_least(len(operands), operands) is all_of(operands)
    assert at_least(1, operands) is any_of(operands)


@given(
    st.lists(st.tuples(st.sampled_from(TRUTHS), st.sampled_from(TRUTHS)), min_size=1, max_size=5)
)
def test_more_knowledge_never_takes_an_answer_back(pairs: list[tuple[Outcome, Outcome]]) -> None:
    before = [one for one, _ in pairs]
    after = [other if refined_by(one, other) else one for one, other in pairs]
    for combined in (all_of, any_of, lambda o: at_least(2, o)):
        assert refined_by(combined(before), combined(after))
    for one, other in product(range(len(pairs)), repeat=2):
        assert refined_by(unless(before[one], before[other]), unless(after[one], after[other]))


@given(
    st.lists(st.tuples(st.sampled_from(TRUTHS), st.sampled_from(TRUTHS)), min_size=1, max_size=5)
)
def test_a_better_operand_never_makes_the_whole_worse(pairs: list[tuple[Outcome, Outcome]]) -> None:
    worse = [min(pair, key=TRUTHS.index) for pair in pairs]
    better = [max(pair, key=TRUTHS.index) for pair in pairs]
    for combined in (all_of, any_of, lambda o: at_least(2, o)):
        assert no_worse(combined(worse), combined(better))
    assert no_worse(unless(worse[0], worse[-1]), unless(better[0], better[-1]))


@given(truths)
def test_unknown_stands_for_every_completion(operands: list[Outcome]) -> None:
    """The whole is known exactly if every completion of the unknown gives the same."""
    unknown = [n for n, o in enumerate(operands) if o is UNKNOWN]
    for combined in (all_of, any_of, lambda o: at_least(2, o)):
        results = set()
        for chosen in product((MET, NOT_MET), repeat=len(unknown)):
            completed = list(operands)
            for n, outcome in zip(unknown, chosen, strict=True):
                completed[n] = outcome
            results.add(combined(completed))
        assert combined(operands) is (results.pop() if len(results) == 1 else UNKNOWN)
