"""Prove a login: walk from the demo service to the login page and back, as readers do.

A browser of a few lines: links, redirects, cookies and HTML forms, no JavaScript.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests

from bridge.demo.proof_page import TEXT_TYPES, Button, Form, Page, read_page

STEPS_ALLOWED: Final = 40  # a login takes about ten requests
TIMEOUT_S: Final = 20
AGREEING: Final = frozenset({"yes", "allow", "accept", "approve", "agree", "continue"})
BUTTON_TEXT: Final = "Log in"
FORM_TYPE: Final = "application/x-www-form-urlencoded"


class ProofError(Exception):
    """The login did not end where it should; the text says where it did."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a reader types in at the login page."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the walk; its URL is without query, where codes would stand."""

    method: str
    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What the demo service verified, and the way that led there."""

    issuer: str
    id_token_header: Mapping[str, object]
    id_token_claims: Mapping[str, object]
    userinfo: Mapping[str, object]
    checks: tuple[str, ...]  # names of the checks passed, in order
    timings_ms: Mapping[str, float]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A page the browser has come to."""

    url: str
    status: int
    page: Page


class HeadlessBrowser:
    """Follows links, redirects and forms; counts its steps."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._http = requests.Session()
        # No .netrc, no proxy: what runs on this machine is asked directly.
        self._http.trust_env = False

    def go(self, url: str) -> Shown:
        """Open a page, as by its address or a link."""
        return self._follow("GET", url, None)

    def submit(self, at: Shown, form: Form, fields: list[tuple[str, str]]) -> Shown:
        """Send a form of the page the browser is at."""
        target = urljoin(at.url, form.action)
        if form.method == "post":
            return self._follow("POST", target, urlencode(fields))
        return self.go(urlunsplit(urlsplit(target)._replace(query=urlencode(fields))))

    def json(self, url: str) -> object:
        """Return the JSON at *url*.

        Raises:
            ProofError: there is none.
        """
        answer = self._send("GET", url, None)
        try:
            content: object = answer.json()
        except requests.JSONDecodeError as error:
            raise ProofError(f"no JSON at {without_query(url)}") from error
        if answer.status_code != 200:
            raise ProofError(f"{without_query(url)} answered {answer.status_code}")
        return content

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _follow(self, method: str, url: str, body: str | None) -> Shown:
        answer = self._send(method, url, body)
        while (location := answer.headers.get("Location")) and answer.is_redirect:
            if answer.status_code not in {307, 308}:
                method, body = "GET", None
            url = urljoin(url, location)
            answer = self._send(method, url, body)
        is_html = answer.headers.get("Content-Type", "").startswith("text/html")
        return Shown(
            url, answer.status_code, read_page(answer.text) if is_html else Page()
        )

    def _send(self, method: str, url: str, body: str | None) -> requests.Response:
        if len(self.steps) >= STEPS_ALLOWED:
            raise ProofError(
                f"gave up after {STEPS_ALLOWED} requests, at {without_query(url)}"
            )
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ProofError(f"sent to {without_query(url)}, which is no web page")
        try:
            answer = self._http.request(
                method,
                url,
                data=body,
                headers={"Content-Type": FORM_TYPE} if body is not None else {},
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            reason = type(error).__name__
            raise ProofError(
                f"no answer from {without_query(url)}: {reason}"
            ) from error
        self.steps.append(Step(method, without_query(url), answer.status_code))
        return answer


def prove(
    start_url: str, reader: Credentials, *, button_text: str = BUTTON_TEXT
) -> Proof:
    """Log *reader* in at the demo service and return what it verified.

    Raises:
        ProofError: the login ended anywhere but at the service's result.
    """
    browser = HeadlessBrowser()
    try:
        at = press_log_in(browser, browser.go(start_url), button_text)
        signed_in = False
        while not (at.status == 200 and origin(at.url) == origin(start_url)):
            form = form_to_send(at, signed_in)
            signed_in = signed_in or form.asks_for_password
            at = browser.submit(at, form, fill_in(form, reader))
        return read_result(browser, urljoin(start_url, "/result"))
    finally:
        browser.close()


def press_log_in(browser: HeadlessBrowser, at: Shown, button_text: str) -> Shown:
    """Press the link or button that reads *button_text*."""
    for link in at.page.links:
        if link.text.casefold() == button_text.casefold():
            return browser.go(urljoin(at.url, link.href))
    for form in at.page.forms:
        for button in form.buttons:
            if button.text.casefold() == button_text.casefold():
                return browser.submit(at, form, fields_with(form, button))
    raise ProofError(f"no button “{button_text}”: {description(at)}")


def form_to_send(at: Shown, signed_in: bool) -> Form:
    """Choose the form that takes the login further.

    Raises:
        ProofError: there is none, or the login page has come back.
    """
    forms = [form for form in at.page.forms if form.buttons]
    for form in at.page.forms:
        if form.asks_for_password:
            if signed_in:
                raise ProofError(f"the login page did not let us in: {description(at)}")
            return form
    for form in forms:
        if any(button.value.casefold() in AGREEING for button in form.buttons):
            return form
    # A page that reports a fault may hold forms too (another language, start again).
    posting = [form for form in forms if form.method == "post"]
    if at.status == 200 and posting:
        return posting[0]
    raise ProofError(f"the login ended at another place: {description(at)}")


def fill_in(form: Form, reader: Credentials) -> list[tuple[str, str]]:
    """Return what is sent: hidden fields, name and password, the button that agrees."""
    agreeing = [b for b in form.buttons if b.value.casefold() in AGREEING]
    button = next(iter(agreeing or form.buttons), None)
    sent = fields_with(form, button)
    if not form.asks_for_password:
        return sent
    types = {entry.name: entry.type for entry in form.fields}
    names = [entry.name for entry in form.fields if entry.type in TEXT_TYPES]
    typed = {name: reader.password for name in types if types[name] == "password"}
    if names:
        typed[names[0]] = reader.username
    return [(name, typed.get(name, value)) for name, value in sent]


def fields_with(form: Form, button: Button | None) -> list[tuple[str, str]]:
    """Return the fields as they are, and the button that was pressed."""
    sent = [(entry.name, entry.value) for entry in form.fields]
    if button is not None and button.name:
        sent.append((button.name, button.value))
    return sent


def read_result(browser: HeadlessBrowser, result_url: str) -> Proof:
    """Fetch what the demo service verified."""
    match browser.json(result_url):
        case {
            "issuer": str(issuer),
            "id_token": {"header": dict(header), "claims": dict(claims)},
            "userinfo": dict(userinfo),
            "checks": list(checks),
            "timings_ms": dict(timings_ms),
        }:
            names = tuple(str(check["name"]) for check in checks)
            steps = tuple(browser.steps)
            return Proof(issuer, header, claims, userinfo, names, timings_ms, steps)
        case _:
            raise ProofError(f"{without_query(result_url)} is no result of a login")


def description(at: Shown) -> str:
    """Say where a browser is, without what may be secret."""
    return f"status {at.status} at {without_query(at.url)}, headline “{at.page.h1}”"


def origin(url: str) -> tuple[str, str]:
    """Return scheme and host with port."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def without_query(url: str) -> str:
    """Cut off query and fragment."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))
