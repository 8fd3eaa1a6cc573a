"""What holds for every request: its id, the sender's address, headers of answers."""

import ipaddress
import secrets
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request

from bridge.core.errors import PageReason, UnsafeRequest
from bridge.flow.ports import Observer

Network: TypeAlias = IPv4Network | IPv6Network

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
HEADERS: Final[Mapping[str, str]] = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'; form-action {targets}"
)
_ANY_ORIGIN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "WWW-Authenticate",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def new_reference() -> str:
    """Make a request id that can be read out on the telephone, such as K7QF-2M9D."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def content_security_policy(issuer: str, *, leads_to_client: bool) -> str:
    """Return the policy of a page; one whose form ends at a client lets it go there.

    Chromium checks form-action on every redirect that follows a form.
    """
    if not leads_to_client:
        return _POLICY.format(targets="'self'")
    schemes = "https:" if issuer.startswith("https:") else "https: http:"
    return _POLICY.format(targets=f"'self' {schemes}")


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


def add_guards(app: Flask, observer: Observer) -> None:
    """Give every request its id and its record, and every answer its headers."""

    @app.before_request
    def begin() -> None:
        g.reference = new_reference()
        g.began = time.perf_counter()
        observer.begin(g.reference, request.headers.get("traceparent"))

    @app.after_request
    def end(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-Id"] = g.reference
        for name, value in HEADERS.items():
            headers[name] = value
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        if is_cross_origin(request):
            headers.extend(_ANY_ORIGIN)
        rule = request.url_rule
        observer.end(
            "none" if rule is None else rule.rule,
            request.method,
            response.status_code,
            time.perf_counter() - g.began,
        )
        return response


class Style(StrEnum):
    """How an endpoint answers; the first word of its name in routes.py."""

    PAGE = "page"  # a browser: HTML and redirects
    API = "api"  # a program: JSON
    DOCUMENT = "document"  # bytes that do not change


def style_of(http: Request) -> Style:
    """Return the style of the endpoint that *http* reached; none is a page."""
    if http.url_rule is None:
        return Style.PAGE
    return Style(http.url_rule.endpoint.partition(".")[0])


def is_cross_origin(http: Request) -> bool:
    """Tell whether scripts of other origins may read the answer (no cookies count)."""
    return style_of(http) is not Style.PAGE


def preflight() -> Response:
    """Answer a CORS preflight."""
    return Response(status=204, headers=_PREFLIGHT)
