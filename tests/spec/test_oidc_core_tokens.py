"""OpenID Connect Core 1.0 §2, §3.1.3, §10.1: the token answer and the ID token."""

import base64
import hashlib
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from tests.spec.support import claims_of
from tests.support.tokens import verified
from tests.support.trial import CONFIGURATION, HEAD, ISSUER, NOW, Trial, client
from tests.support.visitor import Visitor


def test_2_id_token_has_the_required_claims(browser: Visitor) -> None:
    claims = claims_of(browser, browser.tokens())

    assert claims["iss"] == ISSUER
    assert claims["aud"] == "service"
    assert claims["azp"] == "service"
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 300)


def test_2_sub_is_at_most_255_ascii_characters(browser: Visitor) -> None:
    sub = str(claims_of(browser, browser.tokens())["sub"])

    assert 0 < len(sub) <= 255
    assert sub.isascii()


@pytest.mark.parametrize("member", ["max_age", "require_auth_time"])
def test_2_auth_time_is_there_when_it_was_asked(trial: Trial, member: str) -> None:
    registered = {"require_auth_time": True} if member == "require_auth_time" else {}
    trial.configure(HEAD + client("service", **registered))
    browser = Visitor(trial)

    tokens = browser.tokens(max_age="100" if member == "max_age" else None)

    assert claims_of(browser, tokens)["auth_time"] == NOW


def test_2_nonce_is_passed_unmodified(browser: Visitor) -> None:
    nonce = "n-0S6_WzA2Mj + / \u00e9"

    tokens = browser.tokens(nonce=nonce)

    assert claims_of(browser, tokens)["nonce"] == nonce


def test_2_without_a_nonce_there_is_none(browser: Visitor) -> None:
    assert "nonce" not in claims_of(browser, browser.tokens(nonce=None))


def test_2_amr_is_an_array_of_what_the_operator_says(
    tmp_path: Path, browser: Visitor
) -> None:
    told = CONFIGURATION.replace("[upstream]", '[upstream]\namr = ["otp", "mfa"]')
    silent = CONFIGURATION.replace("[upstream]", "[upstream]\namr = []")

    def amr(configuration: str) -> object:
        visitor = Visitor(Trial(tmp_path, configuration))
        return claims_of(visitor, visitor.tokens()).get("amr")

    assert amr(CONFIGURATION) == ["pwd"]
    assert amr(told) == ["otp", "mfa"]
    assert amr(silent) is None


def test_2_amr_is_advertised_where_it_is_told(tmp_path: Path) -> None:
    silent = CONFIGURATION.replace("[upstream]", "[upstream]\namr = []")

    def advertised(configuration: str) -> bool:
        visitor = Visitor(Trial(tmp_path, configuration))
        metadata = visitor.get("/.well-known/openid-configuration").members
        return "'amr'" in str(metadata["claims_supported"])

    assert advertised(CONFIGURATION)
    assert not advertised(silent)


def test_2_acr_is_neither_given_nor_advertised(browser: Visitor) -> None:
    claims = claims_of(browser, browser.tokens(acr_values="0 urn:gold"))

    assert "acr" not in claims
    metadata = browser.get("/.well-known/openid-configuration").members
    assert "acr_values_supported" not in metadata
    assert "'acr'" not in str(metadata["claims_supported"])


def test_2_id_token_is_signed_and_never_alg_none(browser: Visitor) -> None:
    header = verified(browser, browser.tokens()["id_token"]).header

    assert header["alg"] == "RS256"


def test_2_id_token_header_carries_no_key_of_its_own(browser: Visitor) -> None:
    header = verified(browser, browser.tokens()["id_token"]).header

    assert not set(header) & {"x5u", "x5c", "jku", "jwk"}


def test_3_1_3_1_client_must_authenticate(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, client_secret="wrong")

    assert (answer.status, answer.members["error"]) == (401, "invalid_client")


def test_3_1_3_2_code_is_bound_to_client_and_redirect_uri(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    other = browser.token(code, "other").members
    moved = browser.token(code, redirect_uri="https://service.example/x").members

    assert (other["error"], moved["error"]) == ("invalid_grant", "invalid_grant")


def test_3_1_3_2_code_is_good_once(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]
    browser.token(code)

    assert browser.token(code).members["error"] == "invalid_grant"


def test_3_1_3_3_token_answer_has_the_required_members(browser: Visitor) -> None:
    answer = browser.token(browser.sign_in().query["code"])

    assert answer.members["token_type"] == "Bearer"
    assert {"access_token", "id_token", "expires_in"} <= set(answer.members)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"


def test_3_1_3_4_error_is_json_and_stored_nowhere(browser: Visitor) -> None:
    answer = browser.token("unknown")

    assert (answer.status, answer.members["error"]) == (400, "invalid_grant")
    assert answer.headers["Cache-Control"] == "no-store"


def test_3_1_3_6_at_hash_is_the_left_half(browser: Visitor) -> None:
    tokens = browser.tokens()

    digest = hashlib.sha256(str(tokens["access_token"]).encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert claims_of(browser, tokens)["at_hash"] == expected


def test_3_1_3_7_signature_holds_by_the_published_key_of_its_kid(
    browser: Visitor,
) -> None:
    header = verified(browser, browser.tokens()["id_token"]).header

    keys = browser.get("/jwks").members["keys"]

    assert isinstance(keys, list)
    assert header["kid"] in {key["kid"] for key in keys}


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_10_1_id_token_is_signed_by_the_registered_algorithm(
    trial: Trial, alg: str
) -> None:
    trial.configure(HEAD + client("service", id_token_signed_response_alg=alg))
    browser = Visitor(trial)

    header = verified(browser, browser.tokens()["id_token"]).header

    assert header["alg"] == alg
    assert header["kid"]


def test_registration_2_alg_none_cannot_be_registered(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Trial(tmp_path, HEAD + client("service", id_token_signed_response_alg="none"))
