"""The file of a SQLite store: looked at before it is opened, made or migrated."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError, Fault, StoreError
from bridge.store.migrate import KEY, check_schema, migrate
from bridge.store.sqlite_connections import BUSY_TIMEOUT_S, Durability, connect

WAL_RETRY_S: Final = 0.01


def prepare_file(path: Path, durability: Durability) -> None:
    """Make or migrate the store at *path*.

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
        mode = _use_wal(connection)
        if mode != "wal":
            raise _refusal(
                f"{path}: SQLite cannot keep a WAL there (journal mode {mode}): name a"
                " file on a local disk"
            )
        migrate(connection)
    finally:
        connection.close()


def _use_wal(connection: sqlite3.Connection) -> str:
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            # Where several open a new file at once, SQLite may say so without waiting.
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
        time.sleep(WAL_RETRY_S)


def _refusal(message: str) -> ConfigurationError:
    return ConfigurationError([Fault(KEY, message)])
