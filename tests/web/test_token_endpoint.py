"""POST /token at the HTTP edge."""

import base64

import pytest

from tests.support.trial import ISSUER, SECRET, Trial
from tests.support.visitor import FORM, Answer, Visitor


def redeem(browser: Visitor, form: str, **headers: str) -> Answer:
    code = browser.sign_in().query["code"]
    body = form.replace("CODE", code).encode()
    return browser.post("/token", body, headers)


GOOD = (
    "grant_type=authorization_code&code=CODE"
    "&redirect_uri=https%3A%2F%2Fservice.example%2Fcallback"
)
POST = f"{GOOD}&client_id=service&client_secret={SECRET}"


def basic(client_id: str, secret: str) -> str:
    pair = f"{client_id}:{secret}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def test_token_answer_is_json_that_nobody_stores(trial: Trial) -> None:
    answer = redeem(Visitor(trial), POST)

    assert answer.status == 200
    assert set(answer.members) == {
        "access_token",
        "token_type",
        "expires_in",
        "id_token",
        "scope",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert answer.set_cookies == []


def test_basic_is_taken(trial: Trial) -> None:
    browser = Visitor(trial)

    answer = redeem(browser, GOOD, Authorization=basic("service", SECRET))

    assert answer.status == 200


def test_charset_beside_the_content_type_is_taken(trial: Trial) -> None:
    browser = Visitor(trial)
    code = browser.sign_in().query["code"]
    body = POST.replace("CODE", code).encode()

    answer = browser.post("/token", body, content_type=f"{FORM};charset=UTF-8")

    assert answer.status == 200


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data", "text/plain", "", "x" * 500],
)
def test_body_of_another_type_is_refused(trial: Trial, content_type: str) -> None:
    browser = Visitor(trial)
    code = browser.sign_in().query["code"]
    body = POST.replace("CODE", code).encode()

    answer = browser.post("/token", body, content_type=content_type)

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("query", [b"a=b", b"code=x", b"client_secret=x"])
def test_parameters_in_the_query_are_refused(trial: Trial, query: bytes) -> None:
    browser = Visitor(trial)
    code = browser.sign_in().query["code"]
    headers = {"Content-Type": FORM}

    answer = browser.send(
        "POST",
        "/token",
        query=query,
        body=POST.replace("CODE", code).encode(),
        headers=headers,
    )

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"&&&",
        b"\xff\xfe",
        b"grant_type=%FF",
        b"grant_type=authorization_code&grant_type=authorization_code",
        b"a=b&" * 200,
        b"{}",
    ],
)
def test_bad_body_is_an_oauth_error(trial: Trial, body: bytes) -> None:
    answer = Visitor(trial).post("/token", body)

    assert answer.status in {400, 401}
    assert answer.members["error"] in {"invalid_request", "invalid_client"}


def test_body_over_the_limit_is_refused(trial: Trial) -> None:
    answer = Visitor(trial).post("/token", b"a=" + b"b" * 65_536)

    assert (answer.status, answer.members["error"]) == (413, "invalid_request")


def test_failed_client_authentication_is_401_with_a_challenge(trial: Trial) -> None:
    browser = Visitor(trial)

    for answer in (
        redeem(browser, POST.replace(SECRET, "wrong")),
        redeem(browser, GOOD, Authorization=basic("service", "wrong")),
        redeem(browser, GOOD, Authorization=basic("unknown", SECRET)),
        redeem(browser, GOOD, Authorization="Basic"),
        redeem(browser, GOOD, Authorization="Basic %%%"),
        redeem(browser, GOOD, Authorization="Bearer abc"),
        redeem(browser, GOOD),
    ):
        assert (answer.status, answer.members["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    "doubled",
    ["code=x", "client_secret=x", "client_id=service", "redirect_uri=", "grant_type="],
)
def test_doubled_parameter_is_refused(trial: Trial, doubled: str) -> None:
    answer = redeem(Visitor(trial), f"{POST}&{doubled}")

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_two_methods_of_authentication_are_refused(trial: Trial) -> None:
    browser = Visitor(trial)

    answer = redeem(browser, POST, Authorization=basic("service", SECRET))

    assert (answer.status, answer.members["error"]) == (400, "invalid_request")


def test_cookies_count_for_nothing_at_token_and_userinfo(trial: Trial) -> None:
    browser = Visitor(trial)
    browser.sign_in()

    assert browser.get("/userinfo").status == 401
    assert browser.post("/token", {"grant_type": "authorization_code"}).status == 401


def test_error_never_repeats_what_was_sent(trial: Trial) -> None:
    browser = Visitor(trial)
    marks = {
        "grant_type": "mark-one",
        "client_id": "mark-two",
        "client_secret": "mark-three",
        "code": "mark-four",
    }

    answer = browser.post("/token", marks)

    assert b"mark-" not in answer.body
    assert "mark-" not in str(answer.headers)


def test_answer_names_the_issuer_of_the_configuration(trial: Trial) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    browser = Visitor(trial)

    discovery = browser.get("/.well-known/openid-configuration", headers=headers)

    assert discovery.members["issuer"] == ISSUER
    assert b"evil" not in discovery.body
