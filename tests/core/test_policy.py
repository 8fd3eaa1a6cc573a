"""What a policy's lines mean by an institution, a membership and an age."""

from datetime import date
from typing import Final

import pytest

from bridge.core.patron import Membership
from bridge.core.policy import (
    DayRule,
    age_on,
    is_current,
    last_day_of_age,
    names_of,
    normalise_institution,
)

TODAY: Final = date(2027, 1, 15)
LEAP_CHILD: Final = date(2012, 2, 29)


@pytest.mark.parametrize(
    ("rule", "grace_days", "last_valid"),
    [
        (DayRule.END, 0, date(2027, 3, 31)),
        (DayRule.START, 0, date(2027, 3, 30)),
        (DayRule.END, 10, date(2027, 4, 10)),
        (DayRule.START, 10, date(2027, 4, 9)),
    ],
)
def test_a_membership_is_valid_up_to_the_day_that_the_rule_says(
    rule: DayRule, grace_days: int, last_valid: date
) -> None:
    membership = Membership("vs", expires_on=date(2027, 3, 31))
    next_day = date.fromordinal(last_valid.toordinal() + 1)

    assert is_current(membership, last_valid, rule, grace_days)
    assert not is_current(membership, next_day, rule, grace_days)


@pytest.mark.parametrize("rule", DayRule)
@pytest.mark.parametrize("today", [date.min, TODAY, date.max])
def test_a_membership_without_an_end_is_always_valid(
    rule: DayRule, today: date
) -> None:
    assert is_current(Membership("vs"), today, rule)


def test_a_card_that_ends_with_the_calendar_has_grace_days_too() -> None:
    membership = Membership("vs", expires_on=date.max)

    assert is_current(membership, TODAY, DayRule.END, grace_days=400)


def test_a_card_that_ends_with_the_first_day_of_all_was_never_valid() -> None:
    membership = Membership("vs", expires_on=date.min)

    assert not is_current(membership, date.min, DayRule.START)


@pytest.mark.parametrize(
    ("code", "normal"),
    [("vs", "vs"), ("VS", "vs"), ("rbnj", "nj"), ("RBNJ", "nj"), ("nj", "nj")],
)
def test_institutions_are_compared_without_case_and_former_names(
    code: str, normal: str
) -> None:
    assert normalise_institution(code) == normal


@pytest.mark.parametrize("code", ["nj", "NJ", "rbnj", "RBNJ"])
def test_an_institution_stands_under_all_its_names(code: str) -> None:
    assert names_of([code, "Vs"]) == {"nj", "rbnj", "vs"}


def test_other_names_may_be_given() -> None:
    aliases = {"old": "new", "older": "new", "x": "y"}

    assert names_of(["older"], aliases) == {"new", "old", "older"}
    assert names_of([], aliases) == frozenset()


@pytest.mark.parametrize(
    ("birthdate", "today", "age"),
    [
        (date(2011, 1, 15), date(2027, 1, 14), 15),
        (date(2011, 1, 15), date(2027, 1, 15), 16),
        (date(2011, 1, 15), date(2027, 1, 16), 16),
        (TODAY, TODAY, 0),
        (LEAP_CHILD, date(2028, 2, 28), 15),
        (LEAP_CHILD, date(2028, 2, 29), 16),
        (LEAP_CHILD, date(2027, 2, 28), 14),
        (LEAP_CHILD, date(2027, 3, 1), 15),
    ],
)
def test_age_is_in_whole_years(birthdate: date, today: date, age: int) -> None:
    assert age_on(birthdate, today) == age


@pytest.mark.parametrize(
    ("birthdate", "age", "last"),
    [
        (date(2011, 1, 15), 15, date(2027, 1, 14)),
        (date(2011, 1, 1), 15, date(2026, 12, 31)),
        (date(2011, 3, 1), 12, date(2024, 2, 29)),
        (LEAP_CHILD, 15, date(2028, 2, 28)),
        (LEAP_CHILD, 14, date(2027, 2, 28)),
        (date(9990, 5, 5), 9, None),
    ],
)
def test_an_age_ends_the_day_before_the_next_birthday(
    birthdate: date, age: int, last: date | None
) -> None:
    assert last_day_of_age(birthdate, age) == last
