"""Limits: how many live sessions and grants a patron may have; the oldest gives way."""

from bridge.core.grant import Grant
from bridge.core.records import LoginWrite, StoreLimits
from bridge.core.session import Session
from bridge.flow.stores import WholeStore
from tests.store.conformance import NOW, make_grant, make_session, put, waiting

TWO = StoreLimits(grants_per_subject_and_client=2, sessions_per_subject=2)


def put_session(store: WholeStore, session: Session) -> None:
    """Put *session* where two may live."""
    assert store.put_login(LoginWrite(NOW, session=session, limits=TWO))


def put_grant(store: WholeStore, grant: Grant) -> None:
    """Put *grant* where two may live."""
    assert store.put_login(LoginWrite(NOW, grant=grant, limits=TWO))


def sessions_of(store: WholeStore, *session_ids: str) -> list[str]:
    """List which of *session_ids* are there."""
    return [name for name in session_ids if store.get_session_by_id(name)]


def test_the_session_over_the_limit_ends_the_oldest_sign_in(store: WholeStore) -> None:
    put_session(store, make_session("middle", auth_time=NOW - 20))
    put_session(store, make_session("oldest", auth_time=NOW - 30))

    put_session(store, make_session("new", auth_time=NOW))

    assert sessions_of(store, "oldest", "middle", "new") == ["middle", "new"]


def test_the_session_that_gives_way_ends_like_a_logout(store: WholeStore) -> None:
    grant = make_grant("oldest", logout_until=NOW + 900)
    put(store, make_session("oldest", auth_time=NOW - 30), grant)
    put_session(store, make_session("middle", auth_time=NOW - 20))

    put_session(store, make_session("new", auth_time=NOW))

    assert store.get_grant(grant.grant_id) is None
    assert [notice.sid for notice in waiting(store)] == [grant.sid]


def test_as_many_sessions_as_the_limit_may_live(store: WholeStore) -> None:
    put_session(store, make_session("first", auth_time=NOW - 30))

    put_session(store, make_session("second", auth_time=NOW))

    assert sessions_of(store, "first", "second") == ["first", "second"]


def test_a_session_that_comes_again_is_counted_once(store: WholeStore) -> None:
    put_session(store, make_session("first", auth_time=NOW - 30))
    put_session(store, make_session("second", auth_time=NOW - 20))

    put_session(store, make_session("second", auth_time=NOW))

    assert sessions_of(store, "first", "second") == ["first", "second"]


def test_the_new_session_stays_although_its_clock_is_behind(store: WholeStore) -> None:
    put_session(store, make_session("first", auth_time=NOW))
    put_session(store, make_session("second", auth_time=NOW + 1))

    put_session(store, make_session("behind", auth_time=NOW - 60))

    assert sessions_of(store, "first", "second", "behind") == ["second", "behind"]


def test_sessions_of_others_and_those_over_are_not_counted(store: WholeStore) -> None:
    put_session(store, make_session("first", auth_time=NOW - 40))
    put_session(store, make_session("other", "subject-2", auth_time=NOW - 50))
    put(store, make_session("over", auth_time=NOW - 30, ends_at=NOW))

    put_session(store, make_session("new", auth_time=NOW))

    everyone = ["first", "other", "over", "new"]
    assert sessions_of(store, *everyone) == everyone


def test_the_session_ended_by_the_same_login_is_not_counted(store: WholeStore) -> None:
    put_session(store, make_session("first", auth_time=NOW - 40))
    put_session(store, make_session("second", auth_time=NOW - 30))

    store.put_login(
        LoginWrite(
            NOW, ends_session_id="second", session=make_session("new"), limits=TWO
        )
    )

    assert sessions_of(store, "first", "second", "new") == ["first", "new"]


def test_the_grant_over_the_limit_deletes_the_oldest(store: WholeStore) -> None:
    middle, oldest = make_grant(issued_at=NOW - 20), make_grant(issued_at=NOW - 30)
    put_grant(store, middle)
    put_grant(store, oldest)
    new = make_grant()

    put_grant(store, new)

    assert store.get_grant(oldest.grant_id) is None
    assert store.get_grant(middle.grant_id) == middle
    assert store.get_grant(new.grant_id) == new


def test_the_new_grant_stays_although_its_clock_is_behind(store: WholeStore) -> None:
    first, second = make_grant(issued_at=NOW), make_grant(issued_at=NOW + 1)
    put_grant(store, first)
    put_grant(store, second)
    behind = make_grant(issued_at=NOW - 60)

    put_grant(store, behind)

    assert store.get_grant(first.grant_id) is None
    assert store.get_grant(second.grant_id) == second
    assert store.get_grant(behind.grant_id) == behind


def test_grants_of_others_at_others_and_those_over_are_not_counted(
    store: WholeStore,
) -> None:
    kept = [
        make_grant(issued_at=NOW - 40),
        make_grant(subject="subject-2", issued_at=NOW - 50),
        make_grant(client_id="client-2", issued_at=NOW - 50),
        make_grant(issued_at=NOW - 30, expires_at=NOW),
    ]
    put(store, *kept)

    put_grant(store, make_grant())

    assert [store.get_grant(grant.grant_id) for grant in kept] == kept


def test_a_limit_that_was_lowered_takes_all_that_are_over_it(store: WholeStore) -> None:
    grants = [make_grant(issued_at=NOW - age) for age in (50, 40, 30, 20)]
    put(store, *grants)

    put_grant(store, make_grant())

    left = [grant for grant in grants if store.get_grant(grant.grant_id)]
    assert left == grants[3:]


def test_twenty_grants_at_a_client_and_twenty_sessions_may_live() -> None:
    limits = LoginWrite(NOW).limits

    assert limits.grants_per_subject_and_client == 20
    assert limits.sessions_per_subject == 20
