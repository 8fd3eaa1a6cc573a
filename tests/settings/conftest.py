"""Write configurations into a folder and load them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError, Fault
from bridge.settings.load import Loaded, load_settings
from tests.settings.configurations import LEAST, FaultsOf, Load, Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file into the test's folder."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def load(write: Write) -> Load:
    """Return a function that loads the least configuration and what is added to it."""

    def load_text(
        added: str = "", environ: Mapping[str, str] | None = None, least: str = LEAST
    ) -> Loaded:
        return load_settings(write("bridge.toml", added + least), environ or {})

    return load_text


@pytest.fixture
def faults_of(load: Load) -> FaultsOf:
    """Return a function that loads as *load* does and returns the faults."""

    def faults(
        added: str = "", environ: Mapping[str, str] | None = None, least: str = LEAST
    ) -> list[Fault]:
        with pytest.raises(ConfigurationError) as caught:
            load(added, environ, least)
        return list(caught.value.faults)

    return faults
