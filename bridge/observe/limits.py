"""The Limiter port: sliding windows of a minute, in the memory of this process."""

from collections.abc import Mapping
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter


class MinuteLimiter:
    """Counts uses a minute; keys vanish with their window, so memory is bounded."""

    def __init__(self, per_minute: Mapping[str, int]) -> None:
        self._items = {
            name: RateLimitItemPerMinute(uses, namespace=name)
            for name, uses in per_minute.items()
        }
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, limit: str, *names: str) -> int:
        """Count one use of *limit* by *names*; 0: allowed, else seconds to wait."""
        item = self._items[limit]
        if self._limiter.hit(item, *names):
            return 0
        stats = self._limiter.get_window_stats(item, *names)
        return max(1, ceil(stats.reset_time - time()))
