"""Findings 4, 5, 6 and 8: what a request may do to the bridge (docs/pyop.md)."""

import base64
from urllib.parse import quote, urlencode

import pytest

from bridge.core.client import AuthMethod
from bridge.core.errors import InvalidGrant
from bridge.core.pkce import challenge_of
from bridge.signing.keys import KeyRing
from tests.provider.web_world import WebWorld, query_of
from tests.provider.world import (
    CALLBACK,
    ISSUER,
    SECRET,
    VERIFIER,
    World,
    make_client,
    make_request,
    make_world,
)

AUTHORIZE_ERRORS = {
    "invalid_request",
    "invalid_scope",
    "request_not_supported",
    "request_uri_not_supported",
    "unsupported_response_type",
}
TOKEN_ERRORS = {"invalid_request", "invalid_client", "invalid_grant", "invalid_scope"}


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@pytest.mark.parametrize(
    "parameters",
    [
        {"scope": "profile"},
        {"prompt": "shout"},
        {"display": "billboard"},
        {"response_type": "banana"},
        {"claims": "{"},
        {"max_age": "abc"},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_pyop_04_error_never_goes_to_an_unregistered_address(
    web: WebWorld, parameters: dict[str, str]
) -> None:
    answer = web.authorize(redirect_uri="https://evil.example/", **parameters)

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "evil.example" not in answer.headers.get("Content-Security-Policy", "")


def test_pyop_04_unknown_client_is_shown_a_page(web: WebWorld) -> None:
    answer = web.authorize(client_id="nobody", scope="profile")

    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "parameters",
    [
        {"request": "junk"},
        {"request": "eyJhbGciOiJub25lIn0.e30."},
        {"request_uri": "https://library.example/request"},
        {"claims": "junk"},
        {"claims": "[]"},
        {"claims": '{"id_token": 1}'},
        {"claims": '{"id_token": {"sub": {"value": 1}}}'},
        {"claims": "[" * 3_000},
        {"max_age": "abc"},
        {"max_age": "-1"},
        {"max_age": "²"},
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
        {"code_challenge": "ü" * 43, "code_challenge_method": "S256"},
        {"scope": "openid \x00"},
        {"nonce": "n" * 10_000},
        {"id_token_hint": "junk"},
        {"id_token_hint": "eyJhbGciOiJub25lIn0.e30."},
    ],
    ids=lambda parameters: str(parameters)[:40],
)
def test_pyop_05_junk_at_authorize_is_an_oauth_error_at_the_client(
    web: WebWorld, parameters: dict[str, str]
) -> None:
    answer = web.authorize(**parameters)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(CALLBACK)
    assert query_of(answer)["error"] in AUTHORIZE_ERRORS


@pytest.mark.parametrize(
    "parameters",
    [
        {"claims": '{"id_token": null}'},
        {"claims": '{"id_token": {"name": null}, "userinfo": null}'},
        {"ui_locales": "%%% -- ü"},
        {"login_hint": "x" * 500},
    ],
    ids=str,
)
def test_pyop_05_odd_but_legal_parameters_do_not_stop_a_login(
    web: WebWorld, parameters: dict[str, str]
) -> None:
    answer = web.authorize(**parameters)

    assert answer.headers["Location"].startswith("https://rero.example/")


def test_pyop_05_own_id_token_as_hint_does_not_stop_a_login(web: WebWorld) -> None:
    first = web.log_in()
    id_token = web.redeem(first["code"]).get_json()["id_token"]

    answer = web.authorize(id_token_hint=id_token)

    assert "code" in query_of(answer)


@pytest.mark.parametrize("name", ["scope", "nonce", "prompt", "state", "max_age"])
def test_pyop_05_repeated_parameter_is_an_oauth_error(web: WebWorld, name: str) -> None:
    query = {
        "client_id": "library",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
    }
    answer = web.get(f"/authorize?{urlencode(query)}&{name}=1&{name}=2")

    assert query_of(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "headers",
    [
        basic("library"),
        basic(f"library:{SECRET}:more"),
        basic(""),
        basic(":"),
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic /////w=="},
        {"Authorization": "Bearer token"},
        {"Authorization": "basic ü"},
    ],
    ids=str,
)
def test_pyop_05_junk_credentials_are_an_oauth_error(
    web: WebWorld, headers: dict[str, str]
) -> None:
    body = urlencode({"grant_type": "refresh_token", "refresh_token": "x"})

    answer = web.post("/token", body, headers)

    assert answer.status_code == 401
    assert answer.json == {
        "error": "invalid_client",
        "error_description": answer.get_json()["error_description"],
    }


@pytest.mark.parametrize(
    "body",
    [
        "grant_type=authorization_code&code=x&redirect_uri=x&code_verifier=%C3%BC",
        "grant_type=authorization_code&code=x&redirect_uri=x&code_verifier=%FF",
        "grant_type=authorization_code&code=%00&redirect_uri=x",
        "grant_type=authorization_code&code=" + quote("ü" * 72) + "&redirect_uri=x",
        "grant_type=authorization_code&code=x",
        "grant_type=refresh_token",
        "grant_type=refresh_token&refresh_token=" + "A" * 72,
        "grant_type=refresh_token&refresh_token=x&refresh_token=y",
        "grant_type=refresh_token&refresh_token=x&scope=%20",
        "grant_type=refresh_token&grant_type=authorization_code",
        "code=x",
        "\x00=&&&=",
    ],
)
def test_pyop_05_junk_token_request_is_an_oauth_error(web: WebWorld, body: str) -> None:
    credentials = urlencode({"client_id": "library", "client_secret": SECRET})

    answer = web.post("/token", f"{body}&{credentials}")

    assert answer.status_code in {400, 401}
    assert answer.json is not None
    assert answer.json["error"] in TOKEN_ERRORS


def test_pyop_05_non_ascii_verifier_is_an_invalid_grant(world: World) -> None:
    _, code = world.log_in(make_request(code_challenge=challenge_of(VERIFIER)))

    with pytest.raises(InvalidGrant):
        world.redeem(code, code_verifier="ü" * 43)


def test_pyop_05_refresh_after_the_session_ended_is_an_invalid_grant(
    world: World,
) -> None:
    grant, code = world.log_in(make_request())
    refresh_token = world.redeem(code)["refresh_token"]
    world.store.end_session(str(grant.session_id), grant.issued_at)

    with pytest.raises(InvalidGrant):
        world.refresh(refresh_token)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer ü", "Basic eDp5"])
def test_pyop_05_junk_at_userinfo_is_an_oauth_error(web: WebWorld, header: str) -> None:
    answer = web.get("/userinfo", {"Authorization": header})

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"] == "invalid_token"


def test_pyop_06_discovery_names_the_pkce_method(web: WebWorld) -> None:
    document = web.get("/.well-known/openid-configuration").json

    assert document is not None
    assert document["issuer"] == ISSUER
    assert document["code_challenge_methods_supported"] == ["S256"]


def test_pyop_06_challenge_without_a_method_is_refused_at_once(web: WebWorld) -> None:
    answer = web.authorize(code_challenge="x" * 43)

    assert query_of(answer)["error"] == "invalid_request"


def test_pyop_06_verifier_without_a_challenge_is_refused(world: World) -> None:
    _, code = world.log_in(make_request())

    with pytest.raises(InvalidGrant):
        world.redeem(code, code_verifier=VERIFIER)


@pytest.mark.parametrize("verifier", ["", "w" * 43], ids=["none", "another"])
def test_pyop_06_challenge_needs_its_verifier(world: World, verifier: str) -> None:
    _, code = world.log_in(make_request(code_challenge=challenge_of(VERIFIER)))

    with pytest.raises(InvalidGrant):
        world.redeem(code, code_verifier=verifier)

    assert "access_token" in world.redeem(code, code_verifier=VERIFIER)


def test_pyop_06_public_client_redeems_by_verifier_alone(ring: KeyRing) -> None:
    public = make_client(
        token_endpoint_auth_methods=frozenset({AuthMethod.NONE}), secret_digests=()
    )
    world = make_world(ring, public)
    _, code = world.log_in(make_request(code_challenge=challenge_of(VERIFIER)))

    tokens = world.token(
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
        client_id="library",
        code_verifier=VERIFIER,
    )

    assert "id_token" in tokens


def test_pyop_08_offline_access_without_consent_asked_is_no_error(
    web: WebWorld,
) -> None:
    answer = web.log_in(scope="openid offline_access")

    assert "code" in answer
