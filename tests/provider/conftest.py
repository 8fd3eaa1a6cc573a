"""Keys, a world with one client, and the web application over a fake RERO+."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.signing.key_files import KeyFiles
from bridge.signing.keys import KeyRing, load_ring
from bridge.signing.making import make_missing
from tests.provider.web_world import ShiftedClock, WebWorld, open_web_world
from tests.provider.world import NOW, World, make_world


@pytest.fixture(scope="session")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make all keys once: RSA keys are slow to make."""
    directory = tmp_path_factory.mktemp("keys") / "keys"
    make_missing(KeyFiles.within(directory), NOW - 9_000_000)
    return directory


@pytest.fixture(scope="session")
def ring(key_directory: Path) -> KeyRing:
    return load_ring(key_directory)


@pytest.fixture
def world(ring: KeyRing) -> World:
    return make_world(ring)


@pytest.fixture
def web(key_directory: Path, tmp_path: Path) -> Iterator[WebWorld]:
    with open_web_world(key_directory, tmp_path, ShiftedClock()) as opened:
        yield opened
