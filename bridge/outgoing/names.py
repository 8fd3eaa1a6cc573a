"""Looking up names under a deadline: the system's resolver has none."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from bridge.outgoing.deadline import Deadline

Resolver = Callable[[str, int], Sequence[str]]

LOOKUPS_AT_A_TIME: Final = 16


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return all addresses of *host*.

    Raises:
        OSError, UnicodeError: it has none, or is no name at all.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Lookups:
    """Looks names up, each in a thread that is left behind when the time is up.

    A hung lookup ends when the system's resolver gives up; there are never more than
    LOOKUPS_AT_A_TIME.
    """

    def __init__(self, resolve: Resolver) -> None:
        self._resolve = resolve
        self._slots = threading.BoundedSemaphore(LOOKUPS_AT_A_TIME)

    def addresses(self, host: str, port: int, deadline: Deadline) -> Sequence[str]:
        """Return all addresses of *host*, none where it has none.

        Raises:
            TimeoutError: the deadline is over.
        """
        if not self._slots.acquire(timeout=deadline.left_s):
            raise TimeoutError("too many lookups hang")
        found: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self._resolve(host, port))
            except (OSError, UnicodeError):
                found.put(())
            finally:
                self._slots.release()

        threading.Thread(target=look_up, name="lookup", daemon=True).start()
        try:
            return found.get(timeout=deadline.left_s)
        except queue.Empty:
            raise TimeoutError("the lookup takes too long") from None
