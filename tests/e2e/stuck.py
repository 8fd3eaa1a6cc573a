"""Logins that go wrong, watched in Debian's chromium: no patron is ever left stuck.

A `Scene` is served once a module; each test makes a `Visit` in a browser context of its
own, which looks at every answer of the bridge and at the browser's console.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    expect,
)

from bridge.demo.relying_party import RelyingPartySettings, create_app
from bridge.demo.rero import StandIn
from bridge.demo.serving import serve_in_thread
from tests.e2e.late import LateApplication
from tests.e2e.neighbour import make_neighbour
from tests.e2e.support import (
    SECRET,
    WAIT_S,
    Place,
    Process,
    await_that,
    service,
    stand_in_for,
)
from tests.support.chromium import launched

# Chromium says so of every page that is an error; the tests look at its status.
_STATUS_LINE: Final = "Failed to load resource: the server responded with a status of"
_REFERENCE: Final = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass(slots=True)
class Scene:
    """Everything that serves, and the browser; `restart` puts in a new bridge."""

    stand_in: StandIn
    place: Place
    service: str  # asks for no consent
    asking: str  # asks for consent at every login
    neighbour: str  # see neighbour.py
    browser: Browser
    processes: list[Process] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.place.issuer

    def start(self) -> None:
        """Start a bridge in the same place as all before it."""
        self.processes.append(Process(self.place).__enter__())
        self.processes[-1].await_ready()

    def restart(self, *, by_kill: bool) -> None:
        """End the bridge in order, or as a power cut would, and start another one."""
        if by_kill:
            self.processes[-1].kill()
        else:
            self.processes[-1].terminate()
            self.processes[-1].await_exit()
        self.start()

    def stop(self) -> None:
        """End all that is left of every bridge."""
        for process in self.processes:
            process.kill()

    def requests_logged(self, reference: str) -> list[dict[str, Any]]:
        """Return the lines of the log that tell of the request *reference*."""
        lines = [
            json.loads(line)
            for process in self.processes
            for line in process.output.rpartition("\n")[0].splitlines()
        ]
        return [line for line in lines if line.get("request_id") == reference]


@contextmanager
def open_scene(folder: Path) -> Iterator[Scene]:
    """Serve a stand-in, two demo services, their neighbour, and a bridge."""
    expect.set_options(timeout=WAIT_S * 1_000)  # a busy machine is no dead end
    with ExitStack() as stack:
        stand_in, place = stack.enter_context(stand_in_for(folder))
        neighbour = stack.enter_context(serve_in_thread(make_neighbour(place.issuer)))
        services = {
            name: _serve(stack, place.issuer, name) for name in ("service", "asking")
        }
        home = neighbour.url
        place.write_clients(
            _registered("service", services["service"]),
            _registered("asking", services["asking"], consent="always"),
            service("plain", redirect_uris=[f"{home}/plain"], client_uri=home),
            service("forms", redirect_uris=[f"{home}/form"], consent="always"),
            service("hopping", redirect_uris=[f"{home}/hop"], consent="always"),
        )
        scene = Scene(
            stand_in,
            place,
            services["service"],
            services["asking"],
            neighbour.url,
            stack.enter_context(launched()),
        )
        stack.callback(scene.stop)
        scene.start()
        yield scene


def _serve(stack: ExitStack, issuer: str, client_id: str) -> str:
    """Serve the demo service of a client; return its address."""
    front = LateApplication()
    url = stack.enter_context(serve_in_thread(front)).url
    app = create_app(
        RelyingPartySettings(
            discovery_url=f"{issuer}/.well-known/openid-configuration",
            client_id=client_id,
            client_secret=SECRET,
            redirect_uri=f"{url}/callback",
        )
    )
    front.app = app
    return url


def _registered(client_id: str, url: str, **members: object) -> dict[str, object]:
    return service(
        client_id,
        redirect_uris=[f"{url}/callback"],
        client_name="Media library",
        client_uri=url,
        **members,
    )


@dataclass  # without slots: playwright marks the object of its handlers
class Visit:
    """A patron's browser, with all that the bridge has answered and chromium minds."""

    scene: Scene
    context: BrowserContext
    tab: Page
    answers: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Begin to look at answers and at the console, in every tab."""
        self.context.on("response", self._note_answer)
        self.context.on("console", self._note_message)
        self.context.on("weberror", lambda error: self.complaints.append(str(error)))

    def _note_answer(self, answer: Response) -> None:
        if answer.url.startswith(self.scene.issuer):
            self.answers.append(answer)

    def _note_message(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        # Chromium asks for the icon by itself, perhaps while the bridge is away.
        is_expected = message.text.startswith(_STATUS_LINE) or url.endswith(
            "/favicon.ico"
        )
        if message.type in {"error", "warning"} and not is_expected:
            self.complaints.append(f"{message.text} {url}")

    def check(self) -> None:
        """Look at the headers of all answers, and at the console."""
        assert self.complaints == []
        for answer in self.answers:
            if urlsplit(answer.url).path.startswith("/static/"):
                continue
            headers = answer.headers
            assert headers["cache-control"] == "no-store", answer.url
            assert headers["referrer-policy"] == "no-referrer", answer.url
            assert _REFERENCE.fullmatch(headers["x-request-id"]), answer.url
            if headers.get("content-type", "").startswith("text/html"):
                policy = headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "unsafe" not in policy

    # What a patron does.

    def begin(self, url: str | None = None, tab: Page | None = None) -> None:
        """Open a service and press "Log in"; RERO+ shows a page."""
        tab = tab or self.tab
        tab.goto(url or self.scene.service)
        tab.get_by_role("link", name="Log in").click()

    def sign_in_at_rero(self, reader: str = "jean", tab: Page | None = None) -> None:
        tab = tab or self.tab
        tab.locator("input[name=email]").fill(reader)
        tab.locator("input[name=password]").fill("demo")
        tab.get_by_role("button", name="Sign in").click()

    def agree_at_rero(self, tab: Page | None = None) -> None:
        (tab or self.tab).locator("button[value=yes]").click()

    def log_in(self, url: str | None = None) -> None:
        self.begin(url)
        self.sign_in_at_rero()
        self.agree_at_rero()

    def press_first(self, tab: Page | None = None) -> None:
        """Press the first button of a page of the bridge."""
        tab = tab or self.tab
        assert tab.url.startswith(self.scene.issuer), tab.url
        tab.locator("main .button, main button").first.click()

    def authorize_url(self) -> str:
        """Have the service begin a login in this browser; return its request."""
        answer = self.context.request.get(
            f"{self.scene.service}/login", max_redirects=0
        )
        return answer.headers["location"]

    # What is then expected.

    def expect_signed_in(self, url: str | None = None, tab: Page | None = None) -> None:
        tab = tab or self.tab
        expect(tab).to_have_url(f"{url or self.scene.service}/")
        heading = tab.get_by_role("heading", level=1)
        expect(heading).to_have_text("You are logged in")

    def expect_error(self, status: int, heading: str, tab: Page | None = None) -> None:
        """Expect an error page of the bridge, whose reference is that of the log."""
        tab = tab or self.tab
        expect(tab.get_by_role("heading", level=1)).to_contain_text(heading)
        reference = tab.locator(".reference").inner_text()
        known = {answer.headers["x-request-id"]: answer for answer in self.answers}
        assert known[reference].status == status
        lines = await_that(
            lambda: self.scene.requests_logged(reference), f"a line with {reference}"
        )
        assert [line["status"] for line in lines if "status" in line] == [status]
        assert tab.locator("style, [style], script").count() == 0

    def callback_urls(self) -> list[str]:
        """Return the callbacks that this browser has asked for."""
        return [
            answer.url
            for answer in self.answers
            if urlsplit(answer.url).path == "/callback"
        ]


@contextmanager
def open_visit(scene: Scene, **options: Any) -> Iterator[Visit]:
    """Give a patron a browser context, and look at all of it in the end."""
    with scene.browser.new_context(locale="en-GB", **options) as context:
        context.set_default_timeout(WAIT_S * 1_000)
        visit = Visit(scene, context, context.new_page())
        visit.watch()
        yield visit
        visit.check()


def query(url: str) -> dict[str, str]:
    """Return the query of *url*."""
    return dict(parse_qsl(urlsplit(url).query))
