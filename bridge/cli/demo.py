"""`bridge demo`: a stand-in RERO+, the bridge, a demo service, and one proven login.

Everything binds 127.0.0.1 and lives in a temporary folder with throw-away keys; no
configuration is read, so nothing real can be touched.
"""

import errno
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import click
import requests

from bridge.cli.output import printable
from bridge.core.errors import BridgeError
from bridge.demo import rero_state
from bridge.demo.proof import Credentials, Proof, ProofError, prove
from bridge.demo.relying_party import RelyingPartySettings, create_app
from bridge.demo.rero import StandIn
from bridge.demo.rero_server import serve_stand_in
from bridge.demo.serving import free_port, serve_in_thread
from bridge.signing.key_files import KeyFiles
from bridge.signing.making import make_missing

STAND_IN_PORT: Final = 8091
BRIDGE_PORT: Final = 8090
SERVICE_PORT: Final = 8092
MANAGEMENT_PORT: Final = 8099
START_S: Final = 20
TRIES: Final = 5
PORTS_APART: Final = 200  # how far from the usual ports the next try may go
UPSTREAM_SECRET: Final = "throw-away-secret-at-the-stand-in"
CLIENT_SECRET: Final = "throw-away-secret-of-the-service"
READER: Final = Credentials("jean", "demo")
SHAPES: Final = get_args(rero_state.Shape)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the three parts listen."""

    stand_in: str
    bridge: str
    service: str
    management_port: int


class DemoError(BridgeError):
    """The demonstration could not be shown."""


@click.command()
@click.option("--check", is_flag=True, help="Prove one login and exit 0 or 1.")
@click.option(
    "--shape",
    type=click.Choice(SHAPES),
    default="current",
    help="How RERO+ answers: as its code does now, as it did, or as its help says.",
)
def demo(check: bool, shape: rero_state.Shape) -> None:
    """Show a whole login on this machine, with a stand-in for RERO+."""
    signal.signal(signal.SIGTERM, _interrupt)  # while it starts: all is cleaned up
    with ExitStack() as stack:
        addresses = _start(stack, shape)
        _print_addresses(addresses)
        try:
            proof = prove(addresses.service, READER)
        except ProofError as error:
            raise DemoError(f"the login did not succeed: {error}") from error
        _print_proof(proof)
        if check:
            click.echo(json.dumps({**proof.userinfo, **proof.id_token_claims}))
            return
        stopped = _stopped_by_signal()
        click.echo(
            f'\nOpen {addresses.service} and press "Log in" (jean, password demo).'
            "\nStop with Ctrl-C.  Next: docs/install.md, a real configuration."
        )
        stopped.wait()
        click.echo("\nStopping ...")


def _start(stack: ExitStack, shape: rero_state.Shape) -> Addresses:
    """Start all parts; with other ports where another program was quicker at one."""
    for attempt in range(TRIES):
        with ExitStack() as parts:
            addresses = _addresses(attempt and secrets.randbelow(PORTS_APART))
            folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
            try:
                parts.enter_context(_stand_in(addresses, shape))
                parts.enter_context(_bridge(folder, addresses))
                parts.enter_context(_service(addresses))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            stack.enter_context(parts.pop_all())
            return addresses
    raise DemoError(f"no free ports were found in {TRIES} tries")


def _addresses(offset: int) -> Addresses:
    stand_in, bridge, service, management = (
        free_port(port + offset)
        for port in (STAND_IN_PORT, BRIDGE_PORT, SERVICE_PORT, MANAGEMENT_PORT)
    )
    local = "http://127.0.0.1"
    return Addresses(
        f"{local}:{stand_in}", f"{local}:{bridge}", f"{local}:{service}", management
    )


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


@contextmanager
def _stand_in(addresses: Addresses, shape: rero_state.Shape) -> Iterator[None]:
    click.echo("Starting the stand-in RERO+ ...")
    stand_in = StandIn(rero_state.Settings(shape=shape, show_readers=True))
    stand_in.add_client(
        rero_state.Client(
            client_id="bridge",
            secret=UPSTREAM_SECRET,
            redirect_uris=(f"{addresses.bridge}/callback",),
            name="RERO OIDC Bridge (demonstration)",
        )
    )
    with serve_stand_in(stand_in, _port(addresses.stand_in)):
        yield


@contextmanager
def _service(addresses: Addresses) -> Iterator[None]:
    click.echo("Starting the demo service ...")
    app = create_app(
        RelyingPartySettings(
            discovery_url=f"{addresses.bridge}/.well-known/openid-configuration",
            client_id="demo-service",
            client_secret=CLIENT_SECRET,
            redirect_uri=f"{addresses.service}/callback",
            scope="openid profile rero",
            post_logout_redirect_uri=f"{addresses.service}/logged-out",
        )
    )
    with serve_in_thread(app, _port(addresses.service)):
        yield


@contextmanager
def _bridge(folder: Path, addresses: Addresses) -> Iterator[None]:
    """Run the real `bridge serve` in a process of its own."""
    click.echo(
        "Starting the bridge (throw-away keys, a store in a temporary folder) ..."
    )
    make_missing(KeyFiles.within(folder / "keys"), int(time.time()))
    configuration = folder / "bridge.toml"
    configuration.write_text(_configuration(folder, addresses), encoding="utf-8")
    log = (folder / "log").open("w", encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - no shell, and no word of it is a user's
        [
            sys.executable,
            "-m",
            "bridge",
            "--config",
            str(configuration),
            "serve",
            "--demonstration",
        ],
        stdout=log,
        stderr=subprocess.STDOUT,
        # Variables for a real bridge (an image sets some) are not for this one.
        env={k: v for k, v in os.environ.items() if not k.startswith("BRIDGE_")},
    )
    try:
        _wait_until_ready(process, addresses, folder / "log")
        yield
    finally:
        process.terminate()
        process.wait()
        log.close()


def _wait_until_ready(
    process: subprocess.Popen[bytes], addresses: Addresses, log: Path
) -> None:
    """Wait until this bridge answers, not another one at the same ports.

    Raises:
        OSError: one of its ports was taken.
        DemoError: it did not start.
    """
    url = f"http://127.0.0.1:{addresses.management_port}/health/ready"
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        has_started = '"server:started"' in log.read_text(encoding="utf-8")
        if has_started and _is_up(url) and _is_up(f"{addresses.bridge}/jwks"):
            return
        time.sleep(0.05)
    last = log.read_text(encoding="utf-8")[-2_000:]
    if os.strerror(errno.EADDRINUSE) in last:
        raise OSError(errno.EADDRINUSE, "a port of the bridge was taken")
    for line in last.splitlines():
        click.echo(printable(line), err=True)
    raise DemoError("the bridge did not start; its last words are above")


def _is_up(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the environment cannot reach us
        try:
            return session.get(url, timeout=1).ok
        except requests.RequestException:
            return False


def _configuration(folder: Path, addresses: Addresses) -> str:
    # JSON strings are TOML strings, too.
    text = json.dumps
    return f"""
issuer = {text(addresses.bridge)}

[server]
listen = "127.0.0.1:{_port(addresses.bridge)}"
management_listen = "127.0.0.1:{addresses.management_port}"

[upstream]
id = "stand-in"
base_url = {text(addresses.stand_in)}
client_id = "bridge"
client_secret = {text(UPSTREAM_SECRET)}

[store]
url = {text(f"sqlite:///{folder / 'bridge.db'}")}

[log]
format = "json"

[[clients]]
client_id = "demo-service"
client_secret = {text(CLIENT_SECRET)}
redirect_uris = [{text(f"{addresses.service}/callback")}]
post_logout_redirect_uris = [{text(f"{addresses.service}/logged-out")}]
name = {{ fr = "Service de démonstration", de = "Demo-Dienst", \
it = "Servizio dimostrativo", en = "Demo service" }}
client_uri = {text(addresses.service)}
"""


def _print_addresses(addresses: Addresses) -> None:
    readers = "jean (VS), anna (VS and FR), luca (expired), zoe (no card)"
    click.echo(
        f"\nStand-in RERO+    {addresses.stand_in}   readers: {readers}"
        f"\nBridge            {addresses.bridge}   issuer;"
        " discovery at /.well-known/openid-configuration"
        f'\nDemo service      {addresses.service}   <- open this and press "Log in"\n'
    )


def _print_proof(proof: Proof) -> None:
    click.echo(
        f"Proof: logged in as {READER.username} through all three; ID token"
        f" ({proof.id_token_header['alg']}) verified by joserfc, not by our code:"
    )
    for name, value in {**proof.id_token_claims, **proof.userinfo}.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        click.echo(f"  {name:17} {shown}")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stopped_by_signal() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on, instead of ending the process."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
