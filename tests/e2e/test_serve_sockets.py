"""What `bridge serve` does with clients that are slow, or send too much."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
import requests

from tests.e2e.support import HOST, Place, Process, await_that, get
from tests.e2e.visitor import Service

THREADS = 6
FORM = "Content-Type: application/x-www-form-urlencoded"
Send = Callable[[str], socket.socket]


@pytest.fixture
def few_threads(place: Place) -> Iterator[Process]:
    place.write(threads=THREADS)
    with Process(place) as process:
        yield process.await_ready()


@pytest.fixture
def send(place: Place) -> Iterator[Send]:
    """Give what sends bytes on a connection of its own, and leaves it open."""
    with ExitStack() as opened:

        def send(text: str) -> socket.socket:
            connection = socket.create_connection((HOST, place.port), timeout=20)
            opened.enter_context(closing(connection))
            connection.sendall(text.encode("ascii"))
            return connection

        yield send


def post_without_body(path: str = "/token") -> str:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{FORM}\r\nContent-Length: 10\r\n\r\n"


def status_of(connection: socket.socket) -> int:
    return int(connection.recv(4_096).split(b" ", 2)[1])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("HTTP/1.1", 400),
        ("HTTP/1.1\r\nHost:", 400),
        ("HTTP/1.1\r\nHost: a\r\nHost: a", 400),
        ("HTTP/1.1\r\nHost: a", 200),
        ("HTTP/1.0", 200),
    ],
)
def test_request_needs_one_host(
    few_threads: Process, send: Send, head: str, status: int
) -> None:
    answered = status_of(send(f"GET /jwks {head}\r\n\r\n"))

    assert answered == status


def refusals(process: Process) -> int:
    return sum(line["status"] == 503 for line in process.events("http:request"))


def test_get_is_answered_while_more_bodies_are_awaited_than_there_are_threads(
    few_threads: Process, place: Place, send: Send
) -> None:
    for _ in range(THREADS * 2):
        send(post_without_body())
    # Half of the threads wait; the other bodies are refused at once.
    await_that(lambda: refusals(few_threads) == THREADS * 2 - THREADS // 2, "refusals")

    status = get(f"{place.issuer}/.well-known/openid-configuration")

    assert status == 200


def test_body_too_many_is_refused_with_the_time_to_come_again(
    few_threads: Process, place: Place, send: Send
) -> None:
    waiting = [send(post_without_body()) for _ in range(THREADS)]
    await_that(lambda: refusals(few_threads) == THREADS // 2, "refusals")

    answer = Service(place.issuer).redeem("any")

    assert answer.status_code == 503
    assert answer.json()["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert waiting


def test_body_that_came_at_last_makes_room(
    few_threads: Process, place: Place, send: Send
) -> None:
    waiting = [send(post_without_body()) for _ in range(THREADS)]
    await_that(lambda: refusals(few_threads) == THREADS // 2, "refusals")
    for connection in waiting:
        connection.sendall(b"grant_type")

    answer = await_that(
        lambda: [
            answer
            for answer in [Service(place.issuer).redeem("any")]
            if answer.status_code != 503
        ],
        "room",
    )

    assert answer[0].json()["error"] == "invalid_grant"


def test_page_too_many_is_told_to_people(
    few_threads: Process, place: Place, send: Send
) -> None:
    for _ in range(THREADS):
        send(post_without_body("/consent"))
    await_that(lambda: refusals(few_threads) == THREADS // 2, "refusals")

    answer = requests.post(f"{place.issuer}/consent", data={"a": "b"}, timeout=20)

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_too_long_a_body_is_refused_unread(bridge: Process, send: Send) -> None:
    head = f"POST /token HTTP/1.1\r\nHost: x\r\n{FORM}\r\nContent-Length: 65537\r\n\r\n"

    connection = send(head)

    assert status_of(connection) == 413


def test_too_long_a_body_without_a_length_is_refused(
    bridge: Process, send: Send
) -> None:
    head = f"POST /token HTTP/1.1\r\nHost: x\r\n{FORM}\r\nTransfer-Encoding: chunked"
    size = 70_000

    connection = send(f"{head}\r\n\r\n{size:x}\r\n{'a' * size}\r\n0\r\n\r\n")

    assert status_of(connection) == 413


def test_header_that_does_not_end_is_cut_off_within_seconds(
    bridge: Process, send: Send
) -> None:
    began = time.monotonic()
    connection = send("GET /jwks HTTP/1.1\r\nHost: x\r\nX-Slow: ")

    rest = connection.recv(4_096)

    # The connection's own patience is 20 s: it was the server that hung up.
    assert rest == b"" or b" 408 " in rest.splitlines()[0]
    assert time.monotonic() - began > 1


def test_header_of_more_than_64_kib_is_refused(bridge: Process, send: Send) -> None:
    connection = send(
        f"GET /jwks HTTP/1.1\r\nHost: x\r\nX-Long: {'a' * 66_000}\r\n\r\n"
    )

    assert status_of(connection) == 431


def test_header_without_an_end_is_refused_by_the_server(
    bridge: Process, send: Send
) -> None:
    connection = send(f"GET /jwks HTTP/1.1\r\nHost: x\r\nX-Long: {'a' * 140_000}\r\n")

    assert status_of(connection) in {400, 431}


def test_header_of_60_kb_is_taken(bridge: Process, send: Send) -> None:
    connection = send(
        f"GET /jwks HTTP/1.1\r\nHost: x\r\nX-Long: {'a' * 60_000}\r\n\r\n"
    )

    assert status_of(connection) == 200
