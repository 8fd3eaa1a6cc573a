"""Our own limit of concurrent sign-ins, and what an address that failed may take."""

from contextlib import ExitStack

import pytest

from bridge.core.errors import UpstreamFault, UpstreamRefused, UpstreamUnavailable
from bridge.upstream.slots import FAILURE_MEMORY_S, MAX_ADDRESSES, Slots

GOOD, BAD = "192.0.2.1", "192.0.2.66"


class Monotonic:
    """A clock that stands until it is told."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def fail(slots: Slots, address: str) -> None:
    with pytest.raises(UpstreamRefused), slots.take(address):
        raise UpstreamRefused(UpstreamFault.CODE_OVER)


def is_busy(slots: Slots, address: str) -> bool:
    try:
        with slots.take(address):
            return False
    except UpstreamUnavailable as error:
        return error.fault is UpstreamFault.BUSY


@pytest.mark.parametrize("total", [1, 2, 3, 32])
def test_all_slots_are_there_for_an_address_that_did_not_fail(total: int) -> None:
    slots = Slots(total)

    with ExitStack() as stack:
        for _ in range(total):
            stack.enter_context(slots.take(GOOD))

        assert is_busy(slots, GOOD)
    assert not is_busy(slots, GOOD)


def test_address_that_just_failed_leaves_half_of_the_slots_to_others() -> None:
    slots = Slots(4)
    fail(slots, BAD)

    with slots.take(GOOD), slots.take(GOOD):
        with slots.take(GOOD):
            verdict_below_half = is_busy(slots, BAD)
            verdict_for_others = is_busy(slots, GOOD)
        verdict_at_half = is_busy(slots, BAD)

    assert verdict_below_half
    assert not verdict_for_others
    assert not verdict_at_half


def test_failure_is_forgotten_after_a_minute() -> None:
    monotonic = Monotonic()
    slots = Slots(4, monotonic)
    fail(slots, BAD)

    monotonic.now += FAILURE_MEMORY_S

    with slots.take(GOOD), slots.take(GOOD), slots.take(GOOD):
        assert not is_busy(slots, BAD)


def test_success_makes_up_for_a_failure() -> None:
    slots = Slots(4)
    fail(slots, BAD)

    with slots.take(BAD):
        pass

    with slots.take(GOOD), slots.take(GOOD), slots.take(GOOD):
        assert not is_busy(slots, BAD)


def test_being_turned_away_is_no_failure() -> None:
    slots = Slots(2)

    with slots.take(GOOD), slots.take(GOOD):
        assert is_busy(slots, BAD)

    with slots.take(GOOD), slots.take(BAD):
        assert is_busy(slots, BAD)


def test_bug_gives_its_slot_back() -> None:
    slots = Slots(1)

    with pytest.raises(ZeroDivisionError), slots.take(GOOD):
        _ = 1 / 0

    assert not is_busy(slots, GOOD)


def test_memory_of_addresses_is_bounded() -> None:
    slots = Slots(4)

    for number in range(MAX_ADDRESSES + 10):
        fail(slots, f"192.0.2.{number}")

    assert len(slots._failed_at) == MAX_ADDRESSES
    assert "192.0.2.0" not in slots._failed_at
