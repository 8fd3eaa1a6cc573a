"""RFC 6750: Bearer Token Usage."""

import pytest

from tests.support.trial import Trial
from tests.support.visitor import Visitor


def test_2_1_authorization_header_is_supported(browser: Visitor) -> None:
    assert browser.userinfo(browser.tokens()["access_token"]).status == 200


def test_2_2_form_body_is_read_of_a_post_alone(browser: Visitor) -> None:
    token = str(browser.tokens()["access_token"])

    assert browser.post("/userinfo", {"access_token": token}).status == 200
    assert (
        browser.send("GET", "/userinfo", body=f"access_token={token}".encode()).status
        == 401
    )


def test_2_3_query_is_never_read(browser: Visitor) -> None:
    token = str(browser.tokens()["access_token"])

    assert browser.get("/userinfo", {"access_token": token}).status == 401


def test_2_more_than_one_way_is_refused(browser: Visitor) -> None:
    token = str(browser.tokens()["access_token"])
    headers = {"Authorization": f"Bearer {token}"}

    answer = browser.post("/userinfo", {"access_token": token}, headers)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_3_failed_request_has_a_bearer_challenge(browser: Visitor) -> None:
    for answer in (browser.get("/userinfo"), browser.userinfo("unknown")):
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_3_1_challenge_without_a_token_tells_no_error(browser: Visitor) -> None:
    for answer in (browser.get("/userinfo"), browser.post("/userinfo", {"x": "y"})):
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="userinfo"'


def test_3_1_invalid_token_is_named_in_the_challenge(browser: Visitor) -> None:
    challenge = browser.userinfo("unknown").headers["WWW-Authenticate"]

    assert 'error="invalid_token"' in challenge


def test_3_attributes_hold_no_character_that_needs_escaping(browser: Visitor) -> None:
    challenge = browser.userinfo('a"b\\c').headers["WWW-Authenticate"]

    assert challenge.isascii()
    assert challenge.count('"') % 2 == 0
    assert "\\" not in challenge


def test_5_3_answers_are_not_stored(browser: Visitor) -> None:
    answer = browser.userinfo(browser.tokens()["access_token"])

    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_2_1_scheme_is_taken_in_any_case(browser: Visitor, scheme: str) -> None:
    token = browser.tokens()["access_token"]

    answer = browser.get("/userinfo", headers={"Authorization": f"{scheme} {token}"})

    assert answer.status == 200


def test_2_2_form_body_is_read_as_a_form_alone(browser: Visitor) -> None:
    token = str(browser.tokens()["access_token"])
    body = f"access_token={token}".encode()

    answer = browser.post("/userinfo", body, content_type="text/plain")

    assert answer.status == 401


def test_3_1_expired_or_revoked_token_is_invalid_token(
    trial: Trial, browser: Visitor
) -> None:
    token = browser.tokens()["access_token"]
    trial.clock.advance(601)

    answer = browser.userinfo(token)

    assert (answer.status, answer.members["error"]) == (401, "invalid_token")


def test_3_1_token_of_another_kind_is_invalid_token(browser: Visitor) -> None:
    tokens = browser.tokens(scope="openid offline_access")

    for name in ("refresh_token", "id_token"):
        assert browser.userinfo(tokens[name]).status == 401
    code = browser.sign_in().query["code"]
    assert browser.userinfo(code).status == 401


def test_5_2_token_says_nothing_of_the_patron(browser: Visitor) -> None:
    tokens = browser.tokens()
    sub = str(browser.userinfo(tokens["access_token"]).members["sub"])

    assert sub not in str(tokens["access_token"])
    assert len(str(tokens["access_token"])) <= 100
