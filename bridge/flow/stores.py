"""What the steps ask of the store; `app.py` hands in one adapter for all of it."""

from collections.abc import Sequence
from typing import Protocol

from bridge.core.grant import Grant
from bridge.core.records import Consent, LoginWrite, LogoutNotice, UpstreamRecord
from bridge.core.session import Session


class Store(Protocol):
    """Where sessions and grants are kept; every method is one short transaction.

    All may raise StoreError. Adapters pass tests/store/conformance.py.
    """

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login; False and nothing written: the ticket id was there,
        or the session that the grant needs has ended meanwhile.

        Ending a session (also the oldest one over `limits`) deletes its grants without
        offline_access, takes sid and session_id from those with it, and writes a logout
        notice for each of both kinds that has `logout_until` after now.
        """

    def is_ticket_used(self, ticket_id: bytes) -> bool:
        """Tell whether put_login has seen *ticket_id*."""

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read the session of a cookie's digest, over or not."""

    def get_session_by_id(self, session_id: str) -> Session | None:
        """Read a session by its public id, over or not."""

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Move `seen_at` forward; False where the session is gone."""

    def end_session(self, session_id: str, now: int) -> bool:
        """End a session as put_login does; False where it is gone."""

    def get_grant(self, grant_id: bytes) -> Grant | None:
        """Read a grant, over or not."""

    def swap_grant(self, grant: Grant) -> bool:
        """Write *grant* only if the row's version is still one less: compare and swap.

        `sealed`, `scope` and the identity of the row do not change in a swap.
        """

    def delete_grant(self, grant_id: bytes) -> int:
        """Delete a grant and say how many rows went (0 or 1)."""

    def get_consent(self, subject: str, client_id: str) -> Consent | None:
        """Read what the patron allowed the client."""

    def get_upstreams(self) -> Sequence[UpstreamRecord]:
        """Read every upstream that has signed somebody in."""

    def get_logout_notices(self, limit: int) -> Sequence[LogoutNotice]:
        """Read the oldest notices that wait to be sent."""

    def clean(self, now: int) -> int:
        """Delete what is over for an hour, a bounded number of rows; say how many."""

    def check_writable(self) -> None:
        """Write and read back one row, for readiness; raise StoreError."""

    def close(self) -> None:
        """Close the store; nothing may be called afterwards."""
