"""The second port: live, ready, metrics. Never published; a thread of the worker.

Servers with several processes have no second port: `add_health` is for them.
"""

import json
import socket
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import Final

from flask import Flask, Request

from bridge.web.frame import Answer

READ_TIMEOUT_S: Final = 5
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
LIVE: Final = b'{"status":"live"}\n'
Checks = Callable[[], Mapping[str, str]]  # name of a check -> "ok" or what is wrong


def readiness(checks: Checks) -> tuple[int, bytes]:
    """Return status and body of /health/ready."""
    results = checks()
    is_ready = all(result == "ok" for result in results.values())
    body = {"status": "ready" if is_ready else "not ready", "checks": dict(results)}
    return 200 if is_ready else 503, json.dumps(body).encode("ascii") + b"\n"


def add_health(app: Flask, checks: Checks) -> None:
    """Serve /health/live and /health/ready on the main port."""

    def live(http: Request) -> Answer:
        return Answer(LIVE, content_type="application/json")

    def ready(http: Request) -> Answer:
        status, body = readiness(checks)
        return Answer(body, status, content_type="application/json")

    for path, view in (("/health/live", live), ("/health/ready", ready)):
        app.add_url_rule(
            path,
            endpoint=f"health.{view.__name__}",
            view_func=view,
            methods=["GET", "HEAD"],
            provide_automatic_options=False,
        )


class _Server(ThreadingHTTPServer):
    """A server of both kinds of addresses; the base knows IPv4 alone."""

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind as any TCP server: the base would ask DNS for the address's name."""
        TCPServer.server_bind(self)


class Management:
    """Serves the management port until it is closed."""

    def __init__(
        self, address: tuple[str, int], checks: Checks, metrics: Callable[[], bytes]
    ) -> None:
        self._server = _Server(address, _handler(checks, metrics))
        self._thread = Thread(
            target=self._server.serve_forever, name="management", daemon=True
        )

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving; call it only after `start`."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(
    checks: Checks, metrics: Callable[[], bytes]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = READ_TIMEOUT_S
        server_version = "rero-oidc-bridge"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path == "/health/live":
                self._send(200, LIVE, "application/json")
            elif self.path == "/health/ready":
                self._send(*readiness(checks), "application/json")
            elif self.path == "/metrics":
                self._send(200, metrics(), METRICS_TYPE)
            else:
                self._send(404, b'{"error":"not found"}\n', "application/json")

        def _send(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object, **__: object) -> None:
            """Log nothing: probes come every few seconds."""

    return Handler
