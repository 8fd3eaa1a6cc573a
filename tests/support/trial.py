"""A whole bridge in this process, with a clock to set and a double of RERO+."""

import atexit
import functools
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from flask import Flask

from bridge.app import build
from bridge.core.records import LoginWrite
from bridge.deliveries import make_deliveries
from bridge.flow.ports import Upstream
from bridge.flow.stores import WholeStore
from bridge.flow.upstream_sign_in import UpstreamSignIn
from bridge.observe.limits import MinuteLimiter
from bridge.observe.logs import EventLog
from bridge.observe.metrics import Metrics
from bridge.observe.observer import RequestObserver
from bridge.provider.engine import silence_loggers
from bridge.settings.clients import build_clients
from bridge.settings.load import Loaded, load_settings
from bridge.signing.key_files import KeyFiles
from bridge.signing.making import make_missing
from bridge.store.memory import MemoryStore
from bridge.web.context import WebParts
from bridge.web.routes import create_app
from bridge.wiring import (
    Basis,
    Foundation,
    make_engine,
    make_steps,
    upstream_record,
)
from tests.support.sender import FakeSender, Told
from tests.support.upstream import UPSTREAM, FakeUpstream

NOW: Final = 1_800_000_000  # 2027-01-15 08:00 UTC
HOUR_S: Final = 3_600
ISSUER: Final = "https://login.example"
LIMITS: Final = {
    "authorize_session": 30,
    "callback_ticket": 10,
    "callback_address": 30,
}
SECRET: Final = "a-secret-of-the-service"
HEAD: Final = f"""
issuer = "{ISSUER}"
support = "mailto:help@library.example"

[upstream]
id = "rero"
base_url = "{UPSTREAM}"
client_id = "bridge"
client_secret = "the-bridge-at-rero"

[policies.valais]
institutions = ["VS"]
membership = "current"
"""


def client(client_id: str, **members: object) -> str:
    """Write a client's table; JSON strings, lists and numbers are TOML, too."""
    method = members.get("token_endpoint_auth_method")
    has_secret = method not in {"none", "private_key_jwt"}
    secret = {"client_secret": SECRET} if has_secret else {}
    table: Mapping[str, object] = {
        "client_id": client_id,
        **secret,
        "redirect_uris": [f"https://{client_id}.example/callback"],
        "consent": "never",
        **members,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
    return "\n".join(["[[clients]]", *lines, ""])


CONFIGURATION: Final = "\n".join(
    [
        HEAD,
        client("service", client_uri="https://service.example/start"),
        client("other"),
        client("once", consent="once"),
        client("always", consent="always"),
        client("members", policy="valais"),
        client("mail", email="upstream"),
        client("app", token_endpoint_auth_method="none"),
    ]
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return whole seconds since the epoch."""
        return self.now

    def advance(self, seconds: int) -> None:
        """Let *seconds* pass."""
        self.now += seconds


class SpyStore(MemoryStore):
    """A store in memory that remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.writes: list[str] = []
        self.logins: list[LoginWrite] = []
        self.before_lookup: Callable[[], object] = lambda: None  # of a ticket

    def put_login(self, write: LoginWrite) -> bool:
        """Write a step of a login, and remember it."""
        self.writes.append("put_login")
        self.logins.append(write)
        return super().put_login(write)

    def touch_session(self, session_id: str, seen_at: int) -> bool:
        """Note that the session was touched."""
        self.writes.append("touch_session")
        return super().touch_session(session_id, seen_at)

    def is_ticket_used(self, ticket_id: bytes) -> bool:
        """Note that a ticket was looked up."""
        self.calls.append("is_ticket_used")
        self.before_lookup()
        return super().is_ticket_used(ticket_id)


@functools.cache
def key_files() -> KeyFiles:
    """Make keys once for all tests of this process."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    files = KeyFiles.within(Path(folder.name))
    make_missing(files, NOW - HOUR_S)
    return files


def write_configuration(folder: Path, text: str) -> Path:
    """Write a configuration file whose keys are those of all tests."""
    path = folder / "bridge.toml"
    keys = f"\n[keys]\ndirectory = {json.dumps(str(key_files().directory))}\n"
    path.write_text(text + keys, encoding="utf-8")
    return path


class Trial:
    """A bridge over *store*; *upstream* None takes the real client of RERO+."""

    def __init__(
        self,
        folder: Path,
        configuration: str = CONFIGURATION,
        *,
        store: WholeStore | None = None,
        limits: Mapping[str, int] = LIMITS,
        with_rero: bool = False,
    ) -> None:
        silence_loggers()
        self.folder = folder
        self.clock = Clock()
        self.upstream = FakeUpstream()
        self.told = Told()
        self.store: WholeStore = SpyStore() if store is None else store
        self.lines = io.StringIO()
        self._with_rero = with_rero
        log = EventLog(lambda: float(self.clock()), self.lines)
        self.metrics = Metrics(log)
        self._limiter = MinuteLimiter(limits, self.clock)
        self._observer = RequestObserver(log, self.metrics)
        self._log = log
        self.web = self.configure(configuration)
        self.app: Flask = self.new_app()

    def new_app(self) -> Flask:
        """Make the app anew: its paths are those of the configuration at its start."""
        return create_app(lambda: self.web)

    @property
    def spy(self) -> SpyStore:
        """Return the store as the spy that it is."""
        assert isinstance(self.store, SpyStore)
        return self.store

    @property
    def log(self) -> list[dict[str, object]]:
        """Return all lines of the log so far."""
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]

    def events(self, name: str) -> list[dict[str, object]]:
        """Return the lines of one event."""
        return [line for line in self.log if line["event"] == name]

    def configure(self, configuration: str) -> WebParts:
        """Take up another configuration, as the watcher does."""
        loaded = load_settings(write_configuration(self.folder, configuration), {})
        settings = loaded.settings
        foundation = Foundation(
            settings,
            self.store,
            self._log,
            self.metrics,
            self._limiter,
            self._observer,
            replace(
                make_deliveries(settings, self.store, self.metrics, self.clock),
                sender=FakeSender(self.told),
            ),
            self.clock,
        )
        services = build(loaded, foundation)
        self.web = services.web
        if not self._with_rero:
            basis = Basis(settings, foundation, services.keys, build_clients(settings))
            self.web = _with_upstream(self.web, basis, loaded, self.upstream)
        return self.web


def _with_upstream(
    web: WebParts, basis: Basis, loaded: Loaded, upstream: Upstream
) -> WebParts:
    settings, foundation = loaded.settings, basis.foundation
    sign_in = UpstreamSignIn(
        upstream,
        foundation.store,
        foundation.limiter,
        foundation.metrics,
        upstream_record(settings, basis.keys.salt),
        accept_barcode=settings.upstream.accept_barcode,
    )
    steps = make_steps(basis, sign_in, make_engine(basis), upstream.sign_out_url())
    return replace(
        web, login=steps.login, decisions=steps.decisions, logout=steps.logout
    )
