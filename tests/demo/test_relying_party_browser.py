"""What the demo service does for a browser, whatever its provider says."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from bridge.demo.relying_party import (
    BROWSERS_KEPT,
    COOKIE,
    PENDING_KEPT,
    RelyingPartySettings,
    create_app,
)

DISCOVERY = "/.well-known/openid-configuration"


def metadata(issuer: str, changes: dict[str, object]) -> dict[str, object]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        **changes,
    }


@pytest.fixture
def httpserver() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", 0) as server:
        yield server


@pytest.fixture
def provider(httpserver: HTTPServer) -> HTTPServer:
    issuer = httpserver.url_for("").rstrip("/")
    httpserver.expect_request(DISCOVERY).respond_with_json(metadata(issuer, {}))
    return httpserver


@pytest.fixture
def service(provider: HTTPServer) -> Flask:
    settings = RelyingPartySettings(
        discovery_url=provider.url_for(DISCOVERY),
        client_id="demo",
        client_secret="planted-secret",
        redirect_uri="http://localhost/oidc/back",
    )
    return create_app(settings)


def begin(browser: FlaskClient) -> str:
    """Begin a login and return its state."""
    location = browser.get("/login").headers["Location"]
    return parse_qs(urlsplit(location).query)["state"][0]


def back(**parameters: str) -> str:
    """The address that the provider sends the browser back to."""
    return f"/oidc/back?{urlencode(parameters)}"


def test_error_of_the_provider_is_shown_escaped_with_a_way_to_try_again(
    service: Flask,
) -> None:
    browser = service.test_client()
    state = begin(browser)

    page = browser.get(
        back(state=state, error="access_denied", error_description="<i>No card</i>")
    )

    assert page.status_code == 400
    assert "<h1>The provider answered: access_denied</h1>" in page.text
    assert "&lt;i&gt;No card&lt;/i&gt;" in page.text
    assert '<a class="button" href="/login">Try again</a>' in page.text


def test_state_of_another_browser_is_refused(service: Flask) -> None:
    state = begin(service.test_client())
    stranger = service.test_client()
    begin(stranger)

    page = stranger.get(back(state=state, error="access_denied"))

    assert "<h1>Check failed: state</h1>" in page.text


def test_state_works_once(service: Flask) -> None:
    browser = service.test_client()
    state = begin(browser)
    browser.get(back(state=state, error="access_denied"))

    page = browser.get(back(state=state, error="access_denied"))

    assert "<h1>Check failed: state</h1>" in page.text


def test_two_tabs_do_not_disturb_each_other(service: Flask) -> None:
    browser = service.test_client()
    first, second = begin(browser), begin(browser)

    pages = [
        browser.get(back(state=state, error="login_required"))
        for state in (first, second)
    ]

    assert all("answered: login_required" in page.text for page in pages)


def test_doubled_parameter_is_refused(service: Flask) -> None:
    browser = service.test_client()
    state = begin(browser)

    page = browser.get(back(state=state, code="one") + "&code=two")

    assert "<h1>Check failed: parameters</h1>" in page.text


def test_token_endpoint_error_is_shown(service: Flask, provider: HTTPServer) -> None:
    provider.expect_request("/token").respond_with_json(
        {"error": "invalid_grant", "error_description": "code has expired"}, status=400
    )
    browser = service.test_client()
    state = begin(browser)

    page = browser.get(back(state=state, code="one"))

    assert "<h1>The provider answered: invalid_grant</h1>" in page.text
    assert "code has expired" in page.text


def test_redirect_of_the_token_endpoint_is_not_followed(
    service: Flask, provider: HTTPServer
) -> None:
    provider.expect_request("/token").respond_with_data(
        "", status=307, headers={"Location": provider.url_for("/elsewhere")}
    )
    browser = service.test_client()
    state = begin(browser)

    page = browser.get(back(state=state, code="one"))

    assert "<h1>No usable answer: token request</h1>" in page.text
    assert [r.path for r, _ in provider.log][-1] == "/token"


def test_published_private_key_is_refused(service: Flask, provider: HTTPServer) -> None:
    provider.expect_request("/token").respond_with_json(
        {"access_token": "a", "id_token": "i", "token_type": "bearer"},
        headers={"Cache-Control": "no-store"},
    )
    provider.expect_request("/jwks").respond_with_json(
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}]}
    )
    browser = service.test_client()
    state = begin(browser)

    page = browser.get(back(state=state, code="one"))

    assert "<h1>Check failed: keys</h1>" in page.text


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"issuer": "http://evil.example"}, "Check failed: issuer"),
        ({"code_challenge_methods_supported": ["plain"]}, "Check failed: PKCE"),
        ({"jwks_uri": None}, "No usable answer: discovery"),
        (
            {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
            "Check failed: client_secret_basic",
        ),
    ],
)
def test_unfit_provider_metadata_stop_the_login(
    httpserver: HTTPServer, changes: dict[str, object], title: str
) -> None:
    issuer = httpserver.url_for("").rstrip("/")
    httpserver.expect_request(DISCOVERY).respond_with_json(metadata(issuer, changes))
    settings = RelyingPartySettings(
        httpserver.url_for(DISCOVERY), "demo", "secret", "http://localhost/callback"
    )

    page = create_app(settings).test_client().get("/login")

    assert page.status_code == 400
    assert f"<h1>{title}</h1>" in page.text


def test_provider_that_does_not_answer_is_reported() -> None:
    settings = RelyingPartySettings(
        "http://127.0.0.1:1" + DISCOVERY, "demo", "secret", "http://localhost/callback"
    )

    page = create_app(settings).test_client().get("/login")

    assert "<h1>No usable answer: discovery</h1>" in page.text


def test_pages_load_nothing_from_elsewhere_and_forbid_it(service: Flask) -> None:
    answer = service.test_client().get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    loaded = re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
    assert set(loaded) == {"data:,", "/style.css", "/login"}


def test_start_page_is_marked_as_a_demonstration_with_one_headline(
    service: Flask,
) -> None:
    text = service.test_client().get("/").text

    assert '<html lang="en">' in text
    assert text.count("<h1>") == 1
    assert "<strong>Demonstration</strong>" in text


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(service: Flask) -> None:
    cookie = service.test_client().get("/login").headers["Set-Cookie"]

    assert cookie.startswith("demo_service=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_logging_out_forgets_the_browser(service: Flask) -> None:
    browser = service.test_client()
    state = begin(browser)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None

    answer = browser.post("/logout")

    assert answer.status_code == 303
    assert "demo_service=;" in answer.headers["Set-Cookie"]
    browser.set_cookie(COOKIE, cookie.value)  # as somebody who had copied it
    page = browser.get(back(state=state, error="access_denied"))
    assert "<h1>Check failed: state</h1>" in page.text


def test_logging_out_takes_a_post(service: Flask) -> None:
    answer = service.test_client().get("/logout")

    assert answer.status_code == 405


def test_secret_is_not_part_of_the_settings_text() -> None:
    settings = RelyingPartySettings("http://localhost/x", "demo", "planted", "http://y")

    text = repr(settings)

    assert "planted" not in text


def test_number_of_logins_begun_in_one_browser_is_bounded(service: Flask) -> None:
    browser = service.test_client()
    states = [begin(browser) for _ in range(PENDING_KEPT + 1)]

    pages = [browser.get(back(state=s, error="login_required")).text for s in states]

    assert "<h1>Check failed: state</h1>" in pages[0]
    assert all("answered: login_required" in page for page in pages[1:])


def test_number_of_browsers_kept_is_bounded(service: Flask) -> None:
    first = service.test_client()
    state = begin(first)
    for _ in range(BROWSERS_KEPT):
        service.test_client().get("/login")

    page = first.get(back(state=state, error="access_denied"))

    assert "<h1>Check failed: state</h1>" in page.text
