"""A new grant: the row that one login at one relying party becomes."""

from dataclasses import dataclass
from typing import Protocol

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import Client
from bridge.core.grant import Grant
from bridge.core.lives import Lives
from bridge.core.patron import Patron
from bridge.core.subject import session_identifier
from bridge.flow.ports import Random, Sealer, SignIn
from bridge.provider.snapshot import Snapshot, seal_snapshot

GRANT_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """A login that is about to be answered."""

    request: AuthorizationRequest
    sign_in: SignIn

    @property
    def patron(self) -> Patron:
        """Return who signed in."""
        return self.sign_in.patron


class GrantParts(Protocol):
    """What a new grant is made with."""

    @property
    def sealer(self) -> Sealer: ...
    @property
    def random(self) -> Random: ...
    @property
    def lives(self) -> Lives: ...
    @property
    def salt(self) -> bytes: ...


def new_grant(
    parts: GrantParts, client: Client, login: LoginFacts, sub: str, now: int
) -> Grant:
    """Build the grant of a login; `core.grant.issue` opens it."""
    request, session = login.request, login.sign_in.session
    grant_id = parts.random(GRANT_ID_BYTES)
    scope = request.scope
    if "refresh_token" not in client.grant_types:
        scope = tuple(value for value in scope if value != "offline_access")
    return Grant(
        grant_id=grant_id,
        version=0,
        client_id=client.client_id,
        subject=login.sign_in.subject,
        session_id=session.session_id,
        sid=session_identifier(parts.salt, session.session_id, client.client_id),
        sealed=seal_snapshot(
            parts.sealer, grant_id, Snapshot(sub, login.patron, request.claims), now
        ),
        scope=scope,
        generation=0,
        access_epoch=0,
        swapped_at=0,
        swapped_scope=0,
        refresh_limit=_refresh_limit(client, scope, login, parts.lives, now),
        refresh_end=0,
        key_id=bytes(4),
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        auth_time=session.auth_time,
        logout_until=session.ends_at if _may_log_out(client) else 0,
        issued_at=now,
        expires_at=0,
    )


def _may_log_out(client: Client) -> bool:
    """Tell whether the session is to know the client as long as it lives.

    To tell it of a logout, or because its hint may come without a cookie.
    """
    return bool(client.backchannel_logout_uri or client.post_logout_redirect_uris)


def _refresh_limit(
    client: Client, scope: tuple[str, ...], login: LoginFacts, lives: Lives, now: int
) -> int:
    """Return when the last refresh token of the grant ends; 0: it gets none.

    With offline_access the claims may grow old for so long only. Without it the session
    is asked at each refresh: a later sign-in may prolong it.
    """
    if "refresh_token" not in client.grant_types:
        return 0
    total = now + lives.refresh_total_s
    if "offline_access" in scope:
        auth_time = login.sign_in.session.auth_time
        return min(total, auth_time + client.claims_max_age_s)
    return total if client.refresh_tokens else 0
