"""Sizes and encodings of answers, and our own limit of calls."""

import gzip
import json
import socket
import threading
import zlib

import pytest
from werkzeug import Response

from bridge.core.errors import (
    UpstreamError,
    UpstreamFault,
    UpstreamGarbled,
    UpstreamUnavailable,
)
from tests.upstream.support import (
    INFO,
    TOKEN,
    Bridge,
    Rero,
    bridge_at,
    http,
    json_answer,
    raw_server,
    read_request,
)

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
        Response(
            zlib.compress(json.dumps(INFO).encode()),
            200,
            {"Content-Encoding": "Deflate"},
        ),
        Response(json.dumps(INFO), 200, {"Content-Encoding": "identity"}),
        Response(b"\xef\xbb\xbf" + json.dumps(INFO).encode(), 200),
        Response(json.dumps(INFO), 200, content_type="text/html"),
        Response(json.dumps(INFO) + "\n", 200, content_type=""),
    ],
    ids=["gzip", "deflate", "identity", "byte order mark", "wrong type", "no type"],
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
