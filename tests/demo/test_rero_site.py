"""The stand-in's site: sign-in, sign-out, languages, sessions."""

from urllib.parse import urlencode

import pytest

from bridge.demo.rero import StandIn
from bridge.demo.rero_state import Settings
from tests.demo.site_visits import (
    consent_url,
    hidden,
    make_standin,
    sign_in,
    signed_in,
)

WRONG = "The username or the password is wrong."


@pytest.mark.parametrize("login", ["jean", "JEAN", "Jean.Simon@reader.example"])
def test_reader_signs_in_by_name_or_address_and_goes_on(login: str) -> None:
    browser = make_standin().app.test_client()

    response = sign_in(browser, "/oauth/authorize?a=b", email=login)

    assert response.status_code == 302
    assert response.headers["Location"] == "/oauth/authorize?a=b"


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "x"},
        {"email": "nobody"},
        {"email": "closed"},
        {"email": "2050124311"},
        {"csrf_token": "x"},
    ],
    ids=str,
)
def test_failed_login_shows_the_page_again_with_one_message(
    changes: dict[str, str],
) -> None:
    browser = make_standin().app.test_client()

    response = sign_in(browser, "/goal", **changes)

    assert response.status_code == 200
    assert WRONG in response.text
    assert hidden(response.text, "next") == "/goal"


def test_post_without_a_session_is_a_failed_login() -> None:
    form = {"email": "jean", "password": "demo", "csrf_token": ""}

    response = make_standin().app.test_client().post("/signin/", data=form)

    assert WRONG in response.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signed_in_reader_is_sent_to_the_front_page_whatever_next(method: str) -> None:
    browser = signed_in(make_standin())

    response = browser.open("/signin/?next=/goal", method=method)

    assert (response.status_code, response.headers["Location"]) == (302, "/")


TARGETS = {
    "/goal?a=b": "/goal?a=b",
    "http://localhost/goal": "http://localhost/goal",
    "https://evil.example/": "/",
    "//evil.example/": "/",
    "/\\evil.example/": "/",
    "javascript:alert(1)": "/",
    "": "/",
}


@pytest.mark.parametrize(("target", "expected"), TARGETS.items())
@pytest.mark.parametrize("path", ["/signout/", "/lang/fr"])
def test_next_leads_to_this_host_only(path: str, target: str, expected: str) -> None:
    browser = signed_in(make_standin())

    response = browser.get(path, query_string={"next": target})

    assert (response.status_code, response.headers["Location"]) == (302, expected)


def test_login_does_not_lead_to_another_host() -> None:
    browser = make_standin().app.test_client()

    response = sign_in(browser, "https://evil.example/")

    assert response.headers["Location"] == "/"


def test_signout_makes_the_next_request_ask_for_a_login() -> None:
    browser = signed_in(make_standin())

    browser.get("/signout/")

    assert browser.get(consent_url()).headers["Location"].startswith("/signin/?next=")


def test_language_signout_and_login_can_be_nested() -> None:
    browser = signed_in(make_standin())
    target = f"/lang/fr?{urlencode({'next': f'/signout/?next={consent_url()}'})}"

    response = browser.get(target, follow_redirects=True)

    assert response.request.path == "/signin/"
    assert '<main lang="fr">' in response.text


def test_unknown_language_is_not_found() -> None:
    response = make_standin().app.test_client().get("/lang/es")

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("query", "session", "accepted", "expected"),
    [
        ("?ln=de", "fr", "it", "de"),
        ("?ln=es", "fr", "it", "fr"),
        ("", "fr", "it", "fr"),
        ("", "", "es, it;q=0.5", "it"),
        ("", "", "es", "en"),
    ],
)
def test_language_is_chosen_by_query_session_browser(
    query: str, session: str, accepted: str, expected: str
) -> None:
    browser = make_standin().app.test_client()
    browser.get(f"/lang/{session}")

    page = browser.get(f"/signin/{query}", headers={"Accept-Language": accepted}).text

    assert f'<main lang="{expected}">' in page


def test_session_lasts_a_month_under_the_cookie_name_of_the_settings() -> None:
    browser = make_standin(Settings(cookie_name="other")).app.test_client()

    cookie = sign_in(browser).headers["Set-Cookie"]

    assert cookie.startswith("other=")
    assert "Max-Age=2678400; HttpOnly; Path=/; SameSite=Lax" in cookie


def test_session_is_over_after_a_month() -> None:
    now_s = [1_800_000_000]
    standin = StandIn(clock=lambda: now_s[0])
    browser = signed_in(standin)
    now_s[0] += standin.settings.session_seconds

    response = browser.get("/oauth/authorize")

    assert response.headers["Location"].startswith("/signin/")
