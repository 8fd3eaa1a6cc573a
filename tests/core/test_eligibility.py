"""Policies: who may use a client today, and why not."""

from datetime import date
from typing import Final

import pytest

from bridge.core.eligibility import (
    DayRule,
    Eligible,
    Policy,
    RefusalReason,
    Refused,
    decide,
    is_current,
    normalise_institution,
)
from bridge.core.patron import Identity, IdentityKind, Membership, Patron

TODAY: Final = date(2027, 1, 15)
YESTERDAY: Final = date(2027, 1, 14)
EARLIER: Final = date(2026, 6, 30)
VS: Final = frozenset({"vs"})
NO_RECORD: Final = Refused(RefusalReason.NO_PATRON_RECORD)
ELSEWHERE: Final = Refused(RefusalReason.INSTITUTION)


def reader(*memberships: Membership, barcode: str | None = None) -> Patron:
    return Patron(
        Identity(IdentityKind.USER, "1"), barcode=barcode, memberships=memberships
    )


def at(institution: str | None, last: date | None = None) -> Membership:
    return Membership(institution, expires_on=last)


def expired(institution: str, last: date) -> Refused:
    return Refused(RefusalReason.MEMBERSHIP_EXPIRED, institution, last)


ANYBODY: Final = Policy(requires_patron_record=False)
CURRENT: Final = Policy(requires_membership=True)
OF_VS: Final = Policy(institutions=VS)
CURRENT_OF_VS: Final = Policy(institutions=VS, requires_membership=True)


@pytest.mark.parametrize(
    ("policy", "patron", "verdict"),
    [
        (Policy(), reader(at("vs")), Eligible()),
        (Policy(), reader(at("vs", EARLIER)), Eligible()),
        (Policy(), reader(barcode="1"), Eligible()),
        (Policy(), reader(), NO_RECORD),
        (ANYBODY, reader(), Eligible()),
        (OF_VS, reader(at("vs")), Eligible()),
        (OF_VS, reader(at("VS")), Eligible()),
        (OF_VS, reader(at("vs", EARLIER)), Eligible()),
        (OF_VS, reader(at("fr"), at("vs")), Eligible()),
        (OF_VS, reader(at("fr")), ELSEWHERE),
        (OF_VS, reader(at(None)), ELSEWHERE),
        (OF_VS, reader(barcode="1"), ELSEWHERE),
        (OF_VS, reader(), NO_RECORD),
        (Policy(institutions=frozenset({"nj"})), reader(at("rbnj")), Eligible()),
        (CURRENT, reader(at("vs", TODAY)), Eligible()),
        (CURRENT, reader(at("vs")), Eligible()),
        (CURRENT, reader(at("vs", YESTERDAY)), expired("vs", YESTERDAY)),
        (
            CURRENT,
            reader(at("fr", EARLIER), at("vs", YESTERDAY)),
            expired("vs", YESTERDAY),
        ),
        (CURRENT, reader(at("fr", EARLIER), at("vs", TODAY)), Eligible()),
        (CURRENT, reader(barcode="1"), NO_RECORD),
        (
            CURRENT_OF_VS,
            reader(at("fr"), at("vs", YESTERDAY)),
            expired("vs", YESTERDAY),
        ),
        (CURRENT_OF_VS, reader(at("fr", EARLIER), at("vs")), Eligible()),
        (
            Policy(requires_membership=True, requires_patron_record=False),
            reader(),
            NO_RECORD,
        ),
        (
            Policy(requires_membership=True, grace_days=1),
            reader(at("vs", YESTERDAY)),
            Eligible(),
        ),
        (
            Policy(requires_membership=True, day_rule=DayRule.START),
            reader(at("vs", TODAY)),
            expired("vs", TODAY),
        ),
    ],
)
def test_a_policy_decides(
    policy: Policy, patron: Patron, verdict: Eligible | Refused
) -> None:
    assert decide(patron, policy, TODAY) == verdict


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
    membership = at("vs", date(2027, 3, 31))
    next_day = date.fromordinal(last_valid.toordinal() + 1)

    assert is_current(membership, last_valid, rule, grace_days)
    assert not is_current(membership, next_day, rule, grace_days)


def test_a_card_that_ends_with_the_calendar_has_grace_days_too() -> None:
    assert is_current(at("vs", date.max), TODAY, DayRule.END, grace_days=400)


@pytest.mark.parametrize(
    ("code", "normal"),
    [("vs", "vs"), ("VS", "vs"), ("rbnj", "nj"), ("RBNJ", "nj"), ("nj", "nj")],
)
def test_institutions_are_compared_without_case_and_former_names(
    code: str, normal: str
) -> None:
    assert normalise_institution(code) == normal
