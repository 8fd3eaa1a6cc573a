"""GET and POST /userinfo: the claims of the patron (OIDC Core §5.3, RFC 6750)."""

import re
from typing import Final

from flask import Request

from bridge.core.errors import InvalidRequest, InvalidToken
from bridge.web.answers import json_answer
from bridge.web.context import WebParts
from bridge.web.forms import FORM, parse_parameters
from bridge.web.frame import Answer

_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def userinfo(parts: WebParts, http: Request) -> Answer:
    """Answer with claims, or with a JWT of them (§5.3.2); only reads."""
    access_token = _access_token(http)
    if access_token is None:
        return _ask_for_token()
    claims = parts.engine.userinfo(access_token, parts.clock())
    if isinstance(claims, str):
        return Answer(claims, 200, content_type="application/jwt")
    return json_answer(claims)


def _ask_for_token() -> Answer:
    """Answer who sent no token: the challenge tells no error (RFC 6750 §3.1)."""
    missing = InvalidToken("an access token is missing")
    members = {"error": missing.error, "error_description": missing.description}
    answer = json_answer(members, missing.status)
    answer.add_header("WWW-Authenticate", 'Bearer realm="userinfo"')
    return answer


def _access_token(http: Request) -> str | None:
    """Return the token of the header or of a form; a query is never read.

    Raises:
        InvalidRequest: more than one token; InvalidToken: the header holds none.
    """
    header = http.headers.get("Authorization")
    in_form = _token_in_form(http)
    if header is None:
        return in_form
    match = _BEARER.fullmatch(header.strip())
    if match is None:
        raise InvalidToken("the Authorization header is not a Bearer token")
    if in_form is not None:
        raise InvalidRequest("more than one access token")
    return match.group(1)


def _token_in_form(http: Request) -> str | None:
    """Return the token of a form body (RFC 6750 §2.2)."""
    if http.method != "POST" or http.mimetype != FORM:
        return None
    form = parse_parameters(http.get_data(cache=False))
    if "access_token" in form.doubled:
        raise InvalidRequest("more than one access token")
    return form.get("access_token")
