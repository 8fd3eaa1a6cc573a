"""Servers in threads, and ports for them."""

import socket
import threading
from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from bridge.demo.serving import free_port, serve_in_thread


@pytest.fixture
def app() -> Flask:
    app = Flask("app", static_folder=None)
    app.add_url_rule("/", "start", lambda: "hello")
    return app


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_app_answers_at_the_url_in_http_1_1(app: Flask) -> None:
    with serve_in_thread(app) as running:
        answer = requests.get(running.url, timeout=5)

    assert answer.text == "hello"
    assert answer.raw.version == 11


def test_stopped_server_no_longer_answers(app: Flask) -> None:
    with serve_in_thread(app) as running:
        pass

    with pytest.raises(requests.ConnectionError):
        requests.get(running.url, timeout=5)


def test_stopping_twice_is_harmless(app: Flask) -> None:
    with serve_in_thread(app) as running:
        running.stop()

    assert free_port(running.port) == running.port


def test_port_can_be_taken_again_at_once(app: Flask) -> None:
    with (
        serve_in_thread(app) as first,
        socket.create_connection(("127.0.0.1", first.port)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while client.recv(4096):  # until the server has closed: its side lingers
            pass

    with serve_in_thread(app, first.port) as second:
        answer = requests.get(second.url, timeout=5)

    assert answer.text == "hello"


def test_silent_connection_does_not_hold_up_the_stop(app: Flask) -> None:
    with serve_in_thread(app) as running:
        silent = socket.create_connection(("127.0.0.1", running.port))
        requests.get(running.url, timeout=5)

    with silent:
        assert silent.recv(1) == b""


def test_request_under_way_is_answered_before_the_stop(app: Flask) -> None:
    begun, go_on = threading.Event(), threading.Event()
    answers: list[str] = []

    def slow() -> str:
        begun.set()
        go_on.wait(5)
        return "done"

    app.add_url_rule("/slow", "slow", slow)
    with serve_in_thread(app) as running:
        url = f"{running.url}/slow"
        client = threading.Thread(
            target=lambda: answers.append(requests.get(url, timeout=5).text)
        )
        client.start()
        assert begun.wait(5)
        stopping = threading.Thread(target=running.stop)
        stopping.start()
        while accepts_connections(running.port):
            go_on.wait(0.01)
        go_on.set()
        stopping.join(5)
        client.join(5)

    assert answers == ["done"]


def test_requests_are_not_logged(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "werkzeug")

    with serve_in_thread(app) as running:
        requests.get(f"{running.url}/?code=secret", timeout=5)

    assert "secret" not in caplog.text


def test_taken_port_is_a_fault(app: Flask, taken: int) -> None:
    with pytest.raises(OSError, match="in use"), serve_in_thread(app, taken):
        pass


def test_preferred_port_is_given_when_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]

    assert free_port(port) == port


def test_next_port_is_given_when_the_preferred_one_is_taken(taken: int) -> None:
    port = free_port(taken)

    assert taken < port <= taken + 50
