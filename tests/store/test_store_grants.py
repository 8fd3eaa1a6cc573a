"""Grants: compare and swap, delete."""

from dataclasses import replace

import pytest

from bridge.core.errors import StoreError
from bridge.core.grant import Grant
from bridge.core.records import LoginWrite
from bridge.flow.stores import WholeStore
from tests.store.conformance import NOW, OFFLINE, at_once, make_grant, make_session, put


def redeemed(grant: Grant) -> Grant:
    """Return what a redeemed code makes of *grant*."""
    return replace(
        grant,
        version=grant.version + 1,
        sealed=b"the patron as RERO+ knows them now",
        generation=grant.generation + 1,
        access_epoch=7,
        swapped_at=NOW + 10,
        swapped_scope=3,
        refresh_limit=NOW + 9000,
        refresh_end=NOW + 5000,
        key_id=b"key2",
        expires_at=NOW + 6000,
    )


def test_a_swap_writes_all_that_a_swap_changes(store: WholeStore) -> None:
    grant = make_grant()
    put(store, grant)

    is_swapped = store.swap_grant(redeemed(grant))

    assert is_swapped
    assert store.get_grant(grant.grant_id) == redeemed(grant)


def test_a_swap_leaves_scope_and_identity_alone(store: WholeStore) -> None:
    grant = make_grant()
    put(store, grant)
    other = replace(
        redeemed(grant),
        scope=("other",),
        subject="other",
        client_id="other",
        session_id=None,
        sid=None,
    )

    store.swap_grant(other)

    assert store.get_grant(grant.grant_id) == redeemed(grant)


@pytest.mark.parametrize("step", [-1, 0, 2])
def test_a_swap_of_another_version_is_lost(store: WholeStore, step: int) -> None:
    grant = make_grant()
    put(store, grant)

    is_swapped = store.swap_grant(replace(grant, version=grant.version + step))

    assert not is_swapped
    assert store.get_grant(grant.grant_id) == grant


def test_a_swap_never_makes_a_row(store: WholeStore) -> None:
    grant = make_grant()

    is_swapped = store.swap_grant(redeemed(grant))

    assert not is_swapped
    assert store.get_grant(grant.grant_id) is None


def test_a_swap_leaves_other_grants_alone(store: WholeStore) -> None:
    grant, other = make_grant(), make_grant()
    put(store, grant, other)

    store.swap_grant(redeemed(grant))

    assert store.get_grant(other.grant_id) == other


def test_a_swap_is_won_by_one_of_twenty_threads(store: WholeStore) -> None:
    grant = make_grant()
    put(store, grant)

    answers = at_once(lambda: store.swap_grant(redeemed(grant)))

    assert sorted(answers) == [False] * 19 + [True]
    assert store.get_grant(grant.grant_id) == redeemed(grant)


def test_a_swap_that_was_under_way_when_the_session_ended_is_lost(
    store: WholeStore,
) -> None:
    grant = make_grant(scope=OFFLINE)
    put(store, make_session(), grant)
    store.end_session("session-1", NOW)

    is_swapped = store.swap_grant(redeemed(grant))

    assert not is_swapped


def test_deleting_says_how_many_rows_went(store: WholeStore) -> None:
    grant, other = make_grant(), make_grant()
    put(store, grant, other)

    answers = [store.delete_grant(grant.grant_id) for _ in range(2)]

    assert answers == [1, 0]
    assert store.get_grant(grant.grant_id) is None
    assert store.get_grant(other.grant_id) == other


def test_a_deleted_grant_is_not_swapped_in_again(store: WholeStore) -> None:
    grant = make_grant()
    put(store, grant)
    store.delete_grant(grant.grant_id)

    assert not store.swap_grant(redeemed(grant))
    assert store.get_grant(grant.grant_id) is None


def test_a_grant_that_is_over_is_still_read(store: WholeStore) -> None:
    over = make_grant(expires_at=NOW - 1)
    put(store, over)

    assert store.get_grant(over.grant_id) == over


def test_a_grant_id_is_put_once(store: WholeStore) -> None:
    grant = make_grant()
    put(store, grant)

    with pytest.raises(StoreError):
        store.put_login(LoginWrite(NOW, grant=redeemed(grant)))

    assert store.get_grant(grant.grant_id) == grant
