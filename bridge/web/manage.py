"""What authenticated programs do beside /token: revoke, introspect, push requests."""

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from bridge.web.answers import json_answer
from bridge.web.context import WebParts
from bridge.web.frame import Answer
from bridge.web.token import client_form

MAX_PUSHED_BYTES = 16_384


def revoke(parts: WebParts, http: Request) -> Answer:
    """End a token; the answer is the same whether there was one (RFC 7009 §2.2)."""
    form, authorization = client_form(http)
    parts.engine.revoke(form, authorization, parts.clock())
    return Answer()


def introspect(parts: WebParts, http: Request) -> Answer:
    """Tell what a token is worth (RFC 7662 §2.2)."""
    form, authorization = client_form(http)
    return json_answer(parts.engine.introspect(form, authorization, parts.clock()))


def par(parts: WebParts, http: Request) -> Answer:
    """Keep an authorization request for a minute (RFC 9126 §2.2).

    Raises:
        RequestEntityTooLarge: it is longer than any good one (RFC 9126 §2.3).
    """
    if len(http.get_data()) > MAX_PUSHED_BYTES:
        raise RequestEntityTooLarge
    form, authorization = client_form(http)
    now = parts.clock()
    client = parts.engine.pushing_client(form, authorization, now)
    request_uri, expires_in = parts.pushing.push(form, client, now)
    return json_answer({"request_uri": request_uri, "expires_in": expires_in}, 201)
