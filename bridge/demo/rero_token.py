"""The stand-in's token endpoint, its checks in RERO+'s order."""

import hmac
from collections.abc import Callable, Mapping
from typing import Final

from bridge.demo.rero_answers import token_answer
from bridge.demo.rero_readers import Reader
from bridge.demo.rero_state import Client, State, Token


class TokenError(Exception):
    """An error answer of the token endpoint in JSON."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.answer = {"error": error}
        if description:
            self.answer["error_description"] = description


class BrokenError(Exception):
    """RERO+ fails on this request with 500 and an HTML page."""


def exchange(
    form: Mapping[str, str], client: Client, state: State
) -> dict[str, object]:
    """Answer a token request of a known client.

    Raises:
        TokenError: the request is refused.
        BrokenError: RERO+ answers 500.
    """
    grant_type = form.get("grant_type", "")
    if grant_type not in _GRANTS:
        raise TokenError("unsupported_grant_type")
    required, redeem = _GRANTS[grant_type]
    if required and form.get(required) is None:
        name = required.replace("_", " ")
        raise TokenError("invalid_request", f"Missing {name} parameter.")
    _authenticate(form, client, grant_type)
    # One request at a time: a code works once here, also under a race.
    with state.lock:
        token = redeem(form, client, state)
    reader = state.readers.get(token.user_id) or Reader(token.user_id, "gone")
    return token_answer(token, reader, state.settings)


def _authenticate(form: Mapping[str, str], client: Client, grant_type: str) -> None:
    if not client.is_confidential:
        if grant_type == "client_credentials":
            raise TokenError("invalid_client", status=401)
        return
    given = form.get("client_secret", "").encode()
    if not hmac.compare_digest(given, client.secret.encode()):
        raise TokenError("invalid_client", status=401)


def _redeem_code(form: Mapping[str, str], client: Client, state: State) -> Token:
    code = state.find_code(form["code"], client)
    if code is None:
        raise TokenError("invalid_grant")
    if form.get("redirect_uri", client.redirect_uris[0]) != code.redirect_uri:
        raise TokenError("invalid_request", "Mismatching redirect URI.")
    if not code.scopes:
        raise BrokenError
    del state.codes[form["code"]]
    return state.issue_token(client, code.user_id, code.scopes)


def _redeem_refresh(form: Mapping[str, str], client: Client, state: State) -> Token:
    former = state.find_refresh(form["refresh_token"], client)
    if former is None:
        raise TokenError("invalid_grant")
    scopes = tuple(form.get("scope", "").split()) or former.scopes
    if not set(scopes) <= set(former.scopes):
        raise TokenError("invalid_scope")
    return state.issue_token(client, former.user_id, scopes)


def _redeem_credentials(form: Mapping[str, str], client: Client, state: State) -> Token:
    scopes = tuple(form.get("scope", "").split())
    if not scopes:
        raise BrokenError
    if not set(scopes) <= set(state.settings.scopes):
        raise TokenError("invalid_scope")
    return state.issue_token(client, client.owner_id, scopes, with_refresh=False)


def _refuse_password(form: Mapping[str, str], client: Client, state: State) -> Token:
    raise TokenError("unauthorized_client")


_Redeem = Callable[[Mapping[str, str], Client, State], Token]

_GRANTS: Final[Mapping[str, tuple[str, _Redeem]]] = {
    "authorization_code": ("code", _redeem_code),
    "refresh_token": ("refresh_token", _redeem_refresh),
    "client_credentials": ("", _redeem_credentials),
    "password": ("", _refuse_password),
}
