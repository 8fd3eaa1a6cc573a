"""Codes and tokens of the stand-in live, rotate and die as RERO+'s do."""

import json
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Client
from tests.demo.token_calls import (
    CALLBACK,
    CREDENTIALS,
    Clock,
    exchange,
    issue_code,
    make_standin,
    post,
)


def refresh(standin: StandIn, refresh_token: str, **changes: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return post(standin, **{**form, **CREDENTIALS, **changes})


def answer(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200
    members: dict[str, Any] = json.loads(response.text)
    return members


def info_status(standin: StandIn, access_token: str) -> int:
    headers = {"Authorization": f"Bearer {access_token}"}
    browser = standin.app.test_client()
    return browser.get("/api/patrons/info", headers=headers).status_code


def described(sentence: str) -> str:
    return f'{{"error": "invalid_request", "error_description": "{sentence}"}}'


def test_code_is_taken_once_and_the_first_tokens_live_on() -> None:
    standin = make_standin()
    code = issue_code(standin)
    access_token = answer(exchange(standin, code))["access_token"]

    again = exchange(standin, code)

    assert (again.status_code, again.text) == (400, '{"error": "invalid_grant"}')
    assert info_status(standin, access_token) == 200


@pytest.mark.parametrize(("age_s", "status"), [(29, 200), (30, 400), (31, 400)])
def test_code_lives_thirty_seconds(age_s: int, status: int) -> None:
    clock = Clock()
    standin = make_standin(clock)
    code = issue_code(standin)
    clock.now_s += age_s

    response = exchange(standin, code)

    assert response.status_code == status


def test_code_of_another_client_is_refused() -> None:
    standin = make_standin()

    response = exchange(standin, issue_code(standin, client_id="other"))

    assert response.text == '{"error": "invalid_grant"}'


@pytest.mark.parametrize("redirect_uri", [f"{CALLBACK}/2", "http://127.0.0.1:9/x"])
def test_other_redirect_uri_is_refused_and_leaves_the_code(redirect_uri: str) -> None:
    standin = make_standin()
    code = issue_code(standin)

    refused = exchange(standin, code, redirect_uri=redirect_uri)
    taken = exchange(standin, code, redirect_uri=CALLBACK)

    assert (refused.status_code, refused.text) == (
        400,
        described("Mismatching redirect URI."),
    )
    assert taken.status_code == 200


def test_wrong_secret_leaves_the_code() -> None:
    standin = make_standin()
    code = issue_code(standin)

    refused = exchange(standin, code, client_secret="x")
    taken = exchange(standin, code, code_verifier="ignored")

    assert [refused.status_code, taken.status_code] == [401, 200]


def test_client_credentials_bring_a_token_of_the_owner() -> None:
    form = {"grant_type": "client_credentials", "scope": "fullname", **CREDENTIALS}

    response = post(make_standin(), **form)

    assert answer(response)["user"] == {"id": "1"}
    assert "refresh_token" not in answer(response)


def test_client_credentials_without_scope_break_the_token_endpoint() -> None:
    response = post(make_standin(), grant_type="client_credentials", **CREDENTIALS)

    assert (response.status_code, response.mimetype) == (500, "text/html")


def test_account_closed_before_the_exchange_shows_only_at_info() -> None:
    standin = make_standin()
    code = issue_code(standin)
    standin.close_account("jean")

    response = exchange(standin, code)

    assert response.status_code == 200
    assert info_status(standin, answer(response)["access_token"]) == 401


def test_second_login_kills_the_former_pair_of_that_reader_and_client() -> None:
    standin = make_standin()
    former = answer(exchange(standin, issue_code(standin)))

    latter = answer(exchange(standin, issue_code(standin)))

    assert info_status(standin, former["access_token"]) == 401
    assert (
        refresh(standin, former["refresh_token"]).text == '{"error": "invalid_grant"}'
    )
    assert info_status(standin, latter["access_token"]) == 200


def test_login_at_another_client_or_of_another_reader_kills_nothing() -> None:
    standin = make_standin()
    former = answer(exchange(standin, issue_code(standin)))

    elsewhere = issue_code(standin, client_id="other")
    exchange(standin, elsewhere, client_id="other")
    exchange(standin, issue_code(standin, login="anna"))

    assert info_status(standin, former["access_token"]) == 200


@pytest.mark.parametrize(("age_s", "status"), [(3599, 200), (3600, 401)])
def test_access_token_lives_an_hour(age_s: int, status: int) -> None:
    clock = Clock()
    standin = make_standin(clock)
    token = answer(exchange(standin, issue_code(standin)))
    clock.now_s += age_s

    assert info_status(standin, token["access_token"]) == status


def test_refresh_rotates_and_the_old_pair_dies() -> None:
    standin = make_standin()
    former = answer(exchange(standin, issue_code(standin)))

    latter = refresh(standin, former["refresh_token"])

    assert answer(latter)["user"] == {"id": "3"}
    assert info_status(standin, former["access_token"]) == 401
    assert info_status(standin, answer(latter)["access_token"]) == 200
    assert refresh(standin, former["refresh_token"]).status_code == 400


def test_refresh_may_narrow_the_scope_and_it_stays_narrow() -> None:
    standin = make_standin()
    code = issue_code(standin, "fullname", "birthdate")
    first = answer(exchange(standin, code))["refresh_token"]

    narrow = answer(refresh(standin, first, scope="fullname"))
    wider = refresh(standin, narrow["refresh_token"], scope="fullname birthdate")
    same = refresh(standin, narrow["refresh_token"])

    assert narrow["scope"] == "fullname"
    assert (wider.status_code, wider.text) == (400, '{"error": "invalid_scope"}')
    assert answer(same)["scope"] == "fullname"


def test_refresh_token_has_an_end_only_by_setting() -> None:
    clock = Clock()
    standin = make_standin(clock)
    token = answer(exchange(standin, issue_code(standin)))["refresh_token"]
    clock.now_s += 10**8

    standin.settings = replace(standin.settings, refresh_seconds=30 * 86400)
    ended = refresh(standin, token)
    standin.settings = replace(standin.settings, refresh_seconds=None)
    endless = refresh(standin, token)

    assert [ended.status_code, endless.status_code] == [400, 200]


def test_refresh_token_of_a_public_client_never_works() -> None:
    standin = make_standin()
    code = issue_code(standin, client_id="app")
    token = answer(exchange(standin, code, client_id="app", client_secret=""))

    response = refresh(standin, token["refresh_token"], client_id="app")

    assert (response.status_code, response.text) == (400, '{"error": "invalid_grant"}')


@pytest.mark.parametrize("action", ["revoke_tokens", "close_account"])
def test_revoked_or_closed_reader_has_no_live_token(action: str) -> None:
    standin = make_standin()
    token = answer(exchange(standin, issue_code(standin)))

    getattr(standin, action)("jean")

    assert info_status(standin, token["access_token"]) == 401
    assert refresh(standin, token["refresh_token"]).text == '{"error": "invalid_grant"}'


def test_chance_is_an_argument() -> None:
    standin = StandIn(random_below=lambda bound: bound - 1)
    standin.add_client(Client("svc", "secret", (CALLBACK,)))

    assert issue_code(standin) == "9" * 30
