"""The store on SQLite: one file, one node; the default.

WAL, short transactions, one writer. A first login is one transaction, a redeemed or
refreshed grant is another one; reading is a single statement and waits for nobody.
"""

import json
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from bridge.core.errors import StoreError
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
from bridge.store import sqlite_statements as sql
from bridge.store import sqlite_subjects, sqlite_writes
from bridge.store.lives import CLEAN_ROWS, NOTICE_LIFE_S, OVER_FOR_S
from bridge.store.rows import (
    pushed_request_row,
    read_consent,
    read_grant,
    read_session,
    read_standing,
    swapped_row,
)
from bridge.store.sqlite_connections import Connections, Durability, connect
from bridge.store.sqlite_file import prepare_file


def open_sqlite_store(path: Path, durability: Durability = "normal") -> "SqliteStore":
    """Open the store at *path*; make or migrate it first.

    Raises:
        ConfigurationError: it cannot be used, with what to do.
        StoreError: another process holds it for too long.
    """
    prepare_file(path, durability)
    return SqliteStore(Connections(partial(connect, path, durability)))


class SqliteStore:
    """The WholeStore port on SQLite."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login, or nothing: see the port."""
        with self._connections.writing() as writer:
            return sqlite_writes.put_login(writer, write)

    def is_ticket_used(self, ticket_id: bytes) -> bool:
        """Tell whether put_login has seen *ticket_id*."""
        return bool(self._connections.read(sql.IS_TICKET_USED, (ticket_id,)))

    def get_session(self, secret_digest: bytes) -> Session | None:
        """Read the session of a cookie's digest, over or not."""
        rows = self._connections.read(sql.GET_SESSION, (secret_digest,))
        return read_session(rows[0]) if rows else None

    def get_session_by_id(self, session_id: str) -> Session | None:
        """Read a session by its public id, over or not."""
        rows = self._connections.read(sql.GET_SESSION_BY_ID, (session_id,))
        return read_session(rows[0]) if rows else None

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Move `seen_at` forward; False where the session is gone."""
        return self._write(sql.TOUCH_SESSION, (seen_at, session_id)) == 1

    def get_grant(self, grant_id: bytes) -> Grant | None:
        """Read a grant, over or not."""
        rows = self._connections.read(sql.GET_GRANT, (grant_id,))
        return read_grant(rows[0]) if rows else None

    def swap_grant(self, grant: Grant) -> bool:
        """Write what a swap changes if the row's version is still one less."""
        values = (*swapped_row(grant), grant.grant_id, grant.version - 1)
        return self._write(sql.SWAP_GRANT, values) == 1

    def delete_grant(self, grant_id: bytes) -> int:
        """Delete a grant and say how many rows went (0 or 1)."""
        return self._write(sql.DELETE_GRANT, (grant_id,))

    def get_consent(self, subject: str, client_id: str) -> Consent | None:
        """Read what the patron allowed the client."""
        rows = self._connections.read(sql.GET_CONSENT, (subject, client_id))
        return read_consent(rows[0]) if rows else None

    def get_card_choice(self, session_id: str, client_id: str) -> CardChoice | None:
        """Read which card was chosen at the client."""
        rows = self._connections.read(sql.GET_CARD_CHOICE, (session_id, client_id))
        return CardChoice(*rows[0]) if rows else None

    def get_upstreams(self) -> Sequence[UpstreamRecord]:
        """Read every upstream that has signed somebody in."""
        return [
            UpstreamRecord(upstream_id, base_url, bool(has_user_ids), fingerprint)
            for upstream_id, base_url, has_user_ids, fingerprint in (
                self._connections.read(sql.GET_UPSTREAMS)
            )
        ]

    def get_standing(self, subject: str) -> Standing:
        """Read what the operator said of an identity, in one short read."""
        return read_standing(self._connections.read(sql.GET_STANDING, (subject,)))

    def end_session(
        self, session_id: str, now: int, begun_by: str | None = None
    ) -> Sequence[LogoutNotice] | None:
        """End a session as put_login does; return the notices, None: it is gone."""
        with self._connections.writing() as writer:
            return sqlite_writes.end_session(writer, session_id, now, begun_by)

    def end_sessions_of(self, subject: str, now: int, *, offline: bool) -> int:
        """End all sessions of a patron; say how many."""
        with self._connections.writing() as writer:
            return sqlite_writes.end_sessions_of(writer, subject, now, offline=offline)

    def get_sessions_of(self, subject: str) -> Sequence[Session]:
        """Read a patron's sessions, over or not, the newest first."""
        rows = self._connections.read(sql.GET_SESSIONS_OF, (subject,))
        return [read_session(row) for row in rows]

    def get_session_id(self, client_id: str, sid: str) -> str | None:
        """Find the session that *sid* names at a client that takes part in logouts."""
        rows = self._connections.read(sql.GET_SESSION_ID, (client_id, sid))
        return rows[0][0] if rows else None

    def claim_logout_notices(
        self, now: int, until: int, limit: int, but_not_of: Collection[str] = ()
    ) -> Sequence[LogoutNotice]:
        """Claim notices due at *now*, longest first: nobody else may until *until*."""
        with self._connections.writing() as writer:
            values = (until, now, json.dumps([*but_not_of]), limit)
            notices = writer.execute(sql.CLAIM_LOGOUT_NOTICES, values)
            return sqlite_writes.read_notices(notices)

    def postpone_logout_notice(self, notice_id: int, due_at: int) -> bool:
        """Let a claimed notice wait until *due_at*; False where it is gone."""
        return self._write(sql.POSTPONE_LOGOUT_NOTICE, (due_at, notice_id)) == 1

    def delete_logout_notice(self, notice_id: int) -> int:
        """Delete a notice that was delivered or given up; say how many rows went."""
        return self._write(sql.DELETE_LOGOUT_NOTICE, (notice_id,))

    def has_logout_notice(self, notice_id: int) -> bool:
        """Tell whether a notice still waits to be delivered."""
        return bool(self._connections.read(sql.HAS_LOGOUT_NOTICE, (notice_id,)))

    def put_pushed_request(self, request: PushedRequest, now: int, limit: int) -> bool:
        """Keep a pushed request; False: its client has *limit* live ones already."""
        values = (*pushed_request_row(request), request.client_id, now, limit)
        return self._write(sql.PUT_PUSHED_REQUEST, values) == 1

    def get_pushed_request(self, request_id: bytes) -> PushedRequest | None:
        """Read a pushed request, over or not."""
        rows = self._connections.read(sql.GET_PUSHED_REQUEST, (request_id,))
        return PushedRequest(*rows[0]) if rows else None

    def put_assertion(self, digest: bytes, ends_at: int) -> bool:
        """Note the jti of an assertion; False: it was used before (RFC 7523 §3)."""
        return self._write(sql.PUT_ASSERTION, (digest, ends_at)) == 1

    def get_links(self) -> Sequence[SubjectLink]:
        """Read every link, the oldest first."""
        return [SubjectLink(*row) for row in self._connections.read(sql.GET_LINKS)]

    def put_links(self, links: Sequence[SubjectLink], now: int) -> bool:
        """Write all *links*, or none: False where one would make a chain."""
        try:
            with self._connections.writing() as writer:
                sqlite_subjects.put_links(writer, links, now)
        except sqlite_subjects.ChainError:
            return False
        return True

    def delete_link(self, link: SubjectLink, now: int) -> int:
        """Delete a link and say how many rows went; who it led to is signed out."""
        with self._connections.writing() as writer:
            return sqlite_subjects.delete_link(writer, link, now)

    def get_imports(self) -> Sequence[ImportedSub]:
        """Read every imported sub, the oldest first."""
        return [ImportedSub(*row) for row in self._connections.read(sql.GET_IMPORTS)]

    def put_imports(
        self,
        imports: Sequence[ImportedSub],
        gone: Sequence[ImportedSub],
        client_ids: Sequence[str],
        now: int,
    ) -> None:
        """Write all *imports* in the place of those *gone*, or raise StoreError."""
        with self._connections.writing() as writer:
            sqlite_subjects.put_imports(writer, imports, gone, client_ids, now)

    def get_consents_of(self, subject: str) -> Sequence[Consent]:
        """Read all that a patron allowed, by client."""
        rows = self._connections.read(sql.GET_CONSENTS_OF, (subject,))
        return [read_consent(row) for row in rows]

    def withdraw(self, subject: str, client_id: str | None) -> tuple[int, int]:
        """Delete consent and grants at a client (None: at all); say how many."""
        with self._connections.writing() as writer:
            return sqlite_subjects.withdraw(writer, subject, client_id)

    def get_grants_at(
        self, client_id: str, after: bytes, limit: int
    ) -> Sequence[Grant]:
        """Read a client's grants in the order of their ids, those after *after*."""
        values = (client_id, after, limit)
        rows = self._connections.read(sql.GET_GRANTS_AT, values)
        return [read_grant(row) for row in rows]

    def get_sessions_after(self, session_id: str, limit: int) -> Sequence[Session]:
        """Read sessions in the order of their ids, those after *session_id*."""
        rows = self._connections.read(sql.GET_SESSIONS_AFTER, (session_id, limit))
        return [read_session(row) for row in rows]

    def get_upstream_tokens(self, subject: str) -> KeptTokens | None:
        """Read the tokens of a patron, over or not."""
        rows = self._connections.read(sql.GET_UPSTREAM_TOKENS, (subject,))
        return KeptTokens(*rows[0]) if rows else None

    def swap_upstream_tokens(self, before: KeptTokens, after: KeptTokens) -> bool:
        """Write *after* only if the row is still *before*."""
        values = (after.sealed, after.ends_at, before.subject, before.sealed)
        return self._write(sql.SWAP_UPSTREAM_TOKENS, values) == 1

    def delete_upstream_tokens(self, kept: KeptTokens) -> int:
        """Delete the row only if it is still *kept*."""
        return self._write(sql.DELETE_UPSTREAM_TOKENS, (kept.subject, kept.sealed))

    def clean(self, now: int) -> int:
        """Delete what is over for an hour, a bounded number of rows; say how many."""
        over = now - OVER_FOR_S
        # A transaction for each table: a login in between waits for one only.
        return sum(
            self._write(statement, (before, CLEAN_ROWS))
            for statement, before in (
                (sql.CLEAN_GRANTS, over),
                (sql.CLEAN_SESSIONS, over),
                (sql.CLEAN_TICKETS, over),
                (sql.CLEAN_PUSHED_REQUESTS, over),
                (sql.CLEAN_ASSERTIONS, over),
                (sql.CLEAN_UPSTREAM_TOKENS, over),
                (sql.CLEAN_LOGOUT_NOTICES, now - NOTICE_LIFE_S),
            )
        )

    def check_writable(self) -> None:
        """Write and read back one row, for readiness; raise StoreError."""
        with self._connections.writing() as writer:
            written = writer.execute(sql.CHECK_WRITABLE).fetchone()[0]
        # Other checks may have come in between, each counts one more.
        if self._connections.read(sql.GET_CHECKS)[0][0] < written:
            raise StoreError("the store does not give back what it took")

    def close(self) -> None:
        """Close the store; nothing may be called afterwards."""
        self._connections.close()

    def _write(self, statement: str, values: Sequence[object]) -> int:
        return self._connections.write(statement, values)
