"""Pushed requests: what is kept of them, and for whom."""

from dataclasses import replace

import pytest

from bridge.core.errors import InvalidRequest, UnsafeRequest
from bridge.core.return_address import Parameters
from bridge.flow.pushing import Pushing
from bridge.flow.text import from_base64url
from tests.support.flow_browser import request_pairs
from tests.support.trial import NOW, SECRET, Trial
from tests.support.visitor import Visitor


@pytest.fixture
def pushing(trial: Trial) -> Pushing:
    return trial.web.pushing


def push(trial: Trial, **changes: str | None) -> str:
    client = trial.web.clients["service"]
    form = Parameters(request_pairs(changes=changes))
    return trial.web.pushing.push(form, client, NOW)[0]


def reference(request_uri: str, **others: str) -> Parameters:
    query = {"client_id": "service", "request_uri": request_uri, **others}
    return Parameters(query.items())


def test_request_comes_back_without_credentials_and_unknown_members(
    trial: Trial, pushing: Pushing
) -> None:
    sent = {"client_secret": "s", "client_assertion": "a", "odd": "x", "ui_locales": ""}
    request_uri = push(trial, **sent)

    opened = pushing.open(reference(request_uri), NOW)

    assert opened is not None
    assert dict(opened.parameters) == dict(request_pairs())
    assert opened.parameters.doubled == frozenset()


def test_client_pushes_for_itself_alone(trial: Trial) -> None:
    with pytest.raises(InvalidRequest):
        push(trial, client_id="other", redirect_uri="https://other.example/callback")


@pytest.mark.parametrize("request_uri", ["", "https://service.example/r", "urn:x"])
def test_reference_that_is_none_of_ours_is_left_to_others(
    pushing: Pushing, request_uri: str
) -> None:
    assert pushing.open(reference(request_uri), NOW) is None
    assert pushing.open(Parameters([]), NOW) is None


@pytest.mark.parametrize("name", ["client_id", "request_uri"])
def test_doubled_reference_is_a_page(trial: Trial, pushing: Pushing, name: str) -> None:
    pairs = [*reference(push(trial)).items()]

    with pytest.raises(UnsafeRequest):
        pushing.open(Parameters([*pairs, (name, "service")]), NOW)


def test_row_that_was_moved_to_another_reference_cannot_be_opened(
    trial: Trial, pushing: Pushing
) -> None:
    request_uri = push(trial)
    row = trial.spy.get_pushed_request(_id(request_uri))
    assert row is not None
    assert trial.spy.put_pushed_request(replace(row, request_id=bytes(32)), NOW, 10)
    elsewhere = f"{request_uri.rpartition(':')[0]}:{'A' * 43}"

    with pytest.raises(UnsafeRequest):
        pushing.open(reference(elsewhere), NOW)


def test_row_tells_nothing_without_the_sealing_key(trial: Trial) -> None:
    row = trial.spy.get_pushed_request(_id(push(trial, login_hint="jean@example")))

    assert row is not None
    assert (row.client_id, row.ends_at) == ("service", NOW + 60)
    assert b"jean@example" not in row.sealed


def test_client_that_left_the_registration_is_not_named(trial: Trial) -> None:
    with pytest.raises(UnsafeRequest) as refusal:
        trial.web.pushing.open(reference(push(trial), client_id="gone"), NOW)

    assert refusal.value.client_id is None


def _id(request_uri: str) -> bytes:
    request_id = from_base64url(request_uri.rpartition(":")[2])
    assert request_id is not None
    return request_id


def test_request_that_waits_for_consent_is_used_up_by_the_code(trial: Trial) -> None:
    browser = Visitor(trial)
    form = {**dict(request_pairs("once")), "client_secret": SECRET}
    request_uri = str(browser.post("/par", form).members["request_uri"])
    query = {"client_id": "once", "request_uri": request_uri}

    page = browser.come_back(browser.get("/authorize", query))
    asked_again = browser.get("/authorize", query)
    answer = browser.press(page, "allow")

    assert asked_again.status == 200
    assert "code" in answer.query
    assert browser.get("/authorize", query).page == "ticket"
