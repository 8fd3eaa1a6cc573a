"""Calls by a proxy: the whole URL where all is plain, a tunnel where TLS is spoken."""

import contextlib
import socket
import threading

import pytest
from requests import PreparedRequest

from bridge.core.errors import UpstreamFault
from bridge.upstream.writing import fixed_head
from tests.upstream.support import (
    INFO,
    TOKEN,
    bridge_at,
    http,
    raw_server,
    read_request,
)

AUTHORIZATION = b"Proxy-Authorization: Basic YnJpZGdlOnAgdw=="  # bridge:p w


def with_credentials(url: str) -> str:
    return url.replace("http://", "http://bridge:p%20w@")


def test_plain_proxy_is_asked_for_the_whole_url() -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            asked.append(read_request(connection))
            connection.sendall(http(content))

    with raw_server(talk) as url:
        bridge_at("http://rero.invalid", proxy=with_credentials(url)).sign_in()

    assert [request.partition(b"\r\n")[0] for request in asked] == [
        b"POST http://rero.invalid/oauth/token HTTP/1.1",
        b"GET http://rero.invalid/api/patrons/info HTTP/1.1",
    ]
    assert all(b"\r\nHost: rero.invalid\r\n" in request for request in asked)
    assert all(AUTHORIZATION in request for request in asked)


def test_refused_tunnel_is_down_and_the_proxy_sees_no_code() -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 407 PLANTED\r\nContent-Length: 0\r\n\r\n")
        seen.append(connection.recv(65_536))

    with raw_server(talk) as url:
        error = bridge_at("https://rero.invalid", proxy=with_credentials(url)).failure()

    assert error.fault is UpstreamFault.DOWN
    assert seen[0].startswith(b"CONNECT rero.invalid:443 HTTP/1.1\r\n")
    assert b"\r\nHost: rero.invalid:443\r\n" in seen[0]
    assert AUTHORIZATION in seen[0]
    assert seen[1:] in ([], [b""])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nPLANTED",
        b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200",
        b"PLANTED",
    ],
    ids=["speaks on", "switches", "long head", "cut", "no HTTP"],
)
def test_odd_answer_for_a_tunnel_is_down_and_no_handshake_follows(
    answer: bytes,
) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            followed.append(connection.recv(65_536))
        is_over.set()

    followed: list[bytes] = []
    is_over = threading.Event()
    with raw_server(talk) as url:
        error = bridge_at("https://rero.invalid", proxy=url).failure()

        assert is_over.wait(10)
    assert error.fault is UpstreamFault.DOWN
    assert b"".join(followed) == b""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://rero.example/x", b"rero.example"),
        ("http://rero.example/x", b"rero.example"),
        ("https://rero.example:8443/x", b"rero.example:8443"),
        ("https://rero.example:80/x", b"rero.example:80"),
        ("http://[::1]/x", b"[::1]"),
    ],
)
def test_host_is_told_with_its_port_only_where_that_is_unusual(
    url: str, host: bytes
) -> None:
    request = PreparedRequest()
    request.prepare(method="GET", url=url, headers={})

    head = fixed_head(request, None)

    assert head == b"GET /x HTTP/1.1\r\nHost: " + host + b"\r\n"
