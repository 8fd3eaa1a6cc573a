"""From `store.url` to a store."""

from contextlib import closing
from pathlib import Path

import pytest

from bridge.core.errors import ConfigurationError
from bridge.store.memory import MemoryStore
from bridge.store.open import open_store
from bridge.store.sqlite import SqliteStore


def test_an_absolute_path_has_four_slashes(tmp_path: Path) -> None:
    path = tmp_path / "absolute.db"

    with closing(open_store(f"sqlite:///{path}", folder=Path("/nowhere"))) as store:
        assert isinstance(store, SqliteStore)

    assert path.is_file()


def test_a_relative_path_starts_at_the_folder(tmp_path: Path) -> None:
    with closing(open_store("sqlite:///relative.db", folder=tmp_path)):
        assert (tmp_path / "relative.db").is_file()


def test_without_a_folder_a_relative_path_starts_at_the_present_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with closing(open_store("sqlite:///relative.db")):
        assert (tmp_path / "relative.db").is_file()


def test_memory_keeps_nothing_on_disk() -> None:
    with closing(open_store("memory:")) as store:
        assert isinstance(store, MemoryStore)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://bridge.db",
        "bridge.db",
        "postgresql://bridge:secret-word@db/bridge",
    ],
)
def test_an_unknown_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store(url)

    (fault,) = caught.value.faults
    assert fault.key == "store.url"
    assert "sqlite:////absolute/path" in fault.message
    assert "secret-word" not in fault.message
