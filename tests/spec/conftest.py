"""A bridge and a browser, for one requirement of a specification a test."""

from pathlib import Path

import pytest

from tests.support.trial import Trial
from tests.support.visitor import Visitor


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a bridge of its own to each test."""
    return Trial(tmp_path)


@pytest.fixture
def browser(trial: Trial) -> Visitor:
    """Give a browser that has never been here."""
    return Visitor(trial)
