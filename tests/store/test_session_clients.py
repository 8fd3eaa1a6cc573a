"""Whom a logout reaches: kept with the session, whatever became of the grants."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from bridge.core.grant import Grant
from bridge.core.records import LoginWrite, StoreLimits
from bridge.flow.stores import WholeStore
from bridge.store import sqlite_statements as sql
from bridge.store.migrate import migrate, migrations
from bridge.store.rows import grant_row, session_row
from bridge.store.sqlite import open_sqlite_store
from bridge.store.sqlite_connections import connect
from tests.store.conformance import (
    DAY_S,
    HOUR_S,
    NOW,
    OFFLINE,
    make_grant,
    make_session,
    put,
    waiting,
)

SID: Final = "sid of session-1 at client-1"


def clean(store: WholeStore, grant: Grant) -> None:
    store.clean(grant.expires_at + HOUR_S + 1)


def evict(store: WholeStore, grant: Grant) -> None:
    one = StoreLimits(grants_per_subject_and_client=1)
    other = make_grant("session-2")
    assert store.put_login(LoginWrite(NOW, grant=other, limits=one))


@pytest.mark.parametrize(
    "take_away",
    [
        lambda store, grant: store.delete_grant(grant.grant_id),
        lambda store, grant: store.withdraw(grant.subject, None),
        clean,
        evict,
    ],
    ids=["revoked", "withdrawn", "cleaned", "evicted"],
)
def test_a_client_whose_grant_is_gone_is_found_and_told(
    store: WholeStore, take_away: Callable[[WholeStore, Grant], object]
) -> None:
    grant = make_grant(logout_until=NOW + 900)
    put(store, make_session(), make_session("session-2"), grant)
    take_away(store, grant)
    assert store.get_grant(grant.grant_id) is None

    found = store.get_session_id("client-1", SID)
    told = store.end_session("session-1", NOW)

    assert found == "session-1"
    assert told is not None
    assert [(one.client_id, one.sid) for one in told] == [("client-1", SID)]


def test_a_client_is_told_after_a_sign_in_that_prolonged_the_session(
    store: WholeStore,
) -> None:
    put(store, make_session(), make_grant(logout_until=NOW + 900))
    put(store, make_session(secret=b"new".ljust(32), ends_at=NOW + DAY_S))

    store.end_session("session-1", NOW + HOUR_S)

    assert [one.client_id for one in waiting(store)] == ["client-1"]


def test_a_client_without_any_address_of_logout_is_not_kept(store: WholeStore) -> None:
    put(store, make_session(), make_grant())

    assert store.get_session_id("client-1", SID) is None
    assert store.end_session("session-1", NOW) == []


def test_nobody_is_kept_for_a_session_that_is_not_there(store: WholeStore) -> None:
    put(store, make_grant(logout_until=NOW + 900))
    put(store, make_session())

    assert store.get_session_id("client-1", SID) is None
    assert store.end_session("session-1", NOW) == []


def test_who_was_told_of_an_end_is_not_told_again(store: WholeStore) -> None:
    put(store, make_session(), make_grant(logout_until=NOW + 900))
    store.end_session("session-1", NOW)
    put(store, make_session())

    told = store.end_session("session-1", NOW)

    assert told == []
    assert len(waiting(store)) == 1


def test_a_session_that_is_cleaned_away_is_not_found_by_its_sid(
    store: WholeStore,
) -> None:
    put(store, make_session(ends_at=NOW), make_grant(logout_until=NOW))
    store.clean(NOW + HOUR_S + 1)

    assert store.get_session_id("client-1", SID) is None
    assert waiting(store) == []


def test_a_refresh_token_ends_a_day_after_its_session_was_cleaned_away(
    store: WholeStore,
) -> None:
    month = NOW + 30 * DAY_S
    online = replace(make_grant(expires_at=month), swapped_at=NOW + 60)
    opened = replace(make_grant(expires_at=NOW + 60), generation=0)
    offline = make_grant(scope=OFFLINE, expires_at=month)
    elsewhere = make_grant("session-2", expires_at=month)
    put(store, make_session(ends_at=NOW + 1), make_session("session-2"))
    put(store, online, opened, offline, elsewhere)

    store.clean(NOW + HOUR_S + 2)

    cut = replace(online, expires_at=NOW + 60 + DAY_S)
    for grant in (cut, opened, offline, elsewhere):
        assert store.get_grant(grant.grant_id) == grant


def test_a_store_of_before_knows_whom_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    before = {number: script for number, script in migrations().items() if number < 6}
    told = [make_grant(logout_until=NOW + 900) for _ in range(2)]
    never = make_grant(client_id="client-2")
    lost = make_grant("gone", logout_until=NOW + 900)
    with closing(connect(path, "normal")) as old:
        migrate(old, before)
        old.execute(sql.PUT_SESSION, session_row(make_session()))
        for grant in (*told, never, lost):
            old.execute(sql.PUT_GRANT, grant_row(grant))

    with closing(open_sqlite_store(path)) as store:
        found = store.get_session_id("client-1", SID)
        store.end_session("session-1", NOW)

        assert found == "session-1"
        assert [one.client_id for one in waiting(store)] == ["client-1"]
        assert store.get_session_id("client-1", str(lost.sid)) is None
