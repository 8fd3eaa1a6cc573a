"""RFC 7636: Proof Key for Code Exchange."""

import base64
import hashlib

import pytest

from tests.spec.support import form_fields
from tests.support.trial import HEAD, Trial, client
from tests.support.visitor import Answer, Visitor

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # appendix B
S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def redeem(browser: Visitor, verifier: str | None, **request: str) -> Answer:
    code = browser.sign_in("jean", "app", **request).query["code"]
    return browser.token(code, "app", client_secret=None, code_verifier=verifier)


def test_4_2_s256_is_the_hash_of_the_verifier() -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()

    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == CHALLENGE


def test_4_3_absent_method_means_plain_and_is_refused(browser: Visitor) -> None:
    answer = browser.authorize("app", code_challenge=CHALLENGE)

    assert answer.query["error"] == "invalid_request"


def test_4_4_1_missing_challenge_is_an_error_where_it_is_required(
    trial: Trial,
) -> None:
    trial.configure(
        HEAD
        + client("app", token_endpoint_auth_method="none")
        + client("strict", require_pkce=True)
    )
    browser = Visitor(trial)

    for client_id in ("app", "strict"):
        assert browser.authorize(client_id).query["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "S512", "s256", ""])
def test_4_4_1_other_methods_are_an_error(browser: Visitor, method: str) -> None:
    answer = browser.authorize(
        "app", code_challenge=CHALLENGE, code_challenge_method=method
    )

    assert answer.query["error"] == "invalid_request"


def test_4_4_challenge_is_bound_to_the_code_that_it_came_with(
    browser: Visitor,
) -> None:
    first = browser.sign_in("jean", "app", **S256).query["code"]
    other = {**S256, "code_challenge": "a" * 43}
    second = browser.authorize("app", **other).query["code"]

    def redeemed(code: str) -> int:
        form = {"client_secret": None, "code_verifier": VERIFIER}
        return browser.token(code, "app", **form).status

    assert (redeemed(second), redeemed(first)) == (400, 200)


@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_4_4_1_error_comes_in_the_response_mode(
    browser: Visitor, response_mode: str
) -> None:
    answer = browser.authorize("app", response_mode=response_mode)

    fields = answer.query if response_mode == "query" else form_fields(answer)
    assert fields["error"] == "invalid_request"


def test_4_6_right_verifier_is_taken(browser: Visitor) -> None:
    assert redeem(browser, VERIFIER, **S256).status == 200


@pytest.mark.parametrize("verifier", [None, VERIFIER[:-1] + "l", CHALLENGE, "short"])
def test_4_6_missing_or_wrong_verifier_is_invalid_grant(
    browser: Visitor, verifier: str | None
) -> None:
    answer = redeem(browser, verifier, **S256)

    assert answer.members["error"] == "invalid_grant"


def test_4_6_wrong_verifier_burns_nothing(browser: Visitor) -> None:
    code = browser.sign_in("jean", "app", **S256).query["code"]
    browser.token(code, "app", client_secret=None, code_verifier="a" * 43)

    answer = browser.token(code, "app", client_secret=None, code_verifier=VERIFIER)

    assert answer.status == 200


def test_4_6_verifier_without_a_challenge_is_refused(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, code_verifier=VERIFIER)

    assert answer.members["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "challenge", ["a" * 42, "a" * 129, "a" * 42 + "=", "\u00e9" * 43]
)
def test_4_2_malformed_challenge_is_refused_at_authorize(
    browser: Visitor, challenge: str
) -> None:
    answer = browser.authorize(
        "app", code_challenge=challenge, code_challenge_method="S256"
    )

    assert answer.query["error"] == "invalid_request"


def test_4_6_confidential_clients_may_use_it_too(browser: Visitor) -> None:
    code = browser.sign_in(**S256).query["code"]

    assert browser.token(code).members["error"] == "invalid_grant"
    assert browser.token(code, code_verifier=VERIFIER).status == 200
