"""One RERO+ and one bridge for each test; the server's socket serves all of them."""

from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from tests.upstream.support import Bridge, Rero, bridge_at


@pytest.fixture
def rero(httpserver: HTTPServer) -> Rero:
    return Rero(httpserver)


@pytest.fixture
def bridge(rero: Rero) -> Iterator[Bridge]:
    made = bridge_at(rero.server.url_for("/"))
    yield made
    made.transport.close()
