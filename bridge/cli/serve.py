"""`bridge serve`: check the configuration, migrate the store, and serve."""

import ctypes
import logging
import multiprocessing
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

import click
from flask import Flask
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from bridge.app import open_bridge
from bridge.cli.output import (
    Options,
    pass_options,
    print_error,
    print_faults,
    print_warnings,
)
from bridge.core.errors import BridgeError, ConfigurationError, Fault
from bridge.runtime import open_runtime
from bridge.settings.addresses import host_of, is_loopback, split_listen
from bridge.settings.load import load_settings
from bridge.settings.model import Settings
from bridge.settings.model_sections import ServerSettings

HEADER_READ_TIMEOUT_MS: Final = 5_000
WORKER_KILL_TIMEOUT_S: Final = 20
_FAILED: Final = 1
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_ADVICE: Final = "Configuration allows spawning up to"


class WithoutAdvice(logging.Filter):
    """Drop granian's advice to take few threads.

    Ours wait for RERO+ and for the disk, not for a core: their number is meant.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether *record* is to be printed."""
        return not record.getMessage().startswith(_ADVICE)


# granian's own lines go to stderr and only when something is wrong: stdout is the log.
_SERVER_LOG: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "filters": {"without advice": {"()": WithoutAdvice}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without advice"],
            "stream": "ext://sys.stderr",
        }
    },
    "loggers": {
        "_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    },
}


@click.command()
@click.option("--demonstration", is_flag=True, hidden=True)
@pass_options
def serve(options: Options, demonstration: bool) -> None:
    """Check the configuration, migrate the store, and serve until SIGTERM."""
    loaded = load_settings(options.config, os.environ)
    if demonstration and not is_loopback(host_of(loaded.settings.issuer) or ""):
        raise ConfigurationError(
            [Fault("issuer", "a demonstration has none but 127.0.0.1")]
        )
    print_warnings(loaded.warnings)
    # Every fault is shown here, before the worker starts.
    check_server(loaded.settings.server)
    bridge = open_bridge(loaded)
    print_warnings(bridge.services.keys.warnings)
    bridge.close()
    run_server(loaded.settings, partial(open_app, options.config, demonstration))


def open_app(config: Path | None, demonstration: bool) -> Flask:
    """Open the bridge in the worker, and have it closed when the worker ends.

    What has changed since the check may still be at fault: one line tells it.
    """
    _end_with_the_supervisor()
    with _told_in_a_line():
        runtime = open_runtime(
            config, os.environ, is_demonstration=demonstration, serves=True
        )
    # A worker ends without the exit handlers of the interpreter, but with these.
    Finalize(None, runtime.close, exitpriority=1)
    return runtime.bridge.app


def run_server(settings: Settings, load_app: Callable[[], Flask]) -> None:
    """Serve what *load_app* makes in the worker, after the fork; return at SIGTERM.

    A worker that ends by itself ends the supervisor, with exit status 1: what has
    started the bridge (systemd, a container engine) starts it again, and counts.
    """
    address, port = split_listen(settings.server.listen)
    server = Server(
        "bridge",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.server.threads,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=settings.server.backpressure,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_READ_TIMEOUT_MS,
            max_buffer_size=settings.limits.request_bytes,
        ),
        log_level=LogLevels.warning,
        log_dictconfig=_SERVER_LOG,
        ssl_cert=settings.server.tls_certificate_file,
        ssl_key=settings.server.tls_key_file,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=WORKER_KILL_TIMEOUT_S,
    )
    server.on_startup(_ignore_hangup)
    server.serve(target_loader=load_app, wrap_loader=False)


def _ignore_hangup() -> None:
    """Ignore SIGHUP here and in the worker, which inherits that.

    granian would start a second worker beside the first, which has the management port;
    changed files are taken up without any signal.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _end_with_the_supervisor() -> None:
    """Have this worker sent SIGTERM when its supervisor is killed (Linux only).

    It would serve on, with nobody to restart it, and keep the ports from the next one.
    """
    # Until granian's own handler is set, after the app is made, SIGTERM ends the worker
    # at once: the supervisor's handler, which a fork inherits, would swallow it here.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    supervisor = multiprocessing.parent_process()
    if supervisor is not None and os.getppid() != supervisor.pid:
        sys.exit(_FAILED)  # it was killed before we could ask to be told


def check_server(server: ServerSettings) -> None:
    """Find out whether the server could listen, and has its certificate.

    Raises:
        ConfigurationError: with all that is wrong.
    """
    faults: list[Fault] = []
    # granian shares its port with whoever allows it (SO_REUSEPORT): a second bridge
    # beside the first would get half of its requests. So we ask without sharing, and
    # for both at once: each may be free, and the one take what the other needs.
    with ExitStack() as probes:
        for name in ("listen", "management_listen"):
            listen = getattr(server, name)
            if not listen:
                continue
            try:
                _listen_for_a_moment(probes, listen)
            except OSError as error:
                message = f"{listen} cannot be listened on: {_reason(error)}"
                faults.append(Fault(f"server.{name}", message))
    if server.tls_certificate_file is not None:
        faults += _certificate_faults(server.tls_certificate_file, server.tls_key_file)
    if faults:
        raise ConfigurationError(faults)


def _certificate_faults(certificate: Path, key: Path | None) -> list[Fault]:
    """Return what is wrong with the certificate and its key."""

    def refuse_passphrase() -> str:
        message = (
            "the key must not be encrypted, for nobody is there to enter a passphrase;"
            " write it anew: umask 077;"
            f" openssl pkey -in {key or certificate} -out NEW.key"
        )
        raise ConfigurationError([Fault("server.tls_key_file", message)])

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificate, key, refuse_passphrase
        )
    except ConfigurationError as error:
        return list(error.faults)
    except OSError as error:  # ssl.SSLError is one, too
        message = f"certificate and key cannot be used: {_reason(error)}"
        return [Fault("server.tls_certificate_file", message)]
    return []


def _listen_for_a_moment(probes: ExitStack, listen: str) -> None:
    """Listen on *listen* until *probes* is closed.

    Raises:
        OSError: the port is taken, or the address is not one of this machine.
    """
    address, port = split_listen(listen)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    probe = probes.enter_context(socket.socket(family, socket.SOCK_STREAM))
    # Connections that closed a moment ago must not make a port look taken.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind((address, port))
    probe.listen()  # else it would not be in the way of the other one


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


@contextmanager
def _told_in_a_line() -> Iterator[None]:
    """Print a fault as the commands do; multiprocessing would print a traceback."""
    try:
        yield
    except ConfigurationError as error:
        print_faults(error.faults)
        sys.exit(_FAILED)
    except (BridgeError, OSError) as error:
        print_error(error)
        sys.exit(_FAILED)
