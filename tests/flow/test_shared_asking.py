"""One asking at a time for each patron."""

import threading

import pytest

from bridge.core.errors import StoreError
from bridge.core.patron import Identity, IdentityKind, Patron
from bridge.flow.fresh_answers import FreshAnswer, SharedAsking

ANSWER = FreshAnswer(Patron(Identity(IdentityKind.USER, "3")), frozenset())


class Held:
    """Work that begins, and ends when it is let go."""

    def __init__(self, error: StoreError | None = None) -> None:
        self.has_begun = threading.Event()
        self.is_let_go = threading.Event()
        self.error = error

    def __call__(self) -> FreshAnswer:
        self.has_begun.set()
        assert self.is_let_go.wait(10)
        if self.error is not None:
            raise self.error
        return ANSWER


def refuse() -> FreshAnswer:
    raise AssertionError("a second asking for the same patron")


class Asker(threading.Thread):
    """Asks in a thread of its own; keeps what came of it."""

    def __init__(self, asking: SharedAsking, subject: str, work: Held) -> None:
        super().__init__(daemon=True)
        self._asking, self._subject, self._work = asking, subject, work
        self.came: object = None

    def run(self) -> None:
        try:
            self.came = self._asking.ask(self._subject, self._work)
        except StoreError as error:
            self.came = error


def begun(asking: SharedAsking, work: Held) -> Asker:
    asker = Asker(asking, "jean", work)
    asker.start()
    assert work.has_begun.wait(10)
    return asker


def test_who_comes_meanwhile_shares_the_answer() -> None:
    asking, work = SharedAsking(), Held()
    first = begun(asking, work)
    threading.Timer(0.3, work.is_let_go.set).start()

    assert asking.ask("jean", refuse) is ANSWER

    first.join(10)
    assert first.came is ANSWER


def test_another_patron_does_not_wait() -> None:
    asking, work = SharedAsking(), Held()
    first = begun(asking, work)

    assert asking.ask("anna", lambda: None) is None

    work.is_let_go.set()
    first.join(10)


def test_next_one_asks_anew() -> None:
    asking = SharedAsking()

    first = asking.ask("jean", lambda: ANSWER)
    second = asking.ask("jean", lambda: None)

    assert (first, second) == (ANSWER, None)


def test_error_is_everybodys_and_ends_the_asking() -> None:
    asking, work = SharedAsking(), Held(StoreError("down"))
    first = begun(asking, work)
    threading.Timer(0.3, work.is_let_go.set).start()

    with pytest.raises(StoreError):
        asking.ask("jean", refuse)

    first.join(10)
    assert isinstance(first.came, StoreError)
    assert asking.ask("jean", lambda: ANSWER) is ANSWER
