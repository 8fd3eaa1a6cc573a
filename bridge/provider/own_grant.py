"""The grant of a request: loaded once, changed by compare-and-swap.

What becomes of the row is decided by core/grant.py; here the decision is carried out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bridge.core.claims import lacks_email, requested_claims
from bridge.core.client import Client
from bridge.core.eligibility import Refused, decide
from bridge.core.errors import InvalidGrant, InvalidScope, InvalidToken, StoreError
from bridge.core.grant import (
    SWAP_TRIES,
    AuditReason,
    Grant,
    Issued,
    RefreshRequest,
    Refusal,
    is_access_live,
    is_refresh_live,
    redeem,
    refresh,
)
from bridge.core.handle import Handle, Kind
from bridge.core.lives import Lives
from bridge.core.session import SessionLimits, is_alive
from bridge.flow.ports import Audit, Event, Random, Sealer, Tagger
from bridge.flow.stores import Store
from bridge.provider.freshness import Freshness, Renewal, renew
from bridge.provider.handles import read_handle
from bridge.provider.snapshot import Snapshot, open_snapshot


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What every request is answered with; shared and immutable."""

    clients: Mapping[str, Client]
    store: Store
    sealer: Sealer
    tagger: Tagger
    audit: Audit
    random: Random
    lives: Lives
    session_limits: SessionLimits
    salt: bytes
    upstream_id: str
    amr: tuple[str, ...]  # how patrons sign in (RFC 8176); empty: not told
    day_of: Callable[[int], date]  # seconds since the epoch -> day in Europe/Zurich
    first_second_of: Callable[[date], int]  # and back
    freshness: Freshness | None = None  # where RERO+ may be asked anew


class OwnGrant:
    """A grant of the store and the handle by which this request named it."""

    def __init__(
        self, parts: EngineParts, client: Client, handle: Handle, grant: Grant, now: int
    ) -> None:
        self._parts = parts
        self._client = client
        self._now = now
        self._snapshot: Snapshot | None = None
        self.handle = handle
        self.grant = grant

    @property
    def snapshot(self) -> Snapshot:
        """Open what the grant keeps of its login, once.

        Raises:
            InvalidToken, InvalidGrant: it cannot be opened; the patron signs in again.
        """
        if self._snapshot is None:
            self._snapshot = open_snapshot(
                self._parts.sealer, self.grant.grant_id, self.grant.sealed
            )
        if self._snapshot is None:
            is_access = self.handle.kind is Kind.ACCESS
            raise (InvalidToken if is_access else InvalidGrant)(
                "the grant cannot be read any more", detail="sealing key lost?"
            )
        return self._snapshot

    def redeem(self) -> Issued:
        """Redeem the code.

        Raises:
            InvalidGrant: expired, no longer eligible, or used before: then all that
                came of it is deleted.
            StoreError: others changed the grant at every try.
        """
        lives = self._capped_lives()
        return self._advance(
            lambda grant, key_id: redeem(grant, self.handle, lives, key_id, self._now)
        )

    def refresh(self, scope: tuple[str, ...] | None) -> Issued:
        """Rotate the refresh token; the policy decides again with today's date.

        It decides by what RERO+ answers now, where the bridge may ask it anew.

        Raises:
            InvalidGrant: over, used before, no longer eligible, or its session ended.
            InvalidScope: wider than granted.
            StoreError: others changed the grant at every try.
        """
        request = RefreshRequest(
            scope,
            self._client.refresh_leeway_s,
            has_session_ended=self._has_session_ended(),
        )
        renewal = self._renew(request)
        lives = self._capped_lives()
        return self._advance(
            lambda grant, key_id: refresh(
                grant if renewal is None else renewal.put_into(grant),
                self.handle,
                request,
                lives,
                key_id,
                self._now,
            )
        )

    def is_live(self) -> bool:
        """Tell whether an access or refresh token would be taken just now; only reads.

        Raises:
            InvalidToken, InvalidGrant: the grant cannot be opened any more.
        """
        if self.handle.kind is Kind.ACCESS:
            return is_access_live(self.grant, self.handle, self._now)
        return "refresh_token" in self._client.grant_types and is_refresh_live(
            self.grant,
            self.handle,
            self._now,
            is_eligible=not self._capped_lives().are_over,
            has_session_ended=self._has_session_ended(),
        )

    def _renew(self, request: RefreshRequest) -> Renewal | None:
        """Ask RERO+ anew, but only for a refresh that nothing else stands against."""
        parts, now = self._parts, self._now
        if parts.freshness is None:
            return None
        outcome = refresh(
            self.grant, self.handle, request, parts.lives, self.grant.key_id, now
        )
        if isinstance(outcome, Refusal) or outcome.repeated:
            return None
        renewal = renew(parts, self._client, self.grant, self.snapshot, now)
        if renewal is not None:
            self._snapshot = renewal.snapshot
        return renewal

    def _advance(
        self, transition: Callable[[Grant, bytes], Issued | Refusal]
    ) -> Issued:
        key_id = self._parts.tagger.key_id(self._now)
        store = self._parts.store
        for _ in range(SWAP_TRIES):
            outcome = transition(self.grant, key_id)
            if isinstance(outcome, Refusal):
                self._refuse(outcome)
            elif outcome.repeated or store.swap_grant(outcome.grant):
                self.grant = outcome.grant
                return outcome
            grant = store.get_grant(self.handle.grant_id)
            if grant is None:
                raise InvalidGrant("the grant has ended")
            self.grant = grant
        raise StoreError("a grant was changed by others at every try")

    def _refuse(self, refusal: Refusal) -> None:
        if refusal.kills:
            self._parts.store.delete_grant(self.grant.grant_id)
        if refusal.audit is not None:
            event = Event.GRANT_ENDED if refusal.kills else Event.TOKEN_REFUSED
            self._audit(event, refusal.audit)
        if refusal.error == InvalidScope.error:
            raise InvalidScope(refusal.description)
        raise InvalidGrant(refusal.description)

    def _audit(self, event: Event, reason: AuditReason) -> None:
        client_id = self.grant.client_id
        self._parts.audit.record(event, client_id=client_id, reason=reason.value)

    def _capped_lives(self) -> Lives:
        """Ask the client's policy of the patron, with today's date.

        No token outlives the last day on which the policy lets the patron in.
        """
        parts, snapshot = self._parts, self.snapshot
        today = parts.day_of(self._now)
        verdict = decide(snapshot.patron, self._client.policy, today, snapshot.sub)
        names = requested_claims(self._client, self.grant.scope, snapshot.claims)
        is_unreachable = lacks_email(snapshot.patron, self._client, names)
        if isinstance(verdict, Refused) or is_unreachable:
            return parts.lives.capped(self._now, self._now)
        not_after = None
        if verdict.until is not None:
            not_after = parts.first_second_of(verdict.until + timedelta(days=1))
        return parts.lives.capped(not_after, self._now)

    def _has_session_ended(self) -> bool:
        """Tell whether the grant lived by a session that is over."""
        grant, store = self.grant, self._parts.store
        if grant.is_offline:
            return False
        session = (
            None
            if grant.session_id is None
            else store.get_session_by_id(grant.session_id)
        )
        limits = self._parts.session_limits
        return session is None or not is_alive(session, limits, self._now)


def load_own(
    parts: EngineParts, client: Client, text: str, kind: Kind, now: int
) -> OwnGrant:
    """Load the grant of a code or refresh token that is *client*'s own.

    Raises:
        InvalidGrant: tag, kind, row or client do not hold; nothing is written.
    """
    handle = read_handle(parts.tagger, text, kind)
    grant = None if handle is None else parts.store.get_grant(handle.grant_id)
    if handle is None or grant is None:
        raise InvalidGrant(f"the {kind.name.lower()} is not valid")
    if grant.client_id != client.client_id:
        raise InvalidGrant(
            f"the {kind.name.lower()} is not valid", detail="of another client"
        )
    return OwnGrant(parts, client, handle, grant, now)


def find_own_token(
    parts: EngineParts, client: Client, text: str, now: int
) -> OwnGrant | None:
    """Find the grant of an access or refresh token that is *client*'s own."""
    for kind in (Kind.ACCESS, Kind.REFRESH):
        handle = read_handle(parts.tagger, text, kind)
        grant = None if handle is None else parts.store.get_grant(handle.grant_id)
        if handle and grant and grant.client_id == client.client_id:
            return OwnGrant(parts, client, handle, grant, now)
    return None


def load_live_access(parts: EngineParts, text: str, now: int) -> OwnGrant:
    """Load the grant of a live access token; only reads.

    Raises:
        InvalidToken: anything but a live access token of a registered client.
    """
    handle = read_handle(parts.tagger, text, Kind.ACCESS)
    grant = None if handle is None else parts.store.get_grant(handle.grant_id)
    if handle is None or grant is None or not is_access_live(grant, handle, now):
        raise InvalidToken("the access token is unknown, over or revoked")
    client = parts.clients.get(grant.client_id)
    if client is None:
        raise InvalidToken("the client is no longer registered")
    return OwnGrant(parts, client, handle, grant, now)
