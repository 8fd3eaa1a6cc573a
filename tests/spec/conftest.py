"""A bridge in this process, over a store in memory and a double of RERO+."""

from pathlib import Path

import pytest

from tests.support.trial import Trial


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a bridge of its own to each test."""
    return Trial(tmp_path)
