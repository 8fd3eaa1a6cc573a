"""The management port of a running bridge: live, ready, metrics."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bridge.core.errors import ConfigurationError
from bridge.runtime import Runtime, open_runtime
from bridge.web.management import Management
from tests.support.files import METRIC, Files


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Runtime]:
    """Give a runtime with its threads and its management port."""
    files = Files(tmp_path)
    files.bridge.close()
    runtime = open_runtime(files.main, {})
    yield runtime
    runtime.close()


def ask(runtime: Runtime, path: str) -> requests.Response:
    assert runtime.management is not None
    url = f"http://127.0.0.1:{runtime.management.port}{path}"
    return requests.get(url, timeout=5)


def test_management_port_tells_health_and_metrics(running: Runtime) -> None:
    assert ask(running, "/health/live").json() == {"status": "live"}
    assert ask(running, "/health/ready").json()["status"] == "ready"
    assert f"{METRIC} 1.0" in ask(running, "/metrics").text
    assert ask(running, "/").status_code == 404


def test_not_ready_is_503(running: Runtime) -> None:
    running.bridge.close()

    answer = ask(running, "/health/ready")

    assert answer.status_code == 503
    assert answer.json()["checks"]["store"] != "ok"


def test_no_name_is_looked_up_for_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(socket, "getfqdn", asked.append)

    management = Management(("127.0.0.1", 0), dict, bytes)
    management.start()
    management.close()

    assert asked == []


def test_taken_management_port_stops_the_start(running: Runtime) -> None:
    assert running.management is not None
    port = running.management.port
    path = running.bridge.services.loaded.path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("127.0.0.1:0", f"127.0.0.1:{port}"), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        open_runtime(path, {})

    assert caught.value.faults[0].key == "server.management_listen"
