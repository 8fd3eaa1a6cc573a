"""`bridge healthcheck`: what it asks, and what it says of the answer."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from bridge.cli.healthcheck import readiness_url
from bridge.cli.main import main
from bridge.settings.model_sections import ServerSettings

LEAST = """
issuer = "https://login.example.ch"
[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "bridge"
client_secret = "s3cret"
[server]
"""
Ask = Callable[[], Result]


@pytest.fixture
def httpserver() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", 0) as server:
        yield server


@pytest.fixture
def healthcheck(tmp_path: Path, httpserver: HTTPServer) -> Ask:
    """Give what runs the command for a bridge that is managed at *httpserver*."""
    configuration = tmp_path / "bridge.toml"
    listen = f'management_listen = "127.0.0.1:{httpserver.port}"\n'
    configuration.write_text(LEAST + listen, encoding="utf-8")
    return lambda: CliRunner().invoke(
        main, ["--config", str(configuration), "healthcheck"]
    )


def test_ready_bridge_is_healthy(healthcheck: Ask, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/health/ready").respond_with_json({"status": "ready"})

    result = healthcheck()

    assert result.exit_code == 0
    assert result.output == f"ready: {httpserver.url_for('/health/ready')}\n"


def test_bridge_that_is_not_ready_is_told_with_the_failed_checks(
    healthcheck: Ask, httpserver: HTTPServer
) -> None:
    checks = {"configuration": "ok", "store": "the disk is full"}
    httpserver.expect_request("/health/ready").respond_with_json(
        {"status": "not ready", "checks": checks}, status=503
    )

    result = healthcheck()

    assert result.exit_code == 1
    assert result.output == "not ready: store: the disk is full\n"


@pytest.mark.parametrize("body", ["", "<h1>", "[]", json.dumps({"checks": 1})])
def test_stranger_at_the_port_is_not_healthy(
    healthcheck: Ask, httpserver: HTTPServer, body: str
) -> None:
    httpserver.expect_request("/health/ready").respond_with_data(body, status=500)

    result = healthcheck()

    assert result.exit_code == 1
    assert result.output == "not ready: it is no bridge that answers\n"


def test_silence_is_not_healthy(healthcheck: Ask, httpserver: HTTPServer) -> None:
    url = httpserver.url_for("/health/ready")
    httpserver.stop()

    result = healthcheck()

    assert result.exit_code == 1
    assert result.output == f"no answer from {url}: URLError\n"


def test_faulty_configuration_is_told_as_by_every_command(tmp_path: Path) -> None:
    configuration = tmp_path / "bridge.toml"
    configuration.write_text(LEAST + "lissten = 1\n", encoding="utf-8")

    result = CliRunner().invoke(main, ["--config", str(configuration), "healthcheck"])

    assert result.exit_code == 2
    assert "server.lissten" in result.output


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ({}, "http://127.0.0.1:9090/health/ready"),
        ({"management_listen": "0.0.0.0:9091"}, "http://127.0.0.1:9091/health/ready"),
        ({"management_listen": "[::]:9091"}, "http://[::1]:9091/health/ready"),
        ({"management_listen": "[0::0]:9091"}, "http://[::1]:9091/health/ready"),
        ({"management_listen": ""}, "http://127.0.0.1:8080/health/ready"),
        (
            {
                "management_listen": "",
                "tls_certificate_file": Path("a.pem"),
                "tls_key_file": Path("b.pem"),
            },
            "https://127.0.0.1:8080/health/ready",
        ),
        (
            {"tls_certificate_file": Path("a.pem"), "tls_key_file": Path("b.pem")},
            "http://127.0.0.1:9090/health/ready",
        ),
    ],
)
def test_the_port_that_tells_of_health_is_asked(
    server: dict[str, str | Path], url: str
) -> None:
    settings = ServerSettings.model_validate(server)

    assert readiness_url(settings) == url
