"""The ID token: its claims set, its signature, and what it says after a refresh."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from joserfc.errors import JoseError

from bridge.core.claims import parse_claims_parameter
from bridge.core.lives import Lives
from bridge.provider.id_token import IdTokenSettings, id_token_claims, left_half_hash
from bridge.signing.keys import KeyRing, make_key
from tests.provider.tokens import claims_of, header_of, verified_claims
from tests.provider.world import (
    ISSUER,
    NOW,
    World,
    make_client,
    make_request,
    make_world,
)
from tests.store.conformance import make_grant

GOLDEN = Path(__file__).parents[1] / "golden"
SETTINGS = IdTokenSettings(ISSUER, 300, ("pwd",))
EVERY_CLAIM = parse_claims_parameter(
    '{"id_token": {"name": null, "birthdate": null, "rero_memberships": null}}'
)


@pytest.mark.parametrize("name", ["id_token", "id_token_with_claims"])
def test_claims_set_is_the_golden_one(world: World, name: str) -> None:
    request = make_request(nonce="n-0S6_WzA2Mj")
    if name == "id_token_with_claims":
        request = replace(request, claims=EVERY_CLAIM)
    _, code = world.log_in(request)

    claims = claims_of(world.redeem(code)["id_token"])

    golden = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    assert json.dumps(claims, indent=1, sort_keys=True) + "\n" == golden


def test_at_hash_is_the_left_half_of_the_digest(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)

    at_hash = str(claims_of(tokens["id_token"])["at_hash"])

    digest = hashlib.sha256(str(tokens["access_token"]).encode()).hexdigest()
    assert base64.urlsafe_b64decode(at_hash + "==").hex() == digest[:32]


def test_at_hash_of_the_specification_example() -> None:
    # OIDC Core Appendix A.3: at_hash of this access token.
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"

    assert left_half_hash(token, "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_hash_follows_the_algorithm() -> None:
    half = base64.urlsafe_b64decode(left_half_hash("token", "EdDSA") + "==")

    assert half == hashlib.sha512(b"token").digest()[:32]
    with pytest.raises(KeyError):
        left_half_hash("token", "none")


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "amr"]
)
def test_no_claim_of_the_patron_replaces_a_protocol_claim(name: str) -> None:
    grant = make_grant(client_id="library")
    honest = id_token_claims(SETTINGS, "the-sub", grant, {}, NOW)

    claims = id_token_claims(SETTINGS, "the-sub", grant, {name: "forged"}, NOW)

    assert claims[name] == honest[name] != "forged"


def test_grant_without_a_session_has_no_sid() -> None:
    grant = replace(make_grant(), sid=None)

    claims = id_token_claims(SETTINGS, "the-sub", grant, {}, NOW)

    assert "sid" not in claims


def test_amr_tells_how_patrons_sign_in() -> None:
    claims = id_token_claims(SETTINGS, "the-sub", make_grant(), {}, NOW)

    assert claims["amr"] == ["pwd"]


def test_amr_that_is_not_configured_is_no_claim() -> None:
    settings = replace(SETTINGS, amr=())

    claims = id_token_claims(settings, "the-sub", make_grant(), {}, NOW)

    assert "amr" not in claims


def test_nonce_is_that_of_the_request_or_absent(world: World) -> None:
    _, code = world.log_in(make_request(nonce="mine"))
    _, other = world.log_in(make_request())

    assert claims_of(world.redeem(code)["id_token"])["nonce"] == "mine"
    assert "nonce" not in claims_of(world.redeem(other)["id_token"])


def test_audience_is_one_string(world: World) -> None:
    _, code = world.log_in(make_request())

    claims = claims_of(world.redeem(code)["id_token"])

    assert claims["aud"] == "library"
    assert claims["azp"] == "library"


def test_sid_differs_at_two_clients_of_one_session(ring: KeyRing) -> None:
    world = make_world(ring, make_client("library"), make_client("museum"))
    _, code = world.log_in(make_request("library"))
    _, other = world.log_in(make_request("museum"))

    mine = claims_of(world.redeem(code)["id_token"])
    theirs = claims_of(world.redeem(other, "museum")["id_token"])

    assert mine["sid"] != theirs["sid"]
    assert mine["sub"] != theirs["sub"]


def test_lifetime_is_the_configured_one(ring: KeyRing) -> None:
    world = make_world(ring, lives=Lives(id_token_s=77))
    _, code = world.log_in(make_request())

    claims = claims_of(world.redeem(code, now=NOW + 5)["id_token"])

    assert (claims["iat"], claims["exp"]) == (NOW + 5, NOW + 82)


def test_refreshed_id_token_is_about_the_same_sign_in(world: World) -> None:
    _, code = world.log_in(make_request(nonce="only once"))
    first = world.redeem(code)

    second = world.refresh(first["refresh_token"], now=NOW + 60)

    before, after = claims_of(first["id_token"]), claims_of(second["id_token"])
    same = ("iss", "sub", "aud", "azp", "auth_time", "sid")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["iat"] == NOW + 60
    assert "nonce" not in after
    digest = hashlib.sha256(str(second["access_token"]).encode()).digest()[:16]
    assert base64.urlsafe_b64decode(str(after["at_hash"]) + "==") == digest


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_joserfc_verifies_by_the_published_keys(ring: KeyRing, alg: str) -> None:
    world = make_world(ring, make_client(id_token_signed_response_alg=alg))
    _, code = world.log_in(make_request())

    id_token = world.redeem(code)["id_token"]

    assert verified_claims(id_token, ring, alg) == claims_of(id_token)
    assert header_of(id_token) == {
        "alg": alg,
        "typ": "JWT",
        "kid": ring.active(alg, NOW).kid,
    }


def test_joserfc_refuses_by_the_keys_of_another(world: World) -> None:
    _, code = world.log_in(make_request())
    id_token = world.redeem(code)["id_token"]
    others = KeyRing([make_key("RS256", NOW, NOW)])

    with pytest.raises((JoseError, ValueError)):
        verified_claims(id_token, others, "RS256")
