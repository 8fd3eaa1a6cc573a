"""The card that a patron chose: written by a login, gone with its session."""

import pytest

from bridge.core.records import CardChoice, LoginWrite
from bridge.flow.stores import WholeStore
from tests.store.conformance import HOUR_S, NOW, make_session, put

CHOICE = CardChoice("session-1", "client-1", b"\0sealed card\xff")


def chosen(store: WholeStore) -> CardChoice | None:
    return store.get_card_choice("session-1", "client-1")


def choose(store: WholeStore, choice: CardChoice = CHOICE) -> bool:
    return store.put_login(LoginWrite(NOW, ticket_id=b"t", card_choice=choice))


def test_choice_is_read_as_it_was_written(store: WholeStore) -> None:
    put(store, make_session())

    assert choose(store)

    assert chosen(store) == CHOICE


def test_choice_is_of_one_session_and_one_client(store: WholeStore) -> None:
    put(store, make_session(), make_session("session-2"))

    choose(store)

    assert store.get_card_choice("session-2", "client-1") is None
    assert store.get_card_choice("session-1", "client-2") is None


def test_later_choice_takes_the_place_of_the_one_before(store: WholeStore) -> None:
    put(store, make_session())
    later = CardChoice("session-1", "client-1", b"another")

    store.put_login(LoginWrite(NOW, card_choice=CHOICE))
    store.put_login(LoginWrite(NOW, card_choice=later))

    assert chosen(store) == later


def test_choice_in_a_session_that_has_ended_writes_nothing(store: WholeStore) -> None:
    put(store, make_session())
    store.end_session("session-1", NOW)

    assert not choose(store)

    assert chosen(store) is None
    assert not store.is_ticket_used(b"t")


@pytest.mark.parametrize("how", ["end_session", "end_sessions_of", "clean", "another"])
def test_choice_ends_with_its_session(store: WholeStore, how: str) -> None:
    put(store, make_session(ends_at=NOW + 60))
    choose(store)

    if how == "end_session":
        store.end_session("session-1", NOW)
    elif how == "end_sessions_of":
        store.end_sessions_of("subject-1", NOW, offline=False)
    elif how == "clean":
        store.clean(NOW + 2 * HOUR_S)
    else:
        other = make_session("session-2", "subject-2")
        write = LoginWrite(NOW, ends_session_id="session-1", session=other)
        store.put_login(write)

    put(store, make_session())  # were its id to come again, the choice does not
    assert chosen(store) is None


def test_choice_stays_when_the_same_patron_signs_in_again(store: WholeStore) -> None:
    put(store, make_session())
    choose(store)

    put(store, make_session(secret=b"new".ljust(32, b"\0"), auth_time=NOW + 5))

    assert chosen(store) == CHOICE
