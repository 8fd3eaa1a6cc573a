"""The time that one outgoing call has, from the lookup to the last byte."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a call must be done, by time.monotonic."""

    ends_at: float

    @property
    def left_s(self) -> float:
        """The seconds that are left, more than nothing.

        Raises:
            TimeoutError: the time is up.
        """
        left_s = self.ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the deadline is over")
        return left_s


def start_deadline(seconds: float) -> Deadline:
    """Start the time of a call."""
    return Deadline(time.monotonic() + seconds)
