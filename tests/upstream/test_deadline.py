"""What is left of a deadline, and that nothing waits once it is over."""

import time

import pytest

from bridge.upstream.connections import connect
from bridge.upstream.deadline import Deadline


def test_what_is_left_is_never_more_than_what_was_given() -> None:
    deadline = Deadline(time.monotonic() + 60)

    left_s = deadline.left_s

    assert 0 < left_s <= 60
    assert not deadline.is_over


@pytest.mark.parametrize("late_s", [0, 1])
def test_deadline_that_is_over_leaves_no_time_at_all(late_s: int) -> None:
    deadline = Deadline(time.monotonic() - late_s)

    with pytest.raises(TimeoutError):
        _ = deadline.left_s
    assert deadline.is_over


def test_nothing_is_connected_once_the_deadline_is_over() -> None:
    with pytest.raises(TimeoutError):
        connect("127.0.0.1", 1, Deadline(time.monotonic()))
