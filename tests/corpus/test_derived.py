"""What is derived of a population by a shorter way than of a case is the same."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reasoner.corpus.derived import _first_within, months_between
from reasoner.corpus.literals import day_number
from reasoner.corpus.vectors import np
from reasoner.derivation import _RECENT
from reasoner.quantities import calendar_months, in_months


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.sampled_from([m for m, _ in _RECENT]))
def test_first_day_within_months_is_the_first(end, most):
    first = _first_within(most, end)
    assert calendar_months(first, end) <= most < calendar_months(first - timedelta(days=1), end)


DAYS = st.dates(date(1910, 1, 1), date(2090, 12, 31))
MONTH_ENDS = st.builds(
    lambda day: (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1), DAYS
)


@given(st.lists(st.tuples(DAYS | MONTH_ENDS, DAYS | MONTH_ENDS), min_size=1))
def test_months_are_counted_alike_one_by_one_and_all_at_once(pairs):
    pairs = [(min(pair), max(pair)) for pair in pairs]
    starts, ends = (np.array(list(map(day_number, side))) for side in zip(*pairs, strict=True))
    months, rest = months_between(starts, ends)
    told = [in_months(*one) for one in zip(months.tolist(), rest.tolist(), strict=True)]
    assert told == [calendar_months(start, end) for start, end in pairs]


def test_every_end_of_a_month_is_counted_alike():
    last = [date(y, m, 1) - timedelta(days=1) for y in (2011, 2012, 2013) for m in range(1, 13)]
    pairs = [(a, b + timedelta(days=d)) for a in last for b in last for d in (-1, 0, 1) if a < b]
    starts, ends = (np.array(list(map(day_number, side))) for side in zip(*pairs, strict=True))
    months, rest = months_between(starts, ends)
    told = [in_months(*one) for one in zip(months.tolist(), rest.tolist(), strict=True)]
    assert told == [calendar_months(start, end) for start, end in pairs]
