"""Threat 22, outwards: slow, huge and broken servers take little time and memory."""

import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from bridge.outgoing.errors import OutgoingError, OutgoingFault
from bridge.outgoing.http import MAX_ANSWER_BYTES
from bridge.outgoing.names import LOOKUPS_AT_A_TIME
from tests.outgoing.support import SHORT_S, drip, failure_of, fault_of, http_on_loopback
from tests.upstream.support import Talk, raw_server, read_request

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def answering(content: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(content)

    return talk


def dripping(content: bytes, *, first: bytes = b"") -> Talk:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(first)
        drip(connection, content)

    return talk


def silent(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


SLOW: dict[str, Talk] = {
    "silence": silent,
    "status line": dripping(OK * 100),
    "header": dripping(b"x" * 1_000, first=OK + b"X-Slow: "),
    "headers": dripping(b"A: b\r\n" * 1_000, first=OK),
    "1xx answers": dripping(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "body": dripping(b" " * 1_000, first=OK + b"Content-Length: 1000\r\n\r\n"),
    "body without length": dripping(b" " * 1_000, first=OK + b"\r\n"),
    "chunks": dripping(b"1\r\n \r\n" * 1_000, first=CHUNKED),
}


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW.keys())
def test_slow_server_is_cut_at_the_deadline(talk: Talk) -> None:
    with raw_server(talk) as url:
        fault = fault_of(http_on_loopback(deadline_s=SHORT_S), f"{url}/keys")

    assert fault is OutgoingFault.DEADLINE


def test_dripped_handshake_is_cut_at_the_deadline() -> None:
    def talk(connection: socket.socket) -> None:
        # A handshake message of 16 kB that breaks off a good while after the deadline.
        drip(connection, b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\0" * 100)

    with raw_server(talk) as url:
        tls_url = url.replace("http://", "https://")
        fault = fault_of(http_on_loopback(deadline_s=SHORT_S), tls_url)

    assert fault is OutgoingFault.DEADLINE


def test_slow_lookups_are_left_at_the_deadline_and_do_not_pile_up() -> None:
    may_answer = threading.Event()
    running: list[str] = []
    waited_out: list[str] = []

    def slow(host: str, port: int) -> Sequence[str]:
        running.append(host)
        if not may_answer.wait(10):
            waited_out.append(host)
        return ["127.0.0.1"]

    http = http_on_loopback(slow, deadline_s=SHORT_S)
    calls = LOOKUPS_AT_A_TIME + 3
    with ThreadPoolExecutor(calls) as callers:
        faults = set(
            callers.map(fault_of, [http] * calls, ["https://rp.example/keys"] * calls)
        )
    may_answer.set()

    assert faults == {OutgoingFault.DEADLINE}
    assert len(running) == LOOKUPS_AT_A_TIME
    assert waited_out == []


HUGE = {
    "length": OK + b"Content-Length: 65537\r\n\r\n" + b" " * 65_537,
    "length that is not true": OK + b"Content-Length: 99999999\r\n\r\n" + b" " * 70_000,
    "no length": OK + b"\r\n" + b" " * 70_000,
    "chunks": CHUNKED
    + b"1000\r\n"
    + b" " * 4_096
    + b"\r\n"
    + b"FFFF\r\n"
    + b" " * 65_535,
    "headers": OK + b"".join(b"X: " + b"x" * 60_000 + b"\r\n" for _ in range(3)),
    "chunk lines": CHUNKED + (b"1;" + b"x" * 9_000 + b"\r\n \r\n") * 20,
    "1xx answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE.keys())
def test_huge_answer_is_refused(content: bytes) -> None:
    with raw_server(answering(content)) as url:
        fault = fault_of(http_on_loopback(), f"{url}/keys")

    assert fault is OutgoingFault.TOO_LARGE


def test_answer_of_the_largest_size_is_taken() -> None:
    content = OK + b"Content-Length: 65536\r\n\r\n" + b" " * MAX_ANSWER_BYTES

    with raw_server(answering(content)) as url:
        answer = http_on_loopback().get(f"{url}/keys")

    assert len(answer.body) == MAX_ANSWER_BYTES


def test_page_of_any_size_behind_a_form_does_not_undo_it() -> None:
    with raw_server(answering(HUGE["no length"])) as url:
        answer = http_on_loopback().post_form(f"{url}/logout", {"logout_token": "t"})

    assert answer.status == 200


@pytest.mark.parametrize("kind", ["body", "body without length", "chunks"])
def test_form_is_answered_by_the_header_whatever_its_body_takes(kind: str) -> None:
    http = http_on_loopback(deadline_s=SHORT_S)

    with raw_server(SLOW[kind]) as url:
        answer = http.post_form(f"{url}/logout", {"logout_token": "t"})

    assert answer.status == 200


@pytest.mark.parametrize("kind", ["status line", "header", "headers", "1xx answers"])
def test_header_of_a_form_must_be_whole_within_the_deadline(kind: str) -> None:
    http = http_on_loopback(deadline_s=SHORT_S)

    with raw_server(SLOW[kind]) as url:
        call = partial(http.post_form, f"{url}/logout", {"logout_token": "t"})
        with pytest.raises(OutgoingError) as failure:
            call()

    assert failure.value.fault is OutgoingFault.DEADLINE


BROKEN = {
    "no HTTP": b"hello\r\n\r\n",
    "no number": b"HTTP/1.1 two OK\r\n\r\n",
    "cut body": OK + b"Content-Length: 10\r\n\r\n{}",
    "bad chunk": CHUNKED + b"zz\r\n{}",
    "chunk below zero": CHUNKED + b"-5\r\n{}",
    "cut chunk": CHUNKED + b"5\r\n{}",
    "long status line": b"HTTP/1.1 200 " + b"x" * 70_000,
    "long header": OK + b"X: " + b"x" * 70_000,
    "many headers": OK + b"X: y\r\n" * 200 + b"\r\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_answer_that_is_no_http_is_refused(content: bytes) -> None:
    with raw_server(answering(content)) as url:
        fault = fault_of(http_on_loopback(), f"{url}/keys")

    assert fault is OutgoingFault.NO_HTTP


def test_server_that_hangs_up_is_said() -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)

    with raw_server(talk) as url:
        fault = fault_of(http_on_loopback(), f"{url}/keys")

    assert fault is OutgoingFault.CONNECTION


def test_error_says_nothing_of_what_came_in() -> None:
    with raw_server(answering(b"SECRET patron 2050124311\r\n\r\n")) as url:
        error = failure_of(http_on_loopback(), f"{url}/keys")

    assert str(error) == "no_http"
    assert error.__context__ is None
    assert error.__cause__ is None
