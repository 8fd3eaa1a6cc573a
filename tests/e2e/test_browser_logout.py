"""Signing out, and answers by a form, in Debian's chromium.

Screenshots go to test-output/logout, one a page: look at them after a change of pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

import pytest
from flask import request
from playwright.sync_api import Browser, Page, expect

from bridge.demo.relying_party import RelyingPartySettings, create_app
from bridge.demo.serving import serve_in_thread
from tests.e2e.late import LateApplication
from tests.e2e.support import SECRET, Process, service, stand_in_for
from tests.support.chromium import launched

pytestmark = pytest.mark.browser

OUTPUT: Final = Path(__file__).parents[2] / "test-output" / "logout"
STATE: Final = "\"<'>&\r\n\u00e9 \U0001f4da+%20"


@dataclass(frozen=True, slots=True)
class World:
    """Where everything answers, and the forms that a client was posted."""

    issuer: str
    service: str
    rero: str
    forms: list[dict[str, str]] = field(default_factory=list)

    def authorize(self, **parameters: str) -> str:
        """Return an authorization request that wants its answer by a form."""
        query = {
            "client_id": "forms",
            "redirect_uri": f"{self.service}/form",
            "response_type": "code",
            "response_mode": "form_post",
            "scope": "openid",
            **parameters,
        }
        return f"{self.issuer}/authorize?{urlencode(query)}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A stand-in, a bridge, the demo service, and a client that takes forms."""
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
            post_logout_redirect_uri=f"{running.url}/logged-out",
        )
        made = World(place.issuer, running.url, place.stand_in)
        app = create_app(settings)

        def take_form() -> str:
            made.forms.append(request.form.to_dict())
            return "<title>Taken</title><h1>Taken</h1>"

        app.add_url_rule("/form", "form", take_form, methods=["POST"])
        front.app = app
        place.write_clients(
            service(
                redirect_uris=[settings.redirect_uri],
                post_logout_redirect_uris=[settings.post_logout_redirect_uri],
                client_name="Media library",
                client_uri=running.url,
            ),
            service("forms", redirect_uris=[f"{running.url}/form"], client_name="Form"),
        )
        with Process(place) as process:
            process.await_ready()
            yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        yield browser


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(locale="en-GB") as context:
        yield context.new_page()


@pytest.fixture
def plain_tab(chromium: Browser) -> Iterator[Page]:
    """A tab that runs no scripts."""
    with chromium.new_context(locale="en-GB", java_script_enabled=False) as context:
        yield context.new_page()


def keep(tab: Page, name: str) -> None:
    tab.screenshot(path=OUTPUT / f"{name}.png", full_page=True)


def sign_in_at_rero(tab: Page) -> None:
    tab.locator("input[name=email]").fill("jean")
    tab.locator("input[name=password]").fill("demo")
    tab.get_by_role("button", name="Sign in").click()
    tab.locator("button[value=yes]").click()


def log_in(tab: Page, world: World) -> None:
    tab.goto(f"{world.service}/login")
    sign_in_at_rero(tab)
    expect(tab).to_have_url(f"{world.service}/")


def pages_of_rero(tab: Page, world: World) -> list[str]:
    """Return a list that fills with the paths at RERO+ that the browser asks for."""
    asked: list[str] = []
    tab.on(
        "request",
        lambda sent: (
            asked.append(urlsplit(sent.url).path)
            if sent.url.startswith(world.rero)
            else None
        ),
    )
    return asked


def test_log_out_of_the_service_leads_back_and_the_next_login_asks_rero(
    tab: Page, world: World
) -> None:
    log_in(tab, world)
    asked = pages_of_rero(tab, world)
    tab.goto(f"{world.service}/login")
    expect(tab).to_have_url(f"{world.service}/")
    assert asked == []  # the session of the bridge was good enough

    tab.get_by_role("button", name="Log out", exact=True).click()

    expect(tab).to_have_url(f"{world.service}/logged-out")
    keep(tab, "1-logged-out-at-the-service")
    tab.get_by_role("link", name="Log in").click()
    tab.wait_for_url(lambda url: not url.startswith(world.issuer))
    assert "/oauth/authorize" in asked


def test_log_out_here_only_leaves_the_bridge_signed_in(tab: Page, world: World) -> None:
    log_in(tab, world)
    asked = pages_of_rero(tab, world)

    tab.get_by_role("button", name="Log out here only").click()
    tab.get_by_role("link", name="Log in").click()

    expect(tab.get_by_role("heading", level=1)).to_have_text("You are logged in")
    assert asked == []


@pytest.mark.parametrize("tab_name", ["tab", "plain_tab"])
def test_patron_is_asked_and_signs_out(
    tab_name: str, world: World, request: pytest.FixtureRequest
) -> None:
    tab: Page = request.getfixturevalue(tab_name)
    log_in(tab, world)

    tab.goto(f"{world.issuer}/logout")
    keep(tab, "2-sign-out")
    tab.get_by_role("button", name="Sign out").click()

    heading = tab.get_by_role("heading", level=1)
    expect(heading).to_have_text("You are signed out here.")
    keep(tab, "3-signed-out")
    tab.go_back()
    expect(heading).to_have_text("You are signed out here.")
    tab.get_by_role("link", name="Sign out of RERO+ too").click()
    assert tab.url.startswith(world.rero)
    tab.goto(f"{world.service}/login")
    expect(tab.locator("input[name=password]")).to_be_visible()


def test_button_of_the_page_leads_on_to_the_service(tab: Page, world: World) -> None:
    log_in(tab, world)
    query = {
        "client_id": "service",
        "post_logout_redirect_uri": f"{world.service}/logged-out",
        "state": "abc",
    }

    tab.goto(f"{world.issuer}/logout?{urlencode(query)}")
    tab.get_by_role("button", name="Sign out").click()

    expect(tab).to_have_url(f"{world.service}/logged-out?state=abc")


def test_stay_keeps_the_patron_signed_in(tab: Page, world: World) -> None:
    log_in(tab, world)
    asked = pages_of_rero(tab, world)

    tab.goto(f"{world.issuer}/logout")
    tab.get_by_role("button", name="Stay signed in").click()
    keep(tab, "4-stayed")
    tab.goto(f"{world.service}/login")

    expect(tab).to_have_url(f"{world.service}/")
    assert asked == []


def test_post_from_the_site_of_a_service_finds_the_session(
    tab: Page, world: World
) -> None:
    log_in(tab, world)
    # Another site than 127.0.0.1: its POST comes without the cookies of the bridge.
    tab.goto(world.service.replace("127.0.0.1", "localhost"))
    tab.evaluate(
        """action => { document.body.innerHTML =
        `<form method="post" action="${action}"><button>Go</button></form>` }""",
        f"{world.issuer}/logout",
    )

    tab.get_by_role("button", name="Go").click()

    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()


def test_answer_by_a_form_needs_no_click(tab: Page, world: World) -> None:
    tab.goto(world.authorize(state=STATE))
    sign_in_at_rero(tab)

    expect(tab).to_have_title("Taken")
    form = world.forms.pop()
    assert form.keys() == {"code", "state", "iss"}
    assert form["state"] == STATE


def test_answer_by_a_form_works_by_its_button_without_scripts(
    plain_tab: Page, world: World
) -> None:
    plain_tab.goto(world.authorize(state=STATE))
    sign_in_at_rero(plain_tab)
    keep(plain_tab, "5-form-post")

    plain_tab.get_by_role("button", name="Continue to").click()

    expect(plain_tab).to_have_title("Taken")
    assert world.forms.pop()["state"] == STATE


def test_error_comes_by_a_form_too(tab: Page, world: World) -> None:
    tab.goto(world.authorize(prompt="none", state="abc"))

    expect(tab).to_have_title("Taken")
    form = world.forms.pop()
    assert (form["error"], form["state"]) == ("login_required", "abc")
