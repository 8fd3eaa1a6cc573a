"""Days in Switzerland begin when its clocks say so, summer or winter."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.flow.days import first_second_of, zurich_day


@given(st.dates(date(1990, 1, 1), date(9000, 1, 1)))
def test_first_second_of_a_day_is_the_first_that_is_on_it(day: date) -> None:
    second = first_second_of(day)

    assert zurich_day(second) == day
    assert zurich_day(second - 1) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "second"),
    [
        (date(2027, 1, 16), 1_800_054_000),  # 23:00 UTC of the day before
        (date(2027, 3, 28), 1_806_188_400),  # clocks go forward later that day
        (date(2027, 3, 29), 1_806_271_200),  # a day of 23 hours after
        (date(2027, 11, 1), 1_825_023_600),  # a day of 25 hours after
    ],
)
def test_days_begin_at_midnight_of_summer_and_winter_time(
    day: date, second: int
) -> None:
    assert first_second_of(day) == second
