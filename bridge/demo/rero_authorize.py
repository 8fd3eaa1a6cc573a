"""The checks of the stand-in's authorization endpoint, in RERO+'s order."""

from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from bridge.demo.rero_state import Client, State
from bridge.demo.rero_urls import is_absolute, with_parameters

ERROR_PAGE: Final = "/oauth/errors"
_SINGLE: Final = ("client_id", "response_type", "redirect_uri", "scope", "state")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed all checks."""

    client: Client
    redirect_uri: str
    response_type: str
    scopes: tuple[str, ...]
    state: str


class Refusal(Exception):
    """An error that goes to the redirect_uri of the request, checked by then."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.description = description


class FatalRefusal(Refusal):
    """An error that ends on RERO+'s own page: the reader never comes back."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_request", description)


def read_request(parameters: MultiDict[str, str], state: State) -> AuthorizationRequest:
    """Check an authorization request.

    Raises:
        FatalRefusal: a parameter twice, the client or its redirect_uri is wrong.
        Refusal: anything else.
    """
    for name in _SINGLE:
        if len(parameters.getlist(name)) > 1:
            raise FatalRefusal(f"Duplicate {name} parameter.")
    client = _client(parameters.get("client_id"), state)
    redirect_uri = _redirect_uri(parameters.get("redirect_uri"), client)
    response_type = _response_type(parameters.get("response_type"))
    _check_pkce_method(parameters)
    scopes = _scopes(parameters.get("scope"), state)
    return AuthorizationRequest(
        client, redirect_uri, response_type, scopes, parameters.get("state", "")
    )


def refusal_location(refusal: Refusal, parameters: MultiDict[str, str]) -> str:
    """Say where RERO+ sends the browser with an error."""
    to_client = parameters.get("redirect_uri", ERROR_PAGE)
    uri = ERROR_PAGE if isinstance(refusal, FatalRefusal) else to_client
    # Only errors heed response_mode; a pressed Reject (access_denied) does not.
    in_fragment = (
        parameters.get("response_mode") == "fragment"
        and refusal.error != "access_denied"
    )
    answer = [("error", refusal.error)]
    if refusal.description:
        answer.append(("error_description", refusal.description))
    if parameters.get("state"):
        answer.append(("state", parameters["state"]))
    return with_parameters(uri, answer, in_fragment=in_fragment)


def _client(client_id: str | None, state: State) -> Client:
    if not client_id:
        raise FatalRefusal("Missing client_id parameter.")
    client = state.find_client(client_id)
    if client is None:
        raise FatalRefusal("Invalid client_id parameter value.")
    return client


def _redirect_uri(redirect_uri: str | None, client: Client) -> str:
    if redirect_uri is None:
        return client.redirect_uris[0]
    if not is_absolute(redirect_uri):
        raise FatalRefusal("Invalid redirect URI.")
    if redirect_uri not in client.redirect_uris:
        raise FatalRefusal("Mismatching redirect URI.")
    return redirect_uri


def _response_type(response_type: str | None) -> str:
    if response_type is None:
        raise Refusal("invalid_request", "Missing response_type parameter.")
    if response_type in {"code", "token"}:
        return response_type
    # RERO+'s server knows "none" and looks for the letters "code" anywhere; what
    # passes there is then not among the client's response types.
    if response_type == "none" or "code" in response_type:
        raise Refusal("unauthorized_client")
    raise Refusal("unsupported_response_type")


def _check_pkce_method(parameters: MultiDict[str, str]) -> None:
    if "code_challenge" not in parameters:
        return
    if parameters.get("code_challenge_method", "plain") not in {"plain", "S256"}:
        raise Refusal("invalid_request", "Transform algorithm not supported.")


def _scopes(scope: str | None, state: State) -> tuple[str, ...]:
    if scope is None:
        return ()  # the consent page comes; the token endpoint then fails with 500
    scopes = tuple(scope.split(" "))
    if not set(scopes) <= set(state.settings.scopes):
        raise Refusal("invalid_scope")
    return scopes
