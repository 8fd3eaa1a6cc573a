"""Whole answers in every shape that HTTP allows, and what a connection is good for."""

import json
import socket

import pytest

from tests.upstream.support import (
    INFO,
    TOKEN,
    Talk,
    bridge_at,
    http,
    raw_server,
    read_request,
)


def chunked(content: object, size: int, trailer: bytes = b"") -> bytes:
    body = json.dumps(content).encode()
    parts = (body[start : start + size] for start in range(0, len(body), size))
    lines = (b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    return head + b"".join(lines) + b"0\r\n" + trailer + b"\r\n"


TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(INFO).encode()
INTERIM = b"HTTP/1.1 103 Early Hints\r\nContent-Encoding: gzip\r\n\r\n"
# Whether the connection serves a further call stands beside the answer.
WHOLE = {
    "by length": (http(INFO), True),
    "by chunks": (chunked(INFO, 7), True),
    "with a trailer": (chunked(INFO, 100, b"Content-Encoding: gzip\r\n"), True),
    "after interims": (INTERIM + b"HTTP/1.1 100 Go\r\n\r\n" + http(INFO), True),
    "offering HTTP/2": (
        http(INFO, extra=b"Upgrade: h2c\r\nConnection: Upgrade, Keep-Alive\r\n"),
        True,
    ),
    "to the end": (TO_THE_END, False),
    "closing": (http(INFO, extra=b"Connection: close\r\n"), False),
    "HTTP/1.0": (http(INFO).replace(b"1.1", b"1.0", 1), False),
    "kept HTTP/1.0": (
        http(INFO, extra=b"Connection: keep-alive\r\n").replace(b"1.1", b"1.0", 1),
        True,
    ),
    "with another behind": (http(INFO) + http({"user_id": 4}), False),
    "with a part behind": (http(INFO) + b"H", False),
    "with noise behind": (http(INFO) + b"PLANTED", False),
    "with a zero behind": (http(INFO) + b"\0", False),
    "closing, with noise": (
        http(INFO, extra=b"Connection: close\r\n") + b"PLANTED",
        False,
    ),
}


def server(answer: bytes, connections: list[int], piece_bytes: int) -> Talk:
    """Answer without end; hang up only where the end of the connection counts."""

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            if read_request(connection).startswith(b"POST"):
                connection.sendall(http(TOKEN))
                continue
            for start in range(0, len(answer), piece_bytes):
                connection.sendall(answer[start : start + piece_bytes])
            if answer == TO_THE_END:
                return

    return talk


@pytest.mark.parametrize(("answer", "is_kept"), WHOLE.values(), ids=WHOLE.keys())
def test_connection_is_kept_only_where_nothing_speaks_against_it(
    answer: bytes, is_kept: bool
) -> None:
    connections: list[int] = []

    with raw_server(server(answer, connections, 65_536)) as url:
        bridge = bridge_at(url)
        first, second = bridge.sign_in(), bridge.sign_in()
        bridge.transport.close()

    assert first.patron == second.patron
    assert first.patron.identity.value == "3"
    assert len(connections) == (1 if is_kept else 2)


@pytest.mark.parametrize(
    "answer", [answer for answer, _ in WHOLE.values()], ids=WHOLE.keys()
)
def test_answer_in_single_bytes_is_read_like_one_in_a_piece(answer: bytes) -> None:
    with raw_server(server(answer, [], 1)) as url:
        bridge = bridge_at(url)
        login = bridge.sign_in()
        bridge.transport.close()

    assert login.patron.fullname == "Simon, Jean"
