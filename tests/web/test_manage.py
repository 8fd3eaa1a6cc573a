"""POST /revoke, /introspect and /par at the HTTP edge."""

import base64
from pathlib import Path

import pytest

from tests.support.flow_browser import request_pairs
from tests.support.signer import assertion, signer
from tests.support.trial import CONFIGURATION, ISSUER, SECRET, Trial
from tests.support.visitor import FORM, Answer, Visitor

PATHS = ["/revoke", "/introspect", "/par"]
CLIENT = {"client_id": "service", "client_secret": SECRET}
GOOD = {**dict(request_pairs()), "token": "x"}  # good at each of them
ANY_PATH = pytest.mark.parametrize("path", PATHS)


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def error_of(answer: Answer) -> tuple[int, object]:
    return answer.status, answer.members["error"]


@ANY_PATH
def test_good_request_is_answered_and_nobody_stores_it(trial: Trial, path: str) -> None:
    answer = Visitor(trial).post(path, {**GOOD, **CLIENT})

    assert answer.status in {200, 201}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.set_cookies == []


@ANY_PATH
def test_charset_beside_the_content_type_is_taken(trial: Trial, path: str) -> None:
    body = "&".join(f"{name}={value}" for name, value in {**GOOD, **CLIENT}.items())
    raw = body.replace(" ", "+").encode()

    answer = Visitor(trial).post(path, raw, content_type=f"{FORM};charset=UTF-8")

    assert answer.status in {200, 201}


@ANY_PATH
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_body_of_another_type_is_refused(
    trial: Trial, path: str, content_type: str
) -> None:
    answer = Visitor(trial).post(path, {**GOOD, **CLIENT}, content_type=content_type)

    assert error_of(answer) == (400, "invalid_request")


@ANY_PATH
def test_parameters_in_the_query_are_refused(trial: Trial, path: str) -> None:
    answer = Visitor(trial).post(f"{path}?token=x", {**GOOD, **CLIENT})

    assert error_of(answer) == (400, "invalid_request")


@ANY_PATH
@pytest.mark.parametrize(
    "doubled", [b"client_secret=x", b"client_id=service", b"client_assertion_type="]
)
def test_doubled_credentials_are_refused(
    trial: Trial, path: str, doubled: bytes
) -> None:
    twice = b"&client_assertion_type=&client_id=service&client_secret=x&" + doubled

    answer = Visitor(trial).post(path, b"token=x" + twice)

    assert error_of(answer) == (400, "invalid_request")


@ANY_PATH
def test_failed_client_authentication_is_401_with_a_challenge(
    trial: Trial, path: str
) -> None:
    browser = Visitor(trial)

    for answer in (
        browser.post(path, {**GOOD, **CLIENT, "client_secret": "wrong"}),
        browser.post(path, GOOD, basic("service", "wrong")),
        browser.post(path, GOOD, basic("unknown", SECRET)),
        browser.post(path, GOOD, {"Authorization": "Bearer x"}),
        browser.post(path, {"token": "x"}),
        browser.post(path, {**GOOD, **assertion("1")}),
    ):
        assert error_of(answer) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@ANY_PATH
def test_two_methods_of_authentication_are_refused(trial: Trial, path: str) -> None:
    answer = Visitor(trial).post(path, {**GOOD, **CLIENT}, basic("service", SECRET))

    assert error_of(answer) == (400, "invalid_request")


@ANY_PATH
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_other_methods_are_405(trial: Trial, path: str, method: str) -> None:
    answer = Visitor(trial).send(method, path)

    assert answer.status == 405
    assert answer.headers["Allow"] == "OPTIONS, POST"


@ANY_PATH
def test_cookies_count_for_nothing(trial: Trial, path: str) -> None:
    browser = Visitor(trial)
    browser.sign_in()

    assert browser.post(path, GOOD).status == 401


@ANY_PATH
def test_error_never_repeats_what_was_sent(trial: Trial, path: str) -> None:
    marked = {**GOOD, **CLIENT, "token": "mark-1", "scope": "mark-2", "odd": "mark-3"}

    for form in (marked, {**marked, "client_secret": "mark-4"}):
        answer = Visitor(trial).post(path, form)
        assert b"mark-" not in answer.body
        assert "mark-" not in str(answer.headers)


def test_log_holds_no_token_and_no_assertion(trial: Trial) -> None:
    trial.configure(CONFIGURATION + signer())
    browser = Visitor(trial)
    token = str(browser.tokens()["access_token"])
    fields = assertion("1")

    for path in PATHS:
        browser.post(path, {**GOOD, **CLIENT, "token": token})
        browser.post(path, {"token": token, **fields})

    log = trial.lines.getvalue()
    assert token not in log
    assert fields["client_assertion"] not in log
    assert SECRET not in log


def test_endpoints_follow_the_path_of_the_issuer(tmp_path: Path) -> None:
    issuer = f"{ISSUER}/sso/rero"
    prefixed = (CONFIGURATION + signer()).replace(f'"{ISSUER}"', f'"{issuer}"')
    browser = Visitor(Trial(tmp_path, prefixed))
    metadata = browser.get("/.well-known/oauth-authorization-server/sso/rero").members

    for name in ("revocation", "introspection", "pushed_authorization_request"):
        address = str(metadata[f"{name}_endpoint"])
        assert address.startswith(f"{issuer}/")
        signed = assertion(name, {"aud": address})
        answer = browser.post(address, {**GOOD, "client_id": "signer", **signed})
        assert answer.status != 401
