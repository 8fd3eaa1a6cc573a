"""Broken, refused and kept connections, on raw sockets."""

import gzip
import socket
from collections.abc import Callable

import pytest

from bridge.core.errors import (
    UpstreamFault,
    UpstreamUnavailable,
)
from bridge.upstream import connections as connections_module
from tests.upstream.support import (
    INFO,
    TOKEN,
    Talk,
    bridge_at,
    http,
    raw_server,
    read_request,
)


def test_server_without_tls_is_down() -> None:
    def talk_plainly(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.recv(65_536)

    with raw_server(talk_plainly) as url:
        error = bridge_at(url.replace("http://", "https://")).failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.DOWN


def test_missing_ca_file_is_down_and_no_crash() -> None:
    error = bridge_at("https://127.0.0.1:1", ca_file="no-such-file.pem").failure()

    assert error.fault is UpstreamFault.DOWN


def answer(content: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(content)

    return talk


BROKEN = {
    "nothing": b"",
    "cut body": b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a"',
    "no HTTP": b"PLANTED PLANTED\r\n\r\n",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nPLANTED\r\n",
    "long line": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 12_000 + b"\r\n",
    "many interims": b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000,
    "long chunk line": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1;x=" + b"x" * 70_000 + b"\r\n{\r\n0\r\n\r\n",
    "long trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    "two framings": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    b"Content-Length: 3\r\n\r\n{}",
    "other protocol": b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n"
    b"Upgrade: PLANTED\r\n\r\n{}",
    "cut and closed": b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
    b"Content-Length: 100\r\n\r\n{",
    "bad gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 7\r\n\r\nPLANTED",
    "cut gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 20\r\n\r\n" + gzip.compress(b"PLANTED" * 9)[:20],
    "bad deflate": b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n"
    b"Content-Length: 7\r\n\r\nPLANTED",
    "no body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
    "cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_broken_answer_to_a_code_is_not_asked_again(content: bytes) -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(content)

    with raw_server(talk) as url:
        error = bridge_at(url).failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.DOWN
    assert "PLANTED" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert len(seen) == 1


def test_damaged_header_is_not_quoted_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with raw_server(answer(b"HTTP/1.1 200 OK\r\nPLANTED")) as url:
        error = bridge_at(url).failure()

    assert error.fault is UpstreamFault.DOWN
    assert caplog.text == ""


def test_info_is_asked_once_more_after_a_broken_connection() -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        while True:
            line = read_request(connection).partition(b"\r\n")[0]
            asked.append(line)
            if line.startswith(b"POST"):
                connection.sendall(http(TOKEN))
            elif len(asked) == 2:
                return
            else:
                connection.sendall(http(INFO))

    with raw_server(talk) as url:
        login = bridge_at(url).sign_in()

    assert login.patron.identity.value == "3"
    assert asked == [
        b"POST /oauth/token HTTP/1.1",
        *[b"GET /api/patrons/info HTTP/1.1"] * 2,
    ]


def test_refused_connection_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[object] = []
    connect: Callable[..., socket.socket] = connections_module.connect

    def refuse_first(*arguments: object) -> socket.socket:
        tries.append(arguments)
        if len(tries) == 1:
            raise ConnectionRefusedError
        return connect(*arguments)

    monkeypatch.setattr(connections_module, "connect", refuse_first)

    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            read_request(connection)
            connection.sendall(http(content))

    with raw_server(talk) as url:
        login = bridge_at(url).sign_in()

    assert login.patron.identity.value == "3"
    assert len(tries) == 2


def test_server_that_refuses_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = bridge_at(f"http://127.0.0.1:{port}").failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.DOWN


@pytest.mark.parametrize("host", ["rero.invalid", "a" * 100, "xn--a"])
def test_name_that_leads_nowhere_is_down(host: str) -> None:
    error = bridge_at(f"http://{host}").failure()

    assert error.fault is UpstreamFault.DOWN


def test_one_connection_serves_both_calls_and_the_next_sign_in() -> None:
    connections: list[int] = []

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        while True:
            is_token = read_request(connection).startswith(b"POST")
            connection.sendall(http(TOKEN if is_token else INFO))

    with raw_server(talk) as url:
        bridge = bridge_at(url)
        bridge.sign_in()
        bridge.sign_in()
        bridge.transport.close()

    assert len(connections) == 1


def test_connection_that_lay_idle_for_long_is_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connections: list[int] = []

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        while True:
            is_token = read_request(connection).startswith(b"POST")
            connection.sendall(http(TOKEN if is_token else INFO))

    with raw_server(talk) as url:
        bridge = bridge_at(url)
        bridge.sign_in()
        monkeypatch.setattr(connections_module, "MAX_IDLE_S", 0)
        bridge.sign_in()
        bridge.transport.close()

    assert len(connections) == 3
