"""Migrations: numbered, forward only, all or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.core.records import LogoutNotice
from bridge.store import sqlite_statements as sql
from bridge.store.migrate import check_schema, migrate, migrations, statements
from bridge.store.rows import grant_row, session_row
from bridge.store.sqlite import open_sqlite_store
from tests.store.conformance import make_grant, make_session

SESSION = make_session()
GRANT = make_grant(logout_until=1)
NEXT = "CREATE TABLE more (id INTEGER); -- one\nINSERT INTO more VALUES (1);\n"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open an empty database as the store does."""
    path = tmp_path / "bridge.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        yield opened


def tables(connection: sqlite3.Connection) -> set[str]:
    """List the tables of the bridge."""
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in rows if not name.startswith("sqlite_")}


def test_steps_are_numbered_from_one_without_a_gap() -> None:
    steps = migrations()

    assert list(steps) == list(range(1, len(steps) + 1))


def test_an_empty_database_gets_all_tables(connection: sqlite3.Connection) -> None:
    version = migrate(connection)

    assert version == max(migrations())
    assert check_schema(connection, 99) == version
    assert tables(connection) == {
        "assertions",
        "card_choices",
        "consents",
        "grants",
        "imported_subs",
        "logout_notices",
        "pushed_requests",
        "readiness",
        "session_clients",
        "sessions",
        "subject_links",
        "tickets",
        "upstream_tokens",
        "upstreams",
    }


def test_every_table_is_strict(connection: sqlite3.Connection) -> None:
    migrate(connection)

    rows = connection.execute(
        "SELECT name FROM pragma_table_list WHERE strict = 0 AND schema = 'main'"
    )

    assert all(name.startswith("sqlite_") for (name,) in rows)


def test_only_the_missing_steps_run(connection: sqlite3.Connection) -> None:
    steps = migrations()
    newest = migrate(connection, steps)

    version = migrate(connection, {**steps, newest + 1: NEXT})

    assert version == newest + 1
    assert connection.execute("SELECT id FROM more").fetchall() == [(1,)]


def test_a_store_that_is_current_is_not_written(connection: sqlite3.Connection) -> None:
    migrate(connection)
    before = connection.total_changes, check_schema(connection, 99)

    migrate(connection)

    assert (connection.total_changes, check_schema(connection, 99)) == before
    assert not connection.in_transaction


def test_a_step_that_fails_leaves_the_store_as_it_was(
    connection: sqlite3.Connection,
) -> None:
    steps = migrations()
    newest = migrate(connection, steps)
    before = tables(connection)

    with pytest.raises(sqlite3.Error):
        migrate(
            connection,
            {**steps, newest + 1: NEXT, newest + 2: "INSERT INTO none VALUES (1);\n"},
        )

    assert check_schema(connection, 99) == newest
    assert tables(connection) == before
    assert not connection.in_transaction


def test_a_store_of_version_one_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        migrate(old, {1: migrations()[1]})
        old.execute("INSERT INTO logout_notices VALUES (7, 'client', 'sid', 1000)")
        old.execute("INSERT INTO tickets VALUES (x'aa', 2000)")
        old.execute(sql.PUT_SESSION, session_row(SESSION))
        old.execute(sql.PUT_GRANT, grant_row(GRANT))

    with closing(open_sqlite_store(path)) as store:
        notices = store.claim_logout_notices(1000, 1060, 9)

        assert list(notices) == [LogoutNotice(7, "client", "sid", 1000, 1, 1060)]
        assert store.is_ticket_used(b"\xaa")
        assert store.get_session_by_id(SESSION.session_id) == SESSION
        assert store.get_grant(GRANT.grant_id) == GRANT
        assert store.get_session_id(GRANT.client_id, str(GRANT.sid)) == "session-1"


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    open_sqlite_store(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 4711")

    with pytest.raises(ConfigurationError) as caught:
        open_sqlite_store(path)

    (fault,) = caught.value.faults
    assert fault.key == "store.url"
    assert fault.message == (
        f"the store has schema 4711, this version of the bridge knows"
        f" {max(migrations())}: run the newer version again, or restore the backup made"
        " before the upgrade"
    )


def test_a_script_is_parted_into_its_statements() -> None:
    script = (
        "-- a comment; with a semicolon\nCREATE TABLE a (b TEXT DEFAULT ';');\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
        "  DELETE FROM a;\n  SELECT 1;\nEND;\n"
    )

    parted = list(statements(script))

    assert len(parted) == 2
    assert "".join(parted) == script


def test_every_script_ends_with_a_whole_statement() -> None:
    for number, script in migrations().items():
        parted = list(statements(script))

        assert "".join(parted).strip() == script.strip(), number


def test_scripts_are_part_of_the_package() -> None:
    names = [entry.name for entry in (files("bridge.store") / "migrations").iterdir()]

    assert "0001_initial.sql" in names
