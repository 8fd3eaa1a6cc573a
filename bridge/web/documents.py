"""Documents that never change between reloads: ready bytes with an ETag."""

from typing import Final

from flask import Request
from werkzeug.exceptions import NotFound

from bridge.provider.metadata import Document
from bridge.web.context import WebParts, asked_languages, language_of
from bridge.web.frame import Answer
from bridge.web.guards import content_security_policy
from bridge.web.shown_page import html_answer

LOGO_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def discovery(parts: WebParts, http: Request) -> Answer:
    """Answer with the provider metadata (OIDC Discovery §4.2)."""
    return _send(http, parts.discovery)


def jwks(parts: WebParts, http: Request) -> Answer:
    """Answer with the public keys (RFC 7517 §5)."""
    return _send(http, parts.jwks)


def stylesheet(parts: WebParts, http: Request) -> Answer:
    """Answer with the one stylesheet of the pages."""
    return _send(http, parts.stylesheet)


def logo(parts: WebParts, http: Request) -> Answer:
    """Answer with the operator's logo; an SVG that is opened by itself runs nothing.

    Raises:
        NotFound: there is none.
    """
    if parts.logo is None:
        raise NotFound
    answer = _send(http, parts.logo)
    answer.add_header("Content-Security-Policy", LOGO_POLICY)
    return answer


def front(parts: WebParts, http: Request) -> Answer:
    """Tell who comes to the bare address that there is nothing to do here."""
    html = parts.pages.front(language_of(parts, asked_languages(http), http))
    policy = content_security_policy(parts.issuer)
    return html_answer(html, 200, policy)


def _send(http: Request, document: Document) -> Answer:
    headers = (
        ("ETag", document.etag),
        ("Cache-Control", f"public, max-age={document.max_age_s}"),
    )
    known = http.headers.get("If-None-Match", "")
    if document.etag in known or known.strip() == "*":  # RFC 9110 §13.1.2
        return Answer(status=304, headers=headers)
    return Answer(document.body, 200, headers, document.content_type)
