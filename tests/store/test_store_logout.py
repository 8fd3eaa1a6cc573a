"""Logouts: sessions ended from outside, and the outbox of who is to be told."""

from dataclasses import replace
from functools import partial

from bridge.core.records import LoginWrite, LogoutNotice
from bridge.flow.stores import WholeStore
from tests.store.conformance import (
    DAY_S,
    NOW,
    OFFLINE,
    at_once,
    make_grant,
    make_session,
    put,
    waiting,
)


def put_notices(store: WholeStore, count: int) -> list[LogoutNotice]:
    """End a session with so many clients; return its notices, all due at NOW."""
    grants = [
        make_grant(client_id=f"client-{number}", logout_until=NOW + 900)
        for number in range(count)
    ]
    put(store, make_session(), *grants)
    notices = store.end_session("session-1", NOW)
    assert notices is not None
    assert len(notices) == count
    return list(notices)


def test_ending_a_session_returns_the_notices_that_it_wrote(store: WholeStore) -> None:
    told = make_grant("session-1", client_id="client-1", logout_until=NOW + 900)
    never = make_grant("session-1", client_id="client-2")
    put(store, make_session(), told, never)

    notices = store.end_session("session-1", NOW + 5)

    assert notices is not None
    (notice,) = notices
    assert notice == LogoutNotice(
        notice.notice_id,
        "client-1",
        "sid of session-1 at client-1",
        NOW + 5,
        tries=0,
        due_at=NOW + 5,
    )
    assert store.has_logout_notice(notice.notice_id)


def test_the_client_that_began_a_logout_is_not_told(store: WholeStore) -> None:
    began = make_grant(client_id="began", logout_until=NOW + 900)
    other = make_grant(client_id="other", logout_until=NOW + 900)
    put(store, make_session(), began, other)

    notices = store.end_session("session-1", NOW, begun_by="began")

    assert notices is not None
    assert [notice.client_id for notice in notices] == ["other"]
    assert [notice.client_id for notice in waiting(store)] == ["other"]
    assert store.get_grant(began.grant_id) is None


def test_the_client_that_began_a_logout_keeps_its_offline_grant(
    store: WholeStore,
) -> None:
    grant = make_grant(scope=OFFLINE, logout_until=NOW + 900)
    put(store, make_session(), grant)

    notices = store.end_session("session-1", NOW, begun_by="client-1")

    assert notices == []
    assert store.get_grant(grant.grant_id) == replace(
        grant, version=2, session_id=None, sid=None
    )


def test_a_session_is_ended_by_one_of_twenty_threads(store: WholeStore) -> None:
    names = [f"session-{number}" for number in range(10)]
    for name in names:
        put(store, make_session(name), make_grant(name, logout_until=NOW + 900))

    answers = [at_once(partial(store.end_session, name, NOW)) for name in names]

    assert [answer.count(None) for answer in answers] == [19] * 10
    assert len(waiting(store)) == 10


def test_a_session_is_found_by_the_sid_of_a_client(store: WholeStore) -> None:
    grants = [make_grant(name, logout_until=NOW + 900) for name in ("one", "two")]
    put(store, make_session("one"), make_session("two"), *grants)

    found = [
        store.get_session_id("client-1", "sid of two at client-1"),
        store.get_session_id("client-2", "sid of two at client-1"),
        store.get_session_id("client-1", "sid of three at client-1"),
    ]

    assert found == ["two", None, None]


def test_a_session_that_was_ended_is_not_found_by_its_sid(store: WholeStore) -> None:
    put(store, make_session(), make_grant(scope=OFFLINE))

    store.end_session("session-1", NOW)

    assert store.get_session_id("client-1", "sid of session-1 at client-1") is None


def test_the_sessions_of_a_patron_come_newest_first(store: WholeStore) -> None:
    old = make_session("old", auth_time=NOW - 60)
    new = make_session("new", auth_time=NOW)
    over = make_session("over", auth_time=NOW - 30, ends_at=NOW - 1)
    put(store, old, new, over, make_session("foreign", "subject-2"))

    sessions = store.get_sessions_of("subject-1")

    assert list(sessions) == [new, over, old]


def test_all_sessions_of_a_patron_end_like_a_logout(store: WholeStore) -> None:
    for name in ("one", "two"):
        grant = make_grant(name, logout_until=NOW + 900)
        put(store, make_session(name), grant)
    put(store, make_session("foreign", "subject-2"))

    ended = store.end_sessions_of("subject-1", NOW, offline=False)

    assert ended == 2
    assert list(store.get_sessions_of("subject-1")) == []
    assert store.get_session_by_id("foreign") is not None
    assert [notice.sid for notice in waiting(store)] == [
        "sid of one at client-1",
        "sid of two at client-1",
    ]


def test_offline_grants_stay_unless_they_are_to_end_too(store: WholeStore) -> None:
    grant = make_grant(scope=OFFLINE)
    put(store, make_session(), grant)

    store.end_sessions_of("subject-1", NOW, offline=False)

    assert store.get_grant(grant.grant_id) is not None


def test_offline_grants_end_too_with_or_without_their_session(
    store: WholeStore,
) -> None:
    attached = make_grant(scope=OFFLINE, logout_until=NOW + 900)
    detached = make_grant(None, scope=OFFLINE)
    run_out = make_grant("cleaned", scope=OFFLINE)
    foreign = make_grant(None, "subject-2", scope=OFFLINE)
    put(store, make_session(), attached, detached, run_out, foreign)

    ended = store.end_sessions_of("subject-1", NOW, offline=True)

    assert ended == 1
    for grant in (attached, detached, run_out):
        assert store.get_grant(grant.grant_id) is None
    assert store.get_grant(foreign.grant_id) == foreign
    assert [notice.sid for notice in waiting(store)] == [attached.sid]


def test_offline_grants_end_although_no_session_is_left(store: WholeStore) -> None:
    grant = make_grant(None, scope=OFFLINE)
    put(store, grant)

    ended = store.end_sessions_of("subject-1", NOW, offline=True)

    assert ended == 0
    assert store.get_grant(grant.grant_id) is None


def test_a_claimed_notice_counts_a_try_and_is_due_later(store: WholeStore) -> None:
    (notice,) = put_notices(store, 1)

    claimed = store.claim_logout_notices(NOW, NOW + 30, 9)

    assert list(claimed) == [replace(notice, tries=1, due_at=NOW + 30)]


def test_a_claimed_notice_is_claimed_again_only_when_it_is_due(
    store: WholeStore,
) -> None:
    (notice,) = put_notices(store, 1)
    store.claim_logout_notices(NOW, NOW + 30, 9)

    early = store.claim_logout_notices(NOW + 29, NOW + 60, 9)
    due = store.claim_logout_notices(NOW + 30, NOW + 60, 9)

    assert list(early) == []
    assert list(due) == [replace(notice, tries=2, due_at=NOW + 60)]


def test_those_due_longest_are_claimed_first_and_as_many_as_asked(
    store: WholeStore,
) -> None:
    first, second, third = put_notices(store, 3)
    # The oldest had its turn: the others come before its next one.
    store.postpone_logout_notice(first.notice_id, NOW + 10)

    claimed = store.claim_logout_notices(NOW + 10, NOW + 60, 2)

    assert [one.notice_id for one in claimed] == [second.notice_id, third.notice_id]


def test_of_those_due_at_once_the_oldest_are_claimed_first(store: WholeStore) -> None:
    notices = put_notices(store, 3)

    claimed = store.claim_logout_notices(NOW, NOW + 60, 2)

    assert [one.notice_id for one in claimed] == [one.notice_id for one in notices[:2]]


def test_notices_of_the_clients_named_are_passed_over(store: WholeStore) -> None:
    first, second, third = put_notices(store, 3)
    but_not_of = {first.client_id, third.client_id}

    claimed = store.claim_logout_notices(NOW, NOW + 60, 1, but_not_of)

    assert [one.notice_id for one in claimed] == [second.notice_id]
    assert store.claim_logout_notices(NOW, NOW + 60, 9, but_not_of) == []
    left = store.claim_logout_notices(NOW, NOW + 60, 9)
    assert [one.tries for one in left] == [1, 1]


def test_a_notice_is_claimed_by_one_of_twenty_threads(store: WholeStore) -> None:
    notices = put_notices(store, 30)

    claims = at_once(lambda: store.claim_logout_notices(NOW, NOW + 60, 2))

    claimed = sorted(notice.notice_id for claim in claims for notice in claim)
    assert claimed == [notice.notice_id for notice in notices]


def test_a_postponed_notice_waits_and_keeps_its_tries(store: WholeStore) -> None:
    (notice,) = put_notices(store, 1)
    store.claim_logout_notices(NOW, NOW + 30, 9)

    is_there = store.postpone_logout_notice(notice.notice_id, NOW + 200)

    assert is_there
    assert list(store.claim_logout_notices(NOW + 199, NOW + 999, 9)) == []
    (again,) = store.claim_logout_notices(NOW + 200, NOW + 999, 9)
    assert again.tries == 2


def test_a_notice_that_is_gone_is_not_postponed(store: WholeStore) -> None:
    (notice,) = put_notices(store, 1)
    store.delete_logout_notice(notice.notice_id)

    is_there = store.postpone_logout_notice(notice.notice_id, NOW)

    assert not is_there
    assert list(store.claim_logout_notices(NOW + DAY_S, NOW, 9)) == []


def test_a_delivered_notice_is_deleted_once_and_alone(store: WholeStore) -> None:
    delivered, other = put_notices(store, 2)

    deleted = [store.delete_logout_notice(delivered.notice_id) for _ in range(2)]

    assert deleted == [1, 0]
    assert not store.has_logout_notice(delivered.notice_id)
    assert store.has_logout_notice(other.notice_id)


def test_the_number_of_a_notice_never_comes_back(store: WholeStore) -> None:
    (first,) = put_notices(store, 1)
    store.delete_logout_notice(first.notice_id)

    (second,) = put_notices(store, 1)

    assert second.notice_id > first.notice_id


def test_another_patrons_sign_in_tells_its_own_client_too(store: WholeStore) -> None:
    grant = make_grant(logout_until=NOW + 900)
    put(store, make_session(), grant)

    store.put_login(
        LoginWrite(
            NOW,
            ends_session_id="session-1",
            session=make_session("session-2", "subject-2"),
            grant=make_grant("session-2", "subject-2"),
        )
    )

    assert [(one.client_id, one.sid) for one in waiting(store)] == [
        ("client-1", grant.sid)
    ]
