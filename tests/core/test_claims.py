"""A patron and the granted scopes become standard claims, and nothing untrue."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from bridge.core.claim_mapping import DEFAULT_MAPPING
from bridge.core.claim_sources import name_claims
from bridge.core.claims import (
    ClaimsRequest,
    patron_claims,
    requested_claims,
    upstream_scopes,
)
from bridge.core.client import SCOPES, Client, EmailMode
from bridge.core.patron import (
    Identity,
    IdentityKind,
    JsonObject,
    Membership,
    Patron,
)
from bridge.core.policy import DayRule, Policy

TODAY: Final = date(2027, 1, 15)
CLIENT: Final = Client("library", ("https://library.example/",), "library.example")
WITH_EMAIL: Final = replace(CLIENT, email=EmailMode.UPSTREAM)
WITH_BIRTHDATE: Final = replace(CLIENT, claims=frozenset({"birthdate"}))
BARE: Final = Patron(Identity(IdentityKind.USER, "6"))
OFFERED: Final = (
    "fullname",
    "birthdate",
    "institution",
    "patron_type",
    "expiration_date",
    "patron_types",
)


def claims_of(patron: Patron, client: Client = CLIENT) -> JsonObject:
    return patron_claims(patron, client, "sub0", TODAY)


@pytest.mark.parametrize(
    ("fullname", "name", "given_name", "family_name"),
    [
        ("Simon, Jean", "Jean Simon", "Jean", "Simon"),
        ("Jean Simon", "Jean Simon", None, "Jean Simon"),
        ("Simon", "Simon", None, "Simon"),
        ("Simon,Jean", "Simon,Jean", None, "Simon,Jean"),
        (
            "De la Croix, née Müller, Marie-Thérèse",
            "Marie-Thérèse De la Croix, née Müller",
            "Marie-Thérèse",
            "De la Croix, née Müller",
        ),
        ("Σ, ש", "ש Σ", "ש", "Σ"),
    ],
)
def test_a_name_is_split_at_its_last_comma(
    fullname: str, name: str, given_name: str | None, family_name: str
) -> None:
    expected: JsonObject = {"name": name, "family_name": family_name}
    if given_name is not None:
        expected["given_name"] = given_name

    assert name_claims(fullname) == expected


def test_of_a_bare_account_only_the_subject_is_said() -> None:
    assert claims_of(BARE) == {"sub": "sub0"}


def test_a_birthdate_is_a_plain_day() -> None:
    patron = replace(BARE, birthdate=date(1987, 6, 5))

    assert claims_of(patron)["birthdate"] == "1987-06-05"


@pytest.mark.parametrize(
    ("client", "email", "expected"),
    [
        (CLIENT, "jean@mail.example", None),
        (WITH_EMAIL, "jean@mail.example", "jean@mail.example"),
        (WITH_EMAIL, None, None),
        (
            replace(
                CLIENT,
                email=EmailMode.PLACEHOLDER,
                email_placeholder_domain="x.invalid",
            ),
            "jean@mail.example",
            "sub0@x.invalid",
        ),
        (replace(CLIENT, email=EmailMode.PLACEHOLDER), "jean@mail.example", None),
    ],
)
def test_an_address_comes_from_where_the_registration_says(
    client: Client, email: str | None, expected: str | None
) -> None:
    patron = replace(BARE, email=email, email_verified=True)

    claims = claims_of(patron, client)

    assert claims.get("email") == expected
    # RERO+ calls an address verified because staff typed it: that is no proof.
    assert claims.get("email_verified") == (None if expected is None else False)


def test_memberships_are_told_one_by_one_and_as_flat_lists() -> None:
    patron = replace(
        BARE,
        memberships=(
            Membership("fr", None, date(2017, 7, 16), "203"),
            Membership("nj", "nj-adu", TODAY, "202"),
            Membership("vs", "nj-adu"),
            Membership(None, "odd"),
            Membership("vs", "vs-std"),
        ),
    )

    assert claims_of(patron) == {
        "sub": "sub0",
        "rero_memberships": [
            {"institution": "fr", "expiration_date": "2017-07-16", "active": False},
            {
                "institution": "nj",
                "patron_type": "nj-adu",
                "expiration_date": "2027-01-15",
                "active": True,
            },
            {"institution": "vs", "patron_type": "nj-adu", "active": True},
            {"patron_type": "odd", "active": True},
            {"institution": "vs", "patron_type": "vs-std", "active": True},
        ],
        "rero_institutions": ["fr", "nj", "vs"],
        "rero_patron_types": ["nj-adu", "odd", "vs-std"],
    }


def test_lists_without_a_value_are_left_out() -> None:
    patron = replace(BARE, memberships=(Membership(None),))

    assert claims_of(patron) == {"sub": "sub0", "rero_memberships": [{"active": True}]}


def test_membership_whose_end_is_unknown_is_not_called_active() -> None:
    patron = replace(BARE, memberships=(Membership("vs", is_end_known=False),))

    claims = claims_of(patron)

    assert claims["rero_memberships"] == [{"institution": "vs"}]


@pytest.mark.parametrize(
    ("rule", "grace_days", "active"),
    [(DayRule.END, 0, True), (DayRule.START, 0, False), (DayRule.START, 9, False)],
)
def test_active_is_of_today_by_the_clients_rule_without_its_grace(
    rule: DayRule, grace_days: int, *, active: bool
) -> None:
    policy = Policy(day_rule=rule, grace_days=grace_days)
    patron = replace(BARE, memberships=(Membership("vs", None, TODAY),))

    claims = claims_of(patron, replace(CLIENT, policy=policy))

    assert claims["rero_memberships"] == [
        {"institution": "vs", "expiration_date": "2027-01-15", "active": active}
    ]


def test_every_claim_has_a_plain_name_and_every_scope_gives_known_claims() -> None:
    given = {*DEFAULT_MAPPING.given_by(SCOPES)}

    assert given | {"sub", "birthdate"} == set(DEFAULT_MAPPING.names)
    assert DEFAULT_MAPPING.scopes <= set(SCOPES)
    assert all(name.replace("_", "").isalpha() for name in DEFAULT_MAPPING.names)


@pytest.mark.parametrize(
    ("client", "scope", "asked", "names"),
    [
        (CLIENT, "openid", ClaimsRequest(), ""),
        (CLIENT, "openid profile", ClaimsRequest(), "name given_name family_name"),
        (CLIENT, "openid email", ClaimsRequest(), ""),
        (WITH_EMAIL, "openid email", ClaimsRequest(), "email email_verified"),
        (CLIENT, "openid", ClaimsRequest(userinfo=("email", "name")), "name"),
        (CLIENT, "openid", ClaimsRequest(("birthdate",), ("name",)), "birthdate name"),
        (WITH_BIRTHDATE, "openid", ClaimsRequest(), "birthdate"),
        (
            CLIENT,
            "openid rero offline_access unknown",
            ClaimsRequest(),
            "rero_memberships rero_institutions rero_patron_types",
        ),
    ],
)
def test_what_a_login_may_give(
    client: Client, scope: str, asked: ClaimsRequest, names: str
) -> None:
    assert requested_claims(client, scope.split(), asked) == set(names.split())


INSTITUTIONS: Final = Policy(institutions=frozenset({"vs"}))
MEMBERS: Final = Policy(requires_membership=True)
TYPES: Final = Policy(patron_types=frozenset({(None, "std")}))


@pytest.mark.parametrize(
    ("claims", "policy", "scopes"),
    [
        ("", Policy(), "institution"),
        ("sub", Policy(), "institution"),
        ("name", Policy(), "fullname"),
        ("name given_name family_name", Policy(), "fullname"),
        ("birthdate", Policy(), "birthdate"),
        ("name birthdate", Policy(), "fullname birthdate"),
        ("rero_institutions", Policy(), "institution patron_types"),
        ("rero_patron_types", Policy(), "institution patron_type patron_types"),
        (
            "rero_memberships",
            Policy(),
            "institution patron_type expiration_date patron_types",
        ),
        ("name", INSTITUTIONS, "fullname institution patron_types"),
        ("name", MEMBERS, "fullname institution expiration_date patron_types"),
        ("email email_verified", Policy(), "institution"),
        ("", TYPES, "institution patron_type patron_types"),
        ("", Policy(minimum_age=16), "birthdate"),
        ("", Policy(maximum_age=25), "birthdate"),
    ],
)
def test_no_more_is_asked_of_the_login_than_is_needed(
    claims: str, policy: Policy, scopes: str
) -> None:
    client = replace(CLIENT, policy=policy)

    assert upstream_scopes(client, claims.split(), OFFERED) == set(scopes.split())


def test_the_address_is_asked_for_where_the_client_gets_it_from_there() -> None:
    asked = upstream_scopes(WITH_EMAIL, ("email",), OFFERED)

    assert asked == {"institution", "user:email"}
    assert "user:email" not in upstream_scopes(WITH_EMAIL, ("name",), OFFERED)


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        (("fullname", "birthdate"), "birthdate"),
        (("fullname", "institution"), "institution"),
        ((), "institution"),
    ],
)
def test_one_scope_is_always_asked_and_none_that_is_not_offered(
    offered: tuple[str, ...], asked: str
) -> None:
    assert upstream_scopes(CLIENT, ("rero_patron_types",), offered) == {asked}
    assert upstream_scopes(CLIENT, (), offered) == {asked}
