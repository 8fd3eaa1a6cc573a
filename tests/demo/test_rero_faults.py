"""The stand-in's fault switches and its journal."""

import json
import re
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from bridge.demo.rero import StandIn
from bridge.demo.rero_faults import ABSENT, Fault, Form, Route
from bridge.demo.rero_journal import LIMIT
from bridge.demo.rero_state import Client

CALLBACK = "http://127.0.0.1:9/callback"
INFO = "/api/patrons/info"


def make_standin(delays: list[float] | None = None) -> StandIn:
    seen = [] if delays is None else delays
    standin = StandIn(sleep=seen.append)
    standin.add_client(Client("svc", "secret", (CALLBACK,)))
    return standin


def issue_code(standin: StandIn) -> str:
    client = standin.state.clients["svc"]
    return standin.state.issue_code(client, CALLBACK, 3, ("fullname",))


def exchange(standin: StandIn, code: str) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": code}
    form |= {"client_id": "svc", "client_secret": "secret"}
    return standin.app.test_client().post("/oauth/token", data=form)


def get_info(standin: StandIn) -> TestResponse:
    client = standin.state.clients["svc"]
    token = standin.state.issue_token(client, 3, ("fullname",))
    headers = {"Authorization": f"Bearer {token.access_token}"}
    return standin.app.test_client().get(INFO, headers=headers)


def signed_in(standin: StandIn) -> Browser:
    browser = standin.app.test_client()
    page = browser.get("/signin/").text
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert found is not None
    form = {"csrf_token": found[1], "email": "jean", "password": "demo"}
    browser.post("/signin/", data=form)
    return browser


def authorize(browser: Browser, scope: str = "fullname") -> TestResponse:
    asked = {"client_id": "svc", "redirect_uri": CALLBACK, "response_type": "code"}
    sent = urlencode({**asked, "scope": scope, "state": "s"})
    return browser.get(f"/oauth/authorize?{sent}")


def statuses(standin: StandIn, count: int) -> list[int]:
    return [get_info(standin).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("form", "content_type", "start"),
    [
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
        ("json", "application/json", '{"message": "Service Unavailable"'),
        ("empty", "text/html; charset=utf-8", ""),
    ],
)
def test_status_comes_in_the_form_asked(
    form: Form, content_type: str, start: str
) -> None:
    standin = make_standin()
    standin.faults.add(Fault("info", "status", status=503, answer_form=form))

    response = get_info(standin)

    assert response.status_code == 503
    assert response.headers["Content-Type"] == content_type
    assert response.text.startswith(start)
    assert bool(response.text) == bool(start)


def test_too_many_requests_names_a_time() -> None:
    standin = make_standin()
    standin.faults.add(Fault("token", "status", status=429))

    response = exchange(standin, issue_code(standin))

    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (1, [500, 200, 200]),
        (2, [500, 500, 200]),
        (None, [500, 500, 500]),
    ],
)
def test_fault_holds_as_often_as_asked(times: int | None, expected: list[int]) -> None:
    standin = make_standin()

    standin.faults.add(Fault("info", "status", status=500, times=times))

    assert statuses(standin, 3) == expected


def test_faults_of_one_route_come_one_after_another() -> None:
    standin = make_standin()

    standin.faults.add(Fault("info", "status", status=500))
    standin.faults.add(Fault("info", "status", status=404))

    assert statuses(standin, 3) == [500, 404, 200]


def test_faults_can_be_cleared() -> None:
    standin = make_standin()
    standin.faults.add(Fault("info", "status", status=500, times=None))

    standin.faults.clear()

    assert statuses(standin, 1) == [200]


@pytest.mark.parametrize("route", ["authorize", "info"])
def test_fault_leaves_other_routes_alone(route: Route) -> None:
    standin = make_standin()

    standin.faults.add(Fault(route, "status", status=500))

    assert exchange(standin, issue_code(standin)).status_code == 200


def test_delay_waits_and_answers_properly() -> None:
    delays: list[float] = []
    standin = make_standin(delays)
    standin.faults.add(Fault("info", "delay", delay_s=2.5))

    response = get_info(standin)

    assert (delays, response.status_code) == ([2.5], 200)


def test_early_fault_leaves_the_code_and_late_one_has_used_it() -> None:
    standin = make_standin()
    early, late = issue_code(standin), issue_code(standin)
    standin.faults.add(Fault("token", "status", status=502))
    standin.faults.add(Fault("token", "status", status=502, is_late=True))

    failed = [exchange(standin, early).status_code, exchange(standin, late).status_code]

    assert failed == [502, 502]
    assert exchange(standin, early).status_code == 200
    assert exchange(standin, late).status_code == 400


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
def test_garbled_body_is_sent_as_given(content_type: str | None) -> None:
    standin = make_standin()
    body = b'\xef\xbb\xbf{"user_id": \xff'
    standin.faults.add(Fault("info", "garbled", body=body, content_type=content_type))

    response = get_info(standin)

    assert (response.status_code, response.data) == (200, body)
    assert response.headers.get("Content-Type") == content_type


@pytest.mark.parametrize("value", [[], None, {}, "text", {"user_id": 1.5}])
def test_body_can_be_any_json_value(value: object) -> None:
    standin = make_standin()
    standin.faults.add(Fault("info", "json", value=value))

    response = get_info(standin)

    assert json.loads(response.text) == value
    assert response.mimetype == "application/json"


def test_members_of_an_answer_can_be_changed_and_taken_out() -> None:
    standin = make_standin()
    changes = {"token_type": "mac", "user": ABSENT}
    standin.faults.add(Fault("token", "members", value=changes))

    answer = json.loads(exchange(standin, issue_code(standin)).text)

    assert answer["token_type"] == "mac"
    assert "user" not in answer
    assert "access_token" in answer


def test_dropped_answer_is_an_error_for_a_caller_in_process() -> None:
    standin = make_standin()
    code = issue_code(standin)
    standin.faults.add(Fault("token", "drop", is_late=True))

    with pytest.raises(ConnectionAbortedError):
        exchange(standin, code)

    assert exchange(standin, code).status_code == 400
    assert [entry.status for entry in standin.journal.entries("/oauth/token")] == [
        0,
        400,
    ]


@pytest.mark.parametrize("error", ["access_denied", "invalid_scope", "strange"])
def test_refusal_returns_to_the_client(error: str) -> None:
    standin = make_standin()
    browser = signed_in(standin)
    standin.faults.add(Fault("authorize", "refuse", error=error))

    response = authorize(browser)

    assert response.headers["Location"] == f"{CALLBACK}?error={error}&state=s"


def test_refusal_waits_for_the_login() -> None:
    standin = make_standin()
    standin.faults.add(Fault("authorize", "refuse"))

    before = authorize(standin.app.test_client())
    after = authorize(signed_in(standin))

    assert before.headers["Location"].startswith("/signin/")
    assert after.headers["Location"].startswith(CALLBACK)


def test_fault_can_be_bound_to_a_scope() -> None:
    standin = make_standin()
    browser = signed_in(standin)
    fault = Fault("authorize", "refuse", error="invalid_scope", scope="user:email")
    standin.faults.add(fault)

    without = authorize(browser)
    with_it = authorize(browser, "fullname user:email")

    assert without.status_code == 200
    assert "error=invalid_scope" in with_it.headers["Location"]


def test_fault_can_be_bound_to_a_method() -> None:
    standin = make_standin()
    browser = signed_in(standin)
    standin.faults.add(Fault("authorize", "status", status=500, method="POST"))

    page = authorize(browser)
    posted = browser.post("/oauth/authorize", data={"confirm": "yes"})

    assert [page.status_code, posted.status_code] == [200, 500]


def test_journal_tells_what_was_sent_and_answered() -> None:
    standin = make_standin()
    exchange(standin, "wrong")
    get_info(standin)

    posted, read = standin.journal.entries()

    assert (posted.method, posted.path, posted.status) == ("POST", "/oauth/token", 400)
    assert posted.form["client_secret"] == "secret"
    assert (read.path, read.query, read.status) == (INFO, "", 200)
    assert read.headers["Authorization"].startswith("Bearer ")


def test_journal_can_be_filtered_and_cleared() -> None:
    standin = make_standin()
    browser = standin.app.test_client()
    browser.get("/signin/?a=b")
    browser.post("/signin/")

    found = standin.journal.entries("/signin/", "GET")
    standin.journal.clear()

    assert [entry.query for entry in found] == ["a=b"]
    assert standin.journal.entries() == ()


def test_journal_keeps_only_the_last_requests() -> None:
    standin = make_standin()
    browser = standin.app.test_client()

    for number in range(LIMIT + 1):
        browser.get(f"/lang/x?{number}")

    entries = standin.journal.entries()
    assert len(entries) == LIMIT
    assert entries[0].query == "1"
