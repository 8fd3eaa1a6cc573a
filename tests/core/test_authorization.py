"""The authorization request: each check, their order, and what is left of a request."""

from dataclasses import replace
from typing import Final

import pytest

from bridge.core.authorization import (
    CHECKS,
    PARAMETERS,
    AuthorizationRequest,
    authorization_request,
    check_claims,
    check_doubled,
    check_max_age,
    check_nonce,
    check_pkce,
    check_prompt,
    check_request_objects,
    check_response_mode,
    check_response_type,
    check_scope,
)
from bridge.core.claims import ClaimsRequest
from bridge.core.client import AuthMethod, Client
from bridge.core.errors import (
    InvalidRequest,
    InvalidScope,
    ProtocolError,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from bridge.core.return_address import Parameters, rematch

REGISTERED: Final = "https://library.example/callback"
CLIENT: Final = Client("library", (REGISTERED,), "library.example")
PUBLIC: Final = replace(
    CLIENT, token_endpoint_auth_methods=frozenset({AuthMethod.NONE})
)
CHALLENGE: Final = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
GOOD: Final = {"response_type": "code", "scope": "openid profile"}
S256: Final = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def read(
    parameters: dict[str, str],
    client: Client = CLIENT,
    doubled: tuple[tuple[str, str], ...] = (),
) -> AuthorizationRequest:
    """Check GOOD with *parameters* over it; an empty value takes one out."""
    pairs = [*{**GOOD, **parameters}.items(), *doubled]
    address = rematch(client, REGISTERED, parameters.get("state"))
    return authorization_request(Parameters(pairs), address)


def test_checks_run_in_reading_order() -> None:
    assert list(CHECKS) == [
        check_doubled,
        check_request_objects,
        check_response_type,
        check_response_mode,
        check_scope,
        check_prompt,
        check_max_age,
        check_nonce,
        check_pkce,
        check_claims,
    ]


def test_the_first_fault_is_the_one_that_is_told() -> None:
    faults = {
        "request": "a.b.c",
        "response_type": "token",
        "response_mode": "fragment",
        "scope": "profile",
        "prompt": "maybe",
        "max_age": "soon",
        "nonce": "\0",
        "code_challenge_method": "S256",
        "claims": "{",
    }
    told = []

    while faults:
        with pytest.raises(ProtocolError) as refusal:
            read(faults)
        told.append(refusal.value.error)
        faults.pop(next(iter(faults)))

    assert told == [
        "request_not_supported",
        "unsupported_response_type",
        "invalid_request",
        "invalid_scope",
        *["invalid_request"] * 5,
    ]


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"request": "a.b.c"}, RequestNotSupported),
        ({"request_uri": "https://a.example"}, RequestUriNotSupported),
        ({"request_uri": "urn:x"}, RequestUriNotSupported),
        ({"registration": "{}"}, RegistrationNotSupported),
        ({"response_type": ""}, InvalidRequest),
        ({"response_type": "token"}, UnsupportedResponseType),
        ({"response_type": "id_token"}, UnsupportedResponseType),
        ({"response_type": "code id_token"}, UnsupportedResponseType),
        ({"response_type": "code code"}, UnsupportedResponseType),
        ({"response_type": "CODE"}, UnsupportedResponseType),
        ({"response_type": "none"}, UnsupportedResponseType),
        ({"response_mode": "fragment"}, InvalidRequest),
        ({"response_mode": "web_message"}, InvalidRequest),
        ({"response_mode": "Query"}, InvalidRequest),
        ({"scope": ""}, InvalidScope),
        ({"scope": "profile"}, InvalidScope),
        ({"scope": "OpenID"}, InvalidScope),
        ({"scope": "openid\tprofile"}, InvalidScope),
        ({"scope": 'openid "'}, InvalidScope),
        ({"scope": "openid \\"}, InvalidScope),
        ({"scope": "openid é"}, InvalidScope),
        ({"scope": "openid \n"}, InvalidScope),
        ({"scope": "openid " + "x" * 994}, InvalidScope),
        ({"prompt": "maybe"}, InvalidRequest),
        ({"prompt": "None"}, InvalidRequest),
        ({"prompt": "create"}, InvalidRequest),
        ({"prompt": "none login"}, InvalidRequest),
        ({"prompt": "consent none"}, InvalidRequest),
        ({"max_age": "abc"}, InvalidRequest),
        ({"max_age": "-1"}, InvalidRequest),
        ({"max_age": "+1"}, InvalidRequest),
        ({"max_age": "1.5"}, InvalidRequest),
        ({"max_age": " 1"}, InvalidRequest),
        ({"max_age": "1_000"}, InvalidRequest),
        ({"max_age": "٣"}, InvalidRequest),
        ({"max_age": "²"}, InvalidRequest),
        ({"max_age": "1" * 10}, InvalidRequest),
        ({"nonce": "n" * 1_001}, InvalidRequest),
        ({"nonce": "a\nb"}, InvalidRequest),
        ({"nonce": "\x7f"}, InvalidRequest),
        ({"code_challenge": CHALLENGE}, InvalidRequest),
        ({**S256, "code_challenge_method": "plain"}, InvalidRequest),
        ({**S256, "code_challenge_method": "s256"}, InvalidRequest),
        ({**S256, "code_challenge": CHALLENGE[1:]}, InvalidRequest),
        ({**S256, "code_challenge": CHALLENGE + "="}, InvalidRequest),
        ({**S256, "code_challenge": ""}, InvalidRequest),
        ({"claims": "{"}, InvalidRequest),
        ({"claims": "[]"}, InvalidRequest),
    ],
)
def test_a_faulty_request_is_refused(
    parameters: dict[str, str], error: type[ProtocolError]
) -> None:
    with pytest.raises(ProtocolError) as refusal:
        read(parameters)

    assert type(refusal.value) is error
    assert refusal.value.description.isascii()


@pytest.mark.parametrize("client", [PUBLIC, replace(CLIENT, require_pkce=True)])
def test_a_client_that_must_use_pkce_is_refused_without(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="must use PKCE"):
        read({}, client)

    assert read(S256, client).code_challenge == CHALLENGE


def test_a_client_that_may_not_ask_openid_is_refused() -> None:
    with pytest.raises(InvalidScope):
        read({}, replace(CLIENT, scopes=frozenset({"profile"})))


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_known_parameter_is_refused_twice(name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{name} is given more than once$"):
        read({}, doubled=((name, ""), (name, "")))


def test_an_unknown_parameter_may_come_twice() -> None:
    assert read({}, doubled=(("utm", "1"), ("utm", "2"))) == read({})


@pytest.mark.parametrize(
    "parameters",
    [
        {"response_mode": "query"},
        {"unknown": "x"},
        {"display": "popup"},
        {"acr_values": "urn:x"},
        {"login_hint": "jean"},
        {"id_token_hint": "not a token"},
        {"request": "", "prompt": "", "max_age": "", "claims": "", "nonce": ""},
        {"scope": "openid  profile "},
        {"scope": "openid profile unknown:scope profile"},
    ],
)
def test_what_changes_nothing_is_ignored(parameters: dict[str, str]) -> None:
    assert read(parameters) == AuthorizationRequest(
        "library", REGISTERED, ("openid", "profile")
    )


def test_a_whole_request_keeps_all_that_was_asked() -> None:
    request = read(
        {
            **S256,
            "scope": "openid email rero",
            "state": "s",
            "nonce": "n" * 1_000,
            "prompt": "login consent",
            "max_age": "0",
            "claims": '{"id_token": {"name": null}}',
            "ui_locales": "fr-CH de",
        }
    )

    assert request == AuthorizationRequest(
        client_id="library",
        redirect_uri=REGISTERED,
        scope=("openid", "email", "rero"),
        state="s",
        nonce="n" * 1_000,
        code_challenge=CHALLENGE,
        prompt=frozenset({"login", "consent"}),
        max_age=0,
        claims=ClaimsRequest(id_token=("name",)),
        ui_locales=("fr-CH", "de"),
    )


def test_scopes_that_the_client_may_not_ask_are_left_out() -> None:
    client = replace(CLIENT, scopes=frozenset({"openid", "email"}))

    request = read({"scope": "rero openid profile email"}, client)

    assert request.scope == ("openid", "email")


def test_offline_access_is_ignored_where_refresh_tokens_may_not_be_used() -> None:
    client = replace(CLIENT, grant_types=frozenset({"authorization_code"}))

    assert read({"scope": "openid offline_access"}).scope[-1] == "offline_access"
    assert read({"scope": "openid offline_access"}, client).scope == ("openid",)


@pytest.mark.parametrize(("asked", "max_age"), [("", 60), ("5", 5), ("0" * 9, 0)])
def test_max_age_is_the_requests_or_else_the_clients(asked: str, max_age: int) -> None:
    client = replace(CLIENT, default_max_age=60)

    assert read({"max_age": asked}, client).max_age == max_age


def test_odd_language_tags_are_left_out_and_the_rest_kept() -> None:
    request = read({"ui_locales": "x_y fr-CH <b> de " + "en " * 20})

    assert request.ui_locales == ("fr-CH", "de", *["en"] * 6)


def test_prompt_none_may_repeat_itself() -> None:
    assert read({"prompt": "none none"}).prompt == frozenset({"none"})


def test_parameters_without_a_value_are_absent() -> None:
    parameters = Parameters([("a", ""), ("b", "1"), ("b", "2")])

    assert dict(parameters) == {"b": "1"}
    assert len(parameters) == 1
    assert parameters.doubled == frozenset({"b"})
