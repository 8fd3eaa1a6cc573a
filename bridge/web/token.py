"""POST /token: codes and refresh tokens become tokens (OIDC Core §3.1.3)."""

from flask import Request

from bridge.core.errors import InvalidRequest
from bridge.web.answers import json_answer
from bridge.web.context import WebParts
from bridge.web.forms import FORM, parse_parameters
from bridge.web.frame import Answer


def token(parts: WebParts, http: Request) -> Answer:
    """Answer a client; nothing of a token request may stand in the URL."""
    if http.query_string:
        raise InvalidRequest("parameters must be sent in the body")
    if http.mimetype != FORM:
        raise InvalidRequest("the body is not application/x-www-form-urlencoded")
    form = parse_parameters(http.get_data(cache=False))
    authorization = http.headers.get("Authorization")
    answer = json_answer(parts.engine.token(form, authorization, parts.clock()))
    answer.add_header("Pragma", "no-cache")  # RFC 6749 §5.1
    return answer
