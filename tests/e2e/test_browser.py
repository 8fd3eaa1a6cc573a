"""Whole logins in Debian's chromium through the demo service.

Screenshots go to test-output/login, one a page: look at them after a change of pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bridge.demo.relying_party import RelyingPartySettings, create_app
from bridge.demo.serving import serve_in_thread
from tests.e2e.late import LateApplication
from tests.e2e.support import SECRET, Process, service, stand_in_for
from tests.support.chromium import launched

pytestmark = pytest.mark.browser

OUTPUT: Final = Path(__file__).parents[2] / "test-output" / "login"


@dataclass(frozen=True, slots=True)
class World:
    """Where the bridge and the demo service answer."""

    issuer: str
    service: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A stand-in, a bridge and the demo service: consent is asked, a card is wanted."""
    front = LateApplication()
    with (
        stand_in_for(tmp_path_factory.mktemp("bridge")) as (_, place),
        serve_in_thread(front) as running,
    ):
        settings = RelyingPartySettings(
            discovery_url=f"{place.issuer}/.well-known/openid-configuration",
            client_id="service",
            client_secret=SECRET,
            redirect_uri=f"{running.url}/callback",
            scope="openid profile rero",
        )
        front.app = create_app(settings)
        place.write('[policies.current]\nmembership = "current"')
        place.write_clients(
            service(
                redirect_uris=[settings.redirect_uri],
                client_name="Media library",
                client_uri=running.url,
                consent="once",
                policy="current",
            )
        )
        with Process(place) as process:
            process.await_ready()
            yield World(place.issuer, running.url)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        yield browser


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en-GB") as made:
        yield made


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    return context.new_page()


def keep(tab: Page, name: str) -> None:
    tab.screenshot(path=OUTPUT / f"{name}.png", full_page=True)


def log_in(tab: Page, world: World, reader: str) -> None:
    """Press "Log in" at the service, sign in at RERO+, and agree there."""
    tab.goto(world.service)
    tab.get_by_role("link", name="Log in").click()
    tab.locator("input[name=email]").fill(reader)
    tab.locator("input[name=password]").fill("demo")
    tab.get_by_role("button", name="Sign in").click()
    tab.locator("button[value=yes]").click()


def allow(tab: Page, *, remember: bool) -> None:
    if remember:
        tab.get_by_role("checkbox").check()
    tab.get_by_role("button", name="Allow").click()


def test_patron_signs_in_and_agrees(tab: Page, world: World) -> None:
    tab.goto(world.service)
    keep(tab, "1-service")
    log_in(tab, world, "jean")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Media library")
    keep(tab, "2-consent")

    allow(tab, remember=False)

    expect(tab).to_have_url(f"{world.service}/")
    expect(tab.get_by_text("Jean Simon").first).to_be_visible()
    keep(tab, "3-signed-in")


def test_reader_without_a_card_is_told_and_goes_back(tab: Page, world: World) -> None:
    log_in(tab, world, "zoe")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("library")
    keep(tab, "4-refused")

    tab.get_by_role("button", name="Back to").click()

    assert tab.url.startswith(f"{world.service}/callback?")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("access_denied")
    keep(tab, "5-back-refused")


def test_unknown_client_gets_a_page_and_goes_nowhere(tab: Page, world: World) -> None:
    query = "client_id=nobody&response_type=code&redirect_uri=https://evil.example/"

    answer = tab.goto(f"{world.issuer}/authorize?{query}")

    assert answer is not None
    assert answer.status == 400
    assert tab.url.startswith(world.issuer)
    keep(tab, "6-unknown-client")


def test_language_is_changed_on_the_way_and_told_to_rero(
    tab: Page, world: World
) -> None:
    log_in(tab, world, "jean")
    tab.get_by_role("button", name="Deutsch").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("möchte Sie anmelden")
    keep(tab, "8-german")
    tab.get_by_role("button", name="Sind Sie das nicht?").click()

    expect(tab.locator("main")).to_have_attribute("lang", "de")
    keep(tab, "9-german-rero")
    tab.locator("input[name=email]").fill("jean")
    tab.locator("input[name=password]").fill("demo")
    tab.locator("main button[type=submit], main form button").first.click()
    tab.locator("button[value=yes]").click()
    tab.get_by_role("button", name="Erlauben").click()

    expect(tab).to_have_url(f"{world.service}/")
    expect(tab.get_by_text("Jean Simon").first).to_be_visible()


def test_back_button_after_the_sign_in_does_no_harm(tab: Page, world: World) -> None:
    log_in(tab, world, "jean")
    allow(tab, remember=False)
    expect(tab).to_have_url(f"{world.service}/")

    tab.go_back()
    keep(tab, "7-back")
    tab.goto(world.service)

    expect(tab.get_by_text("Jean Simon").first).to_be_visible()


def test_callback_that_is_asked_again_leads_to_the_service_again(
    tab: Page, world: World
) -> None:
    callbacks: list[str] = []
    tab.on(
        "request",
        lambda request: (
            callbacks.append(request.url)
            if request.url.startswith(f"{world.issuer}/callback?")
            else None
        ),
    )
    log_in(tab, world, "twin1")
    allow(tab, remember=True)
    expect(tab).to_have_url(f"{world.service}/")

    answer = tab.goto(callbacks[0])

    # The bridge answers anew; it is the service that has used up its own state.
    assert answer is not None
    assert tab.url.startswith(f"{world.service}/callback?code=")
    keep(tab, "8-callback-again")


def test_five_tabs_sign_in_beside_each_other(
    context: BrowserContext, world: World
) -> None:
    tabs = [context.new_page() for _ in range(5)]
    for tab in tabs:
        tab.goto(world.service)
        tab.get_by_role("link", name="Log in").click()
    first, *others = tabs
    first.locator("input[name=email]").fill("twin2")
    first.locator("input[name=password]").fill("demo")
    first.get_by_role("button", name="Sign in").click()
    first.locator("button[value=yes]").click()
    allow(first, remember=True)
    expect(first).to_have_url(f"{world.service}/")

    for tab in others:
        tab.goto(world.service)
        tab.goto(f"{world.service}/login")

        expect(tab).to_have_url(f"{world.service}/")
        expect(tab.get_by_text("Luc Rochat").first).to_be_visible()
