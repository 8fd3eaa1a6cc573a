"""Logouts of a whole bridge: a real process tells services at real sockets."""

import sys
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_httpserver import HTTPServer

from bridge.demo.rero_readers import demo_readers
from tests.e2e.support import Place, Process, await_that, service
from tests.e2e.visitor import TIMEOUT_S, Service, Visitor

TOLD = "/backchannel"


@pytest.fixture
def httpserver() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", threaded=True) as server:
        server.expect_request(TOLD, method="POST").respond_with_data("")
        yield server


@pytest.fixture
def bridge(place: Place, httpserver: HTTPServer) -> Iterator[Process]:
    """A bridge with a service that is told, and one that nobody answers for."""
    place.write_clients(
        service("told", backchannel_logout_uri=httpserver.url_for(TOLD)),
        service("gone", backchannel_logout_uri="http://127.0.0.1:1/logout"),
    )
    with Process(place) as process:
        yield process.await_ready()


@pytest.fixture
def visitor(bridge: Process) -> Visitor:
    """A patron who is signed in at both services."""
    visitor = Visitor()
    for client_id in ("told", "gone"):
        Service(bridge.place.issuer, client_id).log_in(visitor)
    return visitor


def told(httpserver: HTTPServer) -> list[str]:
    return [sent.form["logout_token"] for sent, _ in httpserver.log]


def test_page_tells_which_services_have_confirmed(
    bridge: Process, visitor: Visitor, httpserver: HTTPServer
) -> None:
    asked = visitor.open(f"{bridge.place.issuer}/logout?ui_locales=en")
    assert isinstance(asked, requests.Response)

    page = visitor.press(asked, "sign_out")

    assert isinstance(page, requests.Response)
    assert page.text.count("</bdi>: signed out") == 1
    assert page.text.count("</bdi>: not confirmed yet") == 1
    assert len(told(httpserver)) == 1


def test_command_signs_out_and_the_running_bridge_tells_the_service(
    bridge: Process, visitor: Visitor, httpserver: HTTPServer
) -> None:
    user_id = next(str(one.user_id) for one in demo_readers() if one.username == "jean")
    command = [sys.executable, "-m", "bridge", "sessions", "end", "--user-id", user_id]

    with Process(bridge.place, command) as ended:
        assert ended.await_exit() == 0

    assert ended.output == "1 session ended\n"
    (token,) = await_that(lambda: told(httpserver), "the notice")
    jwks = requests.get(f"{bridge.place.issuer}/jwks", timeout=TIMEOUT_S).json()
    claims = jwt.decode(token, KeySet.import_key_set(jwks)).claims
    assert claims["aud"] == "told"
    request = Service(bridge.place.issuer, "told").request(prompt="none")
    assert "error=login_required" in str(visitor.open(request))


def test_service_signs_out_by_its_hint_without_a_browser(
    bridge: Process, httpserver: HTTPServer
) -> None:
    visitor = Visitor()
    tokens = Service(bridge.place.issuer, "gone").log_in(visitor)
    Service(bridge.place.issuer, "told").log_in(visitor)
    query = urlencode({"id_token_hint": tokens["id_token"], "client_id": "gone"})

    answer = requests.get(f"{bridge.place.issuer}/logout?{query}", timeout=TIMEOUT_S)

    assert answer.status_code == 200
    assert len(told(httpserver)) == 1
    request = Service(bridge.place.issuer, "told").request(prompt="none")
    assert "error=login_required" in str(visitor.open(request))
