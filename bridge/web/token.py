"""POST /token: codes and refresh tokens become tokens (OIDC Core §3.1.3)."""

from flask import Request

from bridge.core.errors import InvalidRequest
from bridge.core.return_address import Parameters
from bridge.web.answers import json_answer
from bridge.web.context import WebParts
from bridge.web.forms import FORM, parse_parameters
from bridge.web.frame import Answer


def token(parts: WebParts, http: Request) -> Answer:
    """Answer a client with tokens."""
    form, authorization = client_form(http)
    answer = json_answer(parts.engine.token(form, authorization, parts.clock()))
    answer.add_header("Pragma", "no-cache")  # RFC 6749 §5.1
    return answer


def client_form(http: Request) -> tuple[Parameters, str | None]:
    """Read what a client posts, and its Authorization header.

    Nothing of it may stand in the URL: that would end in logs.

    Raises:
        InvalidRequest: something does, or the body is no form.
    """
    if http.query_string:
        raise InvalidRequest("parameters must be sent in the body")
    if http.mimetype != FORM:
        raise InvalidRequest("the body is not application/x-www-form-urlencoded")
    form = parse_parameters(http.get_data(cache=False))
    return form, http.headers.get("Authorization")
