"""The SQL of the SQLite store, made once of the columns in rows.py.

`?` stands for values only; what is put together here are names of columns.
"""

from collections.abc import Sequence
from typing import Final

from bridge.store.rows import GRANT_COLUMNS, SESSION_COLUMNS, SWAPPED_COLUMNS

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
DELETE_SESSION: Final = "DELETE FROM sessions WHERE session_id = ?"
# subject, the session to be put, now, how many others may stay
GET_SESSIONS_OVER_LIMIT: Final = """
    SELECT session_id FROM sessions
    WHERE subject = ? AND session_id <> ? AND ends_at > ?
    ORDER BY auth_time DESC LIMIT -1 OFFSET ?
"""

# now, session id, now
PUT_LOGOUT_NOTICES: Final = """
    INSERT INTO logout_notices (client_id, sid, created_at)
    SELECT DISTINCT client_id, sid, ? FROM grants
    WHERE session_id = ? AND logout_until > ? AND sid IS NOT NULL
"""
DELETE_ONLINE_GRANTS: Final = (
    f"DELETE FROM grants WHERE session_id = ? AND NOT {_IS_OFFLINE}"
)
DETACH_GRANTS: Final = """
    UPDATE grants SET session_id = NULL, sid = NULL, version = version + 1
    WHERE session_id = ?
"""
GET_LOGOUT_NOTICES: Final = """
    SELECT notice_id, client_id, sid, created_at FROM logout_notices
    ORDER BY notice_id LIMIT ?
"""

GET_GRANT: Final = _select("grants", GRANT_COLUMNS, "grant_id")
PUT_GRANT: Final = _insert("grants", GRANT_COLUMNS)
SWAP_GRANT: Final = (
    f"UPDATE grants SET {', '.join(f'{name} = ?' for name in SWAPPED_COLUMNS)}"
    " WHERE grant_id = ? AND version = ?"
)
DELETE_GRANT: Final = "DELETE FROM grants WHERE grant_id = ?"
# subject, client id, now, how many others may stay
DELETE_GRANTS_OVER_LIMIT: Final = """
    DELETE FROM grants WHERE rowid IN (
        SELECT rowid FROM grants
        WHERE subject = ? AND client_id = ? AND expires_at > ?
        ORDER BY issued_at DESC LIMIT -1 OFFSET ?
    )
"""

GET_CONSENT: Final = """
    SELECT subject, client_id, allowed, given_at FROM consents
    WHERE subject = ? AND client_id = ?
"""
PUT_CONSENT: Final = """
    INSERT INTO consents (subject, client_id, allowed, given_at) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET allowed = excluded.allowed, given_at = excluded.given_at
"""
GET_UPSTREAMS: Final = (
    "SELECT upstream_id, base_url, has_user_ids FROM upstreams ORDER BY upstream_id"
)
# WHERE: at nearly every login nothing changes, and no page is written
PUT_UPSTREAM: Final = """
    INSERT INTO upstreams (upstream_id, base_url, has_user_ids) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET
        base_url = excluded.base_url,
        has_user_ids = max(has_user_ids, excluded.has_user_ids)
    WHERE base_url <> excluded.base_url OR has_user_ids < excluded.has_user_ids
"""

CLEAN_GRANTS: Final = _clean("grants", "rowid", "expires_at")
CLEAN_SESSIONS: Final = _clean("sessions", "rowid", "ends_at")
CLEAN_TICKETS: Final = _clean("tickets", "ticket_id", "ends_at")
CLEAN_LOGOUT_NOTICES: Final = _clean("logout_notices", "notice_id", "created_at")

CHECK_WRITABLE: Final = """
    INSERT INTO readiness (id, checks) VALUES (1, 1)
    ON CONFLICT DO UPDATE SET checks = checks + 1 RETURNING checks
"""
GET_CHECKS: Final = "SELECT checks FROM readiness"
