"""`bridge config check --online`: what registrations point to is fetched."""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from bridge.cli.main import main

CONFIGURATION = """
issuer = "http://127.0.0.1:8080"

[upstream]
id = "rero"
base_url = "https://bib.rero.ch"
client_id = "x"
client_secret = "s"

[[clients]]
client_id = "library"
client_secret_sha256 = "{digest}"
redirect_uris = ["https://a.example/callback"]
sector_identifier_uri = "{uri}"
"""


def check(folder: Path, uri: str, *options: str) -> Result:
    path = folder / "bridge.toml"
    path.write_text(CONFIGURATION.format(uri=uri, digest="ab" * 32))
    return CliRunner().invoke(
        main, ["--config", str(path), "config", "check", *options]
    )


def test_a_list_without_the_redirect_uri_is_told(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/uris").respond_with_json([])

    result = check(tmp_path, httpserver.url_for("/uris"), "--online")

    assert result.exit_code == 2
    assert "clients.library.sector_identifier_uri" in result.stderr
    assert "the list there lacks https://a.example/callback" in result.stderr


def test_a_whole_list_passes(tmp_path: Path, httpserver: HTTPServer) -> None:
    body = json.dumps(["https://a.example/callback"])
    httpserver.expect_request("/uris").respond_with_data(body)

    assert check(tmp_path, httpserver.url_for("/uris"), "--online").exit_code == 0


def test_nothing_is_fetched_unasked(tmp_path: Path, httpserver: HTTPServer) -> None:
    result = check(tmp_path, httpserver.url_for("/uris"))

    assert result.exit_code == 0
    assert httpserver.log == []
