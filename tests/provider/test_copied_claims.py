"""Claims copied into ID tokens, and those of a client's own scopes, by the engine."""

import pytest

from bridge.core.claim_mapping import DEFAULT_MAPPING, ClaimRule
from bridge.core.claim_sources import Source
from bridge.core.claims import ClaimsRequest
from bridge.core.client import EmailMode
from bridge.signing.keys import KeyRing
from tests.provider.tokens import claims_of
from tests.provider.world import make_client, make_request, make_world

MAPPING = DEFAULT_MAPPING.changed(
    [
        ("card", ClaimRule("card", Source.BARCODE, ("desk", "phone"))),
        ("phone_number", ClaimRule("phone_number", Source.BARCODE, ("desk",))),
        ("family_name", None),
    ]
)
CLIENT = make_client(
    mapping=MAPPING,
    scopes=frozenset({"openid", "profile", "email", "desk", "phone"}),
    email=EmailMode.UPSTREAM,
    id_token_claims=frozenset({"name", "email", "email_verified", "card"}),
)
PROTOCOL = set("iss sub aud azp exp iat auth_time amr sid at_hash".split())


@pytest.mark.parametrize(
    ("scope", "in_id_token", "in_userinfo"),
    [
        ("openid", "", ""),
        ("openid profile", "name", "name given_name"),
        (
            "openid profile email",
            "name email email_verified",
            "name given_name email email_verified",
        ),
        ("openid desk", "card", "card phone_number"),
        ("openid phone", "card", "card"),
    ],
)
def test_the_id_token_holds_copies_of_what_userinfo_gives(
    ring: KeyRing, scope: str, in_id_token: str, in_userinfo: str
) -> None:
    world = make_world(ring, CLIENT)
    _, code = world.log_in(make_request(scope=scope))

    tokens = world.redeem(code)

    assert set(claims_of(tokens["id_token"])) - PROTOCOL == set(in_id_token.split())
    userinfo = world.userinfo(tokens["access_token"])
    assert set(userinfo) - {"sub"} == set(in_userinfo.split())


def test_a_refreshed_id_token_holds_no_more_than_its_narrower_scope(
    ring: KeyRing,
) -> None:
    world = make_world(ring, CLIENT)
    _, code = world.log_in(make_request(scope="openid profile email"))
    tokens = world.redeem(code)

    fresh = world.refresh(tokens["refresh_token"], scope="openid email")

    assert set(claims_of(fresh["id_token"])) - PROTOCOL == {"email", "email_verified"}


def test_a_claim_asked_for_in_userinfo_is_copied_as_well(ring: KeyRing) -> None:
    world = make_world(ring, CLIENT)
    request = make_request(scope="openid", claims=ClaimsRequest(userinfo=("card",)))
    _, code = world.log_in(request)

    claims = claims_of(world.redeem(code)["id_token"])

    assert claims["card"] == "100200300"
