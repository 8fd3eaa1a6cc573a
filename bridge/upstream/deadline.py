"""A deadline for a whole sign-in: every wait on a socket gets what is left of it."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a sign-in must be done, by time.monotonic."""

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

    @property
    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self.ends_at
