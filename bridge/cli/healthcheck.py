"""`bridge healthcheck`: ask the bridge on this machine, for HEALTHCHECK of an image."""

import json
import os
import ssl
import urllib.error
import urllib.request
from typing import Final

import click

from bridge.cli.output import Options, pass_options
from bridge.settings.addresses import own_address
from bridge.settings.load import load_settings
from bridge.settings.model_sections import ServerSettings

TIMEOUT_S: Final = 5
NOT_READY: Final = 1


@click.command()
@pass_options
@click.pass_context
def healthcheck(ctx: click.Context, options: Options) -> None:
    """Ask whether it is ready: one line, and exit status 0 or 1."""
    server = load_settings(options.config, os.environ).settings.server
    is_ready, line = ask(readiness_url(server))
    click.echo(line)
    if not is_ready:
        ctx.exit(NOT_READY)


def readiness_url(server: ServerSettings) -> str:
    """Return where to ask: the management port, else the main one."""
    has_tls = server.tls_certificate_file is not None and not server.management_listen
    host, port = own_address(server.management_listen or server.listen)
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if has_tls else 'http'}://{shown}:{port}/health/ready"


def ask(url: str) -> tuple[bool, str]:
    """Return whether the bridge at *url* is ready, and what to say."""
    # No proxy stands between a machine and itself; and the certificate is made for
    # the public name, not for this address.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(url, timeout=TIMEOUT_S) as answer:
            return True, f"ready: {answer.url}"
    except urllib.error.HTTPError as error:
        with error:
            return False, f"not ready: {_reason(error.read())}"
    except (OSError, ValueError) as error:
        return False, f"no answer from {url}: {type(error).__name__}"


def _reason(body: bytes) -> str:
    try:
        answer: object = json.loads(body)
    except ValueError:
        answer = None
    match answer:
        case {"checks": dict(checks)}:
            wrong = [f"{name}: {checks[name]}" for name in checks]
            return "; ".join(line for line in wrong if not line.endswith(": ok"))
        case _:
            return "it is no bridge that answers"
