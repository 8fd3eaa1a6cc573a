"""Whole bridges for tests: real processes, real sockets, a browser of a few lines."""

import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import requests

from bridge.demo import rero_state
from bridge.demo.rero import StandIn
from bridge.demo.rero_server import serve_stand_in
from bridge.signing.key_files import KeyFiles
from bridge.signing.making import make_missing

WAIT_S: Final = 30
SECRET: Final = "secret-of-the-service"
UPSTREAM_SECRET: Final = "secret-of-the-bridge"
REDIRECT_URI: Final = "http://127.0.0.1:1/callback"  # nobody listens: never asked
HOST: Final = "127.0.0.1"
# Below the ports that the system hands out to clients, and apart for each worker.
_FIRST_PORT: Final = 18_000
_PORTS: Final = 600
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

T = TypeVar("T")


def free_port() -> int:
    """Return a port that nobody listens on, of those that only this worker takes."""
    first = _FIRST_PORT + _WORKER % 16 * _PORTS
    for port in random.sample(range(first, first + _PORTS), _PORTS):
        if not is_taken(port):
            return port
    raise OSError("no free port")


def is_taken(port: int) -> bool:
    """Tell whether somebody listens on *port*."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def await_that(condition: Callable[[], T], what: str) -> T:
    """Return what *condition* gives as soon as it is true."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {WAIT_S} s for {what}")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a configuration, keys and a store, and the addresses in it."""

    folder: Path
    issuer: str
    port: int
    management_port: int
    stand_in: str

    @property
    def configuration(self) -> Path:
        return self.folder / "bridge.toml"

    @property
    def clients_file(self) -> Path:
        return self.folder / "clients.json"

    def write(self, extra: str = "", **server: object) -> None:
        """Write the configuration; *server* are lines of its table."""
        lines = {
            "listen": f"{HOST}:{self.port}",
            "management_listen": f"{HOST}:{self.management_port}",
            **server,
        }
        table = "\n".join(f"{name} = {json.dumps(lines[name])}" for name in lines)
        text = f"""
issuer = {json.dumps(self.issuer)}
clients_file = "clients.json"
[server]
{table}
[upstream]
id = "stand-in"
base_url = {json.dumps(self.stand_in)}
client_id = "bridge"
client_secret = "{UPSTREAM_SECRET}"
[log]
format = "json"
{extra}
"""
        self.configuration.write_text(text, encoding="utf-8")

    def write_clients(self, *clients: Mapping[str, object]) -> None:
        """Write clients.json as a whole, at once."""
        fresh = self.folder / "clients.json.new"
        fresh.write_text(json.dumps(clients), encoding="utf-8")
        fresh.replace(self.clients_file)


def service(client_id: str = "service", **members: object) -> dict[str, object]:
    """Make the metadata of a client that is asked no consent."""
    return {
        "client_id": client_id,
        "client_secret": SECRET,
        "redirect_uris": [REDIRECT_URI],
        "client_name": "Service",
        "consent": "never",
        **members,
    }


@contextmanager
def stand_in_for(
    folder: Path, settings: rero_state.Settings | None = None
) -> Iterator[tuple[StandIn, Place]]:
    """Serve a stand-in RERO+ and lay a folder for a bridge that asks it."""
    port = free_port()
    issuer = f"http://{HOST}:{port}"
    stand_in = StandIn(settings)
    callback = (f"{issuer}/callback", f"https://localhost:{port}/callback")
    stand_in.add_client(rero_state.Client("bridge", UPSTREAM_SECRET, callback))
    make_missing(KeyFiles.within(folder / "keys"), int(time.time()))
    with serve_stand_in(stand_in) as running:
        place = Place(folder, issuer, port, free_port(), running.url)
        place.write()
        place.write_clients(service())
        yield stand_in, place


@dataclass(slots=True)
class Process:
    """A command in a process group of its own; its output goes into files."""

    place: Place
    arguments: list[str] = field(
        default_factory=lambda: [sys.executable, "-m", "bridge", "serve"]
    )
    environ: Mapping[str, str] = field(default_factory=dict)
    _name: str = field(default_factory=lambda: secrets.token_hex(4))
    _popen: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> Self:
        environ = {
            **{name: os.environ[name] for name in os.environ if name[:7] != "BRIDGE_"},
            "BRIDGE_CONFIG": str(self.place.configuration),
            "PYTHONUNBUFFERED": "1",
            **self.environ,
        }
        with ExitStack() as files:
            stdout = files.enter_context(self._file("stdout").open("wb"))
            stderr = files.enter_context(self._file("stderr").open("wb"))
            self._popen = subprocess.Popen(
                self.arguments,
                stdout=stdout,
                stderr=stderr,
                env=environ,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def popen(self) -> "subprocess.Popen[bytes]":
        assert self._popen is not None
        return self._popen

    @property
    def errors(self) -> str:
        return self._file("stderr").read_text(encoding="utf-8")

    @property
    def output(self) -> str:
        return self._file("stdout").read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of the log that tell of *name*."""
        whole = self.output.rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, whole) if line["event"] == name]

    def await_ready(self, *, url: str = "", verify: str | bool = True) -> Self:
        """Wait until /health/ready says so."""
        url = url or f"http://{HOST}:{self.place.management_port}/health/ready"

        def is_ready() -> bool:
            assert self.popen.poll() is None, self.errors
            return get(url, verify=verify) == 200

        await_that(is_ready, f"ready; stderr: {self.errors}")
        return self

    def await_exit(self) -> int:
        """Return the exit status."""
        return self.popen.wait(WAIT_S)

    def terminate(self) -> None:
        """Send SIGTERM, as systemd and containers do, to the first process alone."""
        self.popen.terminate()

    def members(self) -> list[int]:
        """Return the processes of the group that live."""
        return [pid for pid in _processes() if _group(pid) == self.popen.pid]

    def kill(self) -> None:
        """End all that is left of the group, and wait for it."""
        for pid in self.members():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.popen.wait(WAIT_S)
        await_that(lambda: not self.members(), "the end of all processes")

    def _file(self, name: str) -> Path:
        return self.place.folder / f"{self._name}.{name}"


def get(url: str, *, verify: str | bool = True) -> int:
    """Return the status of a GET, 0 where nobody answers."""
    try:
        return requests.get(url, timeout=5, verify=verify).status_code
    except requests.ConnectionError:
        return 0


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _group(pid: int) -> int | None:
    """Return the process group of *pid*, None where it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, _, group = text.rpartition(")")[2].split()[:3]
    return None if state == "Z" else int(group)
