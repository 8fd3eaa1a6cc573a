"""put_login: one step of a login, in one transaction, or nothing at all."""

from dataclasses import replace

import pytest

from bridge.core.errors import StoreError
from bridge.core.records import Consent, LoginWrite, UpstreamRecord
from bridge.flow.stores import WholeStore
from tests.store.conformance import (
    NOW,
    OFFLINE,
    at_once,
    make_grant,
    make_session,
    put,
    waiting,
)

TICKET = b"\x00ticket id 16 by"
UPSTREAM = UpstreamRecord("rero", "https://bib.rero.ch", has_user_ids=False)


def test_a_login_writes_session_grant_ticket_consent_and_upstream(
    store: WholeStore,
) -> None:
    session, grant = make_session(), make_grant()
    consent = Consent("subject-1", "client-1", frozenset({"profile", "name"}), NOW)

    is_written = store.put_login(
        LoginWrite(
            NOW,
            ticket_id=TICKET,
            ticket_ends_at=NOW + 900,
            session=session,
            grant=grant,
            consent=consent,
            upstream=UPSTREAM,
        )
    )

    assert is_written
    assert store.is_ticket_used(TICKET)
    assert store.get_session(session.secret_digest) == session
    assert store.get_session_by_id(session.session_id) == session
    assert store.get_grant(grant.grant_id) == grant
    assert store.get_consent("subject-1", "client-1") == consent
    assert store.get_upstreams() == [UPSTREAM]


def test_an_empty_store_answers_with_nothing(store: WholeStore) -> None:
    assert not store.is_ticket_used(TICKET)
    assert store.get_session(b"digest") is None
    assert store.get_session_by_id("session-1") is None
    assert store.get_grant(b"grant") is None
    assert store.get_consent("subject-1", "client-1") is None
    assert store.get_upstreams() == []
    assert waiting(store) == []
    assert list(store.get_sessions_of("subject-1")) == []
    assert store.get_session_id("client-1", "sid") is None
    assert store.end_session("session-1", NOW) is None
    assert store.end_sessions_of("subject-1", NOW, offline=True) == 0
    assert store.get_pushed_request(b"pushed") is None


def test_a_used_ticket_writes_nothing(store: WholeStore) -> None:
    kept = make_session("kept")
    put(store, kept)
    store.put_login(LoginWrite(NOW, ticket_id=TICKET, ticket_ends_at=NOW + 900))
    session, grant = make_session("late"), make_grant("late")

    is_written = store.put_login(
        LoginWrite(
            NOW,
            ticket_id=TICKET,
            ticket_ends_at=NOW + 900,
            ends_session_id="kept",
            session=session,
            grant=grant,
            consent=Consent("subject-1", "client-1", frozenset(), NOW),
            upstream=UPSTREAM,
        )
    )

    assert not is_written
    assert store.get_session_by_id("kept") == kept
    assert store.get_session_by_id("late") is None
    assert store.get_grant(grant.grant_id) is None
    assert store.get_consent("subject-1", "client-1") is None
    assert store.get_upstreams() == []


def test_a_ticket_works_for_one_of_twenty_threads(store: WholeStore) -> None:
    write = LoginWrite(NOW, ticket_id=TICKET, ticket_ends_at=NOW + 900)

    answers = at_once(lambda: store.put_login(write))

    assert sorted(answers) == [False] * 19 + [True]


def test_a_login_that_fails_in_the_middle_writes_nothing(store: WholeStore) -> None:
    kept, offline = make_session("kept"), make_grant("kept", scope=OFFLINE)
    put(store, kept, offline)

    with pytest.raises(StoreError):
        store.put_login(
            LoginWrite(
                NOW,
                ticket_id=TICKET,
                ticket_ends_at=NOW + 900,
                ends_session_id="kept",
                session=make_session("new"),
                grant=make_grant("new", grant_id=offline.grant_id),
                upstream=UPSTREAM,
            )
        )

    assert not store.is_ticket_used(TICKET)
    assert store.get_session_by_id("kept") == kept
    assert store.get_session_by_id("new") is None
    assert store.get_grant(offline.grant_id) == offline
    assert store.get_upstreams() == []


def test_a_login_without_a_ticket_may_come_twice(store: WholeStore) -> None:
    first, second = make_grant(), make_grant()

    answers = [
        store.put_login(LoginWrite(NOW, grant=grant)) for grant in (first, second)
    ]

    assert answers == [True, True]
    assert store.get_grant(first.grant_id) == first
    assert store.get_grant(second.grant_id) == second


def test_a_session_that_comes_again_kills_the_old_cookie(store: WholeStore) -> None:
    put(store, make_session(secret=b"old"), make_grant())
    again = make_session(secret=b"new", auth_time=NOW + 60, ends_at=NOW + 99)

    store.put_login(LoginWrite(NOW + 60, session=again))

    assert store.get_session(b"old") is None
    assert store.get_session(b"new") == again
    assert store.get_session_by_id("session-1") == again


def test_a_session_that_comes_again_keeps_its_grants(store: WholeStore) -> None:
    grant = make_grant(logout_until=NOW + 900)
    put(store, make_session(secret=b"old"), grant)

    store.put_login(LoginWrite(NOW + 60, session=make_session(secret=b"new")))

    assert store.get_grant(grant.grant_id) == grant
    assert waiting(store) == []


def test_two_sessions_never_share_a_secret(store: WholeStore) -> None:
    first = make_session("first", secret=b"same")
    put(store, first)

    with pytest.raises(StoreError):
        store.put_login(LoginWrite(NOW, session=make_session("second", secret=b"same")))

    assert store.get_session(b"same") == first
    assert store.get_session_by_id("second") is None


def test_a_wider_consent_replaces_the_old_one(store: WholeStore) -> None:
    consent = Consent("subject-1", "client-1", frozenset({"profile"}), NOW)
    store.put_login(LoginWrite(NOW, consent=consent))
    wider = replace(consent, allowed=frozenset({"profile", "rero"}), given_at=NOW + 5)

    store.put_login(LoginWrite(NOW + 5, consent=wider))

    assert store.get_consent("subject-1", "client-1") == wider
    assert store.get_consent("subject-1", "client-2") is None
    assert store.get_consent("subject-2", "client-1") is None


def test_an_upstream_that_showed_user_ids_never_loses_that(store: WholeStore) -> None:
    store.put_login(LoginWrite(NOW, upstream=replace(UPSTREAM, has_user_ids=True)))

    store.put_login(LoginWrite(NOW, upstream=UPSTREAM))

    assert store.get_upstreams() == [replace(UPSTREAM, has_user_ids=True)]


def test_an_upstream_may_begin_to_show_user_ids(store: WholeStore) -> None:
    store.put_login(LoginWrite(NOW, upstream=UPSTREAM))

    store.put_login(LoginWrite(NOW, upstream=replace(UPSTREAM, has_user_ids=True)))

    assert store.get_upstreams() == [replace(UPSTREAM, has_user_ids=True)]


def test_an_upstream_that_moves_keeps_that_it_showed_user_ids(
    store: WholeStore,
) -> None:
    store.put_login(LoginWrite(NOW, upstream=replace(UPSTREAM, has_user_ids=True)))

    moved = replace(UPSTREAM, base_url="https://new.rero.ch")
    store.put_login(LoginWrite(NOW, upstream=moved))

    assert store.get_upstreams() == [replace(moved, has_user_ids=True)]


def test_every_upstream_is_listed_with_its_latest_address(store: WholeStore) -> None:
    other = UpstreamRecord("trial", "https://bib.test.rero.ch", has_user_ids=True)
    store.put_login(LoginWrite(NOW, upstream=other))
    store.put_login(LoginWrite(NOW, upstream=UPSTREAM))

    moved = replace(UPSTREAM, base_url="https://new.rero.ch")
    store.put_login(LoginWrite(NOW, upstream=moved))

    assert store.get_upstreams() == [moved, other]


def test_a_closed_store_refuses_by_a_store_error(store: WholeStore) -> None:
    put(store, make_session())

    store.close()

    with pytest.raises(StoreError):
        store.get_session_by_id("session-1")
    with pytest.raises(StoreError):
        store.put_login(LoginWrite(NOW, grant=make_grant()))
    with pytest.raises(StoreError):
        store.check_writable()


def test_readiness_may_be_checked_again_and_again(store: WholeStore) -> None:
    store.check_writable()
    store.check_writable()

    assert store.clean(NOW) == 0
