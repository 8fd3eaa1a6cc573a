"""Explanations: what each line of a policy says, the decision aside."""

from dataclasses import replace
from datetime import date
from typing import Final

from bridge.core.eligibility import RefusalReason, Refused, Rule, Ruling, explain
from bridge.core.patron import Identity, IdentityKind, Membership, Patron
from bridge.core.policy import Policy

TODAY: Final = date(2027, 1, 15)
EARLIER: Final = date(2026, 6, 30)
LATER: Final = date(2027, 6, 30)
SUB: Final = "9f2c41"
FR: Final = Membership("fr", None, EARLIER)
JEAN: Final = Patron(Identity(IdentityKind.USER, "1"), memberships=(FR,))
STRICT: Final = Policy(
    institutions=frozenset({"vs"}),
    patron_types=frozenset({(None, "std")}),
    requires_membership=True,
    minimum_age=16,
)


def test_explanation_tells_of_every_line_that_the_policy_has() -> None:
    policy = replace(STRICT, deny=frozenset({"x"}), allow=frozenset({SUB}))
    card = Membership("vs", "std", LATER)
    patron = replace(JEAN, memberships=(FR, card), birthdate=date(2015, 1, 1))

    verdicts = explain(patron, policy, TODAY, SUB)

    assert [(v.rule, v.ruling) for v in verdicts] == [
        (Rule.DENY, Ruling.MET),
        (Rule.ALLOW, Ruling.ADMITTED),
        (Rule.PATRON_RECORD, Ruling.MET),
        (Rule.INSTITUTIONS, Ruling.MET),
        (Rule.PATRON_TYPES, Ruling.MET),
        (Rule.MEMBERSHIP, Ruling.MET),
        (Rule.MINIMUM_AGE, Ruling.REFUSED),
    ]
    assert verdicts[3].memberships == (card,)
    assert verdicts[5].until == LATER
    assert verdicts[6].refused == Refused(RefusalReason.TOO_YOUNG, age_limit=16)


def test_explanation_leaves_open_what_no_membership_is_left_for() -> None:
    verdicts = explain(JEAN, STRICT, TODAY)

    assert [(v.rule, v.ruling) for v in verdicts] == [
        (Rule.PATRON_RECORD, Ruling.MET),
        (Rule.INSTITUTIONS, Ruling.REFUSED),
        (Rule.PATRON_TYPES, Ruling.OPEN),
        (Rule.MEMBERSHIP, Ruling.OPEN),
        (Rule.MINIMUM_AGE, Ruling.REFUSED),
    ]


def test_a_policy_without_lines_has_nothing_to_explain() -> None:
    assert explain(JEAN, Policy(requires_patron_record=False), TODAY) == ()
