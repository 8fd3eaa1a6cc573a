"""Grant and its transitions: one login at one relying party, one row.

States: no row, O code open (generation 0), L live (generation 1 and more). Each
function is one event of the table in docs/grants.md and decides what becomes of the
row; it is called only for an *own* handle: the client is authenticated, tag, kind and
client hold (for a code also redirect_uri and verifier: a stranger burns nothing).
Where the client's policy will refuse the patron, `lives` are capped to that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bridge.core.handle import Handle, Kind, scope_bits, scope_values
from bridge.core.lives import Lives

SWAP_TRIES: Final = 3  # a lost compare-and-swap reads again this often, then 503


@dataclass(frozen=True, slots=True)
class Grant:
    """One login at one relying party; instants in whole seconds since the epoch."""

    grant_id: bytes  # 16 random bytes
    version: int  # counts the swaps
    client_id: str
    subject: str  # internal
    session_id: str | None
    sid: str | None  # the session's name at this client: HMAC(session id, client id)
    sealed: bytes  # the patron and the claims asked for, readable with the sealing key
    scope: tuple[str, ...]
    generation: int
    access_epoch: int
    swapped_at: int
    swapped_scope: int  # scope bits of the access token that the last swap gave
    refresh_limit: int  # no refresh token of this grant lives longer; 0: it gets none
    refresh_end: int  # of the present refresh token
    key_id: bytes  # the tag key of the present refresh token
    redirect_uri: str
    code_challenge: str | None
    nonce: str | None
    auth_time: int
    logout_until: int  # session end at the login, 0: the client is out of logouts
    issued_at: int
    expires_at: int

    @property
    def is_offline(self) -> bool:
        """Tell whether the grant outlives its session (OIDC Core §11)."""
        return "offline_access" in self.scope


class AuditReason(StrEnum):
    """What the audit log is told of a transition."""

    CODE_REUSE = "code_reuse"
    REFRESH_REUSE = "refresh_reuse"
    REFRESH_LEEWAY = "refresh_leeway"
    REFRESH_AHEAD = "refresh_ahead"  # a power cut, failover or restore took the commit
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens are given; `grant` is to be swapped in first, unless it is `repeated`."""

    grant: Grant
    access: Handle
    refresh: Handle | None
    scope: tuple[str, ...]
    id_token_s: int  # how long an ID token beside them lives
    repeated: bool = False
    audit: AuditReason | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """No tokens; `kills` deletes the row. `error` is an OAuth error code."""

    description: str
    kills: bool = False
    audit: AuditReason | None = None
    error: str = "invalid_grant"


NOT_ELIGIBLE: Final = Refusal(
    "the patron may no longer use this client", True, AuditReason.NOT_ELIGIBLE
)


def issue(grant: Grant, lives: Lives, key_id: bytes) -> tuple[Grant, Handle]:
    """Open a grant: return the row to insert and the handle of its code."""
    end = grant.issued_at + lives.code_s
    opened = replace(
        grant,
        version=1,
        generation=0,
        access_epoch=0,
        expires_at=end,
    )
    every = scope_bits(grant.scope, grant.scope)
    return opened, Handle(Kind.CODE, grant.grant_id, 0, end, every, 0, key_id)


def redeem(
    grant: Grant, handle: Handle, lives: Lives, key_id: bytes, now: int
) -> Issued | Refusal:
    """Decide a use of the authorization code (RFC 6749 §4.1.2: once)."""
    if grant.generation > 0:
        return Refusal("the code was used before", True, AuditReason.CODE_REUSE)
    if handle.is_expired(now):
        return Refusal("the code has expired")
    if lives.are_over:
        return NOT_ELIGIBLE
    return _advance(grant, grant.scope, lives, key_id, now)


def refresh(
    grant: Grant,
    handle: Handle,
    request: "RefreshRequest",
    lives: Lives,
    key_id: bytes,
    now: int,
) -> Issued | Refusal:
    """Decide a use of a refresh token (RFC 9700 §4.14.2: rotation, reuse kills)."""
    if handle.is_expired(now):
        return Refusal("the refresh token has expired")
    if handle.generation > grant.generation:
        return Refusal(
            "the refresh token is not known", audit=AuditReason.REFRESH_AHEAD
        )
    scope = request.scope or grant.scope
    is_same = handle.generation == grant.generation
    is_retry = (
        handle.generation == grant.generation - 1
        and 0 <= now - grant.swapped_at <= request.leeway_s
    )
    if not is_same and not is_retry:
        return Refusal(
            "the refresh token was used before", True, AuditReason.REFRESH_REUSE
        )
    if request.has_session_ended:
        return Refusal("the session has ended")
    refused = _scope_refusal(grant, scope, is_retry=is_retry)
    if refused is not None:
        return refused
    if lives.are_over:
        return NOT_ELIGIBLE
    if is_same:
        return _advance(grant, scope, lives, key_id, now)
    return Issued(
        grant,
        _access(grant, scope, min(now + lives.access_token_s, grant.expires_at)),
        refresh_handle(grant),
        tuple(value for value in grant.scope if value in scope),
        lives.id_token_s,
        repeated=True,
        audit=AuditReason.REFRESH_LEEWAY,
    )


def _scope_refusal(
    grant: Grant, scope: Sequence[str], *, is_retry: bool
) -> Refusal | None:
    same = scope_values(grant.swapped_scope, grant.scope)
    if is_retry and set(scope) != set(same):
        return Refusal("a repeated request must ask the same scope")
    if not set(scope) <= set(grant.scope):
        return Refusal("the scope is wider than granted", error="invalid_scope")
    return None


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """What a refresh asks, and within which bounds."""

    scope: tuple[str, ...] | None  # None: as granted
    leeway_s: int
    has_session_ended: bool = False  # that a grant without offline_access lives by


def _advance(
    grant: Grant, scope: Sequence[str], lives: Lives, key_id: bytes, now: int
) -> Issued:
    access_end = now + lives.access_token_s
    refresh_end = min(now + lives.refresh_idle_s, grant.refresh_limit)
    has_refresh = refresh_end > now
    successor = replace(
        grant,
        version=grant.version + 1,
        generation=grant.generation + 1,
        swapped_at=now,
        swapped_scope=scope_bits(scope, grant.scope),
        refresh_end=refresh_end if has_refresh else 0,
        key_id=key_id,
        expires_at=max(access_end, refresh_end if has_refresh else 0),
    )
    return Issued(
        successor,
        _access(successor, scope, access_end),
        refresh_handle(successor) if has_refresh else None,
        tuple(value for value in grant.scope if value in scope),
        lives.id_token_s,
    )


def _access(grant: Grant, scope: Sequence[str], end: int) -> Handle:
    return Handle(
        Kind.ACCESS,
        grant.grant_id,
        grant.generation,
        end,
        scope_bits(scope, grant.scope),
        grant.access_epoch,
        grant.key_id,
    )


def refresh_handle(grant: Grant) -> Handle:
    """Compute the present refresh token: all of it stands in the row."""
    return Handle(
        Kind.REFRESH,
        grant.grant_id,
        grant.generation,
        grant.refresh_end,
        scope_bits(grant.scope, grant.scope),
        0,
        grant.key_id,
    )


def is_access_live(grant: Grant, handle: Handle, now: int) -> bool:
    """Tell whether an access token may be used at userinfo."""
    return (
        handle.access_epoch == grant.access_epoch
        and handle.generation <= grant.generation
        and not handle.is_expired(now)
    )


def is_refresh_live(
    grant: Grant,
    handle: Handle,
    now: int,
    *,
    is_eligible: bool = True,
    has_session_ended: bool = False,
) -> bool:
    """Tell whether a refresh with the present token would pass (RFC 7662 §2.2)."""
    return (
        handle.generation == grant.generation
        and not handle.is_expired(now)
        and is_eligible
        and not has_session_ended
    )


def revoke_access(grant: Grant, handle: Handle) -> Grant | None:
    """End all access tokens of the grant (RFC 7009 §2.1), or None: nothing to do.

    One epoch serves all access tokens of a grant: revoking one ends its siblings. The
    handle's may be ahead of the row's, where a restore took the row back.
    """
    if handle.generation > grant.generation or handle.access_epoch < grant.access_epoch:
        return None
    return replace(
        grant, version=grant.version + 1, access_epoch=handle.access_epoch + 1
    )


def with_fresh_claims(grant: Grant, sealed: bytes, refresh_limit: int) -> Grant:
    """Put what RERO+ answers now in the place of what it answered before.

    The claims are young again, so refresh tokens may live longer; never shorter.
    """
    limit = max(grant.refresh_limit, refresh_limit)
    return replace(grant, sealed=sealed, refresh_limit=limit)


def end_with_session(grant: Grant) -> Grant | None:
    """Decide what an ended session leaves of the grant; None: the row goes too.

    A code that nobody has redeemed ends with it, whatever it would give.
    """
    if not grant.is_offline or grant.generation == 0:
        return None
    return replace(grant, version=grant.version + 1, session_id=None, sid=None)


def granted_scope(grant: Grant, handle: Handle) -> tuple[str, ...]:
    """Return the scope values that *handle* carries."""
    return scope_values(handle.scope_bits, grant.scope)
