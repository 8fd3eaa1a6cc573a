"""A login as its relying party sees it: begin, read the answer, complete."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus, urlencode

from bridge.demo.relying_party_checks import (
    USERINFO_SUB,
    Check,
    CheckFailed,
    Expected,
    ProviderAnsweredError,
    check_userinfo_sub,
    verify_id_token,
)
from bridge.demo.relying_party_provider import (
    ProviderMetadata,
    Wire,
    discover,
    fetch_keys,
    open_wire,
)


@dataclass(frozen=True, slots=True)
class RelyingPartySettings:
    """All that this client has to be told about itself and its provider."""

    discovery_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scope: str = "openid profile"
    post_logout_redirect_uri: str = ""  # without one, logging out ends nothing there
    # More parameters of the authorization request, such as claims or ui_locales.
    extra_parameters: Mapping[str, str] = field(default_factory=dict)
    service_name: str = "Demo service"


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login this client has begun; the provider has not answered yet."""

    provider: ProviderMetadata
    state: str
    nonce: str
    code_verifier: str
    began_at: float  # time.monotonic(), in seconds
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Result:
    """A login that passed all checks."""

    issuer: str
    id_token: str = field(repr=False)
    end_session_endpoint: str | None
    id_token_header: Mapping[str, object]
    id_token_claims: Mapping[str, object]
    userinfo: Mapping[str, object]
    checks: tuple[Check, ...]
    timings_ms: Mapping[str, float]


def begin_login(settings: RelyingPartySettings) -> PendingLogin:
    """Discover the provider and draw what is random in a login."""
    with open_wire() as wire:
        provider = discover(wire, settings.discovery_url)
    return PendingLogin(
        provider,
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        code_verifier=secrets.token_urlsafe(48),
        began_at=time.monotonic(),
        timings_ms=wire.timings_ms,
    )


def authorization_url(settings: RelyingPartySettings, login: PendingLogin) -> str:
    """Return where to send the browser (OIDC Core §3.1.2.1, RFC 7636 §4.3)."""
    digest = hashlib.sha256(login.code_verifier.encode()).digest()
    parameters = {
        **settings.extra_parameters,
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": settings.redirect_uri,
        "scope": settings.scope,
        "state": login.state,
        "nonce": login.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return _with_query(login.provider.authorization_endpoint, parameters)


def logout_url(settings: RelyingPartySettings, result: Result) -> str | None:
    """Return where to send the browser to log out (RP-Initiated Logout §2).

    None: the provider has no such endpoint, or this client no address to come back to.
    """
    if result.end_session_endpoint is None or not settings.post_logout_redirect_uri:
        return None
    parameters = {
        "id_token_hint": result.id_token,
        "post_logout_redirect_uri": settings.post_logout_redirect_uri,
    }
    return _with_query(result.end_session_endpoint, parameters)


def _with_query(endpoint: str, parameters: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"


def read_answer(login: PendingLogin, answer: Mapping[str, str]) -> str:
    """Return the code of an authorization response whose state has been found.

    Raises:
        CheckFailed: iss is missing or another's (RFC 9207 §2.4), or no code came.
        ProviderAnsweredError: an error came.
    """
    iss = answer.get("iss")
    if iss is None and login.provider.sends_iss:
        raise CheckFailed("iss parameter", "the provider promised it and left it out")
    if iss is not None and not hmac.compare_digest(
        iss.encode(), login.provider.issuer.encode()
    ):
        raise CheckFailed("iss parameter", f"{iss!r}, not {login.provider.issuer!r}")
    if "error" in answer:
        raise ProviderAnsweredError(
            answer["error"], answer.get("error_description", "")
        )
    if not answer.get("code"):
        raise CheckFailed("code", "the answer holds neither code nor error")
    return answer["code"]


def complete_login(
    settings: RelyingPartySettings, login: PendingLogin, code: str
) -> Result:
    """Exchange the code, verify the ID token, fetch userinfo.

    Raises:
        LoginError: any check failed, or the provider gave no usable answer.
    """
    provider = login.provider
    with open_wire() as wire:
        wire.timings_ms.update(login.timings_ms)
        away_s = time.monotonic() - login.began_at
        wire.timings_ms["patron at the provider"] = round(away_s * 1000, 1)
        access_token, id_token = request_tokens(wire, settings, login, code)
        keys = fetch_keys(wire, provider.jwks_uri)
        expected = Expected(
            provider.issuer,
            settings.client_id,
            login.nonce,
            access_token,
            provider.algorithms,
            now=int(time.time()),
        )
        with wire.timed("verification"):
            token = verify_id_token(id_token, keys, expected)
        _, userinfo = wire.json(
            "userinfo",
            provider.userinfo_endpoint,
            {"Authorization": f"Bearer {access_token}"},
        )
    check_userinfo_sub(userinfo, token)
    before = (STATE, ISS_PARAMETER) if provider.sends_iss else (STATE,)
    return Result(
        provider.issuer,
        id_token,
        provider.end_session_endpoint,
        token.header,
        token.claims,
        userinfo,
        (DISCOVERED, *before, TOKEN_ANSWER, *token.checks, USERINFO_SUB),
        wire.timings_ms,
    )


def request_tokens(
    wire: Wire, settings: RelyingPartySettings, login: PendingLogin, code: str
) -> tuple[str, str]:
    """Exchange the code for access token and ID token (OIDC Core §3.1.3)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": settings.redirect_uri,
        "code_verifier": login.code_verifier,
    }
    answer, tokens = wire.json(
        "token request",
        login.provider.token_endpoint,
        {
            "Authorization": basic(settings.client_id, settings.client_secret),
            "Content-Type": "application/x-www-form-urlencoded",
        },
        urlencode(form),
    )
    access_token, id_token = tokens.get("access_token"), tokens.get("id_token")
    if not isinstance(access_token, str) or not isinstance(id_token, str):
        raise CheckFailed("token answer", "it lacks access_token or id_token")
    if str(tokens.get("token_type", "")).lower() != "bearer":
        raise CheckFailed("token answer", "token_type is not Bearer")
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        raise CheckFailed("token answer", "caches may store it (RFC 6749 §5.1)")
    return access_token, id_token


def basic(client_id: str, client_secret: str) -> str:
    """Form-encode both, then Basic (RFC 6749 §2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


DISCOVERED: Final = Check("issuer", "publishes where it says", "Discovery §4.3")
STATE: Final = Check("state", "this browser's, used once", "RFC 6749 §10.12")
ISS_PARAMETER: Final = Check("iss parameter", "this provider answered", "RFC 9207 §2.4")
TOKEN_ANSWER: Final = Check("token answer", "Bearer, not cached", "RFC 6749 §5.1")
