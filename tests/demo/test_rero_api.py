"""The stand-in's API: who may read the patron information, and its error answers."""

import json

import pytest

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Client

INFO = "/api/patrons/info"
CALLBACK = "http://127.0.0.1:9/callback"
REFUSED = (
    '{"message":"The server could not verify that you are authorized to access the URL '
    "requested. You either supplied the wrong credentials (e.g. a bad password), or "
    "your browser doesn't understand how to supply the credentials required."
    '","status":401}\n'
)


def make_standin() -> StandIn:
    standin = StandIn()
    standin.add_client(Client("svc", "secret", (CALLBACK,)))
    return standin


def issue(standin: StandIn, login: str = "jean") -> str:
    client = standin.state.clients["svc"]
    reader = standin.reader(login)
    return standin.state.issue_token(client, reader.user_id, ("fullname",)).access_token


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_bearer_scheme_is_taken_in_any_case(scheme: str) -> None:
    standin = make_standin()
    headers = {"Authorization": f"{scheme} {issue(standin)}"}

    response = standin.app.test_client().get(INFO, headers=headers)

    assert response.status_code == 200


def test_token_in_the_query_is_taken() -> None:
    standin = make_standin()

    response = standin.app.test_client().get(f"{INFO}?access_token={issue(standin)}")

    assert response.status_code == 200


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic eDp5", ""])
def test_header_wins_over_the_query(header: str) -> None:
    standin = make_standin()
    target = f"{INFO}?access_token={issue(standin)}"

    response = standin.app.test_client().get(target, headers={"Authorization": header})

    assert response.status_code == 401


def test_all_refusals_are_one_message_without_challenge() -> None:
    standin = make_standin()
    closed = issue(standin)
    standin.close_account("jean")
    headers: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer unknown"},
        {"Authorization": f"Bearer {closed}"},
        {"Authorization": "Basic eDp5"},
    ]
    browser = standin.app.test_client()

    responses = [browser.get(INFO, headers=sent) for sent in headers]

    assert {response.status_code for response in responses} == {401}
    assert {response.text for response in responses} == {REFUSED}
    assert not any("WWW-Authenticate" in response.headers for response in responses)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", INFO, 405),
        ("GET", f"{INFO}/", 404),
        ("GET", "/api/other", 404),
        ("GET", f"{INFO}?a={{", 400),
        ("GET", f"{INFO}?a='", 400),
    ],
)
def test_error_under_api_is_json(method: str, path: str, status: int) -> None:
    browser = make_standin().app.test_client()

    response = browser.open(path, method=method)

    assert (response.status_code, response.mimetype) == (status, "application/json")
    assert json.loads(response.text)["status"] == status


def test_odd_character_in_the_query_is_named() -> None:
    response = make_standin().app.test_client().get(f"{INFO}?a={{")

    message = json.loads(response.text)["message"]
    assert message.startswith("Error trying to decode a non urlencoded string.")


def test_head_is_answered() -> None:
    standin = make_standin()
    headers = {"Authorization": f"Bearer {issue(standin)}"}

    response = standin.app.test_client().head(INFO, headers=headers)

    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ping_tells_whether_a_token_is_live(method: str) -> None:
    standin = make_standin()
    browser = standin.app.test_client()
    headers = {"Authorization": f"Bearer {issue(standin)}"}

    live = browser.open("/oauth/ping", method=method, headers=headers)
    dead = browser.open("/oauth/ping", method=method)

    assert (live.status_code, live.text) == (200, '{"ping":"pong"}\n')
    assert (dead.status_code, dead.mimetype) == (401, "text/html")


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/info",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/userinfo",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ],
)
def test_what_rero_lacks_is_not_found_in_html(path: str) -> None:
    response = make_standin().app.test_client().get(path)

    assert (response.status_code, response.mimetype) == (404, "text/html")
