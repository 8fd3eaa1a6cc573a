"""RFC 9700: Best Current Practice for OAuth 2.0 Security."""

import pytest

from tests.support.trial import Trial
from tests.support.visitor import Visitor


def test_2_1_redirect_uris_are_compared_as_strings(browser: Visitor) -> None:
    for other in ("https://service.example/callback?x=1", "https://service.example/"):
        assert browser.authorize(redirect_uri=other).status == 400


def test_2_1_1_public_clients_must_use_pkce(browser: Visitor) -> None:
    assert browser.authorize("app").query["error"] == "invalid_request"


def test_2_1_1_pkce_downgrade_is_detected(browser: Visitor) -> None:
    code = browser.sign_in().query["code"]

    answer = browser.token(code, code_verifier="a" * 43)

    assert answer.members["error"] == "invalid_grant"


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token"])
def test_2_1_2_implicit_grant_is_not_there(
    browser: Visitor, response_type: str
) -> None:
    answer = browser.authorize(response_type=response_type)

    assert answer.query["error"] == "unsupported_response_type"
    assert "#" not in answer.location


def test_2_4_password_grant_is_not_there(browser: Visitor) -> None:
    answer = browser.token("x", grant_type="password", username="a", password="b")

    assert answer.members["error"] == "unsupported_grant_type"


def test_4_2_4_nothing_is_told_by_referrer(browser: Visitor) -> None:
    for answer in (browser.sign_in(), browser.get("/callback")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_4_3_2_tokens_never_stand_in_addresses(browser: Visitor) -> None:
    tokens = browser.tokens()

    answer = browser.get("/userinfo", {"access_token": str(tokens["access_token"])})

    assert answer.status == 401


def test_4_7_login_is_finished_where_it_was_begun(trial: Trial) -> None:
    begun = Visitor(trial).authorize()

    answer = Visitor(trial).come_back(begun)

    assert (answer.status, answer.page) == (400, "other_browser")


def test_4_12_redirects_after_a_post_are_303(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert browser.press(page, "allow").status == 303


def test_4_14_2_refresh_tokens_rotate_and_reuse_ends_the_grant(
    trial: Trial, browser: Visitor
) -> None:
    first = browser.tokens(scope="openid offline_access")

    def refresh(token: object) -> dict[str, object]:
        return browser.token(
            "", grant_type="refresh_token", refresh_token=str(token)
        ).members

    second = refresh(first["refresh_token"])
    trial.clock.advance(31)  # past the leeway
    reused = refresh(first["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert reused["error"] == "invalid_grant"
    assert refresh(second["refresh_token"])["error"] == "invalid_grant"
    assert browser.userinfo(second["access_token"]).status == 401


def test_4_16_pages_are_not_framed(browser: Visitor) -> None:
    page = browser.sign_in("jean", "once")

    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
