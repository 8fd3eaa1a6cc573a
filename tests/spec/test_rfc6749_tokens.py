"""RFC 6749 §5 to §7: The OAuth 2.0 Authorization Framework, token answers."""

import pytest

from tests.spec.support import refresh
from tests.support.trial import CONFIGURATION, Trial, client
from tests.support.visitor import Visitor

CODE_ONLY = client("plain", grant_types=["authorization_code"])


def test_5_1_answer_is_json_and_stored_nowhere(browser: Visitor) -> None:
    answer = browser.token(browser.sign_in().query["code"])

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"


def test_5_1_expires_in_is_a_number_of_seconds(trial: Trial, browser: Visitor) -> None:
    tokens = browser.tokens()
    expires_in = tokens["expires_in"]
    assert isinstance(expires_in, int)

    trial.clock.advance(expires_in - 1)
    assert browser.userinfo(tokens["access_token"]).status == 200
    trial.clock.advance(1)
    assert browser.userinfo(tokens["access_token"]).status == 401


def test_5_2_grant_type_that_the_client_may_not_use_is_unauthorized_client(
    trial: Trial,
) -> None:
    trial.configure(CONFIGURATION + CODE_ONLY)
    browser = Visitor(trial)

    answer = refresh(browser, {"refresh_token": "x"}, "plain")

    assert answer.members["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    ("changes", "error", "status"),
    [
        ({"grant_type": None}, "invalid_request", 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type", 400),
        ({"code": None}, "invalid_request", 400),
        ({"code": "x"}, "invalid_grant", 400),
        ({"redirect_uri": None}, "invalid_request", 400),
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_id": "unknown"}, "invalid_client", 401),
        ({"client_secret": None}, "invalid_client", 401),
    ],
)
def test_5_2_token_error(
    browser: Visitor, changes: dict[str, str | None], error: str, status: int
) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, **changes)

    assert (answer.members["error"], answer.status) == (error, status)
    assert answer.headers["Cache-Control"] == "no-store"


def test_5_2_invalid_client_has_a_challenge(browser: Visitor) -> None:
    answer = browser.token("x", client_secret="wrong")

    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_6_refresh_token_is_bound_to_its_client(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid offline_access")

    stranger = refresh(browser, tokens, "other")

    assert stranger.members["error"] == "invalid_grant"
    assert refresh(browser, tokens).status == 200


def test_6_client_must_authenticate(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid offline_access")

    answer = refresh(browser, tokens, client_secret="wrong")

    assert (answer.status, answer.members["error"]) == (401, "invalid_client")


def test_6_scope_never_grows(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid offline_access")

    wider = refresh(browser, tokens, scope="openid profile")
    narrower = refresh(browser, tokens, scope="openid")

    assert wider.members["error"] == "invalid_scope"
    assert narrower.members["scope"] == "openid"


def test_6_refresh_token_keeps_the_scope_when_an_access_token_is_narrower(
    browser: Visitor,
) -> None:
    tokens = browser.tokens(scope="openid profile offline_access")
    narrower = refresh(browser, tokens, scope="openid").members

    again = refresh(browser, narrower).members

    assert again["scope"] == "openid profile offline_access"


def test_7_1_token_type_is_bearer(browser: Visitor) -> None:
    assert browser.tokens()["token_type"] == "Bearer"
