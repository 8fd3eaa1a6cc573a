"""What RERO+ is asked, and how each of its answers is told apart."""

import traceback
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug import Response

from bridge.core.errors import (
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamRefused,
    UpstreamUnavailable,
)
from bridge.core.patron import IdentityKind
from bridge.flow.ports import Event
from tests.upstream.support import (
    ACCESS_TOKEN,
    CODE,
    INFO,
    TOKEN,
    Bridge,
    Rero,
    bridge_at,
    json_answer,
)

STATE = "AQ-_az09"
SCOPES = frozenset({"fullname", "user:email", "institution"})


def html(status: int) -> Response:
    return Response(
        "<html>PLANTED maintenance</html>", status, content_type="text/html"
    )


# -- where the browser goes -----------------------------------------------------------


def test_authorization_url_carries_what_rero_wants() -> None:
    upstream = bridge_at("https://bib.example/").upstream

    url = urlsplit(upstream.authorization_url(STATE, SCOPES))

    assert url.scheme + "://" + url.netloc + url.path == (
        "https://bib.example/oauth/authorize"
    )
    assert parse_qs(url.query, strict_parsing=True) == {
        "client_id": ["rero-oidc-bridge"],
        "response_type": ["code"],
        "redirect_uri": ["https://bridge.example/callback"],
        "scope": ["fullname institution user:email"],
        "state": [STATE],
    }


def test_signing_in_again_leads_through_sign_out_to_the_same_place() -> None:
    upstream = bridge_at("https://bib.example").upstream

    again = upstream.authorization_url(STATE, SCOPES, sign_in_again=True)

    url = urlsplit(again)
    plain = upstream.authorization_url(STATE, SCOPES)
    assert again.startswith("https://bib.example/signout/?next=%2Foauth%2Fauthorize%3F")
    assert parse_qs(url.query) == {"next": [plain.removeprefix("https://bib.example")]}


def test_sign_out_keeps_the_path_that_rero_lives_under() -> None:
    upstream = bridge_at("http://127.0.0.1:8091/rero").upstream

    url = urlsplit(upstream.authorization_url(STATE, SCOPES, sign_in_again=True))

    assert url.path == "/rero/signout/"
    assert parse_qs(url.query)["next"][0].startswith("/rero/oauth/authorize?")


def test_signing_in_again_is_plain_where_the_way_through_sign_out_is_off() -> None:
    upstream = bridge_at(
        "https://bib.example", sign_in_again_via_signout=False
    ).upstream

    again = upstream.authorization_url(STATE, SCOPES, sign_in_again=True)

    assert again == upstream.authorization_url(STATE, SCOPES)


# -- what RERO+ is sent ---------------------------------------------------------------


def test_code_is_exchanged_by_form_without_query_or_basic(
    rero: Rero, bridge: Bridge
) -> None:
    bridge.sign_in()

    [request] = rero.asked("/oauth/token")
    assert request.method == "POST"
    assert request.query_string == b""
    assert "Authorization" not in request.headers
    assert request.form.to_dict(flat=False) == {
        "client_id": ["rero-oidc-bridge"],
        "client_secret": ["s3cr&t %"],
        "redirect_uri": ["https://bridge.example/callback"],
        "grant_type": ["authorization_code"],
        "code": [CODE],
    }


def test_patron_is_fetched_by_header_without_query(rero: Rero, bridge: Bridge) -> None:
    bridge.sign_in()

    [request] = rero.asked("/api/patrons/info")
    assert request.method == "GET"
    assert request.query_string == b""
    assert request.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"


def test_one_sign_in_leaves_nothing_for_the_next(rero: Rero, bridge: Bridge) -> None:
    rero.token[0].headers["Set-Cookie"] = "rero_session=jean; Path=/"

    bridge.sign_in()
    bridge.sign_in()

    assert all("Cookie" not in request.headers for request in rero.requests)
    assert all(
        "Authorization" not in request.headers for request in rero.asked("/oauth/token")
    )


@pytest.mark.parametrize("code", ["", "a b", "é", "\ud800", "a" * 1_001, "a\r\nX: y"])
def test_code_that_rero_cannot_have_made_is_not_sent(
    code: str, rero: Rero, bridge: Bridge
) -> None:
    with pytest.raises(UpstreamRefused) as caught:
        bridge.upstream.sign_in(code, allow_barcode=True, address="192.0.2.1")

    assert caught.value.fault is UpstreamFault.CODE_OVER
    assert rero.requests == []


def test_proxy_of_the_environment_is_not_used(
    rero: Rero, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    bridge.sign_in()

    assert len(rero.requests) == 2


def test_configured_proxy_is_used(rero: Rero) -> None:
    bridge = bridge_at("http://rero.invalid", proxy=rero.server.url_for("/"))

    bridge.sign_in()

    assert {request.host for request in rero.requests} == {"rero.invalid"}


# -- every answer told apart ----------------------------------------------------------

TOKEN_ANSWERS = {
    "401": (json_answer({"error": "invalid_client"}, 401), UpstreamFault.REGISTRATION),
    "404": (html(404), UpstreamFault.REGISTRATION),
    "400 code over": (json_answer({"error": "invalid_grant"}, 400), "code_over"),
    "400 client": (json_answer({"error": "invalid_client"}, 400), "registration"),
    "400 may not": (json_answer({"error": "unauthorized_client"}, 400), "registration"),
    "400 scope": (json_answer({"error": "invalid_scope"}, 400), "scope"),
    "400 request": (json_answer({"error": "invalid_request"}, 400), "odd_error"),
    "400 unknown": (json_answer({"error": "PLANTED"}, 400), "odd_error"),
    "400 no string": (json_answer({"error": ["PLANTED"]}, 400), "odd_error"),
    "400 list": (json_answer(["PLANTED"], 400), "odd_error"),
    "403": (html(403), "odd_error"),
    "405": (html(405), "odd_error"),
}
DOWN = {
    "400 page": html(400),
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


# -- who signed in --------------------------------------------------------------------


def test_user_id_of_the_token_answer_serves_where_info_has_none(
    rero: Rero, bridge: Bridge
) -> None:
    rero.info = [json_answer({"barcode": "2050124311"})]

    login = bridge.sign_in()

    assert login.patron.identity.kind is IdentityKind.USER
    assert login.patron.identity.value == "3"


def test_two_answers_about_two_people_are_no_login(rero: Rero, bridge: Bridge) -> None:
    rero.info = [json_answer(INFO | {"user_id": 4})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.IDENTITY_DIFFERS


def test_barcode_is_never_taken_once_user_ids_were_seen(
    rero: Rero, bridge: Bridge
) -> None:
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer({"barcode": "2050124311"})]

    with pytest.raises(UpstreamGarbled) as caught:
        bridge.sign_in(allow_barcode=False)

    assert caught.value.fault is UpstreamFault.IDENTITY_LOST


def test_barcode_is_not_taken_where_the_setting_refuses_it(rero: Rero) -> None:
    bridge = bridge_at(rero.server.url_for("/"), accept_barcode=False)
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer({"barcode": "2050124311"})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.NO_IDENTITY


def test_neither_user_id_nor_barcode_is_no_login(rero: Rero, bridge: Bridge) -> None:
    rero.token = [json_answer({"access_token": "t"})]
    rero.info = [json_answer({})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.NO_IDENTITY


# -- what the log may know ------------------------------------------------------------


def test_audit_knows_calls_outcomes_and_durations_alone(
    rero: Rero, bridge: Bridge
) -> None:
    bridge.sign_in()

    assert [event for event, _ in bridge.audit.events] == [Event.UPSTREAM_CALLED] * 2
    assert all(
        set(fields) == {"call", "outcome", "duration_s"}
        for _, fields in bridge.audit.events
    )


def planted(where: str) -> dict[str, object]:
    """Return an answer with a marker at one place, and a fault beside it."""
    token: dict[str, object] = dict(TOKEN)
    token[where] = ["PLANTED"] if where == "access_token" else "PLANTED"
    return token


@pytest.mark.parametrize(
    "answer",
    [
        html(200),
        html(500),
        Response(b'{"PLANTED": \xff}', 200),
        Response('{"PLANTED": tru', 200),
        json_answer({"error": "PLANTED", "error_description": "PLANTED"}, 400),
        json_answer(planted("access_token")),
        json_answer(planted("token_type")),
        json_answer(planted("user")),
        Response("PLANTED", 200, {"Content-Encoding": "gzip"}),
    ],
)
def test_nothing_of_an_answer_gets_into_an_error(
    answer: Response, rero: Rero, bridge: Bridge
) -> None:
    rero.token = [answer]

    error = bridge.failure()

    assert_tells_nothing(error)


def test_neither_code_nor_token_gets_into_an_error(rero: Rero, bridge: Bridge) -> None:
    rero.info = [json_answer({"barcode": ["2050124311"], "user_id": "007"})]

    error = bridge.failure()

    assert_tells_nothing(error)


def assert_tells_nothing(error: UpstreamError) -> None:
    """Walk everything that a log or a tracer might print."""
    told = "".join(traceback.format_exception(error))
    link: BaseException | None = error
    while link is not None:
        told += str(link) + repr(link) + repr(link.args)
        link = link.__cause__ or link.__context__
    secrets = ("PLANTED", CODE, ACCESS_TOKEN, "s3cr&t", "2050124311", "007")
    assert not [secret for secret in secrets if secret in told]


def test_settings_do_not_print_the_secret() -> None:
    settings = bridge_at("https://bib.example").settings

    assert "s3cr&t" not in repr(settings)
