"""Intervals from samples: known values, nothing left to chance where all is drawn, and coverage."""

from __future__ import annotations

from random import Random

import pytest

from reasoner.corpus.sampling import Sample, cases_with, items_of

MANY = 10**9


@pytest.mark.parametrize(
    # Wilson's intervals at 95 %, as textbooks have them.
    ("seen", "drawn", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_shares_have_wilsons_interval(seen, drawn, low, high):
    found = cases_with(seen, drawn, MANY)
    assert found.low / MANY == pytest.approx(low, abs=1e-4)
    assert found.high / MANY == pytest.approx(high, abs=1e-4)


def test_where_all_is_drawn_nothing_is_left_to_chance():
    found = cases_with(3, 50, 50)
    assert (found.low, found.value, found.high) == (3, 3, 3)
    items = items_of([1, 2], 50, 50)
    assert (items.low, items.value, items.high) == (3, 3, 3)


def test_few_cases_do_not_tell_how_many_items():
    assert items_of([1] * 9, 100, 1000) is None
    assert items_of([1] * 10, 100, 1000) is not None


def test_intervals_hold_the_truth_nineteen_times_in_twenty():
    random = Random(5)
    population = [random.choices((0, 1, 2, 4), (90, 6, 3, 1))[0] for _ in range(5000)]
    cases, items = sum(map(bool, population)), sum(population)
    held = [0, 0]
    for seed in range(400):
        drawn = Sample(500, seed).draw(population)
        counts = [n for n in drawn if n]
        share, total = cases_with(len(counts), 500, 5000), items_of(counts, 500, 5000)
        held[0] += share.low <= cases <= share.high
        held[1] += total.low <= items <= total.high
    assert all(0.92 < h / 400 < 0.98 for h in held), held


def test_same_seed_draws_the_same():
    population = list(range(1000))
    assert Sample(10, 1).draw(population) == Sample(10, 1).draw(population)
    assert Sample(10, 1).draw(population) != Sample(10, 2).draw(population)
    assert Sample(2000).draw(population) == population
