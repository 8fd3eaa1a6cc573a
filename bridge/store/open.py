"""From the setting `store.url` to a store."""

from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError, Fault
from bridge.flow.stores import WholeStore
from bridge.store.memory import MemoryStore
from bridge.store.migrate import KEY
from bridge.store.sqlite import open_sqlite_store
from bridge.store.sqlite_connections import Durability

_SQLITE: Final = "sqlite:///"


def open_store(
    url: str, durability: Durability = "normal", folder: Path | None = None
) -> WholeStore:
    """Open the store of *url*, made or migrated first.

    `sqlite:////absolute/path`, `sqlite:///path/below/folder` (*folder*: the present one
    unless given) or `memory:` (nothing is kept).

    Raises:
        ConfigurationError: the URL or what it names cannot be used.
        StoreError: another process holds the store for too long.
    """
    if url == "memory:":
        return MemoryStore()
    name = url.removeprefix(_SQLITE)
    if name in {"", url, ":memory:"}:
        # The URL may hold a password: it is not repeated.
        message = (
            "not a store that this version knows: write sqlite:////absolute/path,"
            ' sqlite:///relative/path, or "memory:" for a trial that keeps nothing'
        )
        raise ConfigurationError([Fault(KEY, message)])
    return open_sqlite_store((folder or Path.cwd()) / name, durability)
