"""Serve the stand-in RERO+ on 127.0.0.1, with connections kept open."""

import io
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bridge.demo.rero_faults import DELIVERY_KEY
from bridge.demo.serving import Running, SilentRequestHandler, serve_in_thread

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from bridge.demo.rero import StandIn

SERVED_KEY: Final = "standin.served"  # set where a socket can be mistreated


def _send(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer)


def _send_nothing(connection: socket.socket, answer: bytes) -> None:
    """Leave the client without an answer; the handler closes the connection."""


# How the ready bytes of an answer go out; a fault names another way than "whole".
DELIVERIES: Final[Mapping[str, Callable[[socket.socket, bytes], None]]] = {
    "whole": _send,
    "drop": _send_nothing,
}


class _Handler(SilentRequestHandler):
    """Answer request after request on one connection; werkzeug's closes after one."""

    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Read one whole request, ask the application, send its answer."""
        environ = self._environ()
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], object]:
            started[:] = [(status, headers)]
            return lambda written: None

        chunks = self.server.app(environ, start_response)
        body = _joined(chunks)
        status, headers = started[0]
        delivery = environ.get(DELIVERY_KEY, "whole")
        if delivery != "whole" or self.headers.get("Expect"):
            self.close_connection = True
        DELIVERIES[delivery](self.connection, self._answer(status, headers, body))

    def _environ(self) -> "WSGIEnvironment":
        # The whole body is read first: what is left unread would be taken for the
        # next request on this connection.
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        environ[SERVED_KEY] = True
        return environ

    def _answer(
        self, status: str, headers: list[tuple[str, str]], body: bytes
    ) -> bytes:
        names = {name.lower() for name, _ in headers}
        lines = [f"{self.protocol_version} {status}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines.append(f"Date: {self.date_time_string()}")
        if "content-length" not in names:
            lines.append(f"Content-Length: {len(body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines) + "\r\n\r\n"
        return head.encode("latin-1") + body  # empty for HEAD already


def _joined(chunks: Iterable[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()


@contextmanager
def serve_stand_in(stand_in: "StandIn", port: int = 0) -> Iterator[Running]:
    """Serve *stand_in* for the length of a `with` block; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    with serve_in_thread(stand_in.app, port, _Handler) as running:
        try:
            yield running
        finally:
            stand_in.end_delays()
