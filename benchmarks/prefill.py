"""Fill a new store with what past logins would have left: a session and a grant each.

The rows are written past the bridge, by SQL, so this file knows every table and column.
A schema that it does not know stops it: measuring an empty table would say nothing.
"""

import os
import sqlite3
import sys
import time
from pathlib import Path

NOW = int(time.time())
HOUR_S, DAY_S = 3600, 86_400
SEALED_BYTES = 480  # a sealed patron of one library, as the bridge stores it


def random_bytes(count):
    return lambda _number: os.urandom(count)


def text(pattern):
    """Make the text *pattern* with the patron's number in the place of {}."""
    return lambda number: pattern.format(number)


def constant(value):
    return lambda _number: value


# Table -> column -> what stands there for patron *number*.
ROWS = {}

# Tables that past logins leave empty, or that the bridge fills by itself at its start.
UNTOUCHED = set()


def check(table, columns):
    """Compare *table* with what is known here.

    Raises:
        SystemExit: the table is unknown, or its columns are others.
    """
    if table not in ROWS:
        sys.exit(f"benchmarks/prefill.py does not know the table {table}: add it there")
    if unlike := columns ^ set(ROWS[table]):
        sys.exit(
            f"benchmarks/prefill.py and the table {table} differ in: "
            f"{', '.join(sorted(unlike))}"
        )


def prefill(database: Path, patrons: int) -> None:
    """Write the rows of *patrons* past logins into *database*, made by the bridge."""
    connection = sqlite3.connect(database)
    with connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND name NOT LIKE 'sqlite_%' ORDER BY name"
            )
            if name not in UNTOUCHED
        ]
        if gone := set(ROWS) - set(tables):
            sys.exit(f"tables are not in the store: {', '.join(sorted(gone))}")
        for table in tables:
            pragma = connection.execute(f"PRAGMA table_info({table})")
            check(table, {name for _, name, *_ in pragma})
            makers = ROWS[table]
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(makers)})"
                f" VALUES ({', '.join('?' * len(makers))})",
                (
                    [make(number) for make in makers.values()]
                    for number in range(1, patrons + 1)
                ),
            )
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    print(f"prefilled {', '.join(tables)}: {patrons} rows each", flush=True)
