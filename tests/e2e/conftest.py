"""The fixtures of whole bridges."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.demo.rero import StandIn
from tests.e2e.stuck import Scene, Visit, open_scene, open_visit
from tests.e2e.support import Place, Process, stand_in_for


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[StandIn, Place]]:
    with stand_in_for(tmp_path) as made:
        yield made


@pytest.fixture
def stand_in(world: tuple[StandIn, Place]) -> StandIn:
    return world[0]


@pytest.fixture
def place(world: tuple[StandIn, Place]) -> Place:
    return world[1]


@pytest.fixture
def bridge(place: Place) -> Iterator[Process]:
    """A bridge that serves, ready."""
    with Process(place) as process:
        yield process.await_ready()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Services, a bridge and chromium, for a module of logins that go wrong."""
    with open_scene(tmp_path_factory.mktemp("bridge")) as opened:
        yield opened


@pytest.fixture
def visit(scene: Scene) -> Iterator[Visit]:
    """A patron's browser; RERO+ works again for the next one."""
    with open_visit(scene) as opened:
        yield opened
    scene.stand_in.faults.clear()
