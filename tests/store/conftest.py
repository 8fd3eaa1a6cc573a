"""The fixture that runs a test on every store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.flow.stores import WholeStore
from tests.store.conformance import STORES


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WholeStore]:
    """Open an empty store of each kind."""
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()
