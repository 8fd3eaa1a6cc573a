"""A deadline for a whole sign-in, kept by cutting the socket under it.

A read timeout starts anew with every byte, so a server that drips a header holds a
thread for as long as it likes. Here one thread looks after the calls of all threads
and shuts a connection's socket when the time is over; the blocked read then ends.
"""

import contextlib
import socket
import threading
import time
from collections import deque
from types import TracebackType


class Breaker:
    """A second handle on a connection's socket, by which it can be cut.

    It is a duplicate, not the socket itself: TLS detaches that one during the
    handshake, and a closed descriptor's number may soon belong to somebody else.
    """

    def __init__(self, connected: socket.socket, lock: "threading.RLock") -> None:
        self._socket = connected.dup()
        self._lock = lock
        self._is_retired = False
        self.owner: Deadline | None = None

    def cut(self) -> None:
        """End every read and write that waits on the connection."""
        with contextlib.suppress(OSError):  # the other side was faster
            self._socket.shutdown(socket.SHUT_RDWR)

    def retire(self) -> None:
        """Close the duplicate, now or when the deadline that needs it has ended.

        A connection may be closed while its answer is still being read.
        """
        with self._lock:
            self._is_retired = True
            if self.owner is None:
                self._socket.close()

    def let_go(self, owner: "Deadline") -> None:
        """Leave *owner*, unless the connection serves a later call already."""
        if self.owner is owner:
            self.owner = None
            if self._is_retired:
                self._socket.close()


class Deadline:
    """How long one sign-in may still take; ends with its `with` block."""

    def __init__(self, ends_at: float, lock: "threading.RLock") -> None:
        self.ends_at = ends_at  # by time.monotonic
        self.is_finished = False
        self._lock = lock
        self._breaker: Breaker | None = None

    @property
    def left_s(self) -> float:
        """The seconds that are left; never nothing, because 0 means "do not wait"."""
        return max(0.001, self.ends_at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self.ends_at

    def guard(self, connected: socket.socket) -> Breaker:
        """Make the breaker of a new connection and watch it."""
        breaker = Breaker(connected, self._lock)
        self.watch(breaker)
        return breaker

    def watch(self, breaker: Breaker) -> None:
        """Take over the connection that the call goes through from here on."""
        with self._lock:
            if self._breaker is not None:
                self._breaker.let_go(self)
            self._breaker = breaker
            breaker.owner = self
            if self.is_over:  # the watchdog comes by once, and may have been here
                breaker.cut()

    def cut(self) -> None:
        """Cut the connection; the caller holds the lock."""
        # A kept connection may serve a later call already: then that one owns it.
        if self._breaker is not None and self._breaker.owner is self:
            self._breaker.cut()

    def __enter__(self) -> "Deadline":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self.is_finished = True
            if self._breaker is not None:
                self._breaker.let_go(self)
                self._breaker = None


class Watchdog:
    """Starts deadlines of one length and cuts what goes beyond.

    All deadlines have the same length, so a queue is in the order of their ends, and
    the thread never needs to be woken: it sleeps until the first end, drops what has
    finished by then, and ends when nothing is left. No call pays for more than an
    entry in the queue, and there is nothing to close.
    """

    def __init__(self, length_s: float) -> None:
        self._length_s = length_s
        # Re-entrant: the collector may close a forgotten pool while we hold it.
        self._lock = threading.RLock()
        self._queue: deque[Deadline] = deque()
        self._thread: threading.Thread | None = None

    def start(self) -> Deadline:
        """Start a deadline now."""
        with self._lock:
            deadline = Deadline(time.monotonic() + self._length_s, self._lock)
            self._queue.append(deadline)
            # Not alive: the process was forked, and the thread stayed behind.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._watch, name="upstream-watchdog", daemon=True
                )
                self._thread.start()
        return deadline

    def _watch(self) -> None:
        while (sleep_s := self._cut_what_is_over()) is not None:
            time.sleep(sleep_s)

    def _cut_what_is_over(self) -> float | None:
        with self._lock:
            while self._queue:
                first = self._queue[0]
                if not first.is_finished:
                    if not first.is_over:
                        return first.left_s
                    first.cut()
                self._queue.popleft()
            self._thread = None
            return None
