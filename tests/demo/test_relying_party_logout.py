"""How the demo service logs out: here only, or at its provider, too."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from bridge.demo.relying_party import RelyingPartySettings, create_app
from bridge.demo.serving import serve_in_thread
from tests.demo.test_relying_party import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    FakeProvider,
    log_in,
)

BUTTON: Final = '<form method="post" action="/logout/all">'
LOGGED_OUT: Final = "http://localhost/logged-out"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with serve_in_thread(fake.app()) as running:
        fake.issuer = running.url
        fake.metadata["end_session_endpoint"] = f"{running.url}/bye?x=1"
        yield fake


@pytest.fixture
def settings(provider: FakeProvider) -> RelyingPartySettings:
    return RelyingPartySettings(
        discovery_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri=REDIRECT_URI,
        post_logout_redirect_uri=LOGGED_OUT,
    )


@pytest.fixture
def service(settings: RelyingPartySettings) -> Flask:
    return create_app(settings)


def test_button_leads_to_the_provider_with_the_id_token_as_hint(
    service: Flask, provider: FakeProvider
) -> None:
    browser = service.test_client()
    assert BUTTON in log_in(browser).text

    answer = browser.post("/logout/all")

    url = urlsplit(answer.headers["Location"])
    query = parse_qs(url.query)
    assert answer.status_code == 303
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider.issuer}/bye"
    assert query["x"] == ["1"]
    assert query["post_logout_redirect_uri"] == [LOGGED_OUT]
    assert query["id_token_hint"][0].count(".") == 2


def test_session_here_is_over_before_the_provider_is_asked(service: Flask) -> None:
    browser = service.test_client()
    log_in(browser)

    browser.post("/logout/all")

    assert browser.get("/result").status_code == 404


def test_page_that_the_provider_sends_back_to_offers_a_new_login(
    service: Flask,
) -> None:
    page = service.test_client().get("/logged-out")

    assert "<h1>You are logged out</h1>" in page.text
    assert '<a class="button" href="/login">Log in</a>' in page.text


def test_who_is_not_logged_in_goes_to_the_start_page(service: Flask) -> None:
    answer = service.test_client().post("/logout/all")

    assert answer.headers["Location"] == "/"


def test_provider_without_logout_gets_no_button(
    service: Flask, provider: FakeProvider
) -> None:
    del provider.metadata["end_session_endpoint"]

    assert BUTTON not in log_in(service.test_client()).text


def test_service_without_an_address_to_come_back_to_has_no_button(
    settings: RelyingPartySettings,
) -> None:
    service = create_app(replace(settings, post_logout_redirect_uri=""))

    assert BUTTON not in log_in(service.test_client()).text


def test_logging_out_at_the_provider_takes_a_post(service: Flask) -> None:
    assert service.test_client().get("/logout/all").status_code == 405
