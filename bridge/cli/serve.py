"""`bridge serve`: check the configuration, migrate the store, and serve."""

import os
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import click
from flask import Flask
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from bridge.app import open_bridge
from bridge.cli.output import Options, pass_options, print_warnings
from bridge.core.errors import ConfigurationError, Fault
from bridge.runtime import open_runtime, split_listen
from bridge.settings.load import load_settings
from bridge.settings.model import Settings

HEADER_READ_TIMEOUT_MS: Final = 5_000
WORKER_KILL_TIMEOUT_S: Final = 20
# granian's own lines go to stderr and only when something is wrong: stdout is the log.
_SERVER_LOG: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
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
    if demonstration and not is_loopback(loaded.settings.issuer):
        raise ConfigurationError(
            [Fault("issuer", "a demonstration has none but 127.0.0.1")]
        )
    print_warnings(loaded.warnings)
    open_bridge(loaded).close()  # every fault is shown here, before the worker starts
    run_server(
        loaded.settings,
        lambda: (
            open_runtime(
                options.config, os.environ, is_demonstration=demonstration
            ).bridge.app
        ),
    )


def run_server(settings: Settings, load_app: Callable[[], Flask]) -> None:
    """Serve what *load_app* makes in the worker, after the fork; return at SIGTERM."""
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
    server.serve(target_loader=load_app, wrap_loader=False)


def is_loopback(issuer: str) -> bool:
    """Tell whether *issuer* can be reached from this machine alone."""
    return urlsplit(issuer).hostname in {"127.0.0.1", "::1", "localhost"}
