"""What is derived of a population by a shorter way than of a case is the same."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reasoner.corpus.derived import _first_within
from reasoner.derivation import _RECENT
from reasoner.quantities import calendar_months


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.sampled_from([m for m, _ in _RECENT]))
def test_first_day_within_months_is_the_first(end, most):
    first = _first_within(most, end)
    assert calendar_months(first, end) <= most < calendar_months(first - timedelta(days=1), end)
