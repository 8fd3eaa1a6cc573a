"""What a client's rules change: what it gets, and what RERO+ is asked for it."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from bridge.core.claim_functions import Function, Step
from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.claims import (
    ANYTHING,
    ClaimsRequest,
    asked_claims,
    id_token_names,
    lacks_email,
    patron_claims,
    policy_sources,
    requested_claims,
    upstream_scopes,
    userinfo_names,
)
from bridge.core.client import Client, EmailMode
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.core.policy import Policy

TODAY: Final = date(2027, 1, 15)
MAPPING: Final = DEFAULT_MAPPING.changed(
    [
        ("card", ClaimRule("card", Source.BARCODE, ("desk",))),
        ("contact", ClaimRule("contact", Source.EMAIL, ("desk",))),
        (
            "of_age",
            ClaimRule(
                "of_age",
                Source.BIRTHDATE,
                ("desk",),
                (Step(Function.AGE_AT_LEAST, years=18),),
            ),
        ),
    ]
)
CLIENT: Final = Client(
    "desk",
    ("https://desk.example/",),
    "desk.example",
    scopes=frozenset({"openid", "profile", "desk"}),
    mapping=MAPPING,
)
WITH_EMAIL: Final = replace(CLIENT, email=EmailMode.UPSTREAM)
JEAN: Final = Patron(
    Identity(IdentityKind.USER, "3"),
    barcode="2050124311",
    birthdate=date(2000, 1, 1),
    email="jean@mail.example",
    email_verified=True,
)
OFFERED: Final = ("fullname", "birthdate", "institution", "patron_type")


def test_a_scope_of_ones_own_gives_its_claims() -> None:
    assert requested_claims(WITH_EMAIL, ["openid", "desk"], ANYTHING) == {
        "card",
        "contact",
        "of_age",
    }


def test_an_address_under_another_name_is_withheld_all_the_same() -> None:
    assert "contact" not in requested_claims(CLIENT, ["desk"], ANYTHING)
    assert "contact" not in patron_claims(JEAN, CLIENT, "sub0", TODAY)


@pytest.mark.parametrize(
    ("client", "scope", "asked"),
    [
        (CLIENT, "desk", "birthdate"),
        (WITH_EMAIL, "desk", "birthdate user:email"),
        (WITH_EMAIL, "profile", "fullname"),
        (replace(CLIENT, email=EmailMode.REQUIRED), "desk", "birthdate user:email"),
        (replace(CLIENT, email=EmailMode.PLACEHOLDER), "desk", "birthdate"),
    ],
)
def test_rero_is_asked_for_what_the_rules_are_made_from(
    client: Client, scope: str, asked: str
) -> None:
    names = requested_claims(client, [scope], ANYTHING)

    assert upstream_scopes(client, names, OFFERED) == set(asked.split())


def test_the_email_scope_is_not_asked_for_others_though_it_is_offered() -> None:
    offered = (*OFFERED, "user:email")
    made_up = replace(CLIENT, email=EmailMode.PLACEHOLDER)

    assert "user:email" not in upstream_scopes(made_up, ["contact"], offered)


@pytest.mark.parametrize(
    ("policy", "sources"),
    [
        (Policy(), set()),
        (Policy(institutions=frozenset({"vs"})), {Source.INSTITUTIONS}),
        (
            Policy(requires_membership=True),
            {Source.INSTITUTIONS, Source.EXPIRATION_DATES},
        ),
        (Policy(patron_types=frozenset({(None, "a")})), {Source.PATRON_TYPES}),
        (Policy(minimum_age=16), {Source.BIRTHDATE}),
        (Policy(maximum_age=16), {Source.BIRTHDATE}),
    ],
)
def test_a_policy_needs_the_sources_that_it_is_decided_by(
    policy: Policy, sources: set[Source]
) -> None:
    assert policy_sources(policy) == sources


def test_the_claims_parameter_reaches_rules_of_the_clients_own() -> None:
    text = '{"userinfo": {"card": null, "rero_memberships": null, "unknown": null}}'

    assert asked_claims(text, CLIENT) == ClaimsRequest(userinfo=("card",))


@pytest.mark.parametrize(
    ("scope", "asked", "id_token"),
    [
        ("desk", ANYTHING, {"card"}),
        ("profile", ANYTHING, {"name"}),
        ("openid", ANYTHING, set[str]()),
        ("openid", ClaimsRequest(id_token=("of_age",)), {"of_age"}),
        ("openid", ClaimsRequest(userinfo=("card",)), {"card"}),
    ],
)
def test_only_what_userinfo_gives_is_copied_into_the_id_token(
    scope: str, asked: ClaimsRequest, id_token: set[str]
) -> None:
    client = replace(CLIENT, id_token_claims=frozenset({"name", "card"}))

    names = id_token_names(client, [scope], asked)

    assert names == id_token
    assert names <= userinfo_names(client, [scope], asked) | {*asked.id_token}


@pytest.mark.parametrize(
    "asked", [ClaimsRequest(id_token=("email",)), ClaimsRequest(userinfo=("email",))]
)
def test_an_address_never_comes_without_word_of_its_being_verified(
    asked: ClaimsRequest,
) -> None:
    client = replace(WITH_EMAIL, id_token_claims=frozenset({"email"}))

    assert id_token_names(client, ["openid"], asked) == {"email", "email_verified"}


@pytest.mark.parametrize("mode", [EmailMode.UPSTREAM, EmailMode.REQUIRED])
@pytest.mark.parametrize("passes", [True, False])
def test_verified_is_passed_on_where_the_registration_says_so(
    mode: EmailMode, *, passes: bool
) -> None:
    client = replace(CLIENT, email=mode, passes_email_verified=passes)

    claims = patron_claims(JEAN, client, "sub0", TODAY)

    assert (claims["email"], claims["email_verified"]) == ("jean@mail.example", passes)


def test_a_placeholder_is_never_verified() -> None:
    client = replace(
        CLIENT,
        email=EmailMode.PLACEHOLDER,
        email_placeholder_domain="x.example",
        passes_email_verified=True,
    )

    claims = patron_claims(JEAN, client, "sub0", TODAY)

    assert (claims["email"], claims["email_verified"]) == ("sub0@x.example", False)


@pytest.mark.parametrize(
    ("mode", "email", "names", "lacks"),
    [
        (EmailMode.REQUIRED, None, {"email"}, True),
        (EmailMode.REQUIRED, None, {"contact"}, True),
        (EmailMode.REQUIRED, None, {"name"}, False),
        (EmailMode.REQUIRED, "a@b.example", {"email"}, False),
        (EmailMode.UPSTREAM, None, {"email"}, False),
        (EmailMode.PLACEHOLDER, None, {"email"}, False),
    ],
)
def test_an_address_is_lacking_where_the_client_needs_one_and_asks_for_it(
    mode: EmailMode, email: str | None, names: set[str], *, lacks: bool
) -> None:
    patron, client = replace(JEAN, email=email), replace(CLIENT, email=mode)

    assert lacks_email(patron, client, names) is lacks
