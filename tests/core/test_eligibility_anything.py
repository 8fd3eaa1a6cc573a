"""Whatever the patron, the policy and the day: what always holds of a decision."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.eligibility import (
    LINES,
    Eligible,
    Refused,
    Rule,
    Ruling,
    conclude,
    decide,
    explain,
)
from bridge.core.patron import Identity, IdentityKind, Membership, Patron
from bridge.core.policy import DayRule, Policy

TODAY = date(2027, 1, 15)
DAY = timedelta(days=1)
# Near each other, so that lines meet; and the edges of the calendar.
DAYS = st.integers(-40, 40).map(lambda days: TODAY + days * DAY) | st.dates()
CODES = st.sampled_from(["vs", "VS", "fr", "nj"])
TYPES = st.sampled_from(["std", "STD", "child"])
SUBS = st.sampled_from(["a", "b", "c"])
MEMBERSHIPS = st.builds(
    Membership, st.none() | CODES, st.none() | TYPES, st.none() | DAYS
)
BIRTHDAYS = st.dates(date(1998, 1, 1), date(2028, 1, 1)) | st.dates()
PATRONS = st.builds(
    Patron,
    st.just(Identity(IdentityKind.USER, "1")),
    birthdate=st.none() | BIRTHDAYS,
    barcode=st.none() | st.just("1"),
    memberships=st.lists(MEMBERSHIPS, max_size=4).map(tuple),
)
AGES = st.none() | st.integers(0, 30)
POLICIES = st.builds(
    Policy,
    deny=st.frozensets(SUBS, max_size=1),
    allow=st.frozensets(SUBS, max_size=1),
    requires_patron_record=st.booleans(),
    institutions=st.frozensets(st.sampled_from(["vs", "fr"]), max_size=2),
    patron_types=st.frozensets(
        st.tuples(st.none() | st.just("vs"), st.sampled_from(["std", "child"])),
        max_size=2,
    ),
    requires_membership=st.booleans(),
    grace_days=st.integers(0, 3_650),
    day_rule=st.sampled_from(DayRule),
    requires_all=st.booleans(),
    minimum_age=AGES,
    maximum_age=AGES,
)


@given(PATRONS, POLICIES, DAYS, st.none() | SUBS)
def test_decision_is_the_conclusion_of_its_explanation(
    patron: Patron, policy: Policy, today: date, sub: str | None
) -> None:
    verdicts = explain(patron, policy, today, sub)

    assert conclude(patron, verdicts) == decide(patron, policy, today, sub)
    assert all(
        (v.ruling is Ruling.REFUSED) == (v.refused is not None) for v in verdicts
    )
    order = [list(Rule).index(v.rule) for v in verdicts]
    assert order == sorted(set(order))


@given(PATRONS, POLICIES, DAYS, st.none() | SUBS)
def test_memberships_that_count_are_the_patrons_and_only_grow_fewer(
    patron: Patron, policy: Policy, today: date, sub: str | None
) -> None:
    counted = set(patron.memberships)

    for verdict in explain(patron, policy, today, sub):
        assert set(verdict.memberships) <= counted
        counted = set(verdict.memberships)


@given(PATRONS, POLICIES, DAYS, st.integers(1, 3_650))
def test_more_days_of_grace_refuse_nobody(
    patron: Patron, policy: Policy, today: date, more: int
) -> None:
    milder = replace(policy, grace_days=policy.grace_days + more)

    before = decide(patron, policy, today)
    after = decide(patron, milder, today)

    assert isinstance(after, Eligible) or isinstance(before, Refused)
    if isinstance(before, Eligible) and isinstance(after, Eligible):
        assert (after.until or date.max) >= (before.until or date.max)


@given(PATRONS, POLICIES, DAYS, st.none() | SUBS, st.integers(0, 400))
def test_until_is_the_last_day_of_all_on_which_the_patron_is_let_in(
    patron: Patron, policy: Policy, today: date, sub: str | None, later: int
) -> None:
    decision = decide(patron, policy, today, sub)
    if not isinstance(decision, Eligible):
        return

    last = decision.until or date.max
    between = date.fromordinal(min(today.toordinal() + later, last.toordinal()))

    assert last >= today
    assert isinstance(decide(patron, policy, between, sub), Eligible)
    assert isinstance(decide(patron, policy, last, sub), Eligible)
    if decision.until is not None:
        assert isinstance(decide(patron, policy, last + DAY, sub), Refused)


@given(PATRONS, POLICIES, DAYS)
def test_who_meets_the_strict_policy_meets_the_mild_one(
    patron: Patron, policy: Policy, today: date
) -> None:
    policy = replace(policy, day_rule=DayRule.START, requires_all=True)
    mild = replace(policy, day_rule=DayRule.END, requires_all=False)

    if isinstance(decide(patron, policy, today), Eligible):
        assert isinstance(decide(patron, mild, today), Eligible)


def test_every_rule_has_a_line() -> None:
    assert len(LINES) == len(Rule)
