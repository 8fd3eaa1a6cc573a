"""A session: over at its end, or left alone too long; its use is written seldom."""

from dataclasses import replace
from typing import Final

import pytest

from bridge.core.seal import column_purpose, ticket_purpose
from bridge.core.session import Session, SessionLimits, is_alive, should_touch

NOW: Final = 1_800_000_000
LIMITS: Final = SessionLimits()
SESSION: Final = Session(
    "id", b"digest", "subject", b"", (), NOW, NOW, NOW + 28_800, b"ticket"
)


@pytest.mark.parametrize(
    ("seen_at", "now", "alive"),
    [
        (NOW, NOW, True),
        (NOW, NOW + 1_799, True),
        (NOW, NOW + 1_800, False),
        (NOW + 28_000, NOW + 28_799, True),
        (NOW + 28_799, NOW + 28_800, False),
    ],
)
def test_a_session_ends_by_age_or_by_silence(
    seen_at: int, now: int, *, alive: bool
) -> None:
    assert is_alive(replace(SESSION, seen_at=seen_at), LIMITS, now) is alive


@pytest.mark.parametrize(("after_s", "writes"), [(0, False), (179, False), (180, True)])
def test_use_is_written_once_in_a_tenth_of_the_idle_time(
    after_s: int, *, writes: bool
) -> None:
    assert should_touch(SESSION, LIMITS, NOW + after_s) is writes


def test_a_very_short_idle_time_still_writes_once_a_second_at_most() -> None:
    limits = SessionLimits(idle_s=5)

    assert not should_touch(SESSION, limits, NOW)
    assert should_touch(SESSION, limits, NOW + 1)


def test_no_seal_passes_for_one_of_another_place() -> None:
    purposes = {
        column_purpose("sessions", "sealed", b"1"),
        column_purpose("grants", "sealed", b"1"),
        column_purpose("grants", "sealed", b"2"),
        ticket_purpose(b"login"),
        ticket_purpose(b"consent"),
    }

    assert len(purposes) == 5
