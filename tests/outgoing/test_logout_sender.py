"""Back-channel delivery: who is told, how often, and what is kept until then."""

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.core.errors import StoreError
from bridge.flow.ports import Event
from bridge.outgoing.addresses import AddressRules
from bridge.outgoing.http import Answer, GuardedHttp, OutgoingRules
from bridge.outgoing.logout_sender import LEASE_S, SENDERS
from bridge.store.memory import MemoryStore
from bridge.store.sqlite import open_sqlite_store
from tests.outgoing.receivers import Outbox, signed
from tests.outgoing.support import ON_LOOPBACK
from tests.store.conformance import NOW

TOLD, UNTOLD = Event.LOGOUT_TOLD, Event.LOGOUT_UNTOLD
NOBODY = "http://127.0.0.1:1/logout"  # refuses every call


@pytest.mark.parametrize("status", [200, 204, 202])
def test_notice_is_delivered_once(outbox: Outbox, status: int) -> None:
    receiver = outbox.receiver("rp", status)
    (notice_id,) = outbox.end_session_at("rp")
    sender = outbox.sender()

    counts = [sender.run_once(NOW), sender.run_once(NOW + 3_600)]

    assert counts == [1, 0]
    assert [signed(token)["claims"]["sid"] for token in receiver.tokens] == [
        "sid of session-1 at rp"
    ]
    assert not outbox.store.has_logout_notice(notice_id)
    assert outbox.events() == [(TOLD, {"client_id": "rp", "tries": 1})]


def test_five_tries_are_made_within_ten_minutes_then_it_is_given_up(
    outbox: Outbox,
) -> None:
    receiver = outbox.receiver("rp", 500)
    (notice_id,) = outbox.end_session_at("rp")
    sender = outbox.sender()
    tried_at = []

    for after in range(700):
        if sender.run_once(NOW + after):
            tried_at.append(after)

    assert tried_at == [0, 15, 60, 180, 540]
    assert len(receiver.tokens) == 5
    assert not outbox.store.has_logout_notice(notice_id)
    assert outbox.events() == [
        (UNTOLD, {"client_id": "rp", "tries": 5, "reason": "status_500"})
    ]


@pytest.mark.parametrize("status", [301, 307, 400, 404, 501, 503])
def test_any_other_answer_is_tried_again(outbox: Outbox, status: int) -> None:
    receiver = outbox.receiver("rp", status, 200)
    outbox.end_session_at("rp")
    sender = outbox.sender()

    counts = [sender.run_once(NOW + after) for after in (0, 14, 15, 600)]

    assert counts == [1, 0, 1, 0]
    assert len(receiver.tokens) == 2
    assert outbox.events() == [(TOLD, {"client_id": "rp", "tries": 2})]


def test_late_first_try_is_made_and_fails_for_good_after_ten_minutes(
    outbox: Outbox,
) -> None:
    """The bridge was down meanwhile: better told late than never."""
    receiver = outbox.receiver("rp", 500)
    outbox.end_session_at("rp")

    outbox.sender().run_once(NOW + 3_600)

    assert len(receiver.tokens) == 1
    assert outbox.events() == [
        (UNTOLD, {"client_id": "rp", "tries": 1, "reason": "status_500"})
    ]


def test_late_tries_keep_a_pause_between_them(outbox: Outbox) -> None:
    outbox.receiver("rp", 500)
    outbox.end_session_at("rp")
    sender = outbox.sender()
    tried_at = []

    for after in range(550, 650):
        if sender.run_once(NOW + after):
            tried_at.append(after)

    assert tried_at == [550, 565, 580, 595]


def test_client_without_address_or_registration_is_not_told(outbox: Outbox) -> None:
    outbox.register("mute")
    notice_ids = outbox.end_session_at("gone", "mute")

    count = outbox.sender().run_once(NOW)

    assert count == 2
    assert not any(map(outbox.store.has_logout_notice, notice_ids))
    assert outbox.events() == []


def test_algorithm_without_a_key_is_tried_again(outbox: Outbox) -> None:
    receiver = outbox.receiver("rp", id_token_signed_response_alg="PS256")
    (notice_id,) = outbox.end_session_at("rp")

    outbox.sender().run_once(NOW)

    assert receiver.tokens == []
    assert outbox.store.has_logout_notice(notice_id)


def test_refused_address_is_given_up_with_its_reason(outbox: Outbox) -> None:
    receiver = outbox.receiver("rp")
    outbox.end_session_at("rp")
    outside = GuardedHttp(OutgoingRules(AddressRules()))

    outbox.sender(http=outside).run_once(NOW + 600)

    assert receiver.tokens == []
    assert outbox.events() == [
        (UNTOLD, {"client_id": "rp", "tries": 1, "reason": "address"})
    ]


class CountingHttp(GuardedHttp):
    """The client on loopback; it writes down which notices were really tried."""

    def __init__(self) -> None:
        super().__init__(OutgoingRules(ON_LOOPBACK))
        self.tried: Counter[str] = Counter()

    def post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        self.tried[signed(form["logout_token"])["claims"]["sid"]] += 1
        return super().post_form(url, form)


def test_every_notice_of_a_client_that_fails_has_all_its_tries(outbox: Outbox) -> None:
    outbox.register("down", backchannel_logout_uri=NOBODY)
    for _ in range(12):
        outbox.end_session_at("down")
    http = CountingHttp()
    sender = outbox.sender(http=http)

    for after in range(700):
        sender.run_once(NOW + after)

    assert http.tried == {f"sid of session-{n} at down": 5 for n in range(1, 13)}
    given_up = {"client_id": "down", "tries": 5, "reason": "connection"}
    assert outbox.events() == [(UNTOLD, given_up)] * 12


def test_notice_whose_turn_does_not_come_in_time_is_not_called_tried(
    outbox: Outbox,
) -> None:
    outbox.register("down", backchannel_logout_uri=NOBODY)
    for _ in range(3):
        outbox.end_session_at("down")
    http = CountingHttp()

    outbox.sender(http=http).run_once(NOW + 601)

    unreached = {"client_id": "down", "tries": 0, "reason": "not_reached"}
    assert http.tried == {"sid of session-1 at down": 1}
    assert outbox.events() == [
        (UNTOLD, {"client_id": "down", "tries": 1, "reason": "connection"}),
        (UNTOLD, unreached),
        (UNTOLD, unreached),
    ]


def test_late_notices_of_a_client_that_is_there_again_are_sent(outbox: Outbox) -> None:
    outbox.register("rp", backchannel_logout_uri=NOBODY)
    outbox.end_session_at("rp")
    sender = outbox.sender()
    sender.run_once(NOW + 601)
    receiver = outbox.receiver("rp")
    outbox.now += 602
    outbox.end_session_at("rp")
    sender.run_once(NOW + 602)
    outbox.now = NOW
    outbox.end_session_at("rp")

    sender.run_once(NOW + 1_000)

    assert receiver.sids() == ["sid of session-2 at rp", "sid of session-3 at rp"]


def test_client_is_told_one_thing_at_a_time(outbox: Outbox) -> None:
    receiver = outbox.receiver("rp")
    for _ in range(2 * SENDERS):
        outbox.end_session_at("rp")

    count = outbox.sender().run_once(NOW)

    assert count == len(receiver.tokens) == 2 * SENDERS
    assert receiver.most_at_once == 1


class StoreThatStops(MemoryStore):
    """A store that cannot delete until it is told to."""

    stops = True

    def delete_logout_notice(self, notice_id: int) -> int:
        if self.stops:
            raise StoreError("the store cannot write")
        return super().delete_logout_notice(notice_id)


def test_notice_is_sent_again_after_a_crash_between_sending_and_deleting(
    outbox: Outbox,
) -> None:
    """At least once: the row goes last, and its lease passes."""
    store = outbox.store = StoreThatStops()
    receiver = outbox.receiver("rp")
    outbox.end_session_at("rp")
    outbox.sender().run_once(NOW)
    store.stops = False
    other = outbox.sender()

    counts = [other.run_once(NOW + after) for after in (LEASE_S - 1, LEASE_S, 600)]

    assert counts == [0, 1, 0]
    assert receiver.sids() == ["sid of session-1 at rp"] * 2
    assert [event for event, _ in outbox.events()] == [Event.ERROR, TOLD]


def test_notice_that_was_claimed_too_often_is_given_up_unsent(outbox: Outbox) -> None:
    receiver = outbox.receiver("rp")
    outbox.end_session_at("rp")
    for number in range(5):  # the process ended each time before it could tell
        outbox.store.claim_logout_notices(NOW, NOW, number + 1)

    outbox.sender().run_once(NOW)

    assert receiver.tokens == []
    assert outbox.events() == [
        (UNTOLD, {"client_id": "rp", "tries": 6, "reason": "interrupted"})
    ]


def test_two_senders_never_send_one_notice_at_a_time(
    outbox: Outbox, tmp_path: Path
) -> None:
    """Two nodes over one database: claims are by compare-and-swap."""
    outbox.store = open_sqlite_store(tmp_path / "bridge.db")
    receiver = outbox.receiver("rp")
    for _ in range(30):
        outbox.end_session_at("rp")
    nodes = [open_sqlite_store(tmp_path / "bridge.db") for _ in range(2)]
    senders = [outbox.sender(store=node) for node in nodes]
    start = threading.Barrier(len(senders))

    def send(number: int) -> None:
        start.wait()
        while senders[number].run_once(NOW):
            pass

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for store in (outbox.store, *nodes):
        store.close()
    assert receiver.sids() == sorted(
        f"sid of session-{number} at rp" for number in range(1, 31)
    )


def test_nothing_secret_is_recorded(outbox: Outbox) -> None:
    outbox.receiver("rp", 500)
    outbox.receiver("other")
    outbox.end_session_at("rp", "other")
    sender = outbox.sender()

    for after in (0, 15, 60, 180, 540):
        sender.run_once(NOW + after)

    recorded = repr(outbox.audit.events)
    assert len(outbox.audit.events) == 2
    assert "sid" not in recorded
    assert "SECRET" not in recorded
