"""The guarded client: one plain call, and what never happens by it."""

import socket

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.outgoing.errors import OutgoingFault
from bridge.outgoing.http import GuardedHttp, OutgoingRules
from tests.outgoing.support import (
    ON_LOOPBACK,
    Names,
    failure_of,
    fault_of,
    http_on_loopback,
)
from tests.upstream.support import raw_server, read_request


def test_document_is_fetched_with_its_cache_control(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/keys", query_string="v=1").respond_with_data(
        '{"keys": []}', headers={"Cache-Control": "max-age=600"}
    )

    answer = http_on_loopback().get(httpserver.url_for("/keys?v=1"))

    assert answer.status == 200
    assert answer.body == b'{"keys": []}'
    assert answer.cache_control == "max-age=600"


def test_form_is_posted_encoded(httpserver: HTTPServer) -> None:
    asked: list[tuple[str, str, dict[str, str]]] = []

    def answer(request: Request) -> Response:
        form = request.form.to_dict()
        asked.append((request.method, request.mimetype, form))
        return Response(status=204)

    httpserver.expect_request("/logout").respond_with_handler(answer)

    answered = http_on_loopback().post_form(
        httpserver.url_for("/logout"), {"logout_token": "a.b&c=d+é"}
    )

    assert answered.status == 204
    assert asked == [
        (
            "POST",
            "application/x-www-form-urlencoded",
            {"logout_token": "a.b&c=d+é"},
        )
    ]


@pytest.mark.parametrize(
    ("path", "target"), [("", "/"), ("?a=b", "/?a=b"), ("/keys?a=b&c", "/keys?a=b&c")]
)
def test_host_and_target_are_those_of_the_url(path: str, target: str) -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        asked.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(talk) as url:
        host = f"localhost:{url.rpartition(':')[2]}"
        http_on_loopback(Names(["127.0.0.1"])).get(f"http://{host}{path}")

    first, second, *_ = asked[0].decode().split("\r\n")
    assert first == f"GET {target} HTTP/1.1"
    assert second == f"Host: {host}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(httpserver: HTTPServer, status: int) -> None:
    reached: list[Request] = []

    def answer(request: Request) -> Response:
        reached.append(request)
        return Response("secret")

    httpserver.expect_request("/inside").respond_with_handler(answer)
    httpserver.expect_request("/keys").respond_with_data(
        "", status, {"Location": httpserver.url_for("/inside")}
    )

    answered = http_on_loopback().get(httpserver.url_for("/keys"))

    assert answered.status == status
    assert reached == []


def test_proxies_of_the_environment_are_not_asked(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    httpserver.expect_request("/keys").respond_with_data("{}")

    answer = http_on_loopback().get(httpserver.url_for("/keys"))

    assert answer.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://rp.example/keys",
        "http://10.0.0.1/keys",
        "ftp://127.0.0.1/keys",
        "file:///etc/passwd",
        "https:///keys",
        "https://user@127.0.0.1/keys",
        "//127.0.0.1/keys",
        "keys",
    ],
)
def test_other_urls_are_refused_before_any_lookup(url: str) -> None:
    names = Names(["127.0.0.1"])

    fault = fault_of(http_on_loopback(names), url)

    assert fault is OutgoingFault.URL
    assert names.asked == []


def test_url_that_is_none_is_refused() -> None:
    fault = fault_of(http_on_loopback(), "https://[::1/keys")

    assert fault is OutgoingFault.NO_HTTP


def test_loopback_is_refused_unless_the_bridge_is_there(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/keys").respond_with_data("{}")

    fault = fault_of(GuardedHttp(OutgoingRules()), httpserver.url_for("/keys"))

    assert fault is OutgoingFault.ADDRESS
    assert httpserver.log == []


def test_localhost_that_is_elsewhere_is_not_called_in_the_clear() -> None:
    names = Names(["193.134.8.1"])

    fault = fault_of(http_on_loopback(names), "http://localhost/keys")

    assert fault is OutgoingFault.ADDRESS


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:169.254.169.254"],
        ["193.134.8.1", "10.0.0.1"],
        ["10.0.0.1", "193.134.8.1"],
        ["193.134.8.1", "193.134.8.2", "193.134.8.3", "193.134.8.4", "127.0.0.1"],
    ],
)
def test_host_is_refused_for_any_address_that_is(addresses: list[str]) -> None:
    http = GuardedHttp(OutgoingRules(), Names(addresses))

    fault = fault_of(http, "https://rp.example/keys")

    assert fault is OutgoingFault.ADDRESS


def test_what_is_called_is_the_address_that_was_checked(httpserver: HTTPServer) -> None:
    """DNS rebinding: a second lookup would have another answer, so there is none.

    Whoever dials the host of the URL comes to 127.0.0.9, where nobody listens.
    """
    httpserver.expect_request("/keys").respond_with_data("{}")
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    http = http_on_loopback(names)

    answer = http.get(f"http://127.0.0.9:{httpserver.port}/keys")

    assert answer.status == 200
    assert names.asked == ["127.0.0.9"]


def test_next_address_is_called_where_the_first_does_not_answer(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/keys").respond_with_data("{}")
    http = http_on_loopback(Names(["::1", "127.0.0.1"]))  # it listens on one alone

    answer = http.get(f"http://localhost:{httpserver.port}/keys")

    assert answer.status == 200


def test_host_without_an_address_is_said() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    fault = fault_of(http_on_loopback(unknown), "https://rp.example/keys")

    assert fault is OutgoingFault.NAME


def test_impossible_name_is_said() -> None:
    fault = fault_of(http_on_loopback(), f"https://{'a' * 100}.example/keys")

    assert fault is OutgoingFault.NAME


def test_closed_port_is_said() -> None:
    fault = fault_of(http_on_loopback(), "http://127.0.0.1:1/keys")

    assert fault is OutgoingFault.CONNECTION


def test_certificates_that_cannot_be_read_fail_the_call() -> None:
    http = GuardedHttp(OutgoingRules(ON_LOOPBACK, "/nowhere/ca.pem"))

    error = failure_of(http, "https://127.0.0.1:1/keys")

    assert error.fault is OutgoingFault.CONNECTION
