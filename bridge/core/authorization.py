"""The authorization request: what a client may ask, checked in reading order.

`return_address` (beside this file) comes first; every error found here goes back to the
client by the address that it made.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bridge.core import claims as claims_parameter
from bridge.core import pkce
from bridge.core.claims import ANYTHING, ClaimsRequest
from bridge.core.client import Client
from bridge.core.errors import (
    InvalidRequest,
    InvalidScope,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from bridge.core.return_address import Parameters, ResponseMode, ReturnAddress

PARAMETERS: Final = frozenset(
    "acr_values claims claims_locales client_id code_challenge code_challenge_method"
    " display id_token_hint login_hint max_age nonce prompt redirect_uri registration"
    " request request_uri response_mode response_type scope state ui_locales".split()
)
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
MAX_NONCE_CHARACTERS: Final = 1_000
MAX_SCOPE_CHARACTERS: Final = 1_000
MAX_MAX_AGE_DIGITS: Final = 9
_SCOPE_VALUE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 §3.3
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # RFC 5646
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that holds: every member checked (OIDC Core §3.1.2.1)."""

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None  # seconds
    claims: ClaimsRequest = ANYTHING
    ui_locales: tuple[str, ...] = ()
    response_mode: ResponseMode = ResponseMode.QUERY
    pushed_id: bytes | None = None  # of the pushed request that this one is (RFC 9126)


def check_doubled(parameters: Parameters, client: Client) -> None:
    """Refuse known parameters given more than once (RFC 6749 §3.1)."""
    if doubled := parameters.doubled & PARAMETERS:
        raise InvalidRequest(f"{min(doubled)} is given more than once")


def check_request_objects(parameters: Parameters, client: Client) -> None:
    """Refuse request objects and inline registration (OIDC Core §6, §7.2.1)."""
    if "request" in parameters:
        raise RequestNotSupported("request objects are not supported")
    if "request_uri" in parameters:
        raise RequestUriNotSupported("request_uri is not supported")
    if "registration" in parameters:
        raise RegistrationNotSupported("the registration parameter is not supported")


def check_response_type(parameters: Parameters, client: Client) -> None:
    """Take the code flow alone (RFC 9700 §2.1.2)."""
    if "response_type" not in parameters:
        raise InvalidRequest("response_type is missing")
    if parameters["response_type"] != "code":
        raise UnsupportedResponseType("only response_type=code is supported")


def check_response_mode(parameters: Parameters, client: Client) -> None:
    """Take the response modes that are advertised."""
    mode = parameters.get("response_mode", ResponseMode.QUERY.value)
    if mode not in set(ResponseMode):
        raise InvalidRequest("this response_mode is not supported")


def check_scope(parameters: Parameters, client: Client) -> None:
    """Demand `openid` and well-formed values; unknown ones are ignored later."""
    scope = parameters.get("scope", "")
    if len(scope) > MAX_SCOPE_CHARACTERS:
        raise InvalidScope("scope is too long")
    values = scope.split(" ")
    if not all(_SCOPE_VALUE.fullmatch(value) for value in values if value):
        raise InvalidScope("scope is malformed")
    if "openid" not in values:
        raise InvalidScope("scope must contain openid")
    if "openid" not in client.scopes:
        raise InvalidScope("this client may not ask for openid")


def check_prompt(parameters: Parameters, client: Client) -> None:
    """Take the prompt values of OIDC Core §3.1.2.1; `none` stands alone."""
    prompts = parameters.get("prompt", "").split()
    if not PROMPTS.issuperset(prompts):
        raise InvalidRequest("prompt has a value that is not supported")
    if "none" in prompts and len(set(prompts)) > 1:
        raise InvalidRequest("prompt=none cannot be combined")


def check_max_age(parameters: Parameters, client: Client) -> None:
    """Demand whole seconds (OIDC Core §3.1.2.1)."""
    max_age = parameters.get("max_age")
    if max_age is None:
        return
    is_number = max_age.isascii() and max_age.isdecimal()
    if not is_number or len(max_age) > MAX_MAX_AGE_DIGITS:
        raise InvalidRequest("max_age is not a number of seconds")


def check_nonce(parameters: Parameters, client: Client) -> None:
    """Bound what is carried into the ID token."""
    nonce = parameters.get("nonce", "")
    if len(nonce) > MAX_NONCE_CHARACTERS or _CONTROL.search(nonce):
        raise InvalidRequest("nonce is too long or has control characters")


def check_pkce(parameters: Parameters, client: Client) -> None:
    """Take S256 alone; demand it where the client must (RFC 7636; RFC 9700 §2.1.1)."""
    challenge = parameters.get("code_challenge")
    method = parameters.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise InvalidRequest("code_challenge is missing")
        if client.is_public or client.require_pkce:
            raise InvalidRequest("this client must use PKCE: code_challenge is missing")
        return
    if method != "S256":  # absent means `plain` (RFC 7636 §4.3)
        raise InvalidRequest("code_challenge_method must be S256")
    if not pkce.is_challenge(challenge):
        raise InvalidRequest("code_challenge is malformed")


def check_claims(parameters: Parameters, client: Client) -> None:
    """Demand the form of OIDC Core §5.5."""
    if "claims" in parameters:
        claims_parameter.parse_claims_parameter(parameters["claims"])


CHECKS: Final[tuple[Callable[[Parameters, Client], None], ...]] = (
    check_doubled,  # order matters: each may rely on those above
    check_request_objects,  # OIDC Core §6
    check_response_type,  # OIDC Core §3.1.2.1
    check_response_mode,
    check_scope,
    check_prompt,
    check_max_age,
    check_nonce,
    check_pkce,  # RFC 7636 §4.4.1; RFC 9700 §2.1.1
    check_claims,
)


def authorization_request(
    parameters: Parameters, address: ReturnAddress
) -> AuthorizationRequest:
    """Check a request and give it its type; unknown scopes and parameters are ignored.

    Raises:
        ProtocolError: the first check that fails; it may be sent to *address*.
    """
    client = address.client
    for check in CHECKS:
        check(parameters, client)
    max_age = parameters.get("max_age")
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=address.redirect_uri,
        scope=_scope(parameters["scope"].split(), client),
        state=address.state,
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        prompt=frozenset(parameters.get("prompt", "").split()),
        max_age=client.default_max_age if max_age is None else int(max_age),
        claims=claims_parameter.asked_claims(parameters.get("claims"), client),
        ui_locales=language_tags(parameters.get("ui_locales", "")),
        response_mode=address.response_mode,
    )


def for_subject(request: AuthorizationRequest, sub: str) -> AuthorizationRequest:
    """Let *request* be answered for *sub* alone: what an id_token_hint asks.

    Raises:
        InvalidRequest: the `claims` parameter asks for somebody else.
    """
    subjects = request.claims.subjects
    if subjects and sub not in subjects:
        raise InvalidRequest("id_token_hint and claims ask for different subjects")
    return replace(request, claims=replace(request.claims, subjects=(sub,)))


def check_pushed(request: AuthorizationRequest, client: Client) -> None:
    """Demand a pushed request where the registration does (RFC 9126 §6)."""
    if client.require_pushed_authorization_requests and request.pushed_id is None:
        raise InvalidRequest("this client must push its authorization requests")


def _scope(asked: list[str], client: Client) -> tuple[str, ...]:
    """Return the scope values that *client* may be granted; others are ignored.

    offline_access is nothing without refresh tokens (OIDC Core §11).
    """
    may = client.scopes
    if "refresh_token" not in client.grant_types:
        may -= {"offline_access"}
    return tuple(value for value in dict.fromkeys(asked) if value in may)


def language_tags(text: str) -> tuple[str, ...]:
    """Read language tags; odd ones are ignored (OIDC Core §3.1.2.1: no error)."""
    tags = (tag for tag in text.split()[:10] if _LANGUAGE_TAG.fullmatch(tag))
    return tuple(tags)
