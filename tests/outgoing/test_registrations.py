"""What sector_identifier_uri and jwks_uri answer, before a registration is used."""

import json

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from bridge.core.client import Client
from bridge.outgoing.registrations import registration_faults
from tests.outgoing.support import http_on_loopback

A = "https://a.example/callback"
B = "https://b.example/callback"
PUBLIC = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}


def faults(client: Client, sector_identifier_uri: str | None) -> list[tuple[str, str]]:
    return list(registration_faults(http_on_loopback(), client, sector_identifier_uri))


def client(jwks_uri: str | None = None) -> Client:
    return Client("library", (A, B), "sector.example", jwks_uri=jwks_uri)


def test_a_list_with_every_redirect_uri_is_good(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/uris").respond_with_json([B, A, "https://c.example/"])

    assert faults(client(), httpserver.url_for("/uris")) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (json.dumps([A]), f"the list there lacks {B}"),
        (json.dumps([A, B.upper()]), f"the list there lacks {B}"),
        (json.dumps({"uris": [A, B]}), "the answer is not a JSON list"),
        ("<html>", "the answer is not JSON"),
        ("[" * 100_000, "cannot be fetched: too_large"),
    ],
)
def test_another_answer_is_a_fault(
    httpserver: HTTPServer, body: str, fault: str
) -> None:
    httpserver.expect_request("/uris").respond_with_data(body)

    found = faults(client(), httpserver.url_for("/uris"))

    assert found == [("sector_identifier_uri", fault)]


def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    moved = Response(status=302, headers={"Location": httpserver.url_for("/uris")})
    httpserver.expect_request("/moved").respond_with_response(moved)

    found = faults(client(), httpserver.url_for("/moved"))

    assert found == [("sector_identifier_uri", "answers with status 302")]


def test_keys_that_can_be_read_are_good(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/keys").respond_with_json({"keys": [PUBLIC]})

    assert faults(client(httpserver.url_for("/keys")), None) == []


def test_a_set_without_public_keys_is_a_fault(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/keys").respond_with_json({"keys": []})

    found = faults(client(httpserver.url_for("/keys")), None)

    assert found == [("jwks_uri", "the answer holds no public key")]
