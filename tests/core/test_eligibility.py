"""Policies: who may use a client today, until when, and why not."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from bridge.core.eligibility import Eligible, RefusalReason, Refused, decide
from bridge.core.patron import Identity, IdentityKind, Membership, Patron
from bridge.core.policy import DayRule, Policy

TODAY: Final = date(2027, 1, 15)
YESTERDAY: Final = date(2027, 1, 14)
EARLIER: Final = date(2026, 6, 30)
LATER: Final = date(2027, 6, 30)
SUB: Final = "9f2c41"
VS: Final = frozenset({"vs"})
NO_RECORD: Final = Refused(RefusalReason.NO_PATRON_RECORD)
ELSEWHERE: Final = Refused(RefusalReason.INSTITUTION)
UNKNOWN_AGE: Final = Refused(RefusalReason.BIRTHDATE_UNKNOWN)
DENIED: Final = Refused(RefusalReason.DENIED)
OTHER_TYPE: Final = Refused(RefusalReason.PATRON_TYPE)


def reader(*memberships: Membership, barcode: str | None = None) -> Patron:
    return Patron(
        Identity(IdentityKind.USER, "1"), barcode=barcode, memberships=memberships
    )


def born(year: int, month: int, day: int) -> Patron:
    return replace(reader(at("vs")), birthdate=date(year, month, day))


def at(
    institution: str | None, last: date | None = None, kind: str | None = None
) -> Membership:
    return Membership(institution, kind, last)


def let_in(*memberships: Membership, until: date | None = None) -> Eligible:
    return Eligible(until, memberships)


def expired(institution: str, last: date) -> Refused:
    return Refused(RefusalReason.MEMBERSHIP_EXPIRED, institution, last)


def of_type(institution: str | None, kind: str | None) -> Refused:
    return Refused(RefusalReason.PATRON_TYPE, institution, patron_type=kind)


def of_age(reason: RefusalReason, limit: int) -> Refused:
    return Refused(reason, age_limit=limit)


ANYBODY: Final = Policy(requires_patron_record=False)
CURRENT: Final = Policy(requires_membership=True)
UNKNOWN: Final = Membership("vs", is_end_known=False)
OF_VS: Final = Policy(institutions=VS)
CURRENT_OF_VS: Final = Policy(institutions=VS, requires_membership=True)
ALL_CURRENT: Final = replace(CURRENT, requires_all=True)
STANDARD: Final = Policy(patron_types=frozenset({(None, "std")}))
STANDARD_OF_VS: Final = Policy(patron_types=frozenset({("vs", "std")}))
ALL_STANDARD: Final = replace(STANDARD, requires_all=True)
CURRENT_STANDARD: Final = replace(STANDARD, requires_membership=True)
ADULTS: Final = Policy(minimum_age=16)
YOUNG: Final = Policy(maximum_age=25)


@pytest.mark.parametrize(
    ("policy", "patron", "verdict"),
    [
        (Policy(), reader(at("vs")), let_in(at("vs"))),
        (Policy(), reader(at("vs", EARLIER)), let_in(at("vs", EARLIER))),
        (Policy(), reader(barcode="1"), let_in()),
        (Policy(), reader(), NO_RECORD),
        (ANYBODY, reader(), let_in()),
        (OF_VS, reader(at("vs")), let_in(at("vs"))),
        (OF_VS, reader(at("VS")), let_in(at("VS"))),
        (OF_VS, reader(at("vs", EARLIER)), let_in(at("vs", EARLIER))),
        (OF_VS, reader(at("fr"), at("vs")), let_in(at("vs"))),
        (OF_VS, reader(at("fr")), ELSEWHERE),
        (OF_VS, reader(at(None)), ELSEWHERE),
        (OF_VS, reader(barcode="1"), ELSEWHERE),
        (OF_VS, reader(), NO_RECORD),
        (CURRENT, reader(at("vs", TODAY)), let_in(at("vs", TODAY), until=TODAY)),
        (CURRENT, reader(at("vs")), let_in(at("vs"))),
        (CURRENT, reader(at("vs", YESTERDAY)), expired("vs", YESTERDAY)),
        (
            CURRENT,
            reader(at("fr", EARLIER), at("vs", YESTERDAY)),
            expired("vs", YESTERDAY),
        ),
        (
            CURRENT,
            reader(at("fr", EARLIER), at("vs", TODAY)),
            let_in(at("vs", TODAY), until=TODAY),
        ),
        (CURRENT, reader(UNKNOWN), Refused(RefusalReason.MEMBERSHIP_UNKNOWN, "vs")),
        (CURRENT, reader(UNKNOWN, at("fr")), let_in(at("fr"))),
        (CURRENT, reader(UNKNOWN, at("fr", EARLIER)), expired("fr", EARLIER)),
        (
            replace(CURRENT, grace_days=3_650),
            reader(UNKNOWN, UNKNOWN),
            Refused(RefusalReason.MEMBERSHIP_UNKNOWN),
        ),
        (Policy(), reader(UNKNOWN), let_in(UNKNOWN)),
        (CURRENT, reader(barcode="1"), NO_RECORD),
        (replace(CURRENT, requires_patron_record=False), reader(), NO_RECORD),
        (
            CURRENT_OF_VS,
            reader(at("fr"), at("vs", YESTERDAY)),
            expired("vs", YESTERDAY),
        ),
        (CURRENT_OF_VS, reader(at("fr", EARLIER), at("vs")), let_in(at("vs"))),
        (
            replace(CURRENT, grace_days=1),
            reader(at("vs", YESTERDAY)),
            let_in(at("vs", YESTERDAY), until=TODAY),
        ),
        (
            replace(CURRENT, day_rule=DayRule.START),
            reader(at("vs", TODAY)),
            expired("vs", TODAY),
        ),
        (
            replace(CURRENT, day_rule=DayRule.START, grace_days=1),
            reader(at("vs", TODAY)),
            let_in(at("vs", TODAY), until=TODAY),
        ),
    ],
)
def test_a_policy_asks_for_an_institution_and_a_membership(
    policy: Policy, patron: Patron, verdict: Eligible | Refused
) -> None:
    assert decide(patron, policy, TODAY) == verdict


@pytest.mark.parametrize(
    ("policy", "patron", "verdict"),
    [
        (STANDARD, reader(at("fr", None, "Std")), let_in(at("fr", None, "Std"))),
        (STANDARD, reader(at("fr", None, "child")), of_type("fr", "child")),
        (STANDARD, reader(at("fr")), of_type("fr", None)),
        (STANDARD, reader(at("fr", None, "x"), at("vs", None, "y")), OTHER_TYPE),
        (STANDARD, reader(barcode="1"), NO_RECORD),
        (STANDARD_OF_VS, reader(at("VS", None, "std")), let_in(at("VS", None, "std"))),
        (STANDARD_OF_VS, reader(at("fr", None, "std")), of_type("fr", "std")),
        (STANDARD_OF_VS, reader(at(None, None, "std")), of_type(None, "std")),
        (  # the type at one library, the membership at another
            CURRENT_STANDARD,
            reader(at("fr", LATER, "child"), at("vs", EARLIER, "std")),
            expired("vs", EARLIER),
        ),
        (
            CURRENT_STANDARD,
            reader(at("fr", EARLIER, "child"), at("vs", LATER, "std")),
            let_in(at("vs", LATER, "std"), until=LATER),
        ),
        (
            replace(STANDARD, institutions=VS),
            reader(at("fr", None, "std"), at("vs", None, "child")),
            of_type("vs", "child"),
        ),
    ],
)
def test_a_policy_asks_for_a_patron_type(
    policy: Policy, patron: Patron, verdict: Eligible | Refused
) -> None:
    assert decide(patron, policy, TODAY) == verdict


@pytest.mark.parametrize(
    ("policy", "patron", "verdict"),
    [
        (
            CURRENT,
            reader(at("fr", TODAY), at("vs", LATER)),
            let_in(at("fr", TODAY), at("vs", LATER), until=LATER),
        ),
        (
            ALL_CURRENT,
            reader(at("fr", TODAY), at("vs", LATER)),
            let_in(at("fr", TODAY), at("vs", LATER), until=TODAY),
        ),
        (ALL_CURRENT, reader(at("fr", EARLIER), at("vs")), expired("fr", EARLIER)),
        (ALL_CURRENT, reader(at("fr"), at("vs")), let_in(at("fr"), at("vs"))),
        (ALL_CURRENT, reader(barcode="1"), NO_RECORD),
        (  # only those of the institutions count
            replace(ALL_CURRENT, institutions=VS),
            reader(at("fr", EARLIER), at("vs", LATER)),
            let_in(at("vs", LATER), until=LATER),
        ),
        (
            ALL_STANDARD,
            reader(at("fr", None, "std"), at("vs", None, "child")),
            of_type("vs", "child"),
        ),
        (
            STANDARD,
            reader(at("fr", None, "std"), at("vs", None, "child")),
            let_in(at("fr", None, "std")),
        ),
    ],
)
def test_one_membership_suffices_or_all_that_count_must_do(
    policy: Policy, patron: Patron, verdict: Eligible | Refused
) -> None:
    assert decide(patron, policy, TODAY) == verdict


@pytest.mark.parametrize(
    ("policy", "patron", "verdict"),
    [
        (ADULTS, born(2011, 1, 15), let_in(at("vs"))),
        (ADULTS, born(2011, 1, 16), of_age(RefusalReason.TOO_YOUNG, 16)),
        (ADULTS, reader(at("vs")), UNKNOWN_AGE),
        (ADULTS, born(2027, 1, 16), UNKNOWN_AGE),  # to come: a mistake
        (YOUNG, born(2001, 1, 16), let_in(at("vs"), until=TODAY)),
        (YOUNG, born(2001, 1, 15), of_age(RefusalReason.TOO_OLD, 25)),
        (YOUNG, born(2001, 2, 28), let_in(at("vs"), until=date(2027, 2, 27))),
        (YOUNG, reader(at("vs")), UNKNOWN_AGE),
        (YOUNG, born(2027, 1, 16), UNKNOWN_AGE),
        (Policy(), born(2027, 1, 16), let_in(at("vs"))),
        (
            replace(YOUNG, requires_membership=True),
            replace(reader(at("vs", LATER)), birthdate=date(2001, 1, 18)),
            let_in(at("vs", LATER), until=date(2027, 1, 17)),
        ),
        (
            replace(YOUNG, requires_membership=True),
            replace(reader(at("vs", TODAY)), birthdate=date(2020, 1, 18)),
            let_in(at("vs", TODAY), until=TODAY),
        ),
    ],
)
def test_a_policy_asks_for_an_age(
    policy: Policy, patron: Patron, verdict: Eligible | Refused
) -> None:
    assert decide(patron, policy, TODAY) == verdict


STRICT: Final = Policy(
    institutions=VS,
    patron_types=frozenset({(None, "std")}),
    requires_membership=True,
    minimum_age=16,
)


@pytest.mark.parametrize(
    ("policy", "sub", "verdict"),
    [
        (replace(STRICT, allow=frozenset({SUB})), SUB, let_in(at("fr", EARLIER))),
        (replace(STRICT, allow=frozenset({SUB})), "other", ELSEWHERE),
        (replace(STRICT, allow=frozenset({SUB})), None, ELSEWHERE),
        (replace(ANYBODY, deny=frozenset({SUB})), SUB, DENIED),
        (replace(ANYBODY, deny=frozenset({SUB})), "other", let_in(at("fr", EARLIER))),
        (replace(ANYBODY, deny=frozenset({SUB})), None, let_in(at("fr", EARLIER))),
        (Policy(deny=frozenset({SUB}), allow=frozenset({SUB})), SUB, DENIED),
    ],
)
def test_deny_goes_first_and_allow_goes_before_the_other_lines(
    policy: Policy, sub: str | None, verdict: Eligible | Refused
) -> None:
    assert decide(reader(at("fr", EARLIER)), policy, TODAY, sub) == verdict


def test_allow_lets_in_an_account_without_a_card() -> None:
    policy = Policy(allow=frozenset({SUB}))

    assert decide(reader(), policy, TODAY, SUB) == Eligible()
