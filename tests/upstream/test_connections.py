"""Kept connections: when they serve again, and that no code goes out twice."""

import socket
import threading
import time

import pytest
from requests import PreparedRequest

from bridge.core.errors import UpstreamFault
from bridge.upstream.adapter import KeptConnections
from bridge.upstream.deadline import Deadline
from bridge.upstream.writing import CompletedRequest, fixed_head
from tests.upstream.support import (
    INFO,
    TOKEN,
    bridge_at,
    http,
    raw_server,
    read_request,
)


@pytest.mark.parametrize(
    "goodbye",
    [b"", b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"],
    ids=["silent", "with an answer to nobody"],
)
def test_code_goes_out_on_a_new_connection_where_the_kept_one_was_closed(
    goodbye: bytes,
) -> None:
    is_closed = threading.Event()
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            asked.append(read_request(connection)[:4])
            connection.sendall(http(content))
        if not is_closed.is_set():
            may_close.wait(10)
            connection.sendall(goodbye)
        connection.close()
        is_closed.set()

    may_close = threading.Event()
    with raw_server(talk) as url:
        bridge = bridge_at(url)
        bridge.sign_in()
        may_close.set()
        is_closed.wait(10)

        login = bridge.sign_in()

        bridge.transport.close()
    assert login.patron.identity.value == "3"
    assert asked == [b"POST", b"GET "] * 2


def test_code_that_a_kept_connection_lost_is_not_sent_again() -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            asked.append(read_request(connection)[:4])
            connection.sendall(http(content))
        asked.append(read_request(connection)[:4])

    with raw_server(talk) as url:
        bridge = bridge_at(url)
        bridge.sign_in()
        error = bridge.failure()

    assert error.fault is UpstreamFault.DOWN
    assert asked == [b"POST", b"GET ", b"POST"]


def test_answer_that_closes_its_connection_is_followed_by_a_new_one() -> None:
    connections: list[int] = []

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        is_token = read_request(connection).startswith(b"POST")
        content = TOKEN if is_token else INFO
        connection.sendall(http(content, extra=b"Connection: close\r\n"))

    with raw_server(talk) as url:
        bridge_at(url).sign_in()
        bridge_at(url).sign_in()

    assert len(connections) == 4


def test_connection_with_a_rest_of_an_answer_on_its_way_serves_no_other_call() -> None:
    connections: list[int] = []

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        read_request(connection)
        connection.sendall(http({"padding": "x" * 900_000}))
        connection.recv(1)

    with raw_server(talk) as url:
        bridge = bridge_at(url, max_answer_bytes=500)
        faults = {bridge.failure().fault, bridge.failure().fault}

    assert faults == {UpstreamFault.TOO_LARGE}
    assert len(connections) == 2


def test_no_more_connections_are_kept_than_calls_are_allowed() -> None:
    both_are_asked = threading.Barrier(2)
    is_hung_up = threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        both_are_asked.wait(10)
        connection.sendall(http({}))
        try:
            read_request(connection)
        except ConnectionResetError:
            is_hung_up.set()

    with raw_server(talk) as url:
        transport = bridge_at(url, concurrent_calls=1).transport
        request = PreparedRequest()
        request.prepare(method="GET", url=url, headers={})

        def ask() -> None:
            transport.send(CompletedRequest(request), transport.start_deadline())

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()

        assert is_hung_up.wait(10)
        for thread in threads:
            thread.join(10)
        transport.close()


def test_closing_the_transport_hangs_up() -> None:
    is_hung_up = threading.Event()

    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            read_request(connection)
            connection.sendall(http(content))
        if not connection.recv(1):
            is_hung_up.set()

    with raw_server(talk) as url:
        bridge = bridge_at(url)
        bridge.sign_in()
        bridge.transport.close()

        assert is_hung_up.wait(10)


def test_adapter_takes_no_timeout_but_a_deadline() -> None:
    adapter = KeptConnections(bridge_at("http://127.0.0.1:1").settings)

    with pytest.raises(TypeError):
        adapter.send(CompletedRequest(PreparedRequest()), timeout=10)


def test_adapter_takes_no_request_that_may_still_change() -> None:
    adapter = KeptConnections(bridge_at("http://127.0.0.1:1").settings)

    with pytest.raises(TypeError):
        adapter.send(PreparedRequest(), timeout=Deadline(time.monotonic() + 10))


@pytest.mark.parametrize("value", ["Bearer x\r\nX: y", "Bearer \n", "Bearer ü"])
def test_authorization_that_fits_no_header_is_not_written(value: str) -> None:
    request = CompletedRequest(PreparedRequest(), authorization=value)

    with pytest.raises(ValueError, match="does not fit"):
        request.own_part()


def test_request_is_written_with_each_header_once() -> None:
    prepared = PreparedRequest()
    prepared.prepare(method="POST", url="http://rero.example/x?y", headers={"A": "b"})
    request = CompletedRequest(prepared, authorization="Bearer z", body="code=é")

    written = fixed_head(prepared, None) + request.own_part()

    assert written.decode().split("\r\n") == [
        "POST /x?y HTTP/1.1",
        "Host: rero.example",
        "A: b",
        "Authorization: Bearer z",
        "Content-Length: 7",
        "",
        "code=é",
    ]
