"""GET /callback: the browser comes back from RERO+."""

from flask import request

from bridge.core.errors import InvalidRequest, PageReason, UnsafeRequest
from bridge.web.context import WebParts, browser_of
from bridge.web.forms import parse_parameters
from bridge.web.frame import Answer
from bridge.web.outcome import show


def callback(parts: WebParts) -> Answer:
    """Finish the login in the browser that began it."""
    try:
        parameters = parse_parameters(request.query_string)
    except InvalidRequest as error:
        raise UnsafeRequest(PageReason.TICKET, error.description) from error
    return show(parts, parts.login.complete(parameters, browser_of(parts)))
