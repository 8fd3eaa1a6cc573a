"""Userinfo: the claims that the token's scopes reach; it only reads."""

from dataclasses import replace

import pytest

from bridge.core.claims import ClaimsRequest, parse_claims_parameter
from bridge.core.client import EmailMode
from bridge.core.errors import InsufficientScope, InvalidToken
from bridge.core.patron import Membership, Patron
from bridge.signing.keys import KeyRing
from bridge.store.memory import MemoryStore
from tests.provider.tokens import claims_of, header_of, verified_claims
from tests.provider.world import (
    ISSUER,
    JEAN,
    NOW,
    World,
    make_client,
    make_request,
    make_world,
)

READS = {"get_grant"}
NAMES = {"name", "given_name", "family_name"}
RERO = {"rero_memberships", "rero_institutions", "rero_patron_types"}
EMAIL = {"email", "email_verified"}


class ReadOnlyStore(MemoryStore):
    """Refuses whatever is not a read, once `is_closed_to_writes`."""

    is_closed_to_writes = False

    def __getattribute__(self, name: str) -> object:
        value: object = super().__getattribute__(name)
        is_port = callable(value) and not name.startswith("_")
        if is_port and name not in READS and self.is_closed_to_writes:
            raise AssertionError(f"userinfo calls {name}")
        return value


def answer(
    world: World,
    scope: str = "openid",
    patron: Patron = JEAN,
    claims: str | None = None,
) -> dict[str, object]:
    """Log *patron* in and ask userinfo."""
    asked = ClaimsRequest() if claims is None else parse_claims_parameter(claims)
    request = replace(make_request(scope=scope), claims=asked)
    _, code = world.log_in(request, patron)
    return {**world.userinfo(world.redeem(code)["access_token"])}


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", set()),
        ("openid profile", NAMES),
        ("openid rero", RERO),
        ("openid email", set()),
        ("openid profile rero offline_access", NAMES | RERO),
    ],
)
def test_scopes_bring_their_claims_and_no_other(
    world: World, scope: str, names: set[str]
) -> None:
    assert set(answer(world, scope)) == {"sub", *names}


def test_sub_is_that_of_the_id_token(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)

    told = world.userinfo(tokens["access_token"])

    assert told["sub"] == claims_of(tokens["id_token"])["sub"]


def test_narrowed_access_token_reaches_less(world: World) -> None:
    _, code = world.log_in(make_request(scope="openid profile rero"))
    refresh_token = world.redeem(code)["refresh_token"]

    narrow = world.refresh(refresh_token, scope="openid rero")
    wide = world.refresh(narrow["refresh_token"])

    assert set(world.userinfo(narrow["access_token"])) == {"sub", *RERO}
    assert set(world.userinfo(wide["access_token"])) == {"sub", *NAMES, *RERO}


def test_claims_parameter_brings_single_claims(world: World) -> None:
    told = answer(world, claims='{"userinfo": {"birthdate": null, "gender": null}}')

    assert told["birthdate"] == "1987-06-05"
    assert set(told) == {"sub", "birthdate"}


def test_claims_asked_for_the_id_token_stay_there(world: World) -> None:
    told = answer(world, claims='{"id_token": {"birthdate": null}}')

    assert set(told) == {"sub"}


def test_registration_may_give_more_claims(ring: KeyRing) -> None:
    world = make_world(ring, make_client(claims=frozenset({"birthdate"})))

    assert set(answer(world)) == {"sub", "birthdate"}


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        (EmailMode.OMIT, set()),
        (EmailMode.UPSTREAM, EMAIL),
        (EmailMode.PLACEHOLDER, EMAIL),
    ],
)
def test_email_is_given_as_the_registration_says(
    ring: KeyRing, mode: EmailMode, names: set[str]
) -> None:
    client = make_client(email=mode, email_placeholder_domain="no-mail.example")
    world = make_world(ring, client)

    told = answer(world, "openid email")

    assert set(told) == {"sub", *names}
    assert told.get("email_verified", False) is False


def test_placeholder_address_is_made_of_the_sub(ring: KeyRing) -> None:
    client = make_client(
        email=EmailMode.PLACEHOLDER, email_placeholder_domain="no-mail.example"
    )

    told = answer(make_world(ring, client), "openid email")

    assert told["email"] == f"{told['sub']}@no-mail.example"


def test_omitted_email_cannot_be_asked_for_by_parameter(world: World) -> None:
    told = answer(
        world, claims='{"userinfo": {"email": null}, "id_token": {"email": null}}'
    )

    assert set(told) == {"sub"}


def test_claim_that_is_not_true_of_the_patron_is_left_out(world: World) -> None:
    bare = replace(JEAN, fullname=None, birthdate=None, memberships=())

    told = answer(world, "openid profile rero", bare)

    assert set(told) == {"sub"}


def test_membership_is_active_by_the_day_of_the_answer(world: World) -> None:
    last_day = Membership("vs", "Adulte", world.parts.day_of(NOW))
    patron = replace(JEAN, memberships=(last_day,))
    _, code = world.log_in(make_request(scope="openid rero offline_access"), patron)
    tokens = world.redeem(code)

    today = world.userinfo(tokens["access_token"])
    later = world.refresh(tokens["refresh_token"], now=NOW + 86_400)
    tomorrow = world.userinfo(later["access_token"], now=NOW + 86_400)

    assert [is_active(today), is_active(tomorrow)] == [True, False]


def is_active(told: object) -> bool:
    assert isinstance(told, dict)
    return told["rero_memberships"][0]["active"] is True


def test_token_without_openid_does_not_reach_userinfo(world: World) -> None:
    _, code = world.log_in(make_request(scope="openid profile"))
    refresh_token = world.redeem(code)["refresh_token"]

    narrow = world.refresh(refresh_token, scope="profile")

    with pytest.raises(InsufficientScope):
        world.userinfo(narrow["access_token"])


def test_access_token_ends_at_its_own_second(world: World) -> None:
    _, code = world.log_in(make_request())
    access_token = world.redeem(code, now=NOW)["access_token"]

    assert world.userinfo(access_token, now=NOW + 599)
    with pytest.raises(InvalidToken):
        world.userinfo(access_token, now=NOW + 600)


@pytest.mark.parametrize("text", ["", "x", "A" * 72, "ü", "A" * 10_000])
def test_text_that_is_no_token_is_an_invalid_token(world: World, text: str) -> None:
    with pytest.raises(InvalidToken):
        world.userinfo(text)


def test_userinfo_reads_one_row_and_writes_none(ring: KeyRing) -> None:
    store = ReadOnlyStore()
    world = make_world(ring, store=store)
    _, code = world.log_in(make_request(scope="openid profile rero"))
    access_token = world.redeem(code)["access_token"]
    store.is_closed_to_writes = True

    assert world.userinfo(access_token)
    with pytest.raises(InvalidToken):
        world.userinfo(access_token, now=NOW + 10_000)


def test_preview_shows_what_both_places_would_give(world: World) -> None:
    asked = parse_claims_parameter('{"id_token": {"birthdate": null}}')
    request = replace(make_request(scope="openid profile"), claims=asked)

    shown = world.engine.preview(request, world.client(), world.sign_in(), NOW)

    assert set(shown) == {*NAMES, "birthdate"}


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_claims_are_signed_where_the_client_wants_it(ring: KeyRing, alg: str) -> None:
    world = make_world(ring, make_client(userinfo_signed_response_alg=alg))
    plain = make_world(ring, make_client(), store=world.store)
    _, code = world.log_in(make_request())
    token = str(world.redeem(code)["access_token"])

    signed = world.engine.userinfo(token, NOW + 3)

    claims = plain.userinfo(token)
    assert header_of(signed)["alg"] == alg
    assert verified_claims(signed, ring, alg) == {
        **claims,
        "iss": ISSUER,
        "aud": "library",
    }
