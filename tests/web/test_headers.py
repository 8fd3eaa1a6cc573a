"""What every answer carries, by the kind of endpoint and by method."""

import pytest

from tests.support.trial import Trial
from tests.support.visitor import Visitor

PAGES = ["/", "/authorize", "/callback", "/consent", "/refusal", "/nowhere"]
APIS = ["/token", "/userinfo"]
DOCUMENTS = [
    "/jwks",
    "/static/bridge.css",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD", "FOO"]
ALLOWED = {
    "/": {"GET", "HEAD"},
    "/authorize": {"GET", "POST"},
    "/callback": {"GET"},
    "/consent": {"POST"},
    "/refusal": {"POST"},
    "/token": {"POST", "OPTIONS"},
    "/userinfo": {"GET", "POST", "OPTIONS"},
    "/jwks": {"GET", "HEAD", "OPTIONS"},
    "/static/bridge.css": {"GET", "HEAD", "OPTIONS"},
    "/.well-known/openid-configuration": {"GET", "HEAD", "OPTIONS"},
    "/.well-known/oauth-authorization-server": {"GET", "HEAD", "OPTIONS"},
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", [*PAGES, *APIS, *DOCUMENTS])
def test_every_answer_carries_the_headers_of_every_answer(
    trial: Trial, path: str, method: str
) -> None:
    answer = Visitor(trial).send(method, path)

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert len(answer.headers.getlist("X-Request-Id")) == 1
    assert len(answer.headers.getlist("Cache-Control")) == 1
    assert answer.status < 500


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ALLOWED)
def test_method_that_is_not_of_the_table_is_405_with_allow(
    trial: Trial, path: str, method: str
) -> None:
    answer = Visitor(trial).send(method, path)

    if method in ALLOWED[path]:
        assert answer.status != 405
    else:
        assert answer.status == 405
        assert set(answer.headers["Allow"].split(", ")) == ALLOWED[path]


@pytest.mark.parametrize("path", ["/authorize", "/callback"])
def test_head_uses_nothing_up(trial: Trial, path: str) -> None:
    browser = Visitor(trial)
    sent = browser.authorize()
    query = f"state={sent.query['state']}&code=jean".encode()

    assert browser.send("HEAD", path, query=query).status == 405

    assert trial.upstream.calls == []
    assert browser.come_back(sent).status == 303


@pytest.mark.parametrize("path", PAGES)
def test_page_has_a_policy_that_forbids_scripts_and_frames(
    trial: Trial, path: str
) -> None:
    answer = Visitor(trial).get(path)

    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_form_that_ends_at_a_client_may_be_redirected_there(trial: Trial) -> None:
    # Chromium checks form-action on every redirect that follows the form.
    consent = Visitor(trial).sign_in("jean", "once")
    refusal = Visitor(trial).sign_in("luca", "members")

    for answer in (consent, refusal):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith("form-action 'self' https:")


def test_consent_page_is_200_and_refusal_page_403(trial: Trial) -> None:
    assert Visitor(trial).sign_in("jean", "once").status == 200
    assert Visitor(trial).sign_in("luca", "members").status == 403


def test_redirect_with_a_code_is_not_stored(trial: Trial) -> None:
    answer = Visitor(trial).sign_in()

    assert answer.status == 303
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.body == b""


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", APIS)
def test_error_of_an_api_is_json_that_other_origins_may_read(
    trial: Trial, path: str, method: str
) -> None:
    answer = Visitor(trial).send(method, path)

    assert set(answer.members) == {"error", "error_description"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Expose-Headers"] == "WWW-Authenticate"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.status in {400, 401, 405}


@pytest.mark.parametrize("path", [*APIS, *DOCUMENTS])
def test_preflight_lets_authorization_and_content_type_through(
    trial: Trial, path: str
) -> None:
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }

    answer = Visitor(trial).send("OPTIONS", path, headers=asked)

    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert {"GET", "POST"} <= {
        *answer.headers["Access-Control-Allow-Methods"].split(", ")
    }
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", PAGES)
def test_no_other_origin_may_read_a_page(trial: Trial, path: str, method: str) -> None:
    headers = {"Origin": "https://evil.example"}

    answer = Visitor(trial).send(method, path, headers=headers)

    names = {name.lower() for name, _ in answer.headers}
    assert not any(name.startswith("access-control") for name in names)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/authorize",
        "//authorize",
        "/\\evil.example",
        "/authorize/",
        "/Authorize",
        "/token/",
        "/.well-known/openid-configuration/",
        "/static/",
        "/static/../bridge.css",
        "/static/bridge.css/",
        "/.well-known/",
        "/health/live",
        "/metrics",
        "/\x00",
        "/\r\nSet-Cookie: a=b",
        "/\xff\xfe",
    ],
)
def test_other_path_is_404_and_never_a_redirect(trial: Trial, path: str) -> None:
    answer = Visitor(trial).get(path)

    assert answer.status == 404
    assert "Location" not in answer.headers
    assert answer.page == "not_found"


def test_reference_of_a_page_is_the_request_id_and_stands_in_the_log(
    trial: Trial,
) -> None:
    answer = Visitor(trial).get("/callback", {"state": "no state of ours"})

    reference = answer.headers["X-Request-Id"]
    assert f'<strong class="reference">{reference}</strong>' in answer.text
    lines = trial.events("http:request")
    assert [line["request_id"] for line in lines] == [reference]
    assert lines[0]["status"] == 400


def test_request_id_is_never_taken_from_the_request(trial: Trial) -> None:
    answer = Visitor(trial).get("/", headers={"X-Request-Id": "chosen"})

    assert answer.headers["X-Request-Id"] != "chosen"
