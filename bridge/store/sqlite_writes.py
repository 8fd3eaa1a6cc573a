"""What one transaction of the SQLite store writes, on the writer it was lent."""

import sqlite3
from collections.abc import Sequence

from bridge.core.grant import Grant
from bridge.core.records import LoginWrite, LogoutNotice
from bridge.core.session import Session
from bridge.store import sqlite_statements as sql
from bridge.store.rows import (
    consent_row,
    grant_row,
    kept_tokens_row,
    session_row,
)


def put_login(writer: sqlite3.Connection, write: LoginWrite) -> bool:
    """Write a step of a login; False and nothing written: see the port."""
    # All that may say no comes before the first row is written: False is committed.
    if not _is_all_there(writer, write):
        return False
    if write.ticket_id is not None:
        ticket = (write.ticket_id, write.ticket_ends_at)
        if writer.execute(sql.USE_TICKET, ticket).rowcount == 0:
            return False
    if write.pushed_id is not None:
        writer.execute(sql.DELETE_PUSHED_REQUEST, (write.pushed_id,))
    if write.ends_session_id is not None:
        end_session(writer, write.ends_session_id, write.now)
    if write.session is not None:
        _put_session(writer, write.session, write)
    if write.grant is not None:
        _put_grant(writer, write.grant, write)
    _put_records(writer, write)
    return True


def _put_records(writer: sqlite3.Connection, write: LoginWrite) -> None:
    """Write what a login leaves beside session and grant."""
    if write.consent is not None:
        writer.execute(sql.PUT_CONSENT, consent_row(write.consent))
    if write.card_choice is not None:
        choice = write.card_choice
        choice_row = (choice.session_id, choice.client_id, choice.sealed)
        writer.execute(sql.PUT_CARD_CHOICE, choice_row)
    if write.upstream is not None:
        record = write.upstream
        values = (
            record.upstream_id,
            record.base_url,
            record.has_user_ids,
            record.salt_fingerprint,
        )
        writer.execute(sql.PUT_UPSTREAM, values)
    if write.upstream_tokens is not None:
        kept = kept_tokens_row(write.upstream_tokens)
        writer.execute(sql.PUT_UPSTREAM_TOKENS, kept)


def end_session(
    writer: sqlite3.Connection, session_id: str, now: int, begun_by: str | None = None
) -> Sequence[LogoutNotice] | None:
    """End a session; return the notices, None where it is gone."""
    # Whom to tell goes with the session, and is there only while the session is.
    values = (now, now, session_id, begun_by)
    notices = read_notices(writer.execute(sql.PUT_LOGOUT_NOTICES, values))
    if writer.execute(sql.DELETE_SESSION, (session_id,)).rowcount == 0:
        return None
    writer.execute(sql.END_GRANTS, (session_id,))
    writer.execute(sql.DETACH_GRANTS, (session_id,))
    return notices


def end_sessions_of(
    writer: sqlite3.Connection, subject: str, now: int, *, offline: bool
) -> int:
    """End all sessions of a patron; say how many."""
    found = writer.execute(sql.GET_SESSION_IDS_OF, (subject,)).fetchall()
    for (session_id,) in found:
        end_session(writer, session_id, now)
    if offline:
        # Whatever is left has outlived its session, ended or run out.
        writer.execute(sql.DELETE_GRANTS_OF, (subject,))
    return len(found)


def read_notices(cursor: sqlite3.Cursor) -> Sequence[LogoutNotice]:
    """Read what a statement returns, oldest first: RETURNING knows no order."""
    return [LogoutNotice(*row) for row in sorted(cursor.fetchall())]


def _is_all_there(writer: sqlite3.Connection, write: LoginWrite) -> bool:
    needed: list[tuple[str, str | bytes | None]] = []
    if write.needs_session:
        session_id = None if write.grant is None else write.grant.session_id
        needed.append((sql.GET_SESSION_BY_ID, session_id))
    if write.card_choice is not None:
        needed.append((sql.GET_SESSION_BY_ID, write.card_choice.session_id))
    if write.pushed_id is not None:
        needed.append((sql.GET_PUSHED_REQUEST, write.pushed_id))
    return all(
        writer.execute(statement, (key,)).fetchone() is not None
        for statement, key in needed
    )


def _put_session(
    writer: sqlite3.Connection, session: Session, write: LoginWrite
) -> None:
    others = write.limits.sessions_per_subject - 1
    values = (session.subject, session.session_id, write.now, others)
    for (oldest,) in writer.execute(sql.GET_SESSIONS_OVER_LIMIT, values).fetchall():
        end_session(writer, oldest, write.now)
    writer.execute(sql.PUT_SESSION, session_row(session))


def _put_grant(writer: sqlite3.Connection, grant: Grant, write: LoginWrite) -> None:
    others = write.limits.grants_per_subject_and_client - 1
    values = (grant.subject, grant.client_id, write.now, others)
    writer.execute(sql.DELETE_GRANTS_OVER_LIMIT, values)
    writer.execute(sql.PUT_GRANT, grant_row(grant))
    if grant.logout_until and grant.sid is not None:
        client = (grant.client_id, grant.sid, grant.session_id)
        writer.execute(sql.PUT_SESSION_CLIENT, client)
