"""The stand-in's token endpoint answers as RERO+'s does, row by row."""

import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bridge.demo.rero_state import Settings
from tests.demo.token_calls import (
    CALLBACK,
    CREDENTIALS,
    exchange,
    issue_code,
    make_standin,
    post,
)


def answer(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200
    members: dict[str, Any] = json.loads(response.text)
    return members


def test_code_brings_a_token_pair_with_the_user() -> None:
    standin = make_standin()

    response = exchange(standin, issue_code(standin, "fullname", "birthdate"))

    assert re.fullmatch(
        r'\{"access_token": "[A-Za-z0-9]{30}", "expires_in": 3600, '
        r'"token_type": "Bearer", "scope": "fullname birthdate", '
        r'"refresh_token": "[A-Za-z0-9]{30}", "user": \{"id": "3"\}\}',
        response.text,
    )
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("jean", '{"id": "3", "email": "jean.simon@reader.example", '),
        ("nomail", '{"id": "22", "email": null, "email_verified": true}'),
        ("bare", '{"id": "6", "email": null, "email_verified": false}'),
    ],
)
def test_email_scope_puts_the_address_into_the_token_answer(
    login: str, expected: str
) -> None:
    standin = make_standin()

    response = exchange(standin, issue_code(standin, "user:email", login=login))

    assert expected in response.text


def test_documented_shape_has_no_user() -> None:
    standin = make_standin()
    standin.settings = Settings(shape="help")

    response = exchange(standin, issue_code(standin))

    assert set(json.loads(response.text)) == {
        "access_token",
        "expires_in",
        "token_type",
        "scope",
        "refresh_token",
    }


def described(sentence: str) -> str:
    return f'{{"error": "invalid_request", "error_description": "{sentence}"}}'


GRANT = {"grant_type": "authorization_code", "code": "none"}
ERROR_ROWS = {
    "secret wrong": (
        {**GRANT, "client_id": "svc", "client_secret": "x"},
        401,
        '{"error": "invalid_client"}',
    ),
    "secret missing": (
        {**GRANT, "client_id": "svc"},
        401,
        '{"error": "invalid_client"}',
    ),
    "code unknown": ({**GRANT, **CREDENTIALS}, 400, '{"error": "invalid_grant"}'),
    "code missing comes before the secret": (
        {"grant_type": "authorization_code", "client_id": "svc"},
        400,
        described("Missing code parameter."),
    ),
    "refresh token missing": (
        {"grant_type": "refresh_token", **CREDENTIALS},
        400,
        described("Missing refresh token parameter."),
    ),
    "refresh token unknown": (
        {"grant_type": "refresh_token", "refresh_token": "x", **CREDENTIALS},
        400,
        '{"error": "invalid_grant"}',
    ),
    "grant type missing comes before the secret": (
        {"client_id": "svc"},
        400,
        '{"error": "unsupported_grant_type"}',
    ),
    "grant type odd": (
        {"grant_type": "device", **CREDENTIALS},
        400,
        '{"error": "unsupported_grant_type"}',
    ),
    "password": (
        {"grant_type": "password", "username": "jean", **CREDENTIALS},
        400,
        '{"error": "unauthorized_client"}',
    ),
    "public client by client_credentials": (
        {"grant_type": "client_credentials", "client_id": "app"},
        401,
        '{"error": "invalid_client"}',
    ),
    "client_credentials with an unknown scope": (
        {"grant_type": "client_credentials", "scope": "openid", **CREDENTIALS},
        400,
        '{"error": "invalid_scope"}',
    ),
}


@pytest.mark.parametrize(
    ("form", "status", "body"), ERROR_ROWS.values(), ids=ERROR_ROWS.keys()
)
def test_wrong_token_request_is_answered_as_by_rero(
    form: dict[str, str], status: int, body: str
) -> None:
    response = post(make_standin(), **form)

    assert (response.status_code, response.text) == (status, body)
    assert response.headers.get("WWW-Authenticate") == (
        'Bearer error="invalid_client"' if status == 401 else None
    )


@pytest.mark.parametrize("client_id", ["unknown", ""])
def test_unknown_client_gets_404_in_html(client_id: str) -> None:
    standin = make_standin()

    response = exchange(standin, issue_code(standin), client_id=client_id)

    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_client_only_in_basic_or_json_gets_404() -> None:
    browser = make_standin().app.test_client()

    by_basic = browser.post("/oauth/token", data=GRANT, auth=("svc", "secret"))
    by_json = browser.post("/oauth/token", json={**GRANT, **CREDENTIALS})
    by_query = browser.post("/oauth/token?client_id=svc", data=GRANT)

    assert [by_basic.status_code, by_json.status_code, by_query.status_code] == [
        404
    ] * 3


def test_secret_in_basic_does_not_count() -> None:
    browser = make_standin().app.test_client()
    form = {**GRANT, "client_id": "svc"}

    response = browser.post("/oauth/token", data=form, auth=("svc", "secret"))

    assert (response.status_code, response.text) == (401, '{"error": "invalid_client"}')


def test_query_string_breaks_the_token_endpoint() -> None:
    standin = make_standin()
    form = {**GRANT, **CREDENTIALS, "code": issue_code(standin)}

    response = standin.app.test_client().post("/oauth/token?a=b", data=form)

    assert (response.status_code, response.mimetype) == (500, "text/html")


def test_token_endpoint_does_not_take_get() -> None:
    response = make_standin().app.test_client().get("/oauth/token")

    assert (response.status_code, response.mimetype) == (405, "text/html")


def test_code_without_scope_breaks_the_token_endpoint() -> None:
    standin = make_standin()
    client = standin.state.clients["svc"]
    code = standin.state.issue_code(client, CALLBACK, 3, ())

    response = exchange(standin, code)

    assert (response.status_code, response.mimetype) == (500, "text/html")
