"""A process that signs patrons in until it is killed: it prints what is committed.

Run as `python sqlite_writer.py STORE NAME`; each line is the number of a login whose
session, grant and ticket the store has acknowledged.
"""

import itertools
import sys
from pathlib import Path

from bridge.core.records import LoginWrite
from bridge.store.sqlite import open_sqlite_store
from tests.store.conformance import NOW, make_grant, make_session


def login(name: str, number: int) -> LoginWrite:
    """Make the login *number* of the process *name*."""
    session_id = f"{name}-{number}"
    return LoginWrite(
        NOW,
        ticket_id=f"ticket {session_id}".encode(),
        ticket_ends_at=NOW + 900,
        session=make_session(session_id, subject=session_id),
        grant=make_grant(
            session_id, subject=session_id, grant_id=f"grant {session_id}".encode()
        ),
    )


def main(path: str, name: str) -> None:
    """Write logins without end."""
    store = open_sqlite_store(Path(path))
    for number in itertools.count():
        if not store.put_login(login(name, number)):
            sys.exit("a ticket was there before")
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
