"""RFC 7662: Token Introspection."""

import pytest

from tests.support.signer import assertion, signer
from tests.support.trial import CONFIGURATION, ISSUER, NOW, SECRET, Trial
from tests.support.visitor import Answer, Visitor

BASIC = {"Authorization": "Basic c2VydmljZTphLXNlY3JldC1vZi10aGUtc2VydmljZQ=="}


def introspect(browser: Visitor, token: object, **more: str) -> Answer:
    form = {"token": str(token), "client_id": "service", "client_secret": SECRET}
    return browser.post("/introspect", {**form, **more})


def test_2_1_token_is_required(browser: Visitor) -> None:
    answer = browser.post("/introspect", {}, BASIC)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_2_1_caller_must_be_authorized(browser: Visitor) -> None:
    token = browser.tokens()["access_token"]

    for answer in (
        introspect(browser, token, client_secret="wrong"),
        browser.post("/introspect", {"token": str(token)}),
        browser.post("/introspect", {"token": str(token), "client_id": "app"}),
        browser.post(
            "/introspect",
            {"token": str(token)},
            {"Authorization": f"Bearer {token}"},
        ),
    ):
        assert (answer.status, answer.members["error"]) == (401, "invalid_client")
        assert "active" not in answer.members


def test_2_1_every_method_of_authentication_is_taken(trial: Trial) -> None:
    trial.configure(CONFIGURATION + signer())
    browser = Visitor(trial)

    assert browser.post("/introspect", {"token": "x"}, BASIC).status == 200
    assert introspect(browser, "x").status == 200
    assert browser.post("/introspect", {"token": "x", **assertion("1")}).status == 200


def test_2_1_only_post_is_answered_and_no_query_is_read(browser: Visitor) -> None:
    assert browser.get("/introspect", {"token": "x"}).status == 405
    assert browser.post("/introspect?token=x", b"", BASIC).status == 400


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unknown"])
def test_2_1_wrong_hint_does_not_matter(browser: Visitor, hint: str) -> None:
    token = browser.tokens()["access_token"]

    answer = introspect(browser, token, token_type_hint=hint)

    assert answer.members["active"] is True


def test_2_2_live_token_is_described(browser: Visitor) -> None:
    tokens = browser.tokens()
    sub = browser.userinfo(tokens["access_token"]).members["sub"]

    answer = introspect(browser, tokens["access_token"])

    assert answer.members == {
        "active": True,
        "scope": tokens["scope"],
        "client_id": "service",
        "sub": sub,
        "aud": "service",
        "iss": ISSUER,
        "iat": NOW,
        "exp": NOW + 600,
        "token_type": "Bearer",
    }


def test_2_2_of_anything_else_nothing_is_told(browser: Visitor) -> None:
    tokens = browser.tokens()
    token = tokens["access_token"]

    answers = [
        introspect(browser, "unknown"),
        introspect(browser, tokens["id_token"]),
        introspect(browser, token, client_id="other"),
    ]
    browser.trial.clock.advance(600)
    answers.append(introspect(browser, token))

    for answer in answers:
        assert (answer.status, answer.members) == (200, {"active": False})


def test_2_2_revoked_token_is_inactive(browser: Visitor) -> None:
    token = str(browser.tokens()["access_token"])
    form = {"token": token, "client_id": "service", "client_secret": SECRET}
    browser.post("/revoke", form)

    assert introspect(browser, token).members == {"active": False}


def test_4_answer_is_stored_nowhere(browser: Visitor) -> None:
    answer = introspect(browser, browser.tokens()["access_token"])

    assert "no-store" in answer.headers["Cache-Control"]
