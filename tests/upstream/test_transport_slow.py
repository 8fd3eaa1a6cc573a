"""A server that takes its time is cut at the deadline, wherever it is slow."""

import json
import socket
import threading
from contextlib import ExitStack

import pytest

from bridge.core.errors import (
    UpstreamFault,
    UpstreamUnavailable,
)
from tests.upstream.support import (
    INFO,
    TOKEN,
    Talk,
    bridge_at,
    http,
    raw_server,
    read_request,
)

DRIP_EVERY_S = 0.05
DEADLINE_S = 0.3


def drip(connection: socket.socket, content: bytes) -> None:
    """Send a byte every 50 ms until the bridge hangs up."""
    hung_up = threading.Event()
    for position in range(len(content)):
        connection.sendall(content[position : position + 1])
        hung_up.wait(DRIP_EVERY_S)


def drip_header(connection: socket.socket) -> None:
    read_request(connection)
    drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 1_000)


def drip_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    drip(connection, b"{" + b" " * 999)


def drip_body_without_length(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    drip(connection, json.dumps(TOKEN).encode() + b" " * 1_000)


def drip_chunks(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    drip(connection, b"1\r\n \r\n" * 1_000)


def stall(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


def stall_after_the_header(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    connection.recv(1)


def drip_many_headers(connection: socket.socket) -> None:
    read_request(connection)
    drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def drip_info_after_a_good_token(connection: socket.socket) -> None:
    """Answer the first call late but whole; the second one gets what is left."""
    read_request(connection)
    threading.Event().wait(DEADLINE_S / 2)
    connection.sendall(http(TOKEN))
    drip_header(connection)


SLOW: dict[str, Talk] = {
    talk.__name__: talk
    for talk in (
        drip_header,
        drip_body,
        drip_body_without_length,
        drip_chunks,
        stall,
        stall_after_the_header,
        drip_many_headers,
        drip_info_after_a_good_token,
    )
}


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW.keys())
def test_slow_server_is_cut_at_the_deadline(talk: Talk) -> None:
    with raw_server(talk) as url:
        error = bridge_at(url, deadline_s=DEADLINE_S).failure()

    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.DEADLINE


def test_slow_server_is_cut_on_a_kept_connection_too() -> None:
    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            read_request(connection)
            connection.sendall(http(content))
        read_request(connection)
        drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"s" * 100)
        is_dripped.set()

    is_dripped = threading.Event()
    with raw_server(talk) as url:
        bridge = bridge_at(url, deadline_s=DEADLINE_S)
        bridge.sign_in()
        error = bridge.failure()

    assert error.fault is UpstreamFault.DEADLINE
    assert not is_dripped.is_set()


def test_slow_proxy_is_cut_at_the_deadline() -> None:
    with raw_server(drip_header) as url:
        error = bridge_at(
            "https://rero.invalid", proxy=url, deadline_s=DEADLINE_S
        ).failure()

    assert error.fault is UpstreamFault.DEADLINE


def test_server_that_does_not_take_the_connection_is_cut_at_the_deadline() -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        ExitStack() as stack,
    ):
        port = listener.getsockname()[1]
        for _ in range(3):  # fill the queue, so that the next one waits
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))

        error = bridge_at(f"http://127.0.0.1:{port}", deadline_s=DEADLINE_S).failure()

    assert error.fault is UpstreamFault.DEADLINE


def test_dripped_tls_handshake_is_cut_at_the_deadline() -> None:
    def drip_handshake(connection: socket.socket) -> None:
        # A record of type handshake, 16 kB long, that never comes to its end.
        drip(connection, b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\0" * 1_000)

    with raw_server(drip_handshake) as url:
        tls_url = url.replace("http://", "https://")
        error = bridge_at(tls_url, deadline_s=DEADLINE_S).failure()

    assert error.fault is UpstreamFault.DEADLINE


def test_end_of_one_deadline_does_not_cut_the_next_call() -> None:
    """The first deadline ends while the second sign-in uses the kept connection."""

    def talk(connection: socket.socket) -> None:
        for number, content in enumerate((TOKEN, INFO, TOKEN, INFO)):
            read_request(connection)
            if number == 2:
                threading.Event().wait(DEADLINE_S * 0.5)
            connection.sendall(http(content))

    with raw_server(talk) as url:
        bridge = bridge_at(url, deadline_s=DEADLINE_S)
        bridge.sign_in()
        threading.Event().wait(DEADLINE_S * 0.6)

        login = bridge.sign_in()

        bridge.transport.close()
    assert login.patron.identity.value == "3"
