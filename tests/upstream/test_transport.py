"""Transport faults on raw sockets: slow, cut, oversized, refused, shared."""

import gzip
import json
import socket
import threading
from collections.abc import Callable

import pytest
from werkzeug import Response

from bridge.core.errors import (
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamUnavailable,
)
from bridge.upstream import transport as transport_module
from tests.upstream.support import (
    INFO,
    TOKEN,
    Bridge,
    Rero,
    Talk,
    bridge_at,
    http,
    json_answer,
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


def test_dripped_tls_handshake_is_cut_at_the_deadline() -> None:
    def drip_handshake(connection: socket.socket) -> None:
        # A record of type handshake, 16 kB long, that never comes to its end.
        drip(connection, b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\0" * 1_000)

    with raw_server(drip_handshake) as url:
        tls_url = url.replace("http://", "https://")
        error = bridge_at(tls_url, deadline_s=DEADLINE_S).failure()

    assert error.fault is UpstreamFault.DEADLINE


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
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    "bad gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 7\r\n\r\nPLANTED",
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

    assert error.fault is UpstreamFault.NOT_JSON
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
    connect: Callable[..., socket.socket] = transport_module._connect

    def refuse_first(*arguments: object) -> socket.socket:
        tries.append(arguments)
        if len(tries) == 1:
            raise ConnectionRefusedError
        return connect(*arguments)

    monkeypatch.setattr(transport_module, "_connect", refuse_first)

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
        monkeypatch.setattr(transport_module, "MAX_IDLE_S", 0)
        bridge.sign_in()
        bridge.transport.close()

    assert len(connections) == 3


def test_end_of_one_deadline_does_not_cut_the_next_call() -> None:
    """The first deadline ends while the second sign-in uses the kept connection."""

    def talk(connection: socket.socket) -> None:
        for number, content in enumerate((TOKEN, INFO, TOKEN, INFO)):
            read_request(connection)
            if number == 2:
                threading.Event().wait(DEADLINE_S * 0.8)
            connection.sendall(http(content))

    with raw_server(talk) as url:
        bridge = bridge_at(url, deadline_s=DEADLINE_S)
        bridge.sign_in()
        threading.Event().wait(DEADLINE_S * 0.6)

        login = bridge.sign_in()

        bridge.transport.close()
    assert login.patron.identity.value == "3"


# -- sizes and encodings --------------------------------------------------------------


def test_answer_over_the_limit_is_too_large(rero: Rero) -> None:
    bridge = bridge_at(rero.server.url_for("/"), max_answer_bytes=1_000)
    rero.token = [json_answer(TOKEN | {"padding": "x" * 1_000})]

    error = bridge.failure()

    assert isinstance(error, UpstreamGarbled)
    assert error.fault is UpstreamFault.TOO_LARGE


def test_size_counts_after_decompression(rero: Rero, bridge: Bridge) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    rero.token = [Response(bomb, 200, {"Content-Encoding": "gzip"})]

    error = bridge.failure()

    assert len(bomb) < 1_000_000
    assert error.fault is UpstreamFault.TOO_LARGE


def test_endless_answer_is_cut_at_the_limit() -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 65_536)

    with raw_server(talk) as url:
        error = bridge_at(url).failure()

    assert error.fault is UpstreamFault.TOO_LARGE


@pytest.mark.parametrize(
    "response",
    [
        Response(
            gzip.compress(json.dumps(INFO).encode()), 200, {"Content-Encoding": "gzip"}
        ),
        Response(b"\xef\xbb\xbf" + json.dumps(INFO).encode(), 200),
        Response(json.dumps(INFO), 200, content_type="text/html"),
        Response(json.dumps(INFO) + "\n", 200, content_type=""),
    ],
    ids=["gzip", "byte order mark", "wrong type", "no type"],
)
def test_json_is_read_however_it_is_wrapped(
    response: Response, rero: Rero, bridge: Bridge
) -> None:
    rero.info = [response]

    login = bridge.sign_in()

    assert login.patron.fullname == "Simon, Jean"


# -- our own limit --------------------------------------------------------------------


def test_calls_over_our_limit_are_busy_at_once_and_ask_nothing() -> None:
    is_inside, may_go_on = threading.Event(), threading.Event()
    requests: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        for content in (TOKEN, INFO):
            requests.append(read_request(connection))
            is_inside.set()
            may_go_on.wait(10)
            connection.sendall(http(content))

    with raw_server(talk) as url:
        bridge = bridge_at(url, concurrent_calls=1)
        first = threading.Thread(target=bridge.sign_in)
        first.start()
        is_inside.wait(10)

        error: UpstreamError = bridge.failure(address="192.0.2.2")

        asked = len(requests)
        may_go_on.set()
        first.join(10)
        bridge.transport.close()
    assert isinstance(error, UpstreamUnavailable)
    assert error.fault is UpstreamFault.BUSY
    assert asked == 1
