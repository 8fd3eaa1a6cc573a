"""The SQL of the SQLite store, made once of the columns in rows.py.

`?` stands for values only; what is put together here are names of columns.
"""

from collections.abc import Sequence
from typing import Final

from bridge.store.rows import (
    GRANT_COLUMNS,
    IMPORT_COLUMNS,
    IS_LINK,
    KEPT_TOKENS_COLUMNS,
    LINK_COLUMNS,
    NOTICE_COLUMNS,
    PUSHED_REQUEST_COLUMNS,
    SESSION_COLUMNS,
    SWAPPED_COLUMNS,
)

# ruff: noqa: S608 - no value ever becomes part of a statement, only the names above

_IS_OFFLINE: Final = "instr(' ' || scope || ' ', ' offline_access ') > 0"


def _insert(table: str, columns: Sequence[str]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


def _select(table: str, columns: Sequence[str], where: str) -> str:
    return f"SELECT {', '.join(columns)} FROM {table} WHERE {where} = ?"


def _clean(table: str, key: str, ended: str) -> str:
    # One statement: what is over is decided under the write lock, never read before.
    over = f"SELECT {key} FROM {table} WHERE {ended} < ? LIMIT ?"
    return f"DELETE FROM {table} WHERE {key} IN ({over})"


USE_TICKET: Final = "INSERT INTO tickets VALUES (?, ?) ON CONFLICT DO NOTHING"
IS_TICKET_USED: Final = "SELECT 1 FROM tickets WHERE ticket_id = ?"

GET_SESSION: Final = _select("sessions", SESSION_COLUMNS, "secret_digest")
GET_SESSION_BY_ID: Final = _select("sessions", SESSION_COLUMNS, "session_id")
PUT_SESSION: Final = (
    _insert("sessions", SESSION_COLUMNS)
    + " ON CONFLICT (session_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in SESSION_COLUMNS[1:])
)
TOUCH_SESSION: Final = (
    "UPDATE sessions SET seen_at = max(seen_at, ?) WHERE session_id = ?"
)
GET_SESSIONS_OF: Final = (
    _select("sessions", SESSION_COLUMNS, "subject")
    + " ORDER BY auth_time DESC, session_id"
)
GET_SESSION_IDS_OF: Final = _select("sessions", ("session_id",), "subject")
# client id, sid
GET_SESSION_ID: Final = (
    "SELECT session_id FROM session_clients WHERE client_id = ? AND sid = ?"
)
# client id, sid, session id: only while the session is there
PUT_SESSION_CLIENT: Final = """
    INSERT INTO session_clients (session_id, client_id, sid)
    SELECT session_id, ?, ? FROM sessions WHERE session_id = ? ON CONFLICT DO NOTHING
"""
DELETE_SESSION: Final = "DELETE FROM sessions WHERE session_id = ?"
# subject, the session to be put, now, how many others may stay
GET_SESSIONS_OVER_LIMIT: Final = """
    SELECT session_id FROM sessions
    WHERE subject = ? AND session_id <> ? AND ends_at > ?
    ORDER BY auth_time DESC LIMIT -1 OFFSET ?
"""

_NOTICE: Final = ", ".join(NOTICE_COLUMNS)
# now, now, session id, the client that is not told or NULL
PUT_LOGOUT_NOTICES: Final = f"""
    INSERT INTO logout_notices (client_id, sid, created_at, due_at)
    SELECT client_id, sid, ?, ? FROM session_clients
    WHERE session_id = ? AND client_id IS NOT ? ORDER BY client_id RETURNING {_NOTICE}
"""
# until, now, JSON list of clients to pass over, limit.
# One statement compares and swaps: due_at is read under the lock.
CLAIM_LOGOUT_NOTICES: Final = f"""
    UPDATE logout_notices SET due_at = ?, tries = tries + 1 WHERE notice_id IN (
        SELECT notice_id FROM logout_notices WHERE due_at <= ?
        AND client_id NOT IN (SELECT value FROM json_each(?))
        ORDER BY due_at, notice_id LIMIT ?
    ) RETURNING {_NOTICE}
"""
POSTPONE_LOGOUT_NOTICE: Final = (
    "UPDATE logout_notices SET due_at = ? WHERE notice_id = ?"
)
DELETE_LOGOUT_NOTICE: Final = "DELETE FROM logout_notices WHERE notice_id = ?"
HAS_LOGOUT_NOTICE: Final = "SELECT 1 FROM logout_notices WHERE notice_id = ?"

# core.grant.end_with_session, as SQL
END_GRANTS: Final = f"""
    DELETE FROM grants
    WHERE session_id = ? AND (generation = 0 OR NOT {_IS_OFFLINE})
"""
DETACH_GRANTS: Final = """
    UPDATE grants SET session_id = NULL, sid = NULL, version = version + 1
    WHERE session_id = ?
"""
GET_GRANT: Final = _select("grants", GRANT_COLUMNS, "grant_id")
PUT_GRANT: Final = _insert("grants", GRANT_COLUMNS)
SWAP_GRANT: Final = (
    f"UPDATE grants SET {', '.join(f'{name} = ?' for name in SWAPPED_COLUMNS)}"
    " WHERE grant_id = ? AND version = ?"
)
DELETE_GRANT: Final = "DELETE FROM grants WHERE grant_id = ?"
DELETE_GRANTS_OF: Final = "DELETE FROM grants WHERE subject = ?"
# subject, client id, now, how many others may stay
DELETE_GRANTS_OVER_LIMIT: Final = """
    DELETE FROM grants WHERE rowid IN (
        SELECT rowid FROM grants
        WHERE subject = ? AND client_id = ? AND expires_at > ?
        ORDER BY issued_at DESC LIMIT -1 OFFSET ?
    )
"""

GET_PUSHED_REQUEST: Final = _select(
    "pushed_requests", PUSHED_REQUEST_COLUMNS, "request_id"
)
DELETE_PUSHED_REQUEST: Final = "DELETE FROM pushed_requests WHERE request_id = ?"
# the row, client id, now, how many may live
PUT_PUSHED_REQUEST: Final = f"""
    INSERT INTO pushed_requests ({", ".join(PUSHED_REQUEST_COLUMNS)})
    SELECT ?, ?, ?, ? WHERE (
        SELECT count(*) FROM pushed_requests WHERE client_id = ? AND ends_at > ?
    ) < ?
"""
PUT_ASSERTION: Final = "INSERT INTO assertions VALUES (?, ?) ON CONFLICT DO NOTHING"

GET_CONSENT: Final = """
    SELECT subject, client_id, allowed, given_at FROM consents
    WHERE subject = ? AND client_id = ?
"""
PUT_CONSENT: Final = """
    INSERT INTO consents (subject, client_id, allowed, given_at) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET allowed = excluded.allowed, given_at = excluded.given_at
"""
GET_CARD_CHOICE: Final = """
    SELECT session_id, client_id, sealed FROM card_choices
    WHERE session_id = ? AND client_id = ?
"""
PUT_CARD_CHOICE: Final = """
    INSERT INTO card_choices (session_id, client_id, sealed) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET sealed = excluded.sealed
"""
GET_UPSTREAMS: Final = """
    SELECT upstream_id, base_url, has_user_ids, salt_fingerprint
    FROM upstreams ORDER BY upstream_id
"""
# WHERE: at nearly every login nothing changes, and no page is written. The fingerprint
# of a salt is never written over.
PUT_UPSTREAM: Final = """
    INSERT INTO upstreams (upstream_id, base_url, has_user_ids, salt_fingerprint)
    VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        base_url = excluded.base_url,
        has_user_ids = max(has_user_ids, excluded.has_user_ids),
        salt_fingerprint = coalesce(
            nullif(salt_fingerprint, ''), excluded.salt_fingerprint
        )
    WHERE base_url <> excluded.base_url OR has_user_ids < excluded.has_user_ids
    OR (salt_fingerprint = '' AND excluded.salt_fingerprint <> '')
"""

# subject: its link, and the imported subs of where that leads
GET_STANDING: Final = f"""
    SELECT {IS_LINK}, subject, into_subject, NULL, sealed, made_at
    FROM subject_links WHERE subject = ?1
    UNION ALL
    SELECT {IS_LINK} + 1, {", ".join(IMPORT_COLUMNS)} FROM imported_subs
    WHERE subject = coalesce(
        (SELECT into_subject FROM subject_links WHERE subject = ?1), ?1
    )
"""
GET_LINKS: Final = (
    f"SELECT {', '.join(LINK_COLUMNS)} FROM subject_links ORDER BY made_at, subject"
)
PUT_LINK: Final = _insert("subject_links", LINK_COLUMNS)
# subject, into_subject: what would make a chain of the link between them
IS_LINK_REFUSED: Final = """
    SELECT 1 FROM subject_links
    WHERE subject IN (?1, ?2) OR into_subject = ?1
    UNION ALL SELECT 1 WHERE ?1 = ?2
"""
DELETE_LINK: Final = "DELETE FROM subject_links WHERE subject = ? AND into_subject = ?"
GET_IMPORTS: Final = (
    f"SELECT {', '.join(IMPORT_COLUMNS)} FROM imported_subs"
    " ORDER BY made_at, sector, subject"
)
PUT_IMPORT: Final = _insert("imported_subs", IMPORT_COLUMNS)
DELETE_IMPORT: Final = "DELETE FROM imported_subs WHERE subject = ? AND digest = ?"
GET_CONSENTS_OF: Final = """
    SELECT subject, client_id, allowed, given_at FROM consents
    WHERE subject = ? ORDER BY client_id
"""
# subject, client id or NULL for all
DELETE_CONSENTS: Final = """
    DELETE FROM consents WHERE subject = ?1 AND client_id = coalesce(?2, client_id)
"""
DELETE_GRANTS_AT: Final = """
    DELETE FROM grants WHERE subject = ?1 AND client_id = coalesce(?2, client_id)
"""
GET_GRANTS_AT: Final = (
    f"SELECT {', '.join(GRANT_COLUMNS)} FROM grants"
    " WHERE client_id = ? AND grant_id > ? ORDER BY grant_id LIMIT ?"
)
GET_SESSIONS_AFTER: Final = (
    f"SELECT {', '.join(SESSION_COLUMNS)} FROM sessions"
    " WHERE session_id > ? ORDER BY session_id LIMIT ?"
)

GET_UPSTREAM_TOKENS: Final = _select("upstream_tokens", KEPT_TOKENS_COLUMNS, "subject")
PUT_UPSTREAM_TOKENS: Final = (
    _insert("upstream_tokens", KEPT_TOKENS_COLUMNS)
    + " ON CONFLICT DO UPDATE SET sealed = excluded.sealed, ends_at = excluded.ends_at"
)
SWAP_UPSTREAM_TOKENS: Final = """
    UPDATE upstream_tokens SET sealed = ?, ends_at = ? WHERE subject = ? AND sealed = ?
"""
DELETE_UPSTREAM_TOKENS: Final = (
    "DELETE FROM upstream_tokens WHERE subject = ? AND sealed = ?"
)

CLEAN_GRANTS: Final = _clean("grants", "rowid", "expires_at")
CLEAN_SESSIONS: Final = _clean("sessions", "rowid", "ends_at")
CLEAN_TICKETS: Final = _clean("tickets", "ticket_id", "ends_at")
CLEAN_PUSHED_REQUESTS: Final = _clean("pushed_requests", "rowid", "ends_at")
CLEAN_ASSERTIONS: Final = _clean("assertions", "digest", "ends_at")
CLEAN_UPSTREAM_TOKENS: Final = _clean("upstream_tokens", "rowid", "ends_at")
CLEAN_LOGOUT_NOTICES: Final = _clean("logout_notices", "notice_id", "created_at")

CHECK_WRITABLE: Final = """
    INSERT INTO readiness (id, checks) VALUES (1, 1)
    ON CONFLICT DO UPDATE SET checks = checks + 1 RETURNING checks
"""
GET_CHECKS: Final = "SELECT checks FROM readiness"
