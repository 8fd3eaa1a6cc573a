"""GET and POST /authorize: the client's request comes in (OIDC Core §3.1.2.1)."""

from urllib.parse import quote

from flask import Request

from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.core.return_address import Parameters, errors_go_to, return_address
from bridge.web.answers import redirect
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import page_form, parse_pairs, safe_pairs, salvaged_pairs
from bridge.web.frame import Answer
from bridge.web.outcome import show

MAX_POST_BYTES = 6_144


def authorize(parts: WebParts, http: Request) -> Answer:
    """Begin a login, or answer from the session that the browser has."""
    parameters = Parameters(_pairs(parts, http.query_string))
    if "r" in parameters.doubled:
        raise UnsafeRequest(PageReason.BAD_REQUEST, "r is given more than once")
    link = parameters.get("r")
    if link is not None and "client_id" not in parameters:
        parameters = parts.login.open_link(link)
    browser = browser_of(parts, http)
    return show(parts, http, parts.login.begin(parameters, browser))


def _pairs(parts: WebParts, raw: bytes) -> list[tuple[str, str]]:
    """Read the query; where it is faulty, the client is told, if it is known.

    Raises:
        UnsafeRequest: it is not; ErrorAtClient: it is.
    """
    try:
        return parse_pairs(raw)
    except InvalidRequest:
        salvaged = Parameters(salvaged_pairs(raw))
        with errors_go_to(return_address(salvaged, parts.clients)):
            raise


def authorize_by_post(parts: WebParts, http: Request) -> Answer:
    """Turn a POST into a GET: from another site it comes without Lax cookies.

    Hints and claims stay out of history and logs: they travel sealed, for a minute.
    "Doubled" also means once in the query and once in the body.
    """
    pairs = [*safe_pairs(http.query_string), *page_form(http)]
    is_short = len(http.get_data()) <= MAX_POST_BYTES
    link = parts.login.seal_link(pairs) if is_short else None
    parameters = Parameters(pairs)
    if link is None or "request_uri" not in parameters:  # a pushed one has no address
        address = return_address(parameters, parts.clients)
        if link is None:
            with errors_go_to(address):
                raise InvalidRequest("the request is too long")
    return redirect(f"{parts.prefix}/authorize?r={quote(link)}")
