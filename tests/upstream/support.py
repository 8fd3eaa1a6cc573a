"""A RERO+ on a real socket, told what to answer, and what the tests look at."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.core.errors import UpstreamError
from bridge.flow.ports import Event, UpstreamLogin
from bridge.upstream.rero import ReroUpstream
from bridge.upstream.settings import ReroSettings
from bridge.upstream.transport import Transport

NOW = 1_795_561_200  # 2026-11-24, in Zurich, too
CODE = "c0deC0dec0deC0dec0deC0dec0deC0"
ACCESS_TOKEN = "4NPtBhoiBmML6k7cDe9RdcrXrHl7XR"
TOKEN = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "user": {"id": "3"}}
INFO = {"user_id": 3, "barcode": "2050124311", "fullname": "Simon, Jean"}

Fields = Mapping[str, str | int | float | bool | None]


@dataclass
class RecordingAudit:
    """Keeps the events."""

    events: list[tuple[Event, Fields]] = field(default_factory=list)

    def record(
        self, event: Event, /, **fields: str | int | float | bool | None
    ) -> None:
        self.events.append((event, fields))

    def outcomes(self) -> list[tuple[object, object]]:
        """Return the calls and how they ended."""
        return [
            (fields["call"], fields["outcome"])
            for event, fields in self.events
            if event is Event.UPSTREAM_CALLED
        ]


def json_answer(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


@dataclass
class Rero:
    """Answers in order, the last one again and again; keeps what it was asked."""

    server: HTTPServer
    token: list[Response] = field(default_factory=lambda: [json_answer(TOKEN)])
    info: list[Response] = field(default_factory=lambda: [json_answer(INFO)])
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path, answers in (
            ("/oauth/token", lambda: self.token),
            ("/api/patrons/info", lambda: self.info),
        ):
            self.server.expect_request(path).respond_with_handler(
                self._handler(answers)
            )

    def _handler(
        self, answers: Callable[[], list[Response]]
    ) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            request.get_data()
            self.requests.append(request)
            prepared = answers()
            return prepared.pop(0) if len(prepared) > 1 else prepared[0]

        return answer

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]


@dataclass
class Bridge:
    """The upstream under test, at an address, with its settings at hand."""

    settings: ReroSettings
    audit: RecordingAudit = field(default_factory=RecordingAudit)

    def __post_init__(self) -> None:
        self.transport = Transport(self.settings)
        self.upstream = ReroUpstream(
            self.settings, self.transport, self.audit, lambda: NOW
        )

    def sign_in(
        self, *, allow_barcode: bool = True, address: str = "192.0.2.1"
    ) -> UpstreamLogin:
        return self.upstream.sign_in(CODE, allow_barcode=allow_barcode, address=address)

    def failure(self, *, address: str = "192.0.2.1") -> UpstreamError:
        """Sign in, and return what it failed by."""
        try:
            login = self.sign_in(address=address)
        except UpstreamError as error:
            return error
        raise AssertionError(f"signed in: {login}")


def bridge_at(base_url: str, **changes: Any) -> Bridge:
    settings = ReroSettings(
        base_url=base_url,
        client_id="rero-oidc-bridge",
        client_secret="s3cr&t %",
        redirect_uri="https://bridge.example/callback",
    )
    return Bridge(replace(settings, **changes))


Talk = Callable[[socket.socket], None]


@contextmanager
def raw_server(talk: Talk) -> Iterator[str]:
    """Serve each connection by *talk* in a thread of its own; yield the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_one(connection: socket.socket) -> None:
        with connection:
            try:
                talk(connection)
            except OSError:
                return  # the bridge hung up, as it should

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_request(connection: socket.socket) -> bytes:
    """Read a request's head and, by its Content-Length, its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += _receive(connection)
    return head + b"\r\n\r\n" + body


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise ConnectionResetError("the bridge hung up")
    return received


def http(content: object, *, extra: bytes = b"") -> bytes:
    """Write a whole 200 with a JSON body."""
    body = json.dumps(content).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        + extra
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )
