"""Serve the stand-in RERO+ on 127.0.0.1, with connections kept open."""

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from bridge.demo.rero_faults import DELIVERY_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from bridge.demo.rero import StandIn

HOST: Final = "127.0.0.1"
SERVED_KEY: Final = "standin.served"  # set where a socket can be mistreated
_STOP_TIMEOUT_S: Final = 5
_POLL_S: Final = 0.05


def _send(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer)


def _send_nothing(connection: socket.socket, answer: bytes) -> None:
    """Leave the client without an answer; the handler closes the connection."""


# How the ready bytes of an answer go out; a fault names another way than "whole".
DELIVERIES: Final[Mapping[str, Callable[[socket.socket, bytes], None]]] = {
    "whole": _send,
    "drop": _send_nothing,
}


class _Handler(WSGIRequestHandler):
    """Answer request after request on one connection; werkzeug's closes after one."""

    protocol_version = "HTTP/1.1"
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

    # The stubs' names; this one shadows a builtin.
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - its name
        """Write no request log: its paths would hold codes."""


def _joined(chunks: Iterable[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()


class _Server(ThreadedWSGIServer):
    """A threaded server that knows its open connections and can end them."""

    def __init__(self, app: "WSGIApplication", port: int, fd: int) -> None:
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(HOST, port, app, _Handler, fd=fd)

    # The stubs allow a datagram pair as request; a stream server only meets sockets.
    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def end_connections(self) -> None:
        """Wake threads that wait for a next request; wait until all are closed."""
        with self._changed:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RD)
            self._changed.wait_for(lambda: not self._connections, _STOP_TIMEOUT_S)


class RunningStandIn:
    """The stand-in at a port of 127.0.0.1 for the length of a `with` block."""

    def __init__(self, standin: "StandIn", port: int = 0) -> None:
        """Bind the port at once, 0 takes a free one; serve on entering the block.

        Raises:
            OSError: the port is taken.
        """
        self.standin = standin
        # werkzeug ends the process when it finds a port taken: bind it here.
        with socket.create_server((HOST, port), backlog=128) as listener:
            self.port: int = listener.getsockname()[1]
            self._server = _Server(standin.app, self.port, listener.fileno())
        self.url = f"http://{HOST}:{self.port}"  # without a slash at its end
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_S},
            name=f"standin-{self.port}",
            daemon=True,
        )

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, end delays, finish running ones, close all."""
        self._server.shutdown()
        self._thread.join(_STOP_TIMEOUT_S)
        self.standin.end_delays()
        self._server.end_connections()

    def __enter__(self) -> Self:
        """Start serving."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self.stop()
