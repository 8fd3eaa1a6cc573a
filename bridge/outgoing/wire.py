"""A connected socket as http.client wants one, bounded in time and in size."""

import io
import socket
from typing import TYPE_CHECKING

from bridge.outgoing.deadline import Deadline
from bridge.outgoing.errors import OutgoingError, OutgoingFault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Wire:
    """Gives each wait what is left of the deadline: who drips gains nothing."""

    def __init__(
        self, connected: socket.socket, deadline: Deadline, max_bytes: int
    ) -> None:
        self._connected = connected
        self._deadline = deadline
        self._max_bytes = max_bytes

    def sendall(self, sent: bytes) -> None:
        """Send all of *sent*."""
        self._connected.settimeout(self._deadline.left_s)
        self._connected.sendall(sent)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what comes in, head and body."""
        return io.BufferedReader(
            _Incoming(self._connected, self._deadline, self._max_bytes)
        )

    def close(self) -> None:
        """Do nothing: http.client closes before the body is read; the opener will."""


class _Incoming(io.RawIOBase):
    def __init__(
        self, connected: socket.socket, deadline: Deadline, max_bytes: int
    ) -> None:
        super().__init__()
        self._connected = connected
        self._deadline = deadline
        self._left_bytes = max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._connected.settimeout(self._deadline.left_s)
        count = self._connected.recv_into(buffer)
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise OutgoingError(OutgoingFault.TOO_LARGE)
        return count
