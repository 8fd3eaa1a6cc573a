"""How many sign-ins may be under way at RERO+, and who may take the last of them."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from bridge.core.errors import UpstreamError, UpstreamFault, UpstreamUnavailable

FAILURE_MEMORY_S: Final = 60
MAX_ADDRESSES: Final = 1_000


class Slots:
    """A limit that never waits; half of it is kept from addresses that just failed.

    So one address with a stock of bad codes cannot shut out everybody else. Memory is
    bounded: the oldest failure is forgotten first.
    """

    def __init__(
        self, total: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._used = 0
        self._failed_at: OrderedDict[str, float] = OrderedDict()

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """Hold a slot for *address* during the block, and remember how it ended.

        Raises:
            UpstreamUnavailable: BUSY; there is no slot for this address.
        """
        self._enter(address)
        try:
            yield
        except UpstreamError:
            self._leave(address, has_failed=True)
            raise
        except BaseException:
            self._leave(address, has_failed=False)
            raise
        self._leave(address, has_failed=False)

    def _enter(self, address: str) -> None:
        with self._lock:
            free = self._total - self._used
            is_allowed = free * 2 >= self._total if self._failed(address) else free > 0
            if not (is_allowed and free > 0):
                raise UpstreamUnavailable(UpstreamFault.BUSY)
            self._used += 1

    def _failed(self, address: str) -> bool:
        failed_at = self._failed_at.get(address)
        if failed_at is None:
            return False
        return self._monotonic() - failed_at < FAILURE_MEMORY_S

    def _leave(self, address: str, *, has_failed: bool) -> None:
        with self._lock:
            self._used -= 1
            self._failed_at.pop(address, None)
            if has_failed:
                self._failed_at[address] = self._monotonic()
                if len(self._failed_at) > MAX_ADDRESSES:
                    self._failed_at.popitem(last=False)
