"""How often a login writes: counted on SQLite itself."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.store.sqlite import SqliteStore, open_sqlite_store
from bridge.store.sqlite_connections import Connections, connect
from tests.support.trial import Trial
from tests.support.visitor import Visitor


class Counted:
    """A bridge over SQLite whose write transactions are counted."""

    def __init__(self, folder: Path) -> None:
        path = folder / "bridge.db"
        open_sqlite_store(path).close()
        self.begun = 0
        self.committed = 0

        def opener() -> sqlite3.Connection:
            connection = connect(path, "normal")
            connection.set_trace_callback(self._trace)
            return connection

        self.store = SqliteStore(Connections(opener))
        self.trial = Trial(folder, store=self.store)

    def _trace(self, statement: str) -> None:
        is_alone = self.begun == self.committed  # a statement is then a transaction
        if is_alone and statement.split(maxsplit=1)[0] in {
            "INSERT",
            "UPDATE",
            "DELETE",
        }:
            self.begun += 1
            self.committed += 1
        self.begun += statement.startswith("BEGIN")
        self.committed += statement == "COMMIT"

    def since(self) -> int:
        """Return how many were written since the last question."""
        assert self.begun == self.committed
        count, self.begun, self.committed = self.committed, 0, 0
        return count


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    """Give a counted bridge."""
    bridge = Counted(tmp_path)
    yield bridge
    bridge.store.close()


def test_first_login_writes_once_at_the_callback_and_once_at_token(
    counted: Counted,
) -> None:
    browser = Visitor(counted.trial)

    sent = browser.authorize()
    at_authorize = counted.since()
    code = browser.come_back(sent).query["code"]
    at_callback = counted.since()
    tokens = browser.token(code).members
    at_token = counted.since()
    browser.userinfo(tokens["access_token"])
    at_userinfo = counted.since()

    assert (at_authorize, at_callback, at_token, at_userinfo) == (0, 1, 1, 0)


def test_login_with_a_session_kept_writes_the_grant_and_the_code(
    counted: Counted,
) -> None:
    browser = Visitor(counted.trial)
    browser.tokens()
    counted.since()

    code = browser.authorize("other").query["code"]
    at_authorize = counted.since()
    browser.token(code, "other")

    assert (at_authorize, counted.since()) == (1, 1)


def test_login_with_consent_writes_session_and_grant_apart(counted: Counted) -> None:
    browser = Visitor(counted.trial)

    asked = browser.sign_in("jean", "once")
    at_callback = counted.since()
    browser.press(asked, "allow")

    assert (at_callback, counted.since()) == (1, 1)


def test_failures_write_nothing(counted: Counted) -> None:
    browser = Visitor(counted.trial)
    code = browser.sign_in().query["code"]
    counted.since()

    browser.token(code, redirect_uri="https://service.example/other")
    browser.token(code, client_secret="wrong")
    browser.token(code, "other")
    browser.token(code[:-2] + "AA")
    browser.userinfo(code)
    browser.get("/callback", {"state": "x" * 200, "code": "jean"})

    assert counted.since() == 0
