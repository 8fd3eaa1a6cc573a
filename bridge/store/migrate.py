"""Bring a SQLite store to the schema of this version: numbered steps, forward only."""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from bridge.core.errors import ConfigurationError, Fault

KEY: Final = "store.url"
APPLICATION_ID: Final = 0x5245524F  # "RERO"; migrations/0001_initial.sql writes it
_WHAT_IS_THERE: Final = """
    SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
    FROM pragma_user_version, pragma_application_id
"""


def migrations() -> dict[int, str]:
    """Read the steps: their numbers and their SQL, in order."""
    scripts = [
        entry
        for entry in files("bridge.store").joinpath("migrations").iterdir()
        if entry.name.endswith(".sql")
    ]
    scripts.sort(key=lambda entry: entry.name)
    return {int(script.name[:4]): script.read_text("utf-8") for script in scripts}


def migrate(connection: sqlite3.Connection, steps: dict[int, str] | None = None) -> int:
    """Run the steps that are missing, in one transaction; return the version then.

    Raises:
        ConfigurationError: the store is of a newer version, or no store of the bridge.
        sqlite3.Error: the database refuses.
    """
    steps = migrations() if steps is None else steps
    newest = max(steps)
    if check_schema(connection, newest) == newest:
        return newest
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have been quicker.
        version = check_schema(connection, newest)
        for number in range(version + 1, newest + 1):
            for statement in statements(steps[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()
    return newest


def statements(script: str) -> Iterator[str]:
    """Part *script* into statements (`executescript` would commit first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def check_schema(connection: sqlite3.Connection, newest: int | None = None) -> int:
    """Return the version of the schema that is there, 0 for none; write nothing.

    Raises:
        ConfigurationError: it is newer than *newest*, or no store of the bridge.
    """
    newest = max(migrations()) if newest is None else newest
    # One statement is one snapshot: another process may be making the tables just now.
    version: int
    version, application_id, tables = connection.execute(_WHAT_IS_THERE).fetchone()
    if application_id != APPLICATION_ID and (version or tables):
        raise ConfigurationError(
            [Fault(KEY, "the file is another program's database: name another file")]
        )
    if version > newest:
        raise ConfigurationError(
            [
                Fault(
                    KEY,
                    f"the store has schema {version}, this version of the bridge knows"
                    f" {newest}: run the newer version again, or restore the backup"
                    " made before the upgrade",
                )
            ]
        )
    return version
