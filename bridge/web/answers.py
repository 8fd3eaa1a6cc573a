"""Errors become pages, redirects or JSON: the only place that catches them."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from flask import Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bridge.core.client import Client
from bridge.core.compact import compact
from bridge.core.errors import (
    InsufficientScope,
    InvalidClient,
    InvalidToken,
    PageReason,
    ProtocolError,
    StoreError,
    TooManyRequests,
    UnsafeRequest,
)
from bridge.core.return_address import ErrorAtClient, ResponseMode, ReturnAddress
from bridge.flow.issuing import answer_parameters
from bridge.web import shown_page
from bridge.web.context import CurrentParts, WebParts, asked_languages, language_of
from bridge.web.cookies import forget_doubled
from bridge.web.form_post import form_post
from bridge.web.forms import shown_parameter
from bridge.web.frame import Answer
from bridge.web.guards import Style, content_security_policy, exchange_of
from bridge.web.pages import AdminDetails, ErrorPage
from bridge.web.shown_page import ShownPage

STATUS: Final[Mapping[PageReason, int]] = {
    PageReason.UNKNOWN_CLIENT: 400,
    PageReason.REDIRECT_URI: 400,
    PageReason.BAD_REQUEST: 400,
    PageReason.TICKET: 400,
    PageReason.OTHER_BROWSER: 400,
    PageReason.USED_TICKET: 400,
    PageReason.UPSTREAM_DENIED: 403,
    PageReason.UPSTREAM_DOWN: 503,
    PageReason.UPSTREAM_REGISTRATION: 503,
    PageReason.UPSTREAM_CODE: 400,
    PageReason.UPSTREAM_RACE: 409,
    PageReason.UPSTREAM_GARBLED: 502,
    PageReason.BUSY: 503,
    PageReason.NOT_FOUND: 404,
    PageReason.METHOD: 405,
    PageReason.TOO_LARGE: 413,
    PageReason.STORE: 503,
    PageReason.BUG: 500,
}
HTTP_REASONS: Final = {
    404: PageReason.NOT_FOUND,
    405: PageReason.METHOD,
    413: PageReason.TOO_LARGE,
}
RETRY_AFTER_S: Final = 5
_CHALLENGED: Final = (InvalidToken, InsufficientScope)
_LEADING_ON: Final = (UnsafeRequest, TooManyRequests)  # their pages may begin again


def answering(
    current: CurrentParts, http: Request, view: Callable[[Request], Answer]
) -> Answer:
    """Answer with *view*, or with what its error becomes."""
    try:
        return view(http)
    except Exception as error:  # the only handler: a bug must end in a page, and a log
        parts = current()
        if exchange_of(http).style is not Style.PAGE:
            return _json(parts, http, error)
        answer = (
            _at_client(parts, http, error)
            if isinstance(error, ErrorAtClient)
            else _page(parts, http, error)
        )
        forget_doubled(answer, http, parts.cookies)
        return answer


def redirect(address: str, status: int = 303) -> Answer:
    """Send the browser to *address*, with a GET (RFC 9700 §4.12: 303)."""
    return Answer(status=status, headers=(("Location", address),))


def to_client(
    parts: WebParts, http: Request, address: ReturnAddress, members: Mapping[str, str]
) -> Answer:
    """Send the browser to the client with an authorization response."""
    if address.response_mode is ResponseMode.FORM_POST:
        return form_post(parts, http, address, members)
    return redirect(with_query(address.redirect_uri, members))


def with_query(uri: str, members: Mapping[str, str]) -> str:
    """Add *members* to a registered address, which stays byte for byte as it is."""
    if not members:
        return uri
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode(members, quote_via=quote, safe='')}"


def json_answer(members: Mapping[str, object], status: int = 200) -> Answer:
    """Answer with JSON; ASCII alone, so that every client can read it."""
    return Answer(compact(members), status, content_type="application/json")


def _at_client(parts: WebParts, http: Request, error: ErrorAtClient) -> Answer:
    """Send an error to the client (OIDC Core §3.1.2.6, RFC 9207)."""
    _tell_of_store(parts, error.cause)
    members = {
        "error": error.cause.error,
        "error_description": error.cause.description,
    }
    address = error.address
    return to_client(
        parts, http, address, answer_parameters(address, parts.issuer, members)
    )


def _tell_of_store(parts: WebParts, error: ProtocolError) -> None:
    """Log the fault of the store behind *error*: others are told less of it."""
    if isinstance(error.__cause__, StoreError):
        parts.observer.bug(error.__cause__)


def _page(parts: WebParts, http: Request, error: Exception) -> Answer:
    reason, status = _reason(parts, error)
    client = _client_of(parts, error)
    language = language_of(parts, asked_languages(http), http)
    details = ErrorPage(
        reason,
        exchange_of(http).reference,
        None if client is None else client.display_name(language),
        _restart_url(parts, error, client),
        _admin_details(http, reason, client),
    )
    policy = content_security_policy(parts.issuer)
    client_id = None if client is None else client.client_id
    shown = ShownPage(details, status, policy, client_id)
    response = shown_page.answer(parts, language, shown)
    _add_hints(response, error)
    return response


def _json(parts: WebParts, http: Request, error: Exception) -> Answer:
    """Answer an API with an OAuth error (RFC 6749 §5.2, RFC 6750 §3)."""
    if isinstance(error, ProtocolError):
        members = {"error": error.error, "error_description": error.description}
        response = json_answer(members, error.status)
    else:
        reason, status = _reason(parts, error)
        reference = exchange_of(http).reference
        code = "invalid_request" if status < 500 else "server_error"
        if status == 503:
            code = "temporarily_unavailable"
        members = {"error": code, "error_description": f"{reason.value} {reference}"}
        response = json_answer(members, status)
    if isinstance(error, InvalidClient):
        response.add_header("WWW-Authenticate", 'Basic realm="token", charset="UTF-8"')
    if isinstance(error, _CHALLENGED):
        response.add_header(
            "WWW-Authenticate",
            f'Bearer realm="userinfo", error="{error.error}",'
            f' error_description="{error.description}"',
        )
    _add_hints(response, error)
    return response


def _reason(parts: WebParts, error: Exception) -> tuple[PageReason, int]:
    if isinstance(error, UnsafeRequest):
        _tell_of_store(parts, error)
        return error.reason, STATUS[error.reason]
    if isinstance(error, TooManyRequests):
        return PageReason.BUSY, error.status
    if isinstance(error, ProtocolError):
        return PageReason.BAD_REQUEST, error.status
    if isinstance(error, HTTPException) and error.code is not None:
        reason = HTTP_REASONS.get(error.code, PageReason.BAD_REQUEST)
        return reason, error.code
    parts.observer.bug(error)
    if isinstance(error, StoreError):
        return PageReason.STORE, 503
    return PageReason.BUG, 500


def _client_of(parts: WebParts, error: Exception) -> Client | None:
    if isinstance(error, _LEADING_ON) and error.client_id is not None:
        return parts.clients.get(error.client_id)
    return None


def _restart_url(
    parts: WebParts, error: Exception, client: Client | None
) -> str | None:
    """Offer to begin again: with the sealed request, else at the service itself."""
    if isinstance(error, _LEADING_ON) and error.restart is not None:
        return f"{parts.prefix}/authorize?r={error.restart}"
    return None if client is None else start_page(client)


def start_page(client: Client) -> str | None:
    """Return where *client* begins: as it is registered, or the root of its site."""
    if client.client_uri is not None:
        return client.client_uri
    registered = urlsplit(client.redirect_uris[0])
    if registered.scheme not in {"https", "http"}:
        return None
    return f"{registered.scheme}://{registered.netloc}/"


def _admin_details(
    http: Request, reason: PageReason, client: Client | None
) -> AdminDetails | None:
    if reason not in {PageReason.UNKNOWN_CLIENT, PageReason.REDIRECT_URI}:
        return None
    return AdminDetails(
        shown_parameter(http.query_string, "client_id"),
        shown_parameter(http.query_string, "redirect_uri"),
        None if client is None else len(client.redirect_uris),
    )


def _add_hints(response: Answer, error: Exception) -> None:
    if isinstance(error, MethodNotAllowed):  # RFC 9110 §15.5.6: Allow is a must
        response.add_header("Allow", ", ".join(sorted(error.valid_methods or ())))
    if isinstance(error, TooManyRequests):
        response.add_header("Retry-After", str(error.retry_after_s))
    elif response.status_code == 503:
        response.add_header("Retry-After", str(RETRY_AFTER_S))
