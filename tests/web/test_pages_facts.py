"""What the consent page lists of the claims."""

from datetime import date

import pytest

from bridge.core.claim_functions import Function, Step
from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.patron import JsonValue, Membership
from bridge.web.facts import given_facts, withheld_labels


def test_claims_become_facts_in_the_order_of_the_page() -> None:
    claims = given_facts(
        {
            "sub": "abc",
            "birthdate": "1980-05-01",
            "name": "Jean Simon",
            "given_name": "Jean",
            "family_name": "Simon",
            "email": "a@b.example",
            "email_verified": False,
            "rero_memberships": [
                {"institution": "vs", "expiration_date": "2027-03-30", "active": True}
            ],
            "rero_institutions": ["vs"],
        }
    )

    assert claims == [
        ("name", "Jean Simon"),
        ("birthdate", date(1980, 5, 1)),
        ("email", "a@b.example"),
        ("rero_memberships", Membership("vs", None, date(2027, 3, 30))),
        ("sub", None),
    ]


def test_institutions_are_shown_where_memberships_are_not_given() -> None:
    assert given_facts({"rero_institutions": ["vs", "nj"]}) == [
        ("rero_institutions", "vs"),
        ("rero_institutions", "nj"),
    ]


def test_part_of_a_name_is_shown_where_it_is_all_that_is_given() -> None:
    claims: dict[str, JsonValue] = {"given_name": "Jean"}

    shown = (given_facts(claims), "name" in withheld_labels(claims))

    assert shown == ([("given_name", "Jean")], False)


def test_card_number_and_password_are_always_withheld() -> None:
    labels = withheld_labels({"name": "Jean Simon", "email": "a@b.example"})

    assert labels == ["birthdate", "barcode", "password"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2050124311", ["2050124311"]),
        (["a", "b"], ["a", "b"]),
        (True, [True]),
        (False, [False]),
        (3, ["3"]),
        ({"institution": "vs"}, [Membership("vs")]),
        ([], []),
    ],
)
def test_claims_of_the_operators_own_are_shown_with_their_values(
    value: JsonValue, shown: list[object]
) -> None:
    facts = given_facts({"name": "Jean Simon", "own": value})

    assert facts == [("name", "Jean Simon"), *(("own", one) for one in shown)]


def test_memberships_that_a_rule_made_a_text_of_are_shown_as_that() -> None:
    facts = given_facts({"rero_memberships": "Valais", "rero_institutions": ["vs"]})

    assert facts == [("rero_memberships", "Valais")]


def test_a_claim_of_another_name_is_not_called_withheld() -> None:
    years = (Step(Function.AGE_AT_LEAST, years=18),)
    mapping = DEFAULT_MAPPING.changed(
        [
            ("card", ClaimRule("card", Source.BARCODE)),
            ("of_age", ClaimRule("of_age", Source.BIRTHDATE, steps=years)),
        ]
    )

    labels = withheld_labels({"card": "2050124311", "of_age": True}, mapping)

    assert labels == ["name", "birthdate", "email", "password"]
