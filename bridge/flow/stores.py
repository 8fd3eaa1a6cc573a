"""What the steps ask of the store; `app.py` hands in one adapter for all of it."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bridge.core.grant import Grant
from bridge.core.records import (
    CardChoice,
    Consent,
    ImportedSub,
    KeptTokens,
    LoginWrite,
    LogoutNotice,
    PushedRequest,
    Standing,
    SubjectLink,
    UpstreamRecord,
)
from bridge.core.session import Session


class Store(Protocol):
    """Where sessions and grants are kept; every method is one short transaction.

    The rest of the store stands in the protocols below: a part asks for what it uses.

    All may raise StoreError. Adapters pass tests/store/conformance.py.
    """

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login; False and nothing written: the ticket id was there,
        or the session that grant or card choice need has ended meanwhile, or the pushed
        request was used up before.

        Ending a session (also the oldest one over `limits`) deletes its grants without
        offline_access and those whose code is open, takes sid and session_id from the
        others, and writes a logout notice for each client at which it was used and that
        takes part in logouts (a grant with `logout_until`), whatever became of its
        grants there.
        """

    def is_ticket_used(self, ticket_id: bytes) -> bool:
        """Tell whether put_login has seen *ticket_id*."""

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read the session of a cookie's digest, over or not."""

    def get_session_by_id(self, session_id: str) -> Session | None:
        """Read a session by its public id, over or not."""

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Move `seen_at` forward; False where the session is gone."""

    def get_grant(self, grant_id: bytes) -> Grant | None:
        """Read a grant, over or not."""

    def swap_grant(self, grant: Grant) -> bool:
        """Write *grant* only if the row's version is still one less: compare and swap.

        `scope` and the identity of the row do not change in a swap; `sealed` and
        `refresh_limit` do where RERO+ was asked anew.
        """

    def delete_grant(self, grant_id: bytes) -> int:
        """Delete a grant and say how many rows went (0 or 1)."""

    def get_consent(self, subject: str, client_id: str) -> Consent | None:
        """Read what the patron allowed the client."""

    def get_card_choice(self, session_id: str, client_id: str) -> CardChoice | None:
        """Read which card was chosen at the client; it goes when its session goes."""

    def get_upstreams(self) -> Sequence[UpstreamRecord]:
        """Read every upstream that has signed somebody in."""

    def get_standing(self, subject: str) -> Standing:
        """Read what the operator said of an identity, in one short read."""

    def clean(self, now: int) -> int:
        """Delete what is over for an hour, a bounded number of rows; say how many."""

    def check_writable(self) -> None:
        """Write and read back one row, for readiness; raise StoreError."""

    def close(self) -> None:
        """Close the store; nothing may be called afterwards."""


class LogoutStore(Protocol):
    """Ends sessions, and keeps whom to tell of it (OIDC Back-Channel Logout §2.5)."""

    def end_session(
        self, session_id: str, now: int, begun_by: str | None = None
    ) -> Sequence[LogoutNotice] | None:
        """End a session as put_login does; return the notices, None: it is gone.

        The client that *begun_by* names is not told: it ends its own session itself.
        """

    def end_sessions_of(self, subject: str, now: int, *, offline: bool) -> int:
        """End all sessions of a patron; say how many (an operator's deed).

        *offline* deletes the grants that outlive their session as well.
        """

    def get_sessions_of(self, subject: str) -> Sequence[Session]:
        """Read a patron's sessions, over or not, the newest first."""

    def get_session_id(self, client_id: str, sid: str) -> str | None:
        """Find the session that *sid* names at a client that takes part in logouts."""

    def claim_logout_notices(
        self, now: int, until: int, limit: int, but_not_of: Collection[str] = ()
    ) -> Sequence[LogoutNotice]:
        """Claim notices due at *now*, longest first: nobody else may until *until*.

        Those of the clients *but_not_of* are passed over. Each is claimed by
        compare-and-swap on `due_at` and counts one more try; they are returned as they
        are after it.
        """

    def postpone_logout_notice(self, notice_id: int, due_at: int) -> bool:
        """Let a claimed notice wait until *due_at*; False where it is gone."""

    def delete_logout_notice(self, notice_id: int) -> int:
        """Delete a notice that was delivered or given up; say how many rows went."""

    def has_logout_notice(self, notice_id: int) -> bool:
        """Tell whether a notice still waits to be delivered."""


class ClientStore(Protocol):
    """What authenticated clients may store: bounded in number and time."""

    def put_pushed_request(self, request: PushedRequest, now: int, limit: int) -> bool:
        """Keep a pushed request; False: its client has *limit* live ones already."""

    def get_pushed_request(self, request_id: bytes) -> PushedRequest | None:
        """Read a pushed request, over or not."""

    def put_assertion(self, digest: bytes, ends_at: int) -> bool:
        """Note the jti of an assertion; False: it was used before (RFC 7523 §3)."""


class SubjectStore(Protocol):
    """What the operator says of subjects, and what is kept of a patron."""

    def get_links(self) -> Sequence[SubjectLink]:
        """Read every link, the oldest first."""

    def put_links(self, links: Sequence[SubjectLink], now: int) -> bool:
        """Write all *links*, or none: False where one would make a chain.

        No identity stands for two others, for itself, or for one that itself stands for
        another. The sessions, grants and consents of each that now stands for another
        end in the same transaction, as `end_sessions_of` ends them.
        """

    def delete_link(self, link: SubjectLink, now: int) -> int:
        """Delete a link and say how many rows went; who it led to is signed out."""

    def get_imports(self) -> Sequence[ImportedSub]:
        """Read every imported sub, the oldest first."""

    def put_imports(
        self,
        imports: Sequence[ImportedSub],
        gone: Sequence[ImportedSub],
        client_ids: Sequence[str],
        now: int,
    ) -> None:
        """Write all *imports* in the place of those *gone*, or raise StoreError.

        A sub or a patron comes once in a sector. The sessions of these patrons, and
        their grants at *client_ids* (the clients of the sector), end in the same
        transaction: no token goes on under the sub of before.
        """

    def get_consents_of(self, subject: str) -> Sequence[Consent]:
        """Read all that a patron allowed, by client."""

    def withdraw(self, subject: str, client_id: str | None) -> tuple[int, int]:
        """Delete consent and grants at a client (None: at all); say how many of each.

        Grants that outlive their session go as well.
        """

    def get_grants_at(
        self, client_id: str, after: bytes, limit: int
    ) -> Sequence[Grant]:
        """Read a client's grants in the order of their ids, those after *after*."""

    def get_sessions_after(self, session_id: str, limit: int) -> Sequence[Session]:
        """Read sessions in the order of their ids, those after *session_id*."""


class UpstreamTokensStore(Protocol):
    """RERO+'s tokens of patrons; put_login writes them.

    They go with the last session and the last grant with offline_access of a patron,
    in the transaction that ends it, whatever that is.
    """

    def get_upstream_tokens(self, subject: str) -> KeptTokens | None:
        """Read the tokens of a patron, over or not."""

    def swap_upstream_tokens(self, before: KeptTokens, after: KeptTokens) -> bool:
        """Write *after* only if the row is still *before*: compare and swap."""

    def delete_upstream_tokens(self, kept: KeptTokens) -> int:
        """Delete the row only if it is still *kept*; say how many rows went (0, 1)."""


class WholeStore(
    Store, LogoutStore, ClientStore, SubjectStore, UpstreamTokensStore, Protocol
):
    """All that the store is asked: what `app.py` opens and hands out."""
