"""What the consent page lists of the claims."""

from datetime import date

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
