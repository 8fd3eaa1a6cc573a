"""What views are given: the parts of the present configuration, and who asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Request

from bridge.core.client import Client
from bridge.flow.browser import Browser
from bridge.flow.decision import Decisions
from bridge.flow.login import Login
from bridge.flow.logout import Logout
from bridge.flow.ports import Clock, Observer, Sealer
from bridge.flow.pushing import Pushing
from bridge.provider.metadata import Document, issuer_path
from bridge.provider.service import PyopEngine
from bridge.web.cookies import CookieNames, read_browser, read_language
from bridge.web.forms import shown_parameter
from bridge.web.frame import Answer
from bridge.web.guards import Network, address_key, client_address
from bridge.web.pages import Pages, choose_language, first_of_ours

LeadInLanguage = Callable[[str, str], str]  # address at RERO+, language -> address


@dataclass(frozen=True, slots=True)
class WebParts:
    """All that views use; replaced as a whole when the configuration changes."""

    issuer: str
    clients: Mapping[str, Client]
    login: Login
    decisions: Decisions
    logout: Logout
    engine: PyopEngine
    pushing: Pushing
    pages: Pages
    in_language: LeadInLanguage | None
    languages: Sequence[str]
    cookies: CookieNames
    discovery: Document
    jwks: Document
    stylesheet: Document
    logo: Document | None
    trusted_proxies: Sequence[Network]
    max_body_bytes: int
    threads: int
    sealer: Sealer
    clock: Clock
    observer: Observer

    @property
    def prefix(self) -> str:
        """Return the path of the issuer, which all paths begin with."""
        return issuer_path(self.issuer)


class CurrentParts(Protocol):
    """Gives the parts as they are now: the watcher may have replaced them."""

    def __call__(self) -> WebParts:
        """Return the parts to answer this request with."""


View = Callable[[WebParts, Request], Answer]


def browser_of(parts: WebParts, http: Request) -> Browser:
    """Read the cookies and the address of a request."""
    address = client_address(http, parts.trusted_proxies)
    return read_browser(http, parts.cookies, address_key(address))


def asked_languages(http: Request) -> Sequence[str]:
    """Return `ui_locales` of a query that nothing was read from yet."""
    return (shown_parameter(http.query_string, "ui_locales") or "").split()[:5]


def language_of(parts: WebParts, ui_locales: Sequence[str], http: Request) -> str:
    """Choose the language of a page (OIDC Core §3.1.2.1: ui_locales first).

    Then counts what the patron chose on a page, and at last what the browser says.
    """
    header = http.headers.get("Accept-Language")
    cookie = read_language(http, parts.cookies)
    return choose_language(ui_locales, cookie, header, parts.languages)


def chosen_language(
    parts: WebParts, ui_locales: Sequence[str], http: Request
) -> str | None:
    """Return the language that the client asks for or the patron chose, if any."""
    cookie = read_language(http, parts.cookies)
    return first_of_ours((*ui_locales, cookie or ""), parts.languages)
