"""What only the SQLite store promises: pragmas, faults at its start, file mode."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError, StoreError
from bridge.core.records import LoginWrite, UpstreamRecord
from bridge.store import sqlite_statements as sql
from bridge.store.sqlite import open_sqlite_store
from bridge.store.sqlite_connections import Durability, connect
from tests.store.conformance import NOW, at_once, make_grant, make_session, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make an empty store and give the path of its file."""
    path = tmp_path / "bridge.db"
    open_sqlite_store(path).close()
    return path


def refusal(path: Path) -> str:
    """Open the store at *path*, which must be refused; return the one message."""
    with pytest.raises(ConfigurationError) as caught:
        open_sqlite_store(path)
    (fault,) = caught.value.faults
    assert fault.key == "store.url"
    return fault.message


def test_the_journal_is_a_wal(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()

    assert mode == "wal"


@pytest.mark.parametrize(("durability", "level"), [("normal", 1), ("full", 2)])
def test_durability_says_when_a_commit_is_on_the_disk(
    path: Path, durability: Durability, level: int
) -> None:
    with closing(connect(path, durability)) as connection:
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()

    assert synchronous == level


def test_a_new_store_is_readable_by_its_owner_alone(path: Path) -> None:
    store = open_sqlite_store(path)
    put(store, make_session())

    modes = {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()
    }
    store.close()

    assert modes == {
        "bridge.db": 0o600,
        "bridge.db-wal": 0o600,
        "bridge.db-shm": 0o600,
    }


def test_a_closed_store_leaves_one_file(path: Path) -> None:
    store = open_sqlite_store(path)
    put(store, make_session())
    assert store.get_session_by_id("session-1")

    store.close()

    assert [file.name for file in path.parent.iterdir()] == ["bridge.db"]


def test_a_store_keeps_what_it_has_when_it_is_opened_again(path: Path) -> None:
    store = open_sqlite_store(path)
    session, grant = make_session(), make_grant()
    put(store, session, grant)
    store.close()

    again = open_sqlite_store(path)

    assert again.get_session(session.secret_digest) == session
    assert again.get_grant(grant.grant_id) == grant
    again.close()


def test_many_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bridge.db"
    path.parent.mkdir()

    stores = at_once(lambda: open_sqlite_store(path), threads=8)

    put(stores[0], make_session())
    assert all(store.get_session_by_id("session-1") for store in stores)
    for store in stores:
        store.close()


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path / "none" / "bridge.db")

    assert message == f"the directory {tmp_path / 'none'} does not exist: make it"


def test_a_directory_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path)

    assert message == f"{tmp_path} is no file that the bridge may read and write"


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    path.write_text("no database\n" * 1000)

    message = refusal(path)

    assert "damaged or no SQLite database" in message
    assert "restore a backup" in message
    assert path.read_text() == "no database\n" * 1000


def test_a_store_whose_first_page_is_damaged_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:400] = b"\xff" * 300
    path.write_bytes(content)

    assert "restore a backup" in refusal(path)


def test_the_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bridge.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE sessions (mine)")
    content = path.read_bytes()

    message = refusal(path)

    assert message.startswith("the file is another program's database")
    assert path.read_bytes() == content


def test_a_statement_that_fails_inside_a_login_takes_the_others_back(
    path: Path,
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER planted BEFORE INSERT ON upstreams"
            " BEGIN SELECT raise(ABORT, 'the disk is full'); END"
        )
    store = open_sqlite_store(path)
    kept, grant = make_session("kept"), make_grant("kept")
    put(store, kept, grant)

    with pytest.raises(StoreError, match="the disk is full"):
        store.put_login(
            LoginWrite(
                NOW,
                ticket_id=b"ticket",
                ends_session_id="kept",
                session=make_session("new"),
                grant=make_grant("new", grant_id=b"new"),
                upstream=UpstreamRecord("rero", "https://bib.rero.ch", True),
            )
        )

    assert not store.is_ticket_used(b"ticket")
    assert store.get_session_by_id("kept") == kept
    assert store.get_grant(grant.grant_id) == grant
    assert store.get_session_by_id("new") is None
    assert store.get_grant(b"new") is None
    put(store, make_session("afterwards"))  # the writer is free again
    store.close()


def test_sqlite_faults_become_store_errors_that_keep_the_cause(path: Path) -> None:
    store = open_sqlite_store(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE grants")

    with pytest.raises(StoreError) as reading:
        store.get_grant(b"grant")
    with pytest.raises(StoreError) as writing:
        store.delete_grant(b"grant")
    store.close()

    assert isinstance(reading.value.__cause__, sqlite3.Error)
    assert isinstance(writing.value.__cause__, sqlite3.Error)


def test_readiness_is_refused_by_a_store_that_takes_no_write(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER planted BEFORE INSERT ON readiness"
            " BEGIN SELECT raise(ABORT, 'the disk is full'); END"
        )
    store = open_sqlite_store(path)

    with pytest.raises(StoreError, match="the disk is full"):
        store.check_writable()

    store.close()


def test_reading_waits_for_no_writer(path: Path) -> None:
    store = open_sqlite_store(path)
    session = make_session()
    put(store, session)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM sessions")
        read = store.get_session_by_id("session-1")
        other.execute("ROLLBACK")
    store.close()

    assert read == session


def test_many_threads_write_and_read_at_once(path: Path) -> None:
    store = open_sqlite_store(path)
    numbers = iter(range(640))
    lock = threading.Lock()

    def sign_in_twenty() -> bool:
        for _ in range(20):
            with lock:
                name = f"session-{next(numbers)}"
            session, grant = make_session(name, name), make_grant(name, name)
            if not store.put_login(LoginWrite(NOW, session=session, grant=grant)):
                return False
            if store.get_grant(grant.grant_id) != grant:
                return False
        return True

    answers = at_once(sign_in_twenty, threads=32)
    store.close()

    assert answers == [True] * 32


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (sql.GET_SESSION_ID, "session_clients_by_sid"),
        (sql.CLAIM_LOGOUT_NOTICES, "logout_notices_by_due_at"),
        (sql.PUT_PUSHED_REQUEST, "pushed_requests_by_client"),
        (sql.CLEAN_PUSHED_REQUESTS, "pushed_requests_by_ends_at"),
        (sql.CLEAN_ASSERTIONS, "assertions_by_ends_at"),
    ],
)
def test_rows_are_found_by_an_index(path: Path, statement: str, index: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        values = [1] * statement.count("?")
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()

    assert f"INDEX {index} " in " ".join(step for *_, step in plan)
