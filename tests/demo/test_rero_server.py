"""The stand-in behind a real socket: kept connections, faults, a clean end."""

import gc
import http.client
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from bridge.demo.rero import StandIn
from bridge.demo.rero_faults import Fault
from bridge.demo.rero_server import serve_stand_in
from bridge.demo.rero_state import Client

CALLBACK = "http://127.0.0.1:9/callback"


def make_standin() -> StandIn:
    standin = StandIn()
    standin.add_client(Client("svc", "secret", (CALLBACK,)))
    return standin


def test_one_connection_serves_many_requests() -> None:
    with serve_stand_in(make_standin()) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.port)
        connection.connect()
        first = connection.sock

        statuses = []
        for method, path in [("HEAD", "/x"), ("POST", "/oauth/token"), ("GET", "/")]:
            connection.request(method, path, body=b"a=b")
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)

        assert connection.sock is first
        assert statuses == [404, 404, 200]
        connection.close()


def test_answer_to_head_has_no_body() -> None:
    with (
        serve_stand_in(make_standin()) as running,
        socket.create_connection(("127.0.0.1", running.port)) as connection,
    ):
        connection.sendall(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length: 0" not in answer


def test_body_without_length_is_read() -> None:
    standin = make_standin()
    with serve_stand_in(standin) as running:
        chunks = iter([b"client_id=svc&", b"grant_type=odd"])
        headers = {"Content-Type": "application/x-www-form-urlencoded"}

        answer = requests.post(
            f"{running.url}/oauth/token", data=chunks, headers=headers, timeout=5
        )

    assert answer.text == '{"error": "unsupported_grant_type"}'


def test_dropped_answer_ends_the_connection() -> None:
    standin = make_standin()
    standin.faults.add(Fault("info", "drop"))
    with serve_stand_in(standin) as running:
        info = f"{running.url}/api/patrons/info"

        with pytest.raises(requests.ConnectionError):
            requests.get(info, timeout=5)

        assert requests.get(info, timeout=5).status_code == 401


def test_delay_of_one_request_does_not_hold_others() -> None:
    standin = make_standin()
    standin.faults.add(Fault("info", "delay", delay_s=600))
    with ThreadPoolExecutor(1) as pool, serve_stand_in(standin) as running:
        info = f"{running.url}/api/patrons/info"
        delayed = pool.submit(requests.get, info, timeout=5)
        while standin.faults.is_on:
            threading.Event().wait(0.005)

        other = requests.get(info, timeout=5)

        assert other.status_code == 401
        assert not delayed.done()
        standin.end_delays()
        assert delayed.result(5).status_code == 401


def test_stop_ends_delays_and_open_connections() -> None:
    standin = make_standin()
    standin.faults.add(Fault("info", "delay", delay_s=600))
    with ThreadPoolExecutor(1) as pool:
        with serve_stand_in(standin) as running:
            idle = socket.create_connection(("127.0.0.1", running.port))
            info = f"{running.url}/api/patrons/info"
            delayed = pool.submit(requests.get, info, timeout=5)
            while standin.faults.is_on:
                threading.Event().wait(0.005)

        with idle:
            assert idle.recv(1) == b""
        assert delayed.result(5).status_code == 401


def test_stopped_server_leaves_no_thread_and_no_port() -> None:
    with serve_stand_in(make_standin()) as running:
        requests.get(running.url, timeout=5)
        port = running.port
    gc.collect()  # a socket left open would be a ResourceWarning, an error here

    names = {thread.name for thread in threading.enumerate()}
    assert f"serve-{port}" not in names
    with serve_stand_in(make_standin(), port) as again:
        assert again.port == port


def test_taken_port_is_an_error_of_the_caller() -> None:
    with (
        serve_stand_in(make_standin()) as running,
        pytest.raises(OSError, match="in use"),
        serve_stand_in(make_standin(), running.port),
    ):
        pass


def test_requests_are_not_logged(capfd: pytest.CaptureFixture[str]) -> None:
    with serve_stand_in(make_standin()) as running:
        requests.get(f"{running.url}/nowhere?secret=1", timeout=5)

    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_module_serves_by_hand() -> None:
    command = [sys.executable, "-m", "bridge.demo.rero", "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[3].rstrip(",")

        answer = requests.get(f"{url}/signin/", timeout=5)
        process.terminate()

    assert answer.status_code == 200
