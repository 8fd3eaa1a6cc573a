"""The SQLite store among processes: one that is killed, two that write at once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from bridge.flow.stores import WholeStore
from bridge.store.sqlite import open_sqlite_store
from tests.store import notice_claimer, sqlite_writer
from tests.store.conformance import DAY_S, NOW, make_grant, make_session, put
from tests.store.sqlite_writer import login

pytestmark = pytest.mark.slow


@contextmanager
def writer(path: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that signs patrons in; kill it at the end if it still lives."""
    command = [sys.executable, str(sqlite_writer.__file__), str(path), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def claimer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that claims notices once it is told to; kill it at the end."""
    command = [sys.executable, str(notice_claimer.__file__), str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert output(process).readline() == "ready\n"
            yield process
        finally:
            process.kill()


def put_notices(store: WholeStore, count: int) -> list[int]:
    """End so many sessions, each with one client to be told; number the notices."""
    for number in range(count):
        name = f"session-{number}"
        session = make_session(name, subject=name)
        put(store, session, make_grant(name, subject=name, logout_until=NOW + DAY_S))
        store.end_session(name, NOW)
    return list(range(1, count + 1))


def output(process: subprocess.Popen[str]) -> IO[str]:
    """Return where *process* prints."""
    assert process.stdout is not None
    return process.stdout


def missing(store: WholeStore, name: str, numbers: list[int]) -> list[int]:
    """List the logins of *numbers* of which something is not in the store."""
    return [
        number
        for number, expected in ((number, login(name, number)) for number in numbers)
        if expected.ticket_id is None
        or expected.grant is None
        or expected.session is None
        or not store.is_ticket_used(expected.ticket_id)
        or store.get_session_by_id(expected.session.session_id) != expected.session
        or store.get_grant(expected.grant.grant_id) != expected.grant
    ]


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"

    with writer(path, "killed") as process:
        acknowledged = [int(output(process).readline()) for _ in range(300)]
        process.kill()
        rest = output(process).read()
    # the kill may have cut the last line short
    acknowledged += [int(line) for line in rest.split("\n")[:-1]]

    store = open_sqlite_store(path)
    assert missing(store, "killed", acknowledged) == []
    store.check_writable()
    store.close()


def test_a_login_that_was_cut_off_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"

    with writer(path, "killed") as process:
        for _ in range(100):
            last = int(output(process).readline())
        process.kill()
        rest = output(process).read().split("\n")[:-1]

    store = open_sqlite_store(path)
    next_one = login("killed", int(rest[-1] if rest else last) + 1)
    assert next_one.ticket_id is not None
    assert next_one.session is not None
    assert next_one.grant is not None
    parts = {
        store.is_ticket_used(next_one.ticket_id),
        store.get_session_by_id(next_one.session.session_id) is not None,
        store.get_grant(next_one.grant.grant_id) is not None,
    }
    assert len(parts) == 1
    store.close()


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    numbers = list(range(150))

    with writer(path, "first") as first, writer(path, "second") as second:
        lines = [
            [int(output(process).readline()) for _ in numbers]
            for process in (first, second)
        ]

    store = open_sqlite_store(path)
    assert lines == [numbers, numbers]
    assert missing(store, "first", numbers) == []
    assert missing(store, "second", numbers) == []
    store.close()


def test_two_processes_claim_each_notice_once(tmp_path: Path) -> None:
    store = open_sqlite_store(tmp_path / "bridge.db")
    numbers = put_notices(store, 300)

    with (
        claimer(tmp_path / "bridge.db") as first,
        claimer(tmp_path / "bridge.db") as second,
    ):
        for process in (first, second):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        lines = [output(process).read().split() for process in (first, second)]

    assert sorted(int(line) for line in lines[0] + lines[1]) == numbers
    store.close()
