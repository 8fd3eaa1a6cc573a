"""The sender's thread: it is woken, waited for, and ends with what it has in hand."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from bridge.core.errors import StoreError
from bridge.core.records import LogoutNotice
from bridge.flow.ports import Event
from bridge.outgoing.logout_sender import SENDERS, BackChannelSender
from bridge.store.memory import MemoryStore
from tests.outgoing.receivers import Outbox
from tests.outgoing.support import http_on_loopback
from tests.store.conformance import NOW

LONG_S = 10.0  # nothing here takes that long, unless it fails
PATIENT = http_on_loopback(deadline_s=60)  # no deadline comes to help


@contextmanager
def running(sender: BackChannelSender) -> Iterator[BackChannelSender]:
    sender.start()
    try:
        yield sender
    finally:
        sender.close()


def test_notices_that_wait_at_the_start_are_delivered(outbox: Outbox) -> None:
    outbox.receiver("rp")
    notice_ids = outbox.end_session_at("rp")

    with running(outbox.sender()) as sender:
        delivered = sender.wait_for(notice_ids, LONG_S)

    assert delivered == frozenset(notice_ids)


def test_woken_sender_looks_at_once_and_says_who_is_told(outbox: Outbox) -> None:
    outbox.receiver("one")
    outbox.receiver("two")
    first = outbox.end_session_at("one")
    with running(outbox.sender()) as sender:
        sender.wait_for(first, LONG_S)
        notice_ids = outbox.end_session_at("one", "two")
        sender.wake()

        delivered = sender.wait_for(notice_ids, LONG_S)

    assert delivered == frozenset(notice_ids)


def test_many_notices_are_delivered_by_one_wake(outbox: Outbox) -> None:
    outbox.receiver("rp")
    notice_ids = [outbox.end_session_at("rp")[0] for _ in range(2 * SENDERS)]

    with running(outbox.sender()) as sender:
        delivered = sender.wait_for(notice_ids, LONG_S)

    assert delivered == frozenset(notice_ids)


def test_waiting_ends_without_those_that_fail(outbox: Outbox) -> None:
    outbox.receiver("a-broken", 500)
    outbox.receiver("good")
    broken, good = outbox.end_session_at("a-broken", "good")
    sender = outbox.sender()
    sender.run_once(NOW)

    delivered = sender.wait_for([broken, good], 0.01)

    assert delivered == {good}


def test_slow_receiver_does_not_stop_the_others(outbox: Outbox) -> None:
    slow, quick = outbox.receiver("a-slow"), outbox.receiver("quick")
    slow.may_answer.clear()
    pairs = [outbox.end_session_at("a-slow", "quick") for _ in range(2 * SENDERS)]
    theirs = [second for _, second in pairs]
    with running(outbox.sender(http=PATIENT)) as sender:
        delivered = sender.wait_for(theirs, LONG_S)

        slow.may_answer.set()
    assert delivered == frozenset(theirs)
    assert len(quick.tokens) == 2 * SENDERS
    assert slow.most_at_once == 1


def test_slow_receiver_does_not_hold_up_a_logout_that_comes_later(
    outbox: Outbox,
) -> None:
    slow, quick = outbox.receiver("slow"), outbox.receiver("quick")
    slow.may_answer.clear()
    outbox.end_session_at("slow")
    with running(outbox.sender(http=PATIENT)) as sender:
        assert slow.is_asked.wait(LONG_S)
        notice_ids = outbox.end_session_at("quick")
        sender.wake()

        delivered = sender.wait_for(notice_ids, LONG_S)

        slow.may_answer.set()
    assert delivered == frozenset(notice_ids)
    assert len(quick.tokens) == 1


def test_notice_that_another_node_delivers_counts(outbox: Outbox) -> None:
    outbox.receiver("rp")
    notice_ids = outbox.end_session_at("rp")
    waiting, other = outbox.sender(), outbox.sender()
    delivered: list[frozenset[int]] = []
    waiter = threading.Thread(
        target=lambda: delivered.append(waiting.wait_for(notice_ids, 3_600)),
        daemon=True,
    )
    waiter.start()

    other.run_once(NOW)

    waiter.join(LONG_S)
    assert delivered == [frozenset(notice_ids)]


def test_closing_waits_for_what_is_being_sent_and_leaves_the_rest(
    outbox: Outbox,
) -> None:
    slow = outbox.receiver("slow")
    slow.may_answer.clear()
    notice_ids = [outbox.end_session_at("slow")[0] for _ in range(10)]
    sender = outbox.sender()
    sender.start()
    assert slow.is_asked.wait(LONG_S)
    closing = threading.Thread(target=sender.close)
    closing.start()
    while not sender.is_closing:
        threading.Event().wait(0.001)

    slow.may_answer.set()
    closing.join(LONG_S)

    assert not closing.is_alive()
    left = [one for one in notice_ids if outbox.store.has_logout_notice(one)]
    assert len(slow.tokens) == 10 - len(left)
    assert 1 <= len(slow.tokens) < 10
    # What was not sent is anybody's at once, and no try of it counts.
    again = outbox.store.claim_logout_notices(NOW, NOW + 30, 20)
    assert [notice.tries for notice in again] == [1] * len(left)


class StoreWithAFailure(MemoryStore):
    """A store whose first claim fails."""

    failures = 1

    def claim_logout_notices(
        self, now: int, until: int, limit: int, but_not_of: Collection[str] = ()
    ) -> Sequence[LogoutNotice]:
        if self.failures:
            self.failures -= 1
            raise StoreError("the store cannot answer")
        return super().claim_logout_notices(now, until, limit, but_not_of)


def test_sender_outlives_a_store_that_does_not_answer(outbox: Outbox) -> None:
    store = outbox.store = StoreWithAFailure()
    outbox.receiver("rp")
    notice_ids = outbox.end_session_at("rp")
    with running(outbox.sender()) as sender:
        while store.failures:
            threading.Event().wait(0.001)
        sender.wake()

        delivered = sender.wait_for(notice_ids, LONG_S)

    assert delivered == frozenset(notice_ids)
    assert [event for event, _ in outbox.events()] == [Event.ERROR, Event.LOGOUT_TOLD]


class StoreThatCannotTell(MemoryStore):
    """A store that fails whoever asks for a notice."""

    def has_logout_notice(self, notice_id: int) -> bool:
        raise StoreError("the store cannot answer")


def test_nobody_counts_as_told_where_the_store_does_not_answer(outbox: Outbox) -> None:
    outbox.store = StoreThatCannotTell()

    delivered = outbox.sender().wait_for([1, 2], 0.01)

    assert delivered == frozenset()


def test_sender_that_never_ran_can_be_closed(outbox: Outbox) -> None:
    sender = outbox.sender()

    sender.close()

    assert sender.is_closing
