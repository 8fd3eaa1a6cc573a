"""The watchdog: cuts what is over, once, and nothing else."""

import socket
import threading
from collections.abc import Iterator

import pytest

from bridge.upstream.deadline import Deadline, Watchdog

FAR_S = 60.0
NEAR_S = 0.05


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    with ours, theirs:
        yield ours, theirs


def test_read_that_waits_ends_at_the_deadline(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Watchdog(NEAR_S).start() as deadline:
        breaker = deadline.guard(pair[0])

        received = pair[0].recv(1)

        assert deadline.is_over
    breaker.retire()
    assert received == b""


def test_connection_that_comes_after_the_deadline_is_cut_at_once(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Deadline(0.0, threading.RLock()) as deadline:
        breaker = deadline.guard(pair[0])

        assert pair[0].recv(1) == b""
    breaker.retire()


def test_connection_of_a_later_call_is_not_cut(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    watchdog = Watchdog(FAR_S)
    with watchdog.start() as first, watchdog.start() as second:
        breaker = first.guard(pair[0])
        second.watch(breaker)

        first.cut()

        pair[1].sendall(b"x")
        assert pair[0].recv(1) == b"x"
    breaker.retire()


def test_breaker_outlives_a_connection_that_is_closed_before_its_body_is_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Watchdog(FAR_S).start() as deadline:
        breaker = deadline.guard(pair[0])
        breaker.retire()

        deadline.cut()

        assert pair[0].recv(1) == b""


def test_descriptor_is_given_back_with_the_deadline(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with Watchdog(FAR_S).start() as deadline:
        breaker = deadline.guard(pair[0])
        breaker.retire()
        before = breaker._socket.fileno()

    assert before >= 0
    assert breaker._socket.fileno() == -1


def test_thread_ends_when_nothing_is_left_and_starts_again() -> None:
    watchdog = Watchdog(NEAR_S)

    with watchdog.start():
        first = watchdog._thread
        assert first is not None
        first.join(10)
    with watchdog.start():
        second = watchdog._thread

    assert not first.is_alive()
    assert second is not None
    assert second is not first


def test_many_deadlines_share_one_thread() -> None:
    watchdog = Watchdog(FAR_S)

    threads = set()
    for _ in range(100):
        with watchdog.start():
            threads.add(watchdog._thread)

    assert len(threads) == 1
