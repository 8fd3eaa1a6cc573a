"""What clients store: requests that they pushed, assertions that they used."""

from dataclasses import replace
from functools import partial

import pytest

from bridge.core.errors import StoreError
from bridge.core.records import LoginWrite
from bridge.flow.stores import WholeStore
from tests.store.conformance import (
    NOW,
    at_once,
    make_grant,
    make_pushed_request,
    make_session,
    put,
)

TICKET = b"\x00ticket id 16 by"


def test_a_pushed_request_comes_back_over_or_not(store: WholeStore) -> None:
    live, over = make_pushed_request(), make_pushed_request(b"over", ends_at=NOW - 1)

    answers = [store.put_pushed_request(one, NOW, limit=9) for one in (live, over)]

    assert answers == [True, True]
    assert store.get_pushed_request(live.request_id) == live
    assert store.get_pushed_request(over.request_id) == over


def test_a_client_may_push_as_many_requests_as_the_limit(store: WholeStore) -> None:
    first, second, third = map(make_pushed_request, (b"1", b"2", b"3"))

    answers = [
        store.put_pushed_request(one, NOW, limit=2) for one in (first, second, third)
    ]

    assert answers == [True, True, False]
    assert store.get_pushed_request(third.request_id) is None


def test_pushed_requests_of_others_and_those_over_are_not_counted(
    store: WholeStore,
) -> None:
    store.put_pushed_request(make_pushed_request(b"1", "client-2"), NOW, limit=9)
    store.put_pushed_request(make_pushed_request(b"2", ends_at=NOW), NOW, limit=9)

    assert store.put_pushed_request(make_pushed_request(b"3"), NOW, limit=1)


def test_the_limit_of_pushed_requests_holds_among_twenty_threads(
    store: WholeStore,
) -> None:
    requests = [make_pushed_request(bytes([number])) for number in range(20)]
    left = iter(requests)

    answers = at_once(lambda: store.put_pushed_request(next(left), NOW, limit=3))

    kept = [one for one in requests if store.get_pushed_request(one.request_id)]
    assert answers.count(True) == 3
    assert len(kept) == 3


def test_a_request_id_is_pushed_once(store: WholeStore) -> None:
    first = make_pushed_request()
    store.put_pushed_request(first, NOW, limit=9)

    with pytest.raises(StoreError):
        store.put_pushed_request(replace(first, client_id="client-2"), NOW, limit=9)

    assert store.get_pushed_request(first.request_id) == first


def test_a_login_uses_its_pushed_request_up(store: WholeStore) -> None:
    used, other = make_pushed_request(b"used"), make_pushed_request(b"other")
    for request in (used, other):
        store.put_pushed_request(request, NOW, limit=9)
    grant = make_grant()

    is_written = store.put_login(
        LoginWrite(NOW, grant=grant, pushed_id=used.request_id)
    )

    assert is_written
    assert store.get_grant(grant.grant_id) == grant
    assert store.get_pushed_request(used.request_id) is None
    assert store.get_pushed_request(other.request_id) == other


def test_a_pushed_request_that_was_used_up_writes_nothing(store: WholeStore) -> None:
    kept, grant = make_session("kept"), make_grant("late")
    put(store, kept)

    is_written = store.put_login(
        LoginWrite(
            NOW,
            ticket_id=TICKET,
            ticket_ends_at=NOW + 900,
            ends_session_id="kept",
            session=make_session("late"),
            grant=grant,
            pushed_id=make_pushed_request().request_id,
        )
    )

    assert not is_written
    assert not store.is_ticket_used(TICKET)
    assert store.get_session_by_id("kept") == kept
    assert store.get_session_by_id("late") is None
    assert store.get_grant(grant.grant_id) is None


def test_a_used_ticket_leaves_the_pushed_request_there(store: WholeStore) -> None:
    request = make_pushed_request()
    store.put_pushed_request(request, NOW, limit=9)
    store.put_login(LoginWrite(NOW, ticket_id=TICKET, ticket_ends_at=NOW + 900))

    is_written = store.put_login(
        LoginWrite(NOW, ticket_id=TICKET, pushed_id=request.request_id)
    )

    assert not is_written
    assert store.get_pushed_request(request.request_id) == request


def test_a_session_that_is_gone_leaves_the_pushed_request_there(
    store: WholeStore,
) -> None:
    request = make_pushed_request()
    store.put_pushed_request(request, NOW, limit=9)

    is_written = store.put_login(
        LoginWrite(
            NOW, grant=make_grant(), needs_session=True, pushed_id=request.request_id
        )
    )

    assert not is_written
    assert store.get_pushed_request(request.request_id) == request


def test_a_pushed_request_is_used_by_one_of_twenty_threads(store: WholeStore) -> None:
    requests = [make_pushed_request(bytes([number])) for number in range(10)]
    for request in requests:
        store.put_pushed_request(request, NOW, limit=10)

    def use(pushed_id: bytes) -> bool:
        return store.put_login(LoginWrite(NOW, grant=make_grant(), pushed_id=pushed_id))

    answers = [at_once(partial(use, request.request_id)) for request in requests]

    assert [sorted(answer) for answer in answers] == [[False] * 19 + [True]] * 10


def test_an_assertion_is_used_once_even_after_its_end(store: WholeStore) -> None:
    answers = [
        store.put_assertion(digest, ends_at)
        for digest, ends_at in (
            (b"first", NOW - 1),
            (b"first", NOW + 60),
            (b"other", NOW),
        )
    ]

    assert answers == [True, False, True]


def test_an_assertion_is_used_by_one_of_twenty_threads(store: WholeStore) -> None:
    answers = at_once(lambda: store.put_assertion(b"digest", NOW + 60))

    assert sorted(answers) == [False] * 19 + [True]
