"""The connections of a SQLite store: one that writes, and some that read.

One writer under a lock: threads wait their turn instead of asking SQLite again and
again whether it is still busy, and the writer's page cache stays good from one
transaction to the next. Readers are lent, the last one returned first: a server's
threads may come and go, connections do not pile up with them.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from bridge.core.errors import StoreError

Durability = Literal["normal", "full"]

BUSY_TIMEOUT_S: Final = 5
WRITER_CACHE_KIB: Final = 32 * 1024  # the indexes of some 100,000 rows
WAL_LIMIT_BYTES: Final = 64 * 1024 * 1024  # it shrinks to this after a burst


def connect(path: Path, durability: Durability) -> sqlite3.Connection:
    """Open *path* as a store is opened, without looking at its schema.

    With *durability* "normal" a commit survives the end of the process, but a power cut
    may take the last ones; with "full" it survives that, too, for one fsync more.
    """
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,  # we write BEGIN ourselves
        check_same_thread=False,  # lent to one thread at a time
    )
    level = {"normal": "NORMAL", "full": "FULL"}[durability]
    connection.execute(f"PRAGMA synchronous = {level}")
    return connection


class Connections:
    """Lends the writer and the readers; every sqlite3.Error becomes a StoreError."""

    def __init__(self, opener: Callable[[], sqlite3.Connection]) -> None:
        self._opener = opener
        self._write_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._readers: deque[sqlite3.Connection] = deque()
        self._is_closed = False

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writer inside a transaction: all of it is written, or nothing."""
        with self._writer_lent() as writer:
            writer.execute("BEGIN IMMEDIATE")
            yield writer
            writer.execute("COMMIT")

    @contextmanager
    def _writer_lent(self) -> Iterator[sqlite3.Connection]:
        """Lend the one writer; what is left open of a transaction is rolled back."""
        if not self._write_lock.acquire(timeout=BUSY_TIMEOUT_S):
            raise StoreError("the store is busy: too many writes wait")
        try:
            writer = self._present_writer()
            try:
                yield writer
            finally:
                self._roll_back_what_is_open(writer)
        except sqlite3.Error as error:
            raise StoreError(f"the store cannot write: {error}") from error
        finally:
            self._write_lock.release()

    def write(self, statement: str, values: Sequence[Any]) -> int:
        """Run one writing statement, a transaction by itself; count its rows."""
        with self._writer_lent() as writer:
            return writer.execute(statement, values).rowcount

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one reading statement, outside of transactions; return all its rows."""
        try:
            reader = self._lend_reader()
            try:
                return reader.execute(statement, values).fetchall()
            finally:
                self._readers.append(reader)
                if self._is_closed:
                    self._close_readers()
        except sqlite3.Error as error:
            raise StoreError(f"the store cannot read: {error}") from error

    def close(self) -> None:
        """Close all connections, once the transaction under way is over."""
        with self._write_lock:
            self._is_closed = True
            self._close_readers()
            if self._writer is not None:
                self._writer.close()  # the last one: it empties the WAL
                self._writer = None

    def _present_writer(self) -> sqlite3.Connection:
        self._refuse_when_closed()
        if self._writer is None:
            self._writer = self._opener()
            self._writer.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
            self._writer.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
        return self._writer

    def _roll_back_what_is_open(self, writer: sqlite3.Connection) -> None:
        if not writer.in_transaction:
            return
        try:
            writer.rollback()
        except sqlite3.Error:
            # Nothing is known of its state: the next write opens another one.
            self._writer = None
            writer.close()
            raise

    def _lend_reader(self) -> sqlite3.Connection:
        self._refuse_when_closed()
        try:
            return self._readers.pop()
        except IndexError:
            reader = self._opener()
            reader.execute("PRAGMA query_only = 1")
            return reader

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise StoreError("the store is closed")

    def _close_readers(self) -> None:
        while self._readers:
            self._readers.pop().close()
