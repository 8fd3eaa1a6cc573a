"""A bridge over real files: configuration, keys and a SQLite store."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bridge.app import open_bridge
from bridge.runtime import Runtime
from bridge.settings.load import load_settings
from bridge.signing.key_files import KeyFiles
from bridge.signing.making import make_missing
from bridge.wiring import now
from tests.support.trial import HEAD, client

METRIC: Final = "bridge_config_reload_success"


class Files:
    """The files of a configuration, and what runs over them."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.keys = KeyFiles.within(folder / "keys")
        make_missing(self.keys, now() - 3_600)
        self.main = folder / "bridge.toml"
        self.write(client("one"))
        self.environ = {} if environ is None else environ
        self.bridge = open_bridge(load_settings(self.main, {}))
        self.runtime = Runtime(self.bridge, self.main, self.environ)

    def write(self, clients: str, head: str = HEAD) -> None:
        """Write the main file anew."""
        store = f"sqlite:///{self.folder / 'bridge.db'}"
        more = f"""
clients_file = "clients.json"
include = ["more/*.toml"]
{head}
[store]
url = {json.dumps(store)}

[keys]
directory = {json.dumps(str(self.keys.directory))}

[server]
management_listen = "127.0.0.1:0"
"""
        self.write_json([])
        (self.folder / "more").mkdir(exist_ok=True)
        self.main.write_text(more + clients, encoding="utf-8")

    def write_json(self, clients: list[dict[str, object]]) -> None:
        """Write the JSON list of clients."""
        path = self.folder / "clients.json"
        path.write_text(json.dumps(clients), encoding="utf-8")

    @property
    def clients(self) -> set[str]:
        """Return who is registered now."""
        return set(self.bridge.services.web.clients)

    @property
    def is_reload_good(self) -> bool:
        """Return what the gauge says."""
        value = self.bridge.foundation.metrics.registry.get_sample_value(METRIC)
        return value == 1
