"""`bridge sessions`: look at a patron's sessions, and sign the patron out everywhere.

Whom it is about is computed from the salt and the id at RERO+; nobody's name is read.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import click

from bridge.app import open_foundation
from bridge.cli.output import (
    Options,
    as_json_option,
    pass_options,
    print_columns,
    print_json,
)
from bridge.cli.times import time_text
from bridge.core.errors import BridgeError
from bridge.core.patron import Identity, IdentityKind
from bridge.core.session import Session, SessionLimits, is_alive
from bridge.core.subject import internal_subject
from bridge.settings.load import load_settings
from bridge.signing.key_files import load_keys
from bridge.wiring import Foundation, check_upstream, key_files, upstream_record

_HEADINGS: Final = ("STATE", "SIGNED IN", "LAST USED", "ENDS")
_VISIBLE: Final = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_COUNTING: Final = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class _Patron:
    """A patron, and the open store."""

    foundation: Foundation
    subject: str
    limits: SessionLimits


@click.group()
def sessions() -> None:
    """Look at a patron's sessions, and end them."""


def _patron_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be told who it is about."""
    by_user_id = click.option("--user-id", help="The patron's user id at RERO+.")
    by_barcode = click.option(
        "--barcode",
        help="Where RERO+ shows no user ids: institution and barcode, vs:2050124311.",
    )
    return by_user_id(by_barcode(command))


@sessions.command("list")
@_patron_options
@as_json_option
@pass_options
def list_sessions(
    options: Options, user_id: str | None, barcode: str | None, as_json: bool
) -> None:
    """List a patron's sessions, the newest first."""
    now = int(time.time())
    with _opened(options, _identity(user_id, barcode)) as patron:
        found = patron.foundation.store.get_sessions_of(patron.subject)
        states = [_state(session, patron.limits, now) for session in found]
    if as_json:
        print_json(
            {
                "state": state,
                "auth_time": session.auth_time,
                "seen_at": session.seen_at,
                "ends_at": session.ends_at,
            }
            for session, state in zip(found, states, strict=True)
        )
    elif not found:
        click.echo("no sessions")
    else:
        rows = [
            (
                state,
                time_text(session.auth_time),
                time_text(session.seen_at),
                time_text(session.ends_at),
            )
            for session, state in zip(found, states, strict=True)
        ]
        print_columns([_HEADINGS, *rows], indent=0)


@sessions.command()
@_patron_options
@click.option(
    "--all",
    "offline",
    is_flag=True,
    help="End also what services hold beyond the session (offline_access).",
)
@pass_options
def end(
    options: Options, user_id: str | None, barcode: str | None, offline: bool
) -> None:
    """Sign a patron out everywhere; the running bridge tells the services."""
    with _opened(options, _identity(user_id, barcode)) as patron:
        count = patron.foundation.store.end_sessions_of(
            patron.subject, int(time.time()), offline=offline
        )
    noun = "session" if count == 1 else "sessions"
    also = "; no service can go on by offline_access" if offline else ""
    click.echo(f"{count} {noun} ended{also}")


@contextmanager
def _opened(options: Options, identity: Identity) -> Iterator[_Patron]:
    """Open the configured store for a patron.

    Raises:
        ConfigurationError, StoreError: it cannot be opened.
        BridgeError: it cannot be the one of a bridge at work.
    """
    settings = load_settings(options.config, os.environ).settings
    salt = load_keys(key_files(settings)).salt
    if settings.store.url == "memory:":
        raise BridgeError("store.url is memory:, which only `bridge serve` itself sees")
    foundation = open_foundation(settings)
    store = foundation.store
    try:
        upstream = settings.upstream
        check_upstream(store, upstream_record(settings, salt))
        if not store.get_upstreams():
            raise BridgeError("nobody has ever signed in here: is store.url the one?")
        yield _Patron(
            foundation,
            internal_subject(salt, upstream.id, identity),
            SessionLimits(settings.session.lifetime_s, settings.session.idle_s),
        )
    finally:
        store.close()


def _identity(user_id: str | None, barcode: str | None) -> Identity:
    """Write what was given as the bridge does at a sign-in."""
    if (user_id is None) == (barcode is None):
        raise click.UsageError("write either --user-id or --barcode")
    value = user_id or barcode or ""
    if barcode is not None and ":" in barcode:
        institution, _, code = barcode.partition(":")
        value = f"{institution.lower()}:{code}"
    if not _VISIBLE.fullmatch(value):
        raise click.UsageError("this is no user id or barcode of RERO+")
    if barcode is not None:
        return Identity(IdentityKind.BARCODE, value)
    if _NUMBER.fullmatch(value) and not _COUNTING.fullmatch(value):
        raise click.UsageError("write the user id as RERO+ does: without sign or zeros")
    return Identity(IdentityKind.USER, value)


def _state(session: Session, limits: SessionLimits, now: int) -> str:
    if is_alive(session, limits, now):
        return "open"
    return "over" if now >= session.ends_at else "idle"
