"""What a store holds, looked at without making, migrating or writing it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from bridge.core.errors import StoreError
from bridge.store.sqlite_connections import BUSY_TIMEOUT_S

# ruff: noqa: S608 - no value ever becomes part of a statement, only the names below

# Each row of these belongs to a subject, or to the salt that made it.
_OF_SUBJECTS: Final = (
    "upstreams",
    "sessions",
    "grants",
    "consents",
    "subject_links",
    "imported_subs",
    "upstream_tokens",
)
_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table'"


def holds_subjects(path: Path) -> bool:
    """Tell whether the SQLite store at *path* knows any patron; no file knows none.

    Raises:
        StoreError: it cannot be read.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            connection.execute("PRAGMA query_only = 1")
            tables = {name for (name,) in connection.execute(_TABLES)}
            return any(
                connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
                for name in _OF_SUBJECTS
                if name in tables
            )
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
