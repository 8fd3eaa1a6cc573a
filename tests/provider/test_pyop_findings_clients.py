"""Findings 16 to 21 and 24: clients, keys, documents, logout (docs/pyop.md)."""

import base64
from urllib.parse import urlencode

import pytest

from bridge.core.errors import InvalidGrant, InvalidRequest, InvalidToken
from bridge.provider.client_assertion import TYPE
from bridge.provider.state import GrantState
from bridge.signing.keys import KeyRing
from bridge.signing.signer import JwsSigner
from tests.provider.assertions import good_claims, signed, signing_client
from tests.provider.tokens import claims_of, header_of, verified_claims
from tests.provider.web_world import WebWorld
from tests.provider.world import (
    CALLBACK,
    NOW,
    SECRET,
    World,
    make_client,
    make_request,
    make_world,
)


def basic(client_id: str, secret: str, scheme: str = "Basic") -> str:
    pair = f"{client_id}:{secret}".encode()
    return f"{scheme} {base64.b64encode(pair).decode()}"


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_pyop_16_scheme_of_basic_may_be_written_in_any_case(
    world: World, scheme: str
) -> None:
    _, code = world.log_in(make_request())

    tokens = world.token(
        authorization=basic("library", SECRET, scheme),
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
    )

    assert "access_token" in tokens


def test_pyop_16_one_client_may_use_basic_and_post(world: World) -> None:
    _, code = world.log_in(make_request())
    tokens = world.redeem(code)

    again = world.token(
        authorization=basic("library", SECRET),
        grant_type="refresh_token",
        refresh_token=str(tokens["refresh_token"]),
    )

    assert "access_token" in again


def test_pyop_16_client_id_of_the_body_is_compared_with_the_header(
    ring: KeyRing,
) -> None:
    world = make_world(ring, make_client("library"), make_client("museum"))
    _, code = world.log_in(make_request())

    with pytest.raises(InvalidRequest):
        world.token(
            authorization=basic("library", SECRET),
            client_id="museum",
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
        )


def test_pyop_16_client_may_sign_instead_of_showing_a_secret(ring: KeyRing) -> None:
    world = make_world(ring, signing_client())
    _, code = world.log_in(make_request())

    tokens = world.token(
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
        client_assertion_type=TYPE,
        client_assertion=signed(good_claims()),
    )

    assert "access_token" in tokens


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_pyop_17_scheme_of_bearer_may_be_written_in_any_case(
    web: WebWorld, scheme: str
) -> None:
    tokens = web.redeem(web.log_in()["code"]).json
    assert tokens is not None

    answer = web.get(
        "/userinfo", {"Authorization": f"{scheme} {tokens['access_token']}"}
    )

    assert answer.status_code == 200


def test_pyop_17_access_token_in_the_query_is_not_read(web: WebWorld) -> None:
    tokens = web.redeem(web.log_in()["code"]).json
    assert tokens is not None

    query = urlencode({"access_token": tokens["access_token"]})
    answer = web.get(f"/userinfo?{query}")

    assert answer.status_code == 401


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_pyop_18_client_is_signed_to_by_the_algorithm_it_registered(
    ring: KeyRing, alg: str
) -> None:
    world = make_world(ring, make_client(id_token_signed_response_alg=alg))
    _, code = world.log_in(make_request())

    id_token = world.redeem(code)["id_token"]

    assert header_of(id_token)["alg"] == alg
    assert verified_claims(id_token, ring, alg)["aud"] == "library"


def test_pyop_18_algorithm_none_gives_no_token_at_all(ring: KeyRing) -> None:
    world = make_world(ring, make_client(id_token_signed_response_alg="none"))
    _, code = world.log_in(make_request())

    with pytest.raises(KeyError):
        world.redeem(code)


def test_pyop_18_all_keys_are_published_and_the_bytes_stay(
    web: WebWorld, ring: KeyRing
) -> None:
    first, second = web.get("/jwks"), web.get("/jwks")

    assert first.data == second.data
    assert first.json is not None
    published = {key["kid"] for key in first.json["keys"]}
    assert published == {key.kid for key in ring.keys}


def test_pyop_19_discovery_claims_nothing_that_pyop_would_claim_by_default(
    web: WebWorld,
) -> None:
    document = web.get("/.well-known/openid-configuration").json

    assert document is not None
    assert document["request_uri_parameter_supported"] is False
    assert document["require_request_uri_registration"] is False
    assert "implicit" not in document["grant_types_supported"]
    assert "version" not in document
    assert {"client_secret_basic", "client_secret_post", "none"} <= set(
        document["token_endpoint_auth_methods_supported"]
    )


def test_pyop_20_end_of_a_session_ends_what_hangs_on_it(world: World) -> None:
    grant, code = world.log_in(make_request())
    tokens = world.redeem(code)

    world.store.end_session(str(grant.session_id), NOW + 2)

    with pytest.raises(InvalidGrant):
        world.refresh(tokens["refresh_token"])
    with pytest.raises(InvalidToken):
        world.userinfo(tokens["access_token"])


def log_out(web: WebWorld, id_token_hint: str) -> int:
    query = urlencode({"id_token_hint": id_token_hint})
    return web.get(f"/logout?{query}").status_code


def test_pyop_20_logout_ends_the_refresh_token(web: WebWorld) -> None:
    tokens = web.redeem(web.log_in()["code"]).json
    assert tokens is not None

    assert log_out(web, tokens["id_token"]) == 200

    refresh_token = tokens["refresh_token"]
    again = web.token(grant_type="refresh_token", refresh_token=refresh_token)
    assert again.json == {**(again.json or {}), "error": "invalid_grant"}


@pytest.mark.parametrize("change", [{"iss": "https://evil.example"}, {"aud": "museum"}])
def test_pyop_20_hint_of_another_issuer_or_client_ends_nothing(
    web: WebWorld, ring: KeyRing, change: dict[str, str]
) -> None:
    tokens = web.redeem(web.log_in()["code"]).json
    assert tokens is not None
    claims = {**claims_of(tokens["id_token"]), **change}
    hint = JwsSigner(ring).sign(claims, "RS256", web.clock())

    log_out(web, hint)

    refresh_token = tokens["refresh_token"]
    again = web.token(grant_type="refresh_token", refresh_token=refresh_token)
    assert again.status_code == 200


def test_pyop_21_registration_of_pyop_is_refused(world: World) -> None:
    request = '{"redirect_uris": ["javascript:alert(1)"]}'

    with pytest.raises(TypeError):
        world.provider.handle_client_registration_request(request)

    assert world.provider.clients == {}


@pytest.mark.parametrize("path", ["/registration", "/register", "/connect/register"])
def test_pyop_21_no_request_registers_a_client(web: WebWorld, path: str) -> None:
    request = '{"redirect_uris": ["https://stranger.example/cb"]}'

    answer = web.post(path, request)

    assert answer.status_code == 404
    metadata = web.get("/.well-known/openid-configuration").json
    assert metadata is not None
    assert "registration_endpoint" not in metadata


def test_pyop_24_stateless_mode_is_never_on(world: World) -> None:
    sign_in = world.sign_in()
    copies = [
        world.provider.for_login(make_request(), world.client(), sign_in, NOW),
        world.provider.for_token(world.client(), {}, NOW),
    ]

    assert not world.provider.stateless
    assert not GrantState.stateless
    assert not any(copy.stateless or copy.authz_state.stateless for copy in copies)
