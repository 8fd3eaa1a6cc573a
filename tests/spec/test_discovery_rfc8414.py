"""OpenID Connect Discovery 1.0 and RFC 8414: every advertised value is exercised."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from tests.support.tokens import verified
from tests.support.trial import HEAD, ISSUER, SECRET, Trial, client
from tests.support.visitor import Visitor

DISCOVERY: Final = "/.well-known/openid-configuration"


@pytest.fixture
def metadata(browser: Visitor) -> dict[str, object]:
    return browser.get(DISCOVERY).members


def test_4_3_issuer_is_that_of_the_address_and_of_id_tokens(
    browser: Visitor, metadata: dict[str, object]
) -> None:
    claims = verified(browser, browser.tokens()["id_token"]).claims

    assert metadata["issuer"] == claims["iss"] == ISSUER


def test_3_members_are_those_that_tests_exercise(metadata: dict[str, object]) -> None:
    assert set(metadata) == {*ENDPOINTS, *LISTS, *BOOLEANS, "issuer"}


def test_3_required_members_are_there(metadata: dict[str, object]) -> None:
    required = {
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    }
    assert required <= set(metadata)
    assert "RS256" in [*_texts(metadata["id_token_signing_alg_values_supported"])]


ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_endpoint_is_there(
    browser: Visitor, metadata: dict[str, object], name: str
) -> None:
    address = str(metadata[name])

    assert address.startswith(f"{ISSUER}/")
    assert browser.get(address).status != 404


BOOLEANS: Final[Mapping[str, bool]] = {
    "claims_parameter_supported": True,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,  # its absence would mean true
    "require_request_uri_registration": False,
    "authorization_response_iss_parameter_supported": True,
}


@pytest.mark.parametrize(("name", "value"), BOOLEANS.items())
def test_switch_is_said(metadata: dict[str, object], name: str, *, value: bool) -> None:
    assert metadata[name] is value


def test_switched_off_parameters_are_refused(browser: Visitor) -> None:
    for name in ("request", "request_uri"):
        assert (
            browser.authorize(**{name: "x"}).query["error"] == f"{name}_not_supported"
        )


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def scope(browser: Visitor, value: str) -> None:
    tokens = browser.tokens("jean", "mail", scope=f"openid {value}".strip())
    assert value in str(tokens["scope"]).split()


def response_type(browser: Visitor, value: str) -> None:
    assert browser.sign_in(response_type=value).query["code"]


def response_mode(browser: Visitor, value: str) -> None:
    assert browser.sign_in(response_mode=value).query["code"]


def grant_type(browser: Visitor, value: str) -> None:
    tokens = browser.tokens(scope="openid offline_access")
    if value == "refresh_token":
        token = str(tokens["refresh_token"])
        answer = browser.token("", grant_type=value, refresh_token=token)
        assert answer.status == 200
    assert value in {"authorization_code", "refresh_token"}


def subject_type(browser: Visitor, value: str) -> None:
    configured = HEAD + client("service", subject_type=value)
    browser.trial.configure(configured + client("other", subject_type=value))
    subjects = {
        str(browser.userinfo(browser.tokens("jean", c)["access_token"]).members["sub"])
        for c in ("service", "other")
    }
    assert len(subjects) == {"public": 1, "pairwise": 2}[value]


def signing_alg(browser: Visitor, value: str) -> None:
    configured = client("service", id_token_signed_response_alg=value)
    browser.trial.configure(HEAD + configured)
    assert verified(browser, browser.tokens()["id_token"]).header["alg"] == value


def auth_method(browser: Visitor, value: str) -> None:
    changes: dict[str, object] = {"token_endpoint_auth_method": value}
    browser.trial.configure(HEAD + client("service", **changes))
    pkce = {} if value != "none" else PKCE
    code = browser.sign_in(**pkce).query["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://service.example/callback",
    }
    headers = {}
    if value == "client_secret_basic":
        headers = BASIC
    elif value == "client_secret_post":
        form |= {"client_id": "service", "client_secret": SECRET}
    else:
        form |= {"client_id": "service", "code_verifier": VERIFIER}
    assert browser.post("/token", form, headers).status == 200


def challenge_method(browser: Visitor, value: str) -> None:
    code = browser.sign_in(**{**PKCE, "code_challenge_method": value}).query["code"]
    assert browser.token(code, code_verifier=VERIFIER).status == 200


def claim_type(browser: Visitor, value: str) -> None:
    claims = browser.userinfo(browser.tokens()["access_token"]).members
    assert value == "normal"
    assert "_claim_names" not in claims


def claim(browser: Visitor, value: str) -> None:
    asked = '{"userinfo": {"birthdate": null}}'
    tokens = browser.tokens(
        "jean", "mail", scope="openid profile email rero", claims=asked
    )
    known = {
        *verified(browser, tokens["id_token"]).claims,
        *browser.userinfo(tokens["access_token"]).members,
    }
    assert value in known


def prompt(browser: Visitor, value: str) -> None:
    browser.sign_in()
    answer = browser.authorize(prompt=value)
    assert {
        "none": "code" in answer.headers.get("Location", ""),
        "login": "/signout?" in answer.headers.get("Location", ""),
        "select_account": "/signout?" in answer.headers.get("Location", ""),
        "consent": answer.status == 200,
    }[value]


def ui_locale(browser: Visitor, value: str) -> None:
    page = browser.sign_in("jean", "once", ui_locales=value)
    assert f'<html lang="{value}">' in page.text


VERIFIER: Final = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PKCE: Final = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
BASIC: Final = {"Authorization": "Basic c2VydmljZTphLXNlY3JldC1vZi10aGUtc2VydmljZQ=="}
LISTS: Final[Mapping[str, Callable[[Visitor, str], None]]] = {
    "scopes_supported": scope,
    "response_types_supported": response_type,
    "response_modes_supported": response_mode,
    "grant_types_supported": grant_type,
    "subject_types_supported": subject_type,
    "id_token_signing_alg_values_supported": signing_alg,
    "token_endpoint_auth_methods_supported": auth_method,
    "code_challenge_methods_supported": challenge_method,
    "claim_types_supported": claim_type,
    "claims_supported": claim,
    "prompt_values_supported": prompt,
    "ui_locales_supported": ui_locale,
}


@pytest.mark.parametrize("name", LISTS)
def test_every_value_of_the_list_works(
    trial: Trial, metadata: dict[str, object], name: str
) -> None:
    values = _texts(metadata[name])

    assert values
    assert len(values) == len(set(values))
    for value in values:
        LISTS[name](Visitor(trial), value)


def test_rfc8414_3_1_metadata_stands_at_both_addresses(
    browser: Visitor, metadata: dict[str, object]
) -> None:
    other = browser.get("/.well-known/oauth-authorization-server")

    assert other.members == metadata


def test_email_is_advertised_only_where_a_client_gets_it(trial: Trial) -> None:
    trial.configure(HEAD + client("service"))

    members = Visitor(trial).get(DISCOVERY).members

    assert "email" not in _texts(members["scopes_supported"])
    assert "email" not in _texts(members["claims_supported"])


def test_jwks_holds_public_keys_alone(browser: Visitor) -> None:
    keys = browser.get("/jwks").members["keys"]

    assert isinstance(keys, list)
    for key in keys:
        assert {"kty", "kid", "use", "alg"} <= set(key)
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k"}
