"""Cards: each judged by itself, chosen by the patron, and never made up."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.cards import (
    CardOffer,
    card_offers,
    has_choice,
    is_same_card,
    settled_card,
    with_card,
    with_card_of_before,
)
from bridge.core.client import CardMode, Client
from bridge.core.eligibility import Eligible, RefusalReason, Refused, decide
from bridge.core.patron import Identity, IdentityKind, Membership, Patron
from bridge.core.policy import Policy
from tests.core.test_eligibility_anything import DAYS, MEMBERSHIPS, PATRONS, POLICIES

TODAY = date(2027, 1, 15)
VS = Membership("vs", "std", date(2028, 1, 1), "1")
FR = Membership("fr", "std", date(2027, 1, 14), "2")
PATRON = Patron(Identity(IdentityKind.USER, "1"), memberships=(FR, VS))


def a_client(policy: Policy | None = None, card: CardMode = CardMode.ONE) -> Client:
    return Client("c", (), "sector", policy=policy or Policy(), card=card)


def offers(patron: Patron, policy: Policy | None = None) -> tuple[CardOffer, ...]:
    return card_offers(patron, a_client(policy), TODAY, "sub")


@pytest.mark.parametrize(
    ("memberships", "card", "expected"),
    [
        ((FR, VS), CardMode.ONE, True),
        ((FR, VS), CardMode.ALL, False),
        ((VS,), CardMode.ONE, False),
        ((), CardMode.ONE, False),
    ],
)
def test_there_is_a_choice_of_several_where_the_client_wants_one(
    memberships: tuple[Membership, ...], card: CardMode, expected: bool
) -> None:
    patron = replace(PATRON, memberships=memberships)

    assert has_choice(patron, a_client(card=card)) is expected


def test_each_card_is_refused_for_a_reason_of_its_own() -> None:
    policy = Policy(requires_membership=True, institutions=frozenset({"fr", "vs"}))
    other = replace(VS, institution="nj")

    found = offers(replace(PATRON, memberships=(FR, other, VS)), policy)

    assert found == (
        CardOffer(
            FR, Refused(RefusalReason.MEMBERSHIP_EXPIRED, "fr", date(2027, 1, 14))
        ),
        CardOffer(other, Refused(RefusalReason.INSTITUTION)),
        CardOffer(VS, None),
    )


def test_the_only_usable_card_is_taken_unasked() -> None:
    assert (
        settled_card(
            (CardOffer(FR, Refused(RefusalReason.INSTITUTION)), CardOffer(VS)), None
        )
        == VS
    )


def test_two_usable_cards_are_asked_about() -> None:
    assert settled_card((CardOffer(FR), CardOffer(VS)), None) is None


def test_chosen_card_is_used() -> None:
    assert settled_card((CardOffer(FR), CardOffer(VS)), FR) == FR


def test_chosen_card_that_is_refused_is_not_replaced_by_the_one_that_is_left() -> None:
    refused = CardOffer(FR, Refused(RefusalReason.INSTITUTION))

    assert settled_card((refused, CardOffer(VS)), FR) is None


def test_chosen_card_that_is_gone_is_asked_about_anew() -> None:
    assert settled_card((CardOffer(VS),), FR) is None


def test_of_two_cards_of_one_enrolment_the_very_one_that_was_chosen_is_used() -> None:
    later = replace(VS, expires_on=date(2029, 1, 1))

    assert settled_card((CardOffer(VS), CardOffer(later)), later) == later


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (replace(VS, expires_on=None), True),
        (replace(VS, patron_type="other"), True),
        (replace(VS, patron_pid=None), True),
        (replace(VS, patron_pid="9"), False),
        (replace(VS, patron_pid=None, patron_type="other"), False),
        (replace(VS, institution="fr"), False),
    ],
)
def test_card_is_known_by_institution_and_record_else_by_type(
    other: Membership, expected: bool
) -> None:
    assert is_same_card(VS, other) is expected
    assert is_same_card(other, VS) is expected


@pytest.mark.parametrize(
    ("fresh", "expected"),
    [
        ((FR, replace(VS, expires_on=None)), (replace(VS, expires_on=None),)),
        ((VS,), (VS,)),
        ((FR,), ()),  # no other card takes the place of the one that was used
        ((), ()),
    ],
)
def test_patron_asked_about_anew_keeps_the_card_of_the_sign_in(
    fresh: tuple[Membership, ...], expected: tuple[Membership, ...]
) -> None:
    patron, before = replace(PATRON, memberships=fresh), with_card(PATRON, VS)

    kept = with_card_of_before(patron, before, a_client())

    assert kept.memberships == expected


def test_unchanged_card_is_kept_before_another_of_its_kind() -> None:
    ended = Membership("vs", "std", date(2020, 1, 1))
    chosen = Membership("vs", "std", date(2030, 1, 1))
    patron = replace(PATRON, memberships=(ended, chosen))

    kept = with_card_of_before(patron, with_card(patron, chosen), a_client())

    assert kept.memberships == (chosen,)


def test_patron_asked_about_anew_has_all_cards_where_none_was_chosen() -> None:
    before = with_card(PATRON, VS)

    told_of_all = with_card_of_before(PATRON, before, a_client(card=CardMode.ALL))
    before_the_setting = with_card_of_before(PATRON, PATRON, a_client())

    assert told_of_all == before_the_setting == PATRON


@given(PATRONS, POLICIES, DAYS, st.none() | MEMBERSHIPS)
def test_settled_card_is_one_of_the_patron_s_and_lets_the_patron_in(
    patron: Patron, policy: Policy, today: date, wanted: Membership | None
) -> None:
    found = card_offers(patron, a_client(policy), today, "a")

    card = settled_card(found, wanted)

    assert tuple(offer.card for offer in found) == patron.memberships
    if card is not None:
        assert card in patron.memberships
        narrowed = with_card(patron, card)
        assert narrowed.memberships == (card,)
        assert isinstance(decide(narrowed, policy, today, "a"), Eligible)
        assert wanted is None or is_same_card(card, wanted)


@given(PATRONS, POLICIES, DAYS)
def test_patron_who_is_let_in_has_a_usable_card_and_reads_why_others_are_not(
    patron: Patron, policy: Policy, today: date
) -> None:
    found = card_offers(patron, a_client(policy), today, "a")

    if patron.memberships and isinstance(decide(patron, policy, today, "a"), Eligible):
        reasons = {offer.refused.reason for offer in found if offer.refused}
        assert any(offer.refused is None for offer in found)
        assert reasons <= {  # those that the page has words for: card.reason.*
            RefusalReason.INSTITUTION,
            RefusalReason.PATRON_TYPE,
            RefusalReason.MEMBERSHIP_EXPIRED,
            RefusalReason.MEMBERSHIP_UNKNOWN,
        }
