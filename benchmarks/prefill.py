"""Fill a new store with what past logins would have left: a session and a grant each.

The rows are written past the bridge, by SQL, so this file knows every table and column.
A schema that it does not know stops it: measuring an empty table would say nothing.
"""

import hashlib
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

NOW = int(time.time())
HOUR_S, DAY_S = 3600, 86_400
SEALED_BYTES = 480  # a sealed patron of one library, about as the bridge stores it
SESSION_S = 8 * HOUR_S


def scattered(label, number, size):
    """Make *size* bytes that look random and are the same for the same arguments."""
    return hashlib.shake_128(f"{label} {number}".encode()).digest(size)


def ago(number, longest_s):
    """Spread patrons over the last *longest_s* seconds."""
    return NOW - number * 7919 % longest_s


def session_row(number, subject):
    begun = ago(number, 7 * HOUR_S)
    return {
        "session_id": scattered("session", number, 16).hex(),
        "secret_digest": scattered("secret", number, 32),
        "subject": subject,
        "upstream_scopes": "fullname institution",
        "auth_time": begun,
        "seen_at": begun,
        "ends_at": begun + SESSION_S,
        "ticket_id": scattered("ticket", number, 16),
        "sealed": scattered("sealed session", number, SEALED_BYTES),
    }


def grant_row(number, subject):
    """A redeemed grant whose refresh token lives as long as its session."""
    begun = ago(number, 7 * HOUR_S)
    return {
        "grant_id": scattered("grant", number, 16),
        "version": 2,
        "client_id": "bench",
        "subject": subject,
        "session_id": scattered("session", number, 16).hex(),
        "sid": scattered("sid", number, 26).hex(),
        "scope": "openid profile",
        "generation": 1,
        "access_epoch": 0,
        "swapped_at": begun,
        "swapped_scope": 3,
        "refresh_limit": begun + SESSION_S,
        "refresh_end": begun + SESSION_S,
        "key_id": b"past",
        "redirect_uri": "http://127.0.0.1:22099/cb",
        "code_challenge": scattered("challenge", number, 22).hex()[:43],
        "nonce": scattered("nonce", number, 13).hex(),
        "auth_time": begun,
        "logout_until": 0,
        "issued_at": begun,
        "expires_at": begun + SESSION_S,
        "sealed": scattered("sealed grant", number, SEALED_BYTES),
    }


def ticket_row(number, _subject):
    return {
        "ticket_id": scattered("ticket", number, 16),
        "ends_at": NOW + number % 900,
    }


def consent_row(number, subject):
    return {
        "subject": subject,
        "client_id": "bench",
        "allowed": '["openid","profile"]',
        "given_at": ago(number, 300 * DAY_S),
    }


ROWS = {
    "consents": consent_row,
    "grants": grant_row,
    "sessions": session_row,
    "tickets": ticket_row,
}

# Tables that past logins leave empty, or that the bridge fills by itself.
UNTOUCHED = {
    "assertions",
    "card_choices",
    "imported_subs",
    "logout_notices",
    "pushed_requests",
    "readiness",
    "session_clients",
    "subject_links",
    "upstream_tokens",
    "upstreams",
}


def check_schema(connection):
    """Stop where a table or a column is not what this file knows.

    Raises:
        SystemExit: a table or a column is unknown, or a known one is missing.
    """
    tables = {
        table: {column for _, column, *_ in pragma}
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        if (pragma := connection.execute(f"PRAGMA table_info({table})").fetchall())
    }
    faults = [
        f"unknown table {name}"
        for name in sorted(tables.keys() - ROWS.keys() - UNTOUCHED)
    ]
    for name, make_row in ROWS.items():
        unlike = tables.get(name, set()) ^ set(make_row(1, ""))
        faults += [f"{name}.{column}: only on one side" for column in sorted(unlike)]
    if faults:
        sys.exit(f"benchmarks/prefill.py knows another schema: {', '.join(faults)}")


def prefill(database: Path, patrons: int, subject_of: Callable[[int], str]) -> None:
    """Write the rows of *patrons* past logins into *database*, made by the bridge.

    *subject_of* names patron 1, 2, ... as the store knows it: the stand-in login server
    signs in the same patrons, so each measured login is of one who was there before.
    """
    connection = sqlite3.connect(database)
    check_schema(connection)
    subjects = [subject_of(number) for number in range(1, patrons + 1)]
    with connection:
        for table, make_row in ROWS.items():
            columns = list(make_row(1, ""))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" VALUES ({', '.join(':' + column for column in columns)})",
                (make_row(n, subject) for n, subject in enumerate(subjects, start=1)),
            )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    print(f"prefilled {', '.join(ROWS)}: {patrons} rows each", flush=True)
