"""`bridge sessions`: look at a patron's sessions, and sign the patron out everywhere.

Whom it is about is computed from the salt and the id at RERO+; nobody's name is read.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import click

from bridge.cli.output import (
    Options,
    as_json_option,
    pass_options,
    print_columns,
    print_json,
)
from bridge.cli.patrons import patron_of, patron_options
from bridge.cli.times import time_text
from bridge.core.errors import BridgeError
from bridge.core.patron import Identity
from bridge.core.session import Session, SessionLimits, is_alive
from bridge.desk import open_desk
from bridge.flow.subjects import SubjectParts, counted
from bridge.settings.load import load_settings

_HEADINGS: Final = ("STATE", "SIGNED IN", "LAST USED", "ENDS")


@dataclass(frozen=True, slots=True)
class _Patron:
    """A patron, and the open store."""

    desk: SubjectParts
    subject: str
    limits: SessionLimits


@click.group()
def sessions() -> None:
    """Look at a patron's sessions, and end them."""


@sessions.command("list")
@patron_options
@as_json_option
@pass_options
def list_sessions(
    options: Options,
    user_id: str | None,
    barcode: str | None,
    institution: str | None,
    as_json: bool,
) -> None:
    """List a patron's sessions, the newest first."""
    now = int(time.time())
    with _opened(options, patron_of(user_id, barcode, institution)) as patron:
        found = patron.desk.store.get_sessions_of(patron.subject)
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
@patron_options
@click.option(
    "--all",
    "offline",
    is_flag=True,
    help="End also what services hold beyond the session (offline_access).",
)
@pass_options
def end(
    options: Options,
    user_id: str | None,
    barcode: str | None,
    institution: str | None,
    offline: bool,
) -> None:
    """Sign a patron out everywhere; the running bridge tells the services."""
    with _opened(options, patron_of(user_id, barcode, institution)) as patron:
        count = patron.desk.store.end_sessions_of(
            patron.subject, int(time.time()), offline=offline
        )
    noun = "session" if count == 1 else "sessions"
    also = "; no service can go on by offline_access" if offline else ""
    click.echo(f"{count} {noun} ended{also}")


@contextmanager
def _opened(options: Options, identity: Identity) -> Iterator[_Patron]:
    """Open the configured store for a patron, or for whom that one stands.

    Raises:
        ConfigurationError, StoreError: it cannot be opened.
        BridgeError: it cannot be the one of a bridge at work.
    """
    settings = load_settings(options.config, os.environ).settings
    with open_desk(settings) as desk:
        if not desk.store.get_upstreams():
            raise BridgeError("nobody has ever signed in here: is store.url the one?")
        _, subject = counted(desk, identity)
        limits = SessionLimits(settings.session.lifetime_s, settings.session.idle_s)
        yield _Patron(desk, subject, limits)


def _state(session: Session, limits: SessionLimits, now: int) -> str:
    if is_alive(session, limits, now):
        return "open"
    return "over" if now >= session.ends_at else "idle"
