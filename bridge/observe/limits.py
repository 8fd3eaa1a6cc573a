"""The Limiter port: a sliding window of one minute, in the memory of this process.

docs/decisions/0006 says why this is not a library's: the one looked at starts a thread
after a burst of hits, which walks over every key.
"""

from collections.abc import Callable, Mapping
from math import ceil, floor
from threading import Lock
from typing import Final

WINDOW_S: Final = 60
MAX_KEYS: Final = 200_000  # beyond, newcomers share one count: memory is bounded
_OVERFLOW: Final = ("overflow",)
Key = tuple[str, ...]


class MinuteLimiter:
    """Counts uses in the present minute and weighs those of the one before.

    The weight of the former minute falls from one to zero as the present one passes:
    evenly spread, no more than the allowed uses fit into any sixty seconds.
    """

    def __init__(
        self,
        per_minute: Mapping[str, int],
        clock: Callable[[], float],
        max_keys: int = MAX_KEYS,
    ) -> None:
        self._per_minute = dict(per_minute)
        self._clock = clock
        self._max_keys = max_keys
        self._lock = Lock()
        self._window = 0
        self._current: dict[Key, int] = {}
        self._former: dict[Key, int] = {}

    def hit(self, limit: str, *names: str) -> int:
        """Count one use of *limit* by *names*; 0: allowed, else seconds to wait."""
        key: Key = (limit, *names)
        with self._lock:
            window, passed = divmod(self._clock(), WINDOW_S)
            self._turn(int(window))
            if key not in self._current and len(self._current) >= self._max_keys:
                key = (limit, *_OVERFLOW)
            used = self._current.get(key, 0)
            former = self._former.get(key, 0) * (1 - passed / WINDOW_S)
            if floor(former + used) < self._per_minute[limit]:
                self._current[key] = used + 1
                return 0
            return max(1, ceil(WINDOW_S - passed))

    def _turn(self, window: int) -> None:
        """Begin a new minute: two dictionaries take turns, nothing is walked over."""
        if window == self._window:
            return
        self._former = self._current if window == self._window + 1 else {}
        self._current = {}
        self._window = window
