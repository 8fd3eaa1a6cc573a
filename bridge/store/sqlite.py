"""The store on SQLite: one file, one node; the default.

WAL, short transactions, one writer. A first login is one transaction, a redeemed or
refreshed grant is another one; reading is a single statement and waits for nobody.
"""

import os
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bridge.core.errors import ConfigurationError, Fault, StoreError
from bridge.core.grant import Grant
from bridge.core.records import Consent, LoginWrite, LogoutNotice, UpstreamRecord
from bridge.core.session import Session
from bridge.store import sqlite_statements as sql
from bridge.store.lives import CLEAN_ROWS, NOTICE_LIFE_S, OVER_FOR_S
from bridge.store.migrate import KEY, check_schema, migrate
from bridge.store.rows import (
    consent_row,
    grant_row,
    read_consent,
    read_grant,
    read_session,
    session_row,
    swapped_row,
)
from bridge.store.sqlite_connections import Connections, Durability, connect


def open_sqlite_store(path: Path, durability: Durability = "normal") -> "SqliteStore":
    """Open the store at *path*; make or migrate it first.

    Raises:
        ConfigurationError: it cannot be used, with what to do.
        StoreError: another process holds it for too long.
    """
    _check_folder(path)
    _check_file(path)
    try:
        _prepare(path, durability)
    except sqlite3.OperationalError as error:
        raise StoreError(f"the store cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _refusal(
            f"{path} is damaged or no SQLite database ({error}): restore a backup, or"
            " name another file"
        ) from error
    return SqliteStore(Connections(partial(connect, path, durability)))


def _check_folder(path: Path) -> None:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise _refusal(f"the directory {folder} does not exist: make it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refusal(
            f"the directory {folder} is not writable: SQLite keeps its journal there;"
            " give it to the user that runs the bridge"
        )


def _check_file(path: Path) -> None:
    if not path.exists():
        # SQLite gives its -wal and -shm files the mode of the database.
        path.touch(0o600)
    # Asked, not tried: to close a file that SQLite has open elsewhere in this process
    # would take its locks away.
    if not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
        raise _refusal(f"{path} is no file that the bridge may read and write")


def _prepare(path: Path, durability: Durability) -> None:
    connection = connect(path, durability)
    try:
        check_schema(connection)  # before the first write: it may be another's file
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise _refusal(
                f"{path}: SQLite cannot keep a WAL there (journal mode {mode}): name a"
                " file on a local disk"
            )
        migrate(connection)
    finally:
        connection.close()


def _refusal(message: str) -> ConfigurationError:
    return ConfigurationError([Fault(KEY, message)])


class SqliteStore:
    """The Store port on SQLite."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login, or nothing: see the port."""
        with self._connections.writing() as writer:
            if write.needs_session and not _has_session(writer, write):
                return False
            if write.ticket_id is not None:
                ticket = (write.ticket_id, write.ticket_ends_at)
                if writer.execute(sql.USE_TICKET, ticket).rowcount == 0:
                    return False
            if write.ends_session_id is not None:
                _end_session(writer, write.ends_session_id, write.now)
            if write.session is not None:
                _put_session(writer, write.session, write)
            if write.grant is not None:
                _put_grant(writer, write.grant, write)
            if write.consent is not None:
                writer.execute(sql.PUT_CONSENT, consent_row(write.consent))
            if write.upstream is not None:
                record = write.upstream
                values = (record.upstream_id, record.base_url, record.has_user_ids)
                writer.execute(sql.PUT_UPSTREAM, values)
        return True

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

    def end_session(self, session_id: str, now: int) -> bool:
        """End a session as put_login does; False where it is gone."""
        with self._connections.writing() as writer:
            return _end_session(writer, session_id, now)

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

    def get_upstreams(self) -> Sequence[UpstreamRecord]:
        """Read every upstream that has signed somebody in."""
        return [
            UpstreamRecord(upstream_id, base_url, bool(has_user_ids))
            for upstream_id, base_url, has_user_ids in self._connections.read(
                sql.GET_UPSTREAMS
            )
        ]

    def get_logout_notices(self, limit: int) -> Sequence[LogoutNotice]:
        """Read the oldest notices that wait to be sent."""
        rows = self._connections.read(sql.GET_LOGOUT_NOTICES, (limit,))
        return [LogoutNotice(*row) for row in rows]

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


def _has_session(writer: sqlite3.Connection, write: LoginWrite) -> bool:
    session_id = None if write.grant is None else write.grant.session_id
    found = writer.execute(sql.GET_SESSION_BY_ID, (session_id,)).fetchone()
    return found is not None


def _put_session(
    writer: sqlite3.Connection, session: Session, write: LoginWrite
) -> None:
    others = write.limits.sessions_per_subject - 1
    values = (session.subject, session.session_id, write.now, others)
    for (oldest,) in writer.execute(sql.GET_SESSIONS_OVER_LIMIT, values).fetchall():
        _end_session(writer, oldest, write.now)
    writer.execute(sql.PUT_SESSION, session_row(session))


def _put_grant(writer: sqlite3.Connection, grant: Grant, write: LoginWrite) -> None:
    others = write.limits.grants_per_subject_and_client - 1
    values = (grant.subject, grant.client_id, write.now, others)
    writer.execute(sql.DELETE_GRANTS_OVER_LIMIT, values)
    writer.execute(sql.PUT_GRANT, grant_row(grant))


def _end_session(writer: sqlite3.Connection, session_id: str, now: int) -> bool:
    if writer.execute(sql.DELETE_SESSION, (session_id,)).rowcount == 0:
        return False
    writer.execute(sql.PUT_LOGOUT_NOTICES, (now, session_id, now))
    writer.execute(sql.DELETE_ONLINE_GRANTS, (session_id,))
    writer.execute(sql.DETACH_GRANTS, (session_id,))
    return True
