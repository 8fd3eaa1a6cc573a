"""GET /callback: the browser comes back from RERO+."""

from flask import Request

from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import parse_parameters
from bridge.web.frame import Answer
from bridge.web.outcome import show


def callback(parts: WebParts, http: Request) -> Answer:
    """Finish the login in the browser that began it."""
    try:
        parameters = parse_parameters(http.query_string)
    except InvalidRequest as error:
        raise UnsafeRequest(PageReason.TICKET, error.description) from error
    return show(parts, http, parts.login.complete(parameters, browser_of(parts, http)))
