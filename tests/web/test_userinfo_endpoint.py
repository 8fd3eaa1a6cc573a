"""GET and POST /userinfo at the HTTP edge (RFC 6750)."""

import pytest

from tests.support.trial import Trial
from tests.support.visitor import Visitor


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    return Visitor(trial)


@pytest.fixture
def token(browser: Visitor) -> str:
    return str(browser.tokens()["access_token"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_is_taken_in_any_case(browser: Visitor, token: str, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {token}"}

    assert browser.get("/userinfo", headers=headers).members["name"] == "Jean Simon"
    assert browser.post("/userinfo", headers=headers).status == 200


def test_token_in_a_form_body_is_taken(browser: Visitor, token: str) -> None:
    answer = browser.post("/userinfo", {"access_token": token})

    assert answer.status == 200


def test_token_in_the_query_is_ignored(browser: Visitor, token: str) -> None:
    answer = browser.get("/userinfo", {"access_token": token})

    assert answer.status == 401


def test_token_in_a_body_of_another_type_is_ignored(
    browser: Visitor, token: str
) -> None:
    body = f"access_token={token}".encode()

    answer = browser.post("/userinfo", body, content_type="text/plain")

    assert answer.status == 401


def test_token_in_header_and_body_is_refused(browser: Visitor, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}

    answer = browser.post("/userinfo", {"access_token": token}, headers)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_token_twice_in_the_body_is_refused(browser: Visitor, token: str) -> None:
    body = f"access_token={token}&access_token={token}".encode()

    answer = browser.post("/userinfo", body)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer \u00e9",
        "Basic dXNlcjpwYXNz",
        "Bearer" + "x" * 5_000,
        "Bearer " + "x" * 5_000,
        "Bearer AAAA",
    ],
)
def test_all_else_is_401_with_a_challenge(browser: Visitor, header: str) -> None:
    answer = browser.get("/userinfo", headers={"Authorization": header})

    assert (answer.status, answer.members["error"]) == (401, "invalid_token")
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="userinfo", error="invalid_token"')
    assert answer.headers["Cache-Control"] == "no-store"


def test_code_id_token_and_cut_token_are_no_access_tokens(
    browser: Visitor, token: str
) -> None:
    code = browser.sign_in("jean", prompt="login").query["code"]
    id_token = browser.tokens("jean", prompt="login")["id_token"]

    for other in (code, id_token, token[:-1], token + "A", token[:-4] + "AAAA"):
        assert browser.userinfo(other).status == 401


def test_token_dies_with_its_life(trial: Trial, browser: Visitor, token: str) -> None:
    trial.clock.advance(599)
    assert browser.userinfo(token).status == 200

    trial.clock.advance(1)

    assert browser.userinfo(token).status == 401


def test_claims_are_json_that_nobody_stores(browser: Visitor, token: str) -> None:
    answer = browser.userinfo(token)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body.isascii()
