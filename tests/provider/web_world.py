"""The web application over a temporary configuration and a fake RERO+."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.app import build, open_foundation
from bridge.core.errors import UpstreamFault, UpstreamRefused
from bridge.core.records import UpstreamRecord
from bridge.core.upstream_tokens import UpstreamTokens
from bridge.flow.ports import UpstreamLogin
from bridge.flow.upstream_sign_in import UpstreamSignIn
from bridge.settings.clients import build_clients
from bridge.settings.load import load_settings
from bridge.web.routes import create_app
from bridge.wiring import Basis, make_steps
from tests.provider.world import CALLBACK, ISSUER, JEAN, SECRET

CONFIGURATION: Final = """
issuer = {issuer}
[upstream]
id = "rero"
base_url = "https://rero.example"
client_id = "bridge"
client_secret = "a throw-away secret of the bridge"
[store]
url = "memory:"
[keys]
directory = {directory}
[log]
format = "json"
level = "debug"
[client_defaults]
consent = "never"
[[clients]]
client_id = "library"
client_secret = {secret}
redirect_uris = [{callback}]
name = {{ en = "Library" }}
refresh_tokens = true
scope = "openid profile rero offline_access"
"""


class FakeRero:
    """The Upstream port: signs Jean in, whatever the code."""

    def authorization_url(
        self, state: str, scopes: frozenset[str], *, sign_in_again: bool = False
    ) -> str:
        return "https://rero.example/oauth?" + urlencode({"state": state})

    def sign_out_url(self) -> str:
        return "https://rero.example/signout/"

    def sign_in(self, code: str, *, allow_barcode: bool, address: str) -> UpstreamLogin:
        return UpstreamLogin(JEAN, frozenset())

    def ask_again(
        self,
        tokens: UpstreamTokens,
        *,
        allow_barcode: bool,
        keep: Callable[[UpstreamTokens], None],
    ) -> UpstreamLogin:
        raise UpstreamRefused(UpstreamFault.CODE_OVER)


@dataclass
class ShiftedClock:
    """The time of day, and as many seconds more as a test likes."""

    ahead_s: int = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead_s


@dataclass(frozen=True)
class WebWorld:
    """A browser at the bridge, or a client: both speak HTTP to it."""

    http: FlaskClient
    clock: ShiftedClock

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.http.get(path, base_url=ISSUER, headers=headers)

    def post(
        self, path: str, body: str | bytes, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        return self.http.post(
            path,
            base_url=ISSUER,
            data=body,
            headers=headers,
            content_type="application/x-www-form-urlencoded",
        )

    def authorize(self, **parameters: str) -> TestResponse:
        query = {
            "client_id": "library",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile",
            "state": "a state",
        }
        return self.get("/authorize?" + urlencode({**query, **parameters}))

    def log_in(self, **parameters: str) -> dict[str, str]:
        """Log Jean in; return the parameters of the answer to the client."""
        to_rero = self.authorize(**parameters)
        state = query_of(to_rero)["state"]
        query = urlencode({"state": state, "code": "code-of-rero"})
        return query_of(self.get(f"/callback?{query}"))

    def token(self, **form: str) -> TestResponse:
        secrets = {"client_id": "library", "client_secret": SECRET}
        return self.post("/token", urlencode({**secrets, **form}))

    def redeem(self, code: str, **form: str) -> TestResponse:
        fields = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
        return self.token(**{**fields, "code": code, **form})


def query_of(response: TestResponse) -> dict[str, str]:
    """Return the parameters of the address that *response* sends the browser to."""
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


@contextmanager
def open_web_world(
    key_directory: Path, folder: Path, clock: ShiftedClock
) -> Iterator[WebWorld]:
    """Open the application; RERO+ is replaced where the flow meets its port."""
    path = folder / "bridge.toml"
    quoted = json.dumps  # JSON strings are TOML strings, too
    text = CONFIGURATION.format(
        issuer=quoted(ISSUER),
        directory=quoted(str(key_directory)),
        secret=quoted(SECRET),
        callback=quoted(CALLBACK),
    )
    path.write_text(text, encoding="utf-8")
    loaded = load_settings(path, {})
    foundation = replace(open_foundation(loaded.settings), clock=clock)
    services = build(loaded, foundation)
    clients = build_clients(loaded.settings)
    upstream = UpstreamSignIn(
        FakeRero(),
        foundation.store,
        foundation.limiter,
        foundation.metrics,
        UpstreamRecord("rero", "https://rero.example", False),
        accept_barcode=False,
    )
    basis = Basis(loaded.settings, foundation, services.keys, clients)
    steps = make_steps(basis, upstream, services.web.engine, FakeRero().sign_out_url())
    parts = replace(
        services.web,
        login=steps.login,
        decisions=steps.decisions,
        logout=steps.logout,
    )
    try:
        yield WebWorld(create_app(lambda: parts).test_client(), clock)
    finally:
        foundation.store.close()
