"""What holds for every request: its id, the sender's address, headers of answers."""

import ipaddress
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from flask import Request

from bridge.core.client import Client
from bridge.core.errors import PageReason, UnsafeRequest
from bridge.flow.ports import Observer
from bridge.web.frame import Answer

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Network: TypeAlias = IPv4Network | IPv6Network

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
HEADERS: Final = (
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'; form-action {targets}"
)
_ANY_ORIGIN: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "WWW-Authenticate"),
)
_PREFLIGHT: Final = (
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
    ("Access-Control-Max-Age", "600"),
)


def new_reference() -> str:
    """Make a request id that can be read out on the telephone, such as K7QF-2M9D."""
    number = int.from_bytes(os.urandom(5), "big")
    letters = "".join([_ALPHABET[number >> shift & 31] for shift in range(0, 40, 5)])
    return f"{letters[:4]}-{letters[4:]}"


def content_security_policy(issuer: str, leads_to: Client | None = None) -> str:
    """Return the policy of a page; one whose form ends at a client lets it go there.

    Chromium checks form-action on every redirect that follows a form. An application
    may be answered by a scheme of its own or on loopback (RFC 8252 §7).
    """
    if leads_to is None:
        return _POLICY.format(targets="'self'")
    uris = (*leads_to.redirect_uris, *leads_to.post_logout_redirect_uris, issuer)
    schemes = {urlsplit(uri).scheme for uri in uris} - {"https"}
    targets = ["'self'", "https:", *(f"{scheme}:" for scheme in sorted(schemes))]
    return _POLICY.format(targets=" ".join(targets))


def client_address(http: Request, trusted_proxies: Sequence[Network]) -> str:
    """Return the browser's address; X-Forwarded-For counts only from trusted proxies.

    Read from the right: the first address that is no trusted proxy.
    """
    address = http.remote_addr or ""
    if not trusted_proxies or not _is_trusted(address, trusted_proxies):
        return address
    for hop in reversed(http.headers.get("X-Forwarded-For", "").split(",")):
        candidate = hop.strip()
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            break
        address = candidate
        if not _is_trusted(candidate, trusted_proxies):
            break
    return address


def _is_trusted(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def address_key(address: str) -> str:
    """Return what an address is counted under: an IPv6 network of one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def check_same_origin(http: Request, issuer: str) -> None:
    """Refuse a form that another site sent (OWASP: verify the origin).

    Our pages say no-referrer, so browsers send "Origin: null" with their own forms:
    only another origin's name counts, and Sec-Fetch-Site where it is sent. The sealed
    ticket bound to the browser is the first line of defence.

    Raises:
        UnsafeRequest: it came from elsewhere.
    """
    parts = urlsplit(issuer)
    origin = http.headers.get("Origin", "null")
    site = http.headers.get("Sec-Fetch-Site", "same-origin")
    is_ours = origin in {"null", f"{parts.scheme}://{parts.netloc}"}
    if not is_ours or site not in {"same-origin", "none"}:
        raise UnsafeRequest(
            PageReason.OTHER_BROWSER, "the form was sent from another site"
        )


class Style(StrEnum):
    """How an endpoint answers: it decides the headers and the form of errors."""

    PAGE = "page"  # a browser: HTML and redirects
    API = "api"  # a program: JSON
    DOCUMENT = "document"  # bytes that do not change


@dataclass(slots=True)
class Exchange:
    """One request on its way; a path that is no route of the table is a page's."""

    reference: str
    began: float
    route: str = "none"
    style: Style = Style.PAGE
    is_answered: bool = False


ENVIRON_KEY: Final = "bridge.exchange"


def exchange_of(http: Request) -> Exchange:
    """Return the exchange that the guard began for *http*."""
    exchange: Exchange = http.environ[ENVIRON_KEY]
    return exchange


class Guard:
    """The outermost layer: gives each request its id and record, each answer headers.

    A layer of WSGI and no hook of Flask, so that it also holds what Flask itself
    answers, and costs next to nothing.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        observer: Observer,
        styles: Mapping[str, Style],
        max_header: int,
    ) -> None:
        self._app = app
        self._observer = observer
        self._max_header = max_header  # characters of all header values and the query
        self._styles = styles  # path of a route -> how it answers, errors included

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        exchange = Exchange(new_reference(), time.perf_counter())
        path = environ.get("PATH_INFO", "")
        if path in self._styles:
            exchange.route, exchange.style = path, self._styles[path]
        environ[ENVIRON_KEY] = exchange
        self._observer.begin(exchange.reference, environ.get("HTTP_TRACEPARENT"))

        def begin_answer(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: "OptExcInfo | None" = None,
        ) -> Callable[[bytes], object]:
            headers.extend(HEADERS)
            headers.append(("X-Request-Id", exchange.reference))
            if not any(name == "Cache-Control" for name, _ in headers):
                headers.append(("Cache-Control", "no-store"))
            if exchange.style is not Style.PAGE:
                headers.extend(_ANY_ORIGIN)
            self._end(exchange, environ, int(status[:3]))
            return start_response(status, headers, exc_info)

        try:
            if _header_characters(environ) > self._max_header:
                return _TOO_LONG(environ, begin_answer)
            if not _has_one_host(environ):
                return _NOT_ONE_HOST(environ, begin_answer)
            return self._app(environ, begin_answer)
        finally:
            if not exchange.is_answered:  # a bug in what answers errors
                self._end(exchange, environ, 500)

    def _end(self, exchange: Exchange, environ: "WSGIEnvironment", status: int) -> None:
        exchange.is_answered = True
        duration_s = time.perf_counter() - exchange.began
        method = environ["REQUEST_METHOD"]
        self._observer.end(exchange.route, method, status, duration_s)


_TOO_LONG: Final = Answer(
    "The header of the request is too long.\n", 431, (), "text/plain; charset=utf-8"
)

_NOT_ONE_HOST: Final = Answer(
    "The request needs one Host header.\n", 400, (), "text/plain; charset=utf-8"
)


def _has_one_host(environ: "WSGIEnvironment") -> bool:
    """Tell whether Host came once (RFC 9112 §3.2); HTTP/1.0 may do without.

    Servers join two by a comma, and write none as nothing or as an empty text.
    """
    host = environ.get("HTTP_HOST", "")
    is_old = environ["SERVER_PROTOCOL"] in {"HTTP/1", "HTTP/1.0"}
    return "," not in host and (host != "" or is_old)


def _header_characters(environ: "WSGIEnvironment") -> int:
    return len(environ["QUERY_STRING"]) + sum(
        [len(value) for name, value in environ.items() if name[:5] == "HTTP_"]
    )


def preflight(http: Request) -> Answer:
    """Answer a CORS preflight."""
    return Answer(status=204, headers=_PREFLIGHT)
