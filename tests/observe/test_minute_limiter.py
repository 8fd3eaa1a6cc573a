"""MinuteLimiter: uses a minute, in a window that slides; memory is bounded."""

import pytest

from bridge.observe.limits import MinuteLimiter


class Time:
    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_as_many_uses_as_the_limit_says_are_allowed(time: Time) -> None:
    limiter = MinuteLimiter({"x": 3}, time)

    assert [limiter.hit("x", "a") for _ in range(4)] == [0, 0, 0, 60]


def test_wait_ends_with_the_minute(time: Time) -> None:
    limiter = MinuteLimiter({"x": 1}, time)
    limiter.hit("x", "a")
    time.now += 45.5

    assert limiter.hit("x", "a") == 15


def test_names_and_limits_are_counted_apart(time: Time) -> None:
    limiter = MinuteLimiter({"x": 1, "y": 1}, time)

    hits = [("x", "a"), ("x", "b"), ("y", "a"), ("x", "a")]

    assert [limiter.hit(*hit) == 0 for hit in hits] == [True, True, True, False]


def test_former_minute_weighs_less_as_time_passes(time: Time) -> None:
    limiter = MinuteLimiter({"x": 10}, time)
    for _ in range(10):
        limiter.hit("x", "a")

    time.now += 60
    assert limiter.hit("x", "a") > 0
    time.now += 30

    assert [limiter.hit("x", "a") == 0 for _ in range(6)] == [True] * 5 + [False]


def test_two_quiet_minutes_forget_everything(time: Time) -> None:
    limiter = MinuteLimiter({"x": 1}, time)
    limiter.hit("x", "a")

    time.now += 120

    assert limiter.hit("x", "a") == 0


def test_refused_uses_do_not_prolong_the_wait(time: Time) -> None:
    limiter = MinuteLimiter({"x": 1}, time)
    for _ in range(100):
        limiter.hit("x", "a")

    time.now += 119

    assert limiter.hit("x", "a") == 0


def test_newcomers_share_one_count_once_memory_is_full(time: Time) -> None:
    limiter = MinuteLimiter({"x": 2}, time, max_keys=3)
    for number in range(3):
        limiter.hit("x", str(number))

    answers = [limiter.hit("x", f"new {number}") == 0 for number in range(3)]

    assert answers == [True, True, False]
    assert limiter.hit("x", "0") == 0
