"""Sessions: seen again, and ended with what hangs on them."""

from dataclasses import replace

import pytest

from bridge.core.records import LoginWrite
from bridge.core.session import Session
from bridge.flow.stores import WholeStore
from tests.store.conformance import NOW, OFFLINE, make_grant, make_session, put, waiting


def notices(store: WholeStore) -> list[tuple[str, str, int]]:
    """List what waits to be sent, in the order of the clients."""
    return sorted(
        (notice.client_id, notice.sid, notice.created_at) for notice in waiting(store)
    )


def test_touching_moves_seen_at_forward(store: WholeStore) -> None:
    session = make_session(seen_at=NOW)
    put(store, session)

    is_there = store.touch_session("session-1", NOW + 200)

    assert is_there
    assert store.get_session_by_id("session-1") == replace(session, seen_at=NOW + 200)


@pytest.mark.parametrize("seen_at", [NOW - 1, NOW])
def test_touching_never_moves_seen_at_back(store: WholeStore, seen_at: int) -> None:
    session = make_session(seen_at=NOW)
    put(store, session)

    is_there = store.touch_session("session-1", seen_at)

    assert is_there
    assert store.get_session_by_id("session-1") == session


def test_touching_says_that_a_session_is_gone(store: WholeStore) -> None:
    put(store, make_session("other"))

    assert not store.touch_session("session-1", NOW)
    assert store.get_session_by_id("session-1") is None


def test_a_session_that_is_over_is_still_read(store: WholeStore) -> None:
    over = make_session(ends_at=NOW - 1)
    put(store, over)

    assert store.get_session(over.secret_digest) == over
    assert store.get_session_by_id(over.session_id) == over


def test_an_ended_session_takes_its_grants_along(store: WholeStore) -> None:
    first, second = make_grant(), make_grant(client_id="client-2")
    put(store, make_session(), first, second)

    ended = store.end_session("session-1", NOW)

    assert ended == []
    assert store.get_session_by_id("session-1") is None
    assert store.get_grant(first.grant_id) is None
    assert store.get_grant(second.grant_id) is None


def test_a_grant_with_offline_access_outlives_its_session_without_sid(
    store: WholeStore,
) -> None:
    grant = make_grant(scope=OFFLINE, logout_until=NOW + 900)
    put(store, make_session(), grant)

    store.end_session("session-1", NOW)

    # the version counts on: a swap that was under way is lost, it still knows the sid
    assert store.get_grant(grant.grant_id) == replace(
        grant, version=2, session_id=None, sid=None
    )


@pytest.mark.parametrize(
    "scope", [(), ("offline_accessory",), ("xoffline_access",), ("OFFLINE_ACCESS",)]
)
def test_a_scope_that_only_looks_like_offline_access_is_none(
    store: WholeStore, scope: tuple[str, ...]
) -> None:
    grant = make_grant(scope=scope)
    put(store, make_session(), grant)

    store.end_session("session-1", NOW)

    assert store.get_grant(grant.grant_id) is None


def test_an_ended_session_leaves_other_sessions_alone(store: WholeStore) -> None:
    other, grant = make_session("other"), make_grant("other")
    detached = make_grant(None)
    put(store, make_session(), other, grant, detached)

    store.end_session("session-1", NOW)

    assert store.get_session_by_id("other") == other
    assert store.get_grant(grant.grant_id) == grant
    assert store.get_grant(detached.grant_id) == detached


def test_an_ended_session_takes_a_code_that_is_open_along(store: WholeStore) -> None:
    grant = make_grant(scope=OFFLINE, logout_until=NOW + 900)
    opened = replace(grant, generation=0)
    put(store, make_session(), opened)

    store.end_session("session-1", NOW)

    assert store.get_grant(opened.grant_id) is None
    assert len(notices(store)) == 1


def test_an_ended_session_leaves_a_notice_for_both_kinds_of_grants(
    store: WholeStore,
) -> None:
    put(
        store,
        make_session(),
        make_grant(client_id="client-1", logout_until=NOW + 900),
        make_grant(client_id="client-2", logout_until=NOW + 900, scope=OFFLINE),
    )

    store.end_session("session-1", NOW + 5)

    assert notices(store) == [
        ("client-1", "sid of session-1 at client-1", NOW + 5),
        ("client-2", "sid of session-1 at client-2", NOW + 5),
    ]


def test_only_a_client_that_is_told_of_logouts_gets_a_notice(store: WholeStore) -> None:
    put(
        store,
        make_session(),
        make_grant(client_id="never", logout_until=0),
        make_grant(client_id="told", logout_until=NOW),
    )

    store.end_session("session-1", NOW)

    assert [client_id for client_id, _, _ in notices(store)] == ["told"]


def test_a_client_with_two_grants_in_a_session_is_told_once(store: WholeStore) -> None:
    put(
        store,
        make_session(),
        make_grant(logout_until=NOW + 900),
        make_grant(logout_until=NOW + 900),
    )

    store.end_session("session-1", NOW)

    assert notices(store) == [("client-1", "sid of session-1 at client-1", NOW)]


def test_a_grant_without_sid_leaves_no_notice(store: WholeStore) -> None:
    nameless = replace(make_grant(logout_until=NOW + 900), sid=None)
    put(store, make_session(), nameless)

    ended = store.end_session("session-1", NOW)

    assert ended == []
    assert notices(store) == []


def test_a_session_ends_once(store: WholeStore) -> None:
    put(store, make_session(), make_grant(scope=OFFLINE, logout_until=NOW + 900))

    answers = [store.end_session("session-1", NOW) for _ in range(2)]

    assert [ended is not None for ended in answers] == [True, False]
    assert len(notices(store)) == 1


def sign_in_of_another_patron(store: WholeStore) -> Session:
    """Put a session that ends session-1, as the callback does."""
    session = make_session("session-2", "subject-2", auth_time=NOW + 5)
    write = LoginWrite(NOW + 5, ends_session_id="session-1", session=session)
    assert store.put_login(write)
    return session


def test_another_patrons_sign_in_ends_the_session_like_a_logout(
    store: WholeStore,
) -> None:
    online = make_grant(logout_until=NOW + 900)
    offline = make_grant(client_id="client-2", scope=OFFLINE)
    put(store, make_session(), online, offline)

    session = sign_in_of_another_patron(store)

    assert store.get_session_by_id("session-1") is None
    assert store.get_session_by_id("session-2") == session
    assert store.get_grant(online.grant_id) is None
    assert store.get_grant(offline.grant_id) == replace(
        offline, version=2, session_id=None, sid=None
    )
    assert notices(store) == [("client-1", "sid of session-1 at client-1", NOW + 5)]


def test_a_sign_in_may_end_a_session_that_is_gone(store: WholeStore) -> None:
    session = sign_in_of_another_patron(store)

    assert store.get_session_by_id("session-2") == session
    assert notices(store) == []
