"""Claims that have grown old: RERO+ is asked anew before a refresh rests on them."""

from dataclasses import dataclass, replace
from typing import Protocol

from bridge.core.cards import with_card_of_before
from bridge.core.claims import requested_claims
from bridge.core.client import Client
from bridge.core.grant import Grant, with_fresh_claims
from bridge.core.lives import Lives
from bridge.flow.ports import FreshClaims, Sealer
from bridge.provider.snapshot import Snapshot, seal_snapshot


@dataclass(frozen=True, slots=True)
class Freshness:
    """Whom to ask, and how old claims must be for it, in seconds."""

    claims: FreshClaims
    after_s: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """What RERO+ answers now, ready for the row of a grant."""

    snapshot: Snapshot
    sealed: bytes
    refresh_limit: int

    def put_into(self, grant: Grant) -> Grant:
        """Return *grant* with the fresh claims in the place of the old ones."""
        return with_fresh_claims(grant, self.sealed, self.refresh_limit)


class FreshnessParts(Protocol):
    """What a renewal is made with."""

    @property
    def freshness(self) -> Freshness | None: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def lives(self) -> Lives: ...


def renew(
    parts: FreshnessParts, client: Client, grant: Grant, snapshot: Snapshot, now: int
) -> Renewal | None:
    """Ask RERO+ about the patron of *grant*; None: what the grant keeps still stands.

    The sub stays: it was given to the client.
    """
    freshness = parts.freshness
    known_at = snapshot.renewed_at or grant.auth_time
    # Where they may not grow as old as that, they are asked about at half their time.
    if freshness is None or now - known_at < min(
        freshness.after_s, client.claims_max_age_s // 2
    ):
        return None
    names = requested_claims(client, grant.scope, snapshot.claims)
    patron = freshness.claims.ask(grant.subject, client, names, now)
    if patron is None:
        return None
    patron = with_card_of_before(patron, snapshot.patron, client)
    fresh = replace(snapshot, patron=patron, renewed_at=now)
    total = grant.issued_at + parts.lives.refresh_total_s
    return Renewal(
        fresh,
        seal_snapshot(parts.sealer, grant.grant_id, fresh, now),
        min(total, now + client.claims_max_age_s) if grant.is_offline else 0,
    )
