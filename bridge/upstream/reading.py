"""Reading an answer: httptools takes HTTP apart, this counts what comes and when.

httptools is llhttp, the C parser of Node.js: it frames the body, by its length, by
chunks or by the end of the connection, and refuses what is ambiguous.
"""

import socket
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from bridge.upstream.deadline import Deadline

# Of an answer, all that is not its body: heads, 1xx answers, chunk lines, trailers.
MAX_FRAMING_BYTES: Final = 65_536
_RECEIVE_BYTES: Final = 65_536


class Answering:
    """One answer while it comes in; the on_... methods are called by httptools."""

    def __init__(self) -> None:
        self.status = 0  # until the head is there; 1xx are not for us
        self.headers: dict[bytes, bytes] = {}
        self.body: list[bytes] = []
        self.size_bytes = 0
        self.is_whole = False
        self.is_last = True  # the connection serves no further call
        self._received_bytes = 0
        self._parser: HttpResponseParser | None = HttpResponseParser(self)

    def receive_head(self, connected: socket.socket, deadline: Deadline) -> None:
        """Receive until the head is complete.

        Raises:
            OSError: it is cut, too long, too late, or no HTTP.
        """
        while not self.status:
            self._receive(connected, deadline)

    def receive(
        self, connected: socket.socket, deadline: Deadline, max_bytes: int
    ) -> bytes:
        """Receive the answer to its end, or until its body is over *max_bytes*.

        Raises:
            OSError: it is cut, too late, or no HTTP.
        """
        while not self.is_whole and self.size_bytes <= max_bytes:
            self._receive(connected, deadline)
        self._parser = None  # it refers to us: nothing is left to the collector
        return self.body[0] if len(self.body) == 1 else b"".join(self.body)

    def _receive(self, connected: socket.socket, deadline: Deadline) -> None:
        # Set anew before each read: a server that drips its answer gains nothing.
        connected.settimeout(deadline.left_s)
        received = connected.recv(_RECEIVE_BYTES)
        if received:
            self._feed(received)
        elif self.status and not self._has_framing():
            self.is_whole = True  # RFC 9112 §6.3: the end of the connection ends it
        else:
            raise ConnectionAbortedError("the answer is cut")

    def _feed(self, received: bytes) -> None:
        self._received_bytes += len(received)
        try:
            if self._parser is not None:
                self._parser.feed_data(received)
        except (HttpParserError, HttpParserUpgrade):
            if not self.is_whole:  # else it is only what comes behind it
                raise ConnectionAbortedError("the answer is no HTTP") from None
        if self._received_bytes - self.size_bytes > MAX_FRAMING_BYTES:
            raise ConnectionAbortedError("the head is too long")

    def _has_framing(self) -> bool:
        return b"content-length" in self.headers or b"transfer-encoding" in self.headers

    def on_message_begin(self) -> None:
        """Notice an answer that nobody asked for, behind ours."""
        if self.is_whole:
            self.is_last = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers are none of ours."""
        if not self.status:
            self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Learn the status, and forget a 1xx answer."""
        if self.status or self._parser is None:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self.headers.clear()
            return
        self.status = status
        self.is_last = not self._parser.should_keep_alive()

    def on_body(self, part: bytes) -> None:
        """Keep a piece of the body."""
        if self.status and not self.is_whole:
            self.body.append(part)
            self.size_bytes += len(part)

    def on_message_complete(self) -> None:
        """Learn that the answer is whole."""
        if self.status:
            self.is_whole = True
