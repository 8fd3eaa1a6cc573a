"""Every answer of RERO+ is told apart."""

import pytest
from werkzeug import Response

from bridge.core.errors import (
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)
from tests.upstream.support import (
    INFO,
    TOKEN,
    Bridge,
    Rero,
    json_answer,
)


def html(status: int) -> Response:
    return Response(
        "<html>PLANTED maintenance</html>", status, content_type="text/html"
    )


TOKEN_ANSWERS = {
    "401": (json_answer({"error": "invalid_client"}, 401), UpstreamFault.REGISTRATION),
    "404": (html(404), UpstreamFault.REGISTRATION),
    "400 code over": (json_answer({"error": "invalid_grant"}, 400), "code_over"),
    "400 client": (json_answer({"error": "invalid_client"}, 400), "registration"),
    "400 may not": (json_answer({"error": "unauthorized_client"}, 400), "registration"),
    "400 scope": (json_answer({"error": "invalid_scope"}, 400), "scope"),
    "400 request": (json_answer({"error": "invalid_request"}, 400), "registration"),
    "400 unknown": (json_answer({"error": "PLANTED"}, 400), "odd_error"),
    "400 no string": (json_answer({"error": ["PLANTED"]}, 400), "odd_error"),
    "400 list": (json_answer(["PLANTED"], 400), "odd_error"),
    "403": (json_answer({"message": "PLANTED"}, 403), "odd_error"),
    "405": (json_answer({"message": "PLANTED"}, 405), "odd_error"),
}
DOWN = {
    "429": Response("", 429, {"Retry-After": "60"}),
    "500": html(500),
    "502": json_answer({"message": "PLANTED"}, 502),
    "503": html(503),
    "504": Response("", 504),
    "302": Response("", 302, {"Location": "/elsewhere"}),
}


@pytest.mark.parametrize(
    ("answer", "fault"), TOKEN_ANSWERS.values(), ids=TOKEN_ANSWERS.keys()
)
def test_refusal_of_the_token_endpoint_is_told_apart(
    answer: Response, fault: str, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [answer]

    error = bridge.failure()

    assert isinstance(error, UpstreamRefused)
    assert error.fault == fault
    assert bridge.audit.outcomes() == [("token", fault)]
    assert len(rero.requests) == 1


@pytest.mark.parametrize("answer", DOWN.values(), ids=DOWN.keys())
def test_token_endpoint_that_is_down_is_asked_once(
    answer: Response, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [answer]

    error = bridge.failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.DOWN
    assert len(rero.requests) == 1


@pytest.mark.parametrize("body", [b"<html>PLANTED</html>", b"", b"\xe9", b'{"a": 1'])
def test_good_status_without_json_is_a_maintenance_page(
    body: bytes, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [Response(body, 200)]

    error = bridge.failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.NOT_JSON


@pytest.mark.parametrize("status", [400, 403, 405, 410, 451])
def test_page_with_an_error_status_comes_from_where_rero_is_not(
    status: int, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [html(status), json_answer(TOKEN)]
    rero.info = [html(status)]

    errors = [bridge.failure(address="192.0.2.1"), bridge.failure(address="192.0.2.2")]

    assert [error.fault for error in errors] == [UpstreamFault.NOT_JSON] * 2
    assert [error.detail for error in errors] == [f"status {status}"] * 2
    assert all(isinstance(error, UpstreamUnavailable) for error in errors)


@pytest.mark.parametrize("status", [201, 204, 301, 304, 308])
def test_status_that_rero_never_sends_is_garbled(
    status: int, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [Response("", status, {"Location": rero.server.url_for("/stranger")})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.ODD_ERROR


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_of_the_login_server_is_not_followed(
    status: int, rero: Rero, bridge: Bridge
) -> None:
    rero.info = [Response("", status, {"Location": "/stranger"})]

    bridge.failure()

    assert rero.asked("/stranger") == []
    assert rero.server.log[-1][0].path == "/api/patrons/info"


def test_unauthorized_at_info_is_a_race_and_not_repeated(
    rero: Rero, bridge: Bridge
) -> None:
    rero.info = [json_answer({"message": "PLANTED", "status": 401}, 401)]

    error = bridge.failure()

    assert isinstance(error, UpstreamRefused)
    assert error.fault is UpstreamFault.TOKEN_KILLED
    assert len(rero.asked("/api/patrons/info")) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_info_is_asked_once_more_after_a_server_error(
    status: int, rero: Rero, bridge: Bridge
) -> None:
    rero.info = [html(status), json_answer(INFO)]

    login = bridge.sign_in()

    assert login.patron.identity.value == "3"
    assert bridge.audit.outcomes() == [
        ("token", "ok"),
        ("info", "down"),
        ("info", "ok"),
    ]
    assert len(rero.asked("/oauth/token")) == 1


def test_info_is_not_asked_a_third_time(rero: Rero, bridge: Bridge) -> None:
    rero.info = [html(500)]

    error = bridge.failure()

    assert error.fault is UpstreamFault.DOWN
    assert len(rero.asked("/api/patrons/info")) == 2


@pytest.mark.parametrize(
    "answer",
    [Response("", 429), html(403), html(404), html(200), json_answer([])],
    ids=["429", "403", "404", "page", "list"],
)
def test_info_is_not_repeated_where_that_cannot_help(
    answer: Response, rero: Rero, bridge: Bridge
) -> None:
    rero.info = [answer]

    bridge.failure()

    assert len(rero.asked("/api/patrons/info")) == 1
