"""RERO+'s tokens of patrons: the newest ones, and gone with all that may use them."""

from collections.abc import Callable
from typing import Final

import pytest

from bridge.core.records import KeptTokens, LoginWrite, SubjectLink
from bridge.flow.stores import WholeStore
from tests.store.conformance import (
    HOUR_S,
    NOW,
    OFFLINE,
    at_once,
    make_grant,
    make_session,
    put,
)

OLD: Final = KeptTokens("subject-1", b"\0old\xff", NOW + HOUR_S)
NEW: Final = KeptTokens("subject-1", b"\0new\xff", NOW + 2 * HOUR_S)
OTHER: Final = KeptTokens("subject-2", b"\0other\xff", NOW + HOUR_S)
GRANT_ID: Final = b"offline grant".ljust(16, b"\0")


def keep(store: WholeStore, kept: KeptTokens) -> None:
    assert store.put_login(LoginWrite(NOW, upstream_tokens=kept))


def test_the_newest_tokens_of_a_patron_replace_the_former(store: WholeStore) -> None:
    for kept in (OLD, OTHER, NEW):
        keep(store, kept)

    assert store.get_upstream_tokens("subject-1") == NEW
    assert store.get_upstream_tokens("subject-2") == OTHER
    assert store.get_upstream_tokens("nobody") is None


def test_a_step_that_is_not_written_keeps_no_tokens(store: WholeStore) -> None:
    store.put_login(LoginWrite(NOW, ticket_id=b"t", ticket_ends_at=NOW + 9))

    store.put_login(LoginWrite(NOW, ticket_id=b"t", upstream_tokens=NEW))

    assert store.get_upstream_tokens("subject-1") is None


def test_tokens_are_swapped_only_where_they_are_still_the_ones_read(
    store: WholeStore,
) -> None:
    keep(store, OLD)

    answers = [store.swap_upstream_tokens(OLD, NEW) for _ in range(2)]

    assert answers == [True, False]
    assert store.get_upstream_tokens("subject-1") == NEW


def test_a_swap_never_brings_tokens_back(store: WholeStore) -> None:
    assert not store.swap_upstream_tokens(OLD, NEW)

    assert store.get_upstream_tokens("subject-1") is None


def test_a_swap_of_tokens_is_won_by_one_of_twenty_threads(store: WholeStore) -> None:
    keep(store, OLD)

    answers = at_once(lambda: store.swap_upstream_tokens(OLD, NEW))

    assert sorted(answers) == [False] * 19 + [True]


def test_tokens_are_deleted_only_where_they_are_still_the_ones_read(
    store: WholeStore,
) -> None:
    keep(store, NEW)

    counts = [store.delete_upstream_tokens(kept) for kept in (OLD, NEW, NEW)]

    assert counts == [0, 1, 0]
    assert store.get_upstream_tokens("subject-1") is None


Deed = Callable[[WholeStore], object]


def link_away(store: WholeStore) -> None:
    assert store.put_links([SubjectLink("subject-1", "subject-9", b"", NOW)], NOW)


@pytest.mark.parametrize(
    "end",
    [
        lambda store: store.end_session("session-1", NOW),
        lambda store: store.end_sessions_of("subject-1", NOW, offline=False),
        lambda store: store.put_login(LoginWrite(NOW, ends_session_id="session-1")),
        lambda store: store.clean(NOW + 10 * HOUR_S),
        link_away,
    ],
)
def test_tokens_go_with_the_last_session(store: WholeStore, end: Deed) -> None:
    put(store, make_session(), make_grant(expires_at=NOW + 99 * HOUR_S))
    kept = KeptTokens("subject-1", b"\0kept\xff", NOW + 99 * HOUR_S)
    for one in (kept, OTHER):
        keep(store, one)

    end(store)

    assert store.get_upstream_tokens("subject-1") is None


@pytest.mark.parametrize(
    "end",
    [
        lambda store: store.delete_grant(GRANT_ID),
        lambda store: store.end_sessions_of("subject-1", NOW, offline=True),
        lambda store: store.withdraw("subject-1", "client-1"),
        lambda store: store.clean(NOW + 10 * HOUR_S),
        link_away,
    ],
)
def test_tokens_go_with_the_last_grant_that_outlives_its_session(
    store: WholeStore, end: Deed
) -> None:
    put(store, make_grant(None, grant_id=GRANT_ID, scope=OFFLINE))
    keep(store, KeptTokens("subject-1", b"\0kept\xff", NOW + 99 * HOUR_S))

    end(store)

    assert store.get_upstream_tokens("subject-1") is None


def test_tokens_stay_while_a_grant_outlives_its_session(store: WholeStore) -> None:
    put(store, make_session(), make_grant(scope=OFFLINE))
    keep(store, OLD)

    store.end_session("session-1", NOW)

    assert store.get_upstream_tokens("subject-1") == OLD


def test_tokens_stay_while_another_session_is_there(store: WholeStore) -> None:
    put(store, make_session(), make_session("session-2"), make_grant(scope=OFFLINE))
    keep(store, OLD)

    store.end_session("session-2", NOW)
    store.withdraw("subject-1", None)

    assert store.get_upstream_tokens("subject-1") == OLD


def test_a_patron_who_signs_in_again_keeps_the_new_tokens(store: WholeStore) -> None:
    put(store, make_session())
    keep(store, OLD)

    again = make_session(secret=b"another")
    assert store.put_login(LoginWrite(NOW, session=again, upstream_tokens=NEW))

    assert store.get_upstream_tokens("subject-1") == NEW


def test_tokens_go_an_hour_after_their_end(store: WholeStore) -> None:
    put(store, make_session(ends_at=NOW + 99 * HOUR_S))
    keep(store, OLD)

    counts = [store.clean(OLD.ends_at + seconds) for seconds in (HOUR_S, HOUR_S + 1)]

    assert counts == [0, 1]
    assert store.get_upstream_tokens("subject-1") is None
