"""clean: what is over for an hour goes, a bounded number of rows a call."""

from bridge.core.records import Consent, LoginWrite, UpstreamRecord
from bridge.flow.stores import WholeStore
from bridge.store.lives import CLEAN_ROWS
from tests.store.conformance import (
    DAY_S,
    HOUR_S,
    NOW,
    make_grant,
    make_pushed_request,
    make_session,
    put,
    waiting,
)


def test_a_grant_goes_an_hour_after_its_end(store: WholeStore) -> None:
    due = make_grant(expires_at=NOW - HOUR_S - 1)
    not_yet = make_grant(expires_at=NOW - HOUR_S)
    put(store, due, not_yet)

    deleted = store.clean(NOW)

    assert deleted == 1
    assert store.get_grant(due.grant_id) is None
    assert store.get_grant(not_yet.grant_id) == not_yet


def test_a_session_goes_an_hour_after_its_end(store: WholeStore) -> None:
    not_yet = make_session("not yet", ends_at=NOW - HOUR_S)
    put(store, make_session("due", ends_at=NOW - HOUR_S - 1), not_yet)

    deleted = store.clean(NOW)

    assert deleted == 1
    assert store.get_session_by_id("due") is None
    assert store.get_session_by_id("not yet") == not_yet


def test_a_session_that_is_cleaned_away_leaves_its_grants_as_they_are(
    store: WholeStore,
) -> None:
    grant = make_grant(logout_until=NOW + 900)
    put(store, make_session(ends_at=NOW - HOUR_S - 1), grant)

    store.clean(NOW)

    assert store.get_grant(grant.grant_id) == grant
    assert waiting(store) == []


def test_a_used_ticket_goes_an_hour_after_its_end(store: WholeStore) -> None:
    for ticket_id, ends_at in ((b"due", NOW - HOUR_S - 1), (b"not yet", NOW - HOUR_S)):
        store.put_login(LoginWrite(NOW, ticket_id=ticket_id, ticket_ends_at=ends_at))

    deleted = store.clean(NOW)

    assert deleted == 1
    assert not store.is_ticket_used(b"due")
    assert store.is_ticket_used(b"not yet")


def test_a_pushed_request_goes_an_hour_after_its_end(store: WholeStore) -> None:
    due = make_pushed_request(b"due", ends_at=NOW - HOUR_S - 1)
    not_yet = make_pushed_request(b"not yet", ends_at=NOW - HOUR_S)
    for request in (due, not_yet):
        store.put_pushed_request(request, NOW, limit=9)

    deleted = store.clean(NOW)

    assert deleted == 1
    assert store.get_pushed_request(due.request_id) is None
    assert store.get_pushed_request(not_yet.request_id) == not_yet


def test_an_assertion_goes_an_hour_after_its_end(store: WholeStore) -> None:
    store.put_assertion(b"due", NOW - HOUR_S - 1)
    store.put_assertion(b"not yet", NOW - HOUR_S)

    deleted = store.clean(NOW)

    assert deleted == 1
    assert store.put_assertion(b"due", NOW)
    assert not store.put_assertion(b"not yet", NOW)


def test_a_logout_notice_goes_after_a_day(store: WholeStore) -> None:
    for now in (NOW - DAY_S - 1, NOW - DAY_S):
        put(store, make_session(), make_grant(logout_until=NOW + 900))
        store.end_session("session-1", now)

    deleted = store.clean(NOW)

    assert deleted == 1
    left = [notice.created_at for notice in waiting(store)]
    assert left == [NOW - DAY_S]


def test_consents_and_upstreams_stay(store: WholeStore) -> None:
    consent = Consent("subject-1", "client-1", frozenset({"name"}), 0)
    upstream = UpstreamRecord("rero", "https://bib.rero.ch", has_user_ids=True)
    store.put_login(LoginWrite(NOW, consent=consent, upstream=upstream))

    deleted = store.clean(NOW)

    assert deleted == 0
    assert store.get_consent("subject-1", "client-1") == consent
    assert store.get_upstreams() == [upstream]


def test_one_call_deletes_a_bounded_number_of_rows(store: WholeStore) -> None:
    for number in range(CLEAN_ROWS + 3):
        ticket_id = number.to_bytes(16, "big")
        store.put_login(LoginWrite(NOW, ticket_id=ticket_id, ticket_ends_at=0))

    deleted = [store.clean(NOW) for _ in range(3)]

    assert deleted == [CLEAN_ROWS, 3, 0]
