"""Serve a WSGI app in a thread of this process, on 127.0.0.1 only."""

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST: Final = "127.0.0.1"
BACKLOG: Final = 128
STOP_TIMEOUT_S: Final = 5
PORTS_TRIED: Final = 51  # the preferred one and fifty after it


class SilentRequestHandler(WSGIRequestHandler):
    """Answer in HTTP/1.1 and write no request log (its paths would hold codes)."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object, **__: object) -> None:
        """Write nothing."""


class TrackingServer(ThreadedWSGIServer):
    """A threaded server that can end its open connections."""

    def __init__(
        self,
        port: int,
        app: "WSGIApplication",
        handler: type[WSGIRequestHandler],
        fd: int,
    ) -> None:
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(HOST, port, app, handler, fd=fd)

    # The stubs allow a datagram pair as request; a stream server only meets sockets.
    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, then answer it in a thread."""
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection, then forget it."""
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def end_connections(self, timeout_s: int) -> None:
        """Let running requests answer, read nothing more, wait until all are closed."""
        with self._changed:
            for connection in self._connections:
                # Browsers open connections in advance and say nothing on them: an end
                # of input wakes their threads, and leaves answers under way alone.
                _end_input(connection)
            self._changed.wait_for(lambda: not self._connections, timeout_s)


def _end_input(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError as error:
        if error.errno not in {errno.ENOTCONN, errno.EBADF}:
            raise


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at *url* until it is stopped."""

    url: str  # without a slash at its end
    port: int
    _server: TrackingServer
    _thread: threading.Thread

    def stop(self) -> None:
        """Take no more requests, finish the running ones, close every socket."""
        self._server.shutdown()
        self._thread.join(STOP_TIMEOUT_S)
        self._server.end_connections(STOP_TIMEOUT_S)


def start_in_thread(
    app: "WSGIApplication",
    port: int = 0,
    handler: type[WSGIRequestHandler] = SilentRequestHandler,
) -> Running:
    """Serve *app* on 127.0.0.1 until `stop` is called; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    # werkzeug ends the process when it finds a port taken, so the socket is bound here.
    with closing(_bound_socket(port)) as listener:
        listener.listen(BACKLOG)
        bound_port: int = listener.getsockname()[1]
        server = TrackingServer(bound_port, app, handler, listener.fileno())
    thread = threading.Thread(
        target=server.serve_forever,
        # How often the thread looks whether it should stop, in seconds.
        kwargs={"poll_interval": 0.05},
        name=f"serve-{bound_port}",
        daemon=True,
    )
    thread.start()
    return Running(f"http://{HOST}:{bound_port}", bound_port, server, thread)


@contextmanager
def serve_in_thread(
    app: "WSGIApplication",
    port: int = 0,
    handler: type[WSGIRequestHandler] = SilentRequestHandler,
) -> Iterator[Running]:
    """Serve *app* on 127.0.0.1 for the length of a `with` block.

    Raises:
        OSError: the port is taken.
    """
    running = start_in_thread(app, port, handler)
    try:
        yield running
    finally:
        running.stop()


def free_port(preferred: int) -> int:
    """Return *preferred*, or the next port up to fifty later that nobody listens on.

    Raises:
        OSError: all of them are taken.
    """
    for port in range(preferred, min(preferred + PORTS_TRIED, 65536)):
        try:
            _bound_socket(port).close()
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
        else:
            return port
    last = preferred + PORTS_TRIED - 1
    raise OSError(errno.EADDRINUSE, f"no free port from {preferred} to {last}")


def _bound_socket(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Connections that closed a moment ago must not make a port look taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
