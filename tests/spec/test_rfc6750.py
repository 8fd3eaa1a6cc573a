"""RFC 6750: Bearer Token Usage."""

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
