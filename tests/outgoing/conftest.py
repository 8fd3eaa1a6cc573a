"""One outbox for each test; the socket of its receivers serves all of them."""

from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from tests.outgoing.receivers import Outbox


@pytest.fixture(scope="session")
def make_httpserver() -> Iterator[HTTPServer]:
    with HTTPServer("127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture
def outbox(httpserver: HTTPServer) -> Outbox:
    return Outbox(httpserver)
