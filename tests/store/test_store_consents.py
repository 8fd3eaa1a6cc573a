"""Consents listed and withdrawn, and rows read in pieces by the operator's commands."""

from collections.abc import Sequence

from bridge.flow.stores import WholeStore
from tests.store.conformance import OFFLINE, allow, make_grant, make_session, put


def test_consents_of_a_patron_are_listed_by_client(store: WholeStore) -> None:
    second, first = allow(store, "a", "moodle"), allow(store, "a", "keycloak")
    allow(store, "b", "moodle")

    assert store.get_consents_of("a") == [first, second]


def put_for_withdrawal(store: WholeStore) -> Sequence[bytes]:
    grants = [
        make_grant(client_id="moodle"),
        make_grant(client_id="moodle", scope=OFFLINE),
        make_grant(client_id="other"),
        make_grant("session-2", "subject-2", "moodle"),
    ]
    sessions = make_session(), make_session("session-2", "subject-2")
    put(store, *sessions, *grants)
    for subject in ("subject-1", "subject-2"):
        allow(store, subject, "moodle")
    allow(store, "subject-1", "other")
    return [grant.grant_id for grant in grants]


def left(store: WholeStore, grants: Sequence[bytes]) -> list[bool]:
    return [store.get_grant(grant_id) is not None for grant_id in grants]


def test_consent_withdrawn_at_a_client_ends_all_grants_there(
    store: WholeStore,
) -> None:
    grants = put_for_withdrawal(store)

    assert store.withdraw("subject-1", "moodle") == (1, 2)

    assert left(store, grants) == [False, False, True, True]
    assert [one.client_id for one in store.get_consents_of("subject-1")] == ["other"]
    assert len(store.get_consents_of("subject-2")) == 1
    assert len(store.get_sessions_of("subject-1")) == 1


def test_all_consents_can_be_withdrawn_at_once(store: WholeStore) -> None:
    grants = put_for_withdrawal(store)

    assert store.withdraw("subject-1", None) == (2, 3)

    assert left(store, grants) == [False, False, False, True]
    assert store.get_consents_of("subject-1") == []


def test_grants_of_a_client_are_read_in_pieces(store: WholeStore) -> None:
    grants = [make_grant() for _ in range(3)]
    put(store, make_session(), *grants, make_grant(client_id="other"))

    first = store.get_grants_at("client-1", b"", 2)
    second = store.get_grants_at("client-1", first[-1].grant_id, 2)

    assert [*first, *second] == grants


def test_sessions_are_read_in_pieces(store: WholeStore) -> None:
    sessions = [make_session(f"session-{number}", f"s{number}") for number in (1, 2, 3)]
    put(store, *sessions)

    first = store.get_sessions_after("", 2)
    second = store.get_sessions_after(first[-1].session_id, 2)

    assert [*first, *second] == sessions
