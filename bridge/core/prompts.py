"""Sign in again, ask consent, or go straight on (OIDC Core §3.1.2.3)."""

from dataclasses import dataclass
from enum import Enum, auto

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import Client, ConsentMode
from bridge.core.errors import ConsentRequired, InteractionRequired, LoginRequired


class Step(Enum):
    """What the browser has to do before a code can be made."""

    SIGN_IN = auto()
    SIGN_IN_AGAIN = auto()  # a real second sign-in: through RERO+'s sign-out


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The facts of the session that count here."""

    auth_time: int
    has_upstream_scopes: bool  # it holds all that this client needs
    is_asked_for: bool = True  # whom id_token_hint or claims name, where they do


def must_sign_in(
    request: AuthorizationRequest, client: Client, signed_in: SignedIn | None, now: int
) -> Step | None:
    """Decide whether the browser goes to RERO+, and how; None: the session will do.

    Where max_age or require_auth_time counts, only a forced sign-in makes auth_time
    true: the session at RERO+ may be a month old.

    Raises:
        LoginRequired, InteractionRequired: prompt=none, and it would have to go.
    """
    is_silent = "none" in request.prompt
    is_fresh_asked = request.max_age is not None or client.require_auth_time
    if request.prompt & {"login", "select_account"}:
        return Step.SIGN_IN_AGAIN
    if signed_in is None:
        if is_silent:
            raise LoginRequired("no one is signed in")
        return Step.SIGN_IN_AGAIN if is_fresh_asked else Step.SIGN_IN
    # max_age=0 is never silent, not even in the second of the sign-in.
    if request.max_age is not None and (
        request.max_age == 0 or now - signed_in.auth_time > request.max_age
    ):
        if is_silent:
            raise LoginRequired("the sign-in is older than max_age")
        return Step.SIGN_IN_AGAIN
    if not signed_in.is_asked_for:
        if is_silent:
            raise LoginRequired("somebody else is signed in")
        return Step.SIGN_IN_AGAIN
    if not signed_in.has_upstream_scopes:
        if is_silent:
            raise InteractionRequired("the sign-in does not cover what is asked")
        return Step.SIGN_IN_AGAIN if is_fresh_asked else Step.SIGN_IN
    return None


def must_ask_consent(
    request: AuthorizationRequest,
    client: Client,
    wanted: frozenset[str],
    allowed: frozenset[str],
) -> bool:
    """Decide whether the patron is asked; *allowed* is what was allowed before.

    Raises:
        ConsentRequired: prompt=none, and the patron would have to be asked.
    """
    asks = "consent" in request.prompt or (
        client.consent is ConsentMode.ALWAYS
        or (client.consent is ConsentMode.ONCE and not wanted <= allowed)
    )
    if asks and "none" in request.prompt:
        raise ConsentRequired("the patron has to be asked first")
    return asks
