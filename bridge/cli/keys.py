"""`bridge keys`: make, list, rotate and retire the bridge's own keys."""

import time
from collections.abc import Sequence
from typing import Final

import click

from bridge.cli.key_settings import key_settings
from bridge.cli.output import (
    Options,
    as_json_option,
    pass_options,
    print_columns,
    print_json,
    print_warnings,
)
from bridge.cli.rotation import retire_command, rotate_command
from bridge.cli.secret_rotation import rotate_sealing, rotate_tokens
from bridge.cli.times import age_text, time_text
from bridge.desk import check_salt_may_be_made
from bridge.signing.inventory import KeyEntry, inventory
from bridge.signing.key_files import open_to_others
from bridge.signing.making import KeyFile, make_missing

_HEADINGS: Final = ("USE", "ALG", "STATE", "AGE", "MAKES", "KEY ID", "FILE")
_NEW_SALT_BESIDE_OLD_KEYS: Final = (
    "WARNING: the salt of the subjects was missing beside older keys, so a new one was"
    " made. If this bridge has ever signed patrons in, do not start it: put the old"
    " file back, or every patron loses the accounts at all services."
)
_BACK_UP: Final = (
    "Back these files up. The salt above all: under another one every subject changes."
)


@click.group()
def keys() -> None:
    """Make, list, rotate and retire the bridge's own keys."""


for command in (rotate_command, retire_command, rotate_tokens, rotate_sealing):
    keys.add_command(command)


@keys.command()
@as_json_option
@pass_options
def new(options: Options, as_json: bool) -> None:
    """Make every key file that is missing; overwrite nothing."""
    settings = key_settings(options)
    check_salt_may_be_made(settings.files, settings.store)
    made = make_missing(settings.files, int(time.time()))
    if as_json:
        print_json(
            {"what": file.what, "file": str(file.path), "is_new": file.is_new}
            for file in made
        )
    else:
        print_columns(
            [
                ("made" if file.is_new else "kept", file.what, str(file.path))
                for file in made
            ],
            indent=0,
        )
    if _is_salt_alone_new(made):
        click.echo(_NEW_SALT_BESIDE_OLD_KEYS, err=True)
    elif any(file.is_new for file in made):
        click.echo(_BACK_UP, err=True)


@keys.command("list")
@as_json_option
@pass_options
def list_keys(options: Options, as_json: bool) -> None:
    """List all keys with state, age and file; no secrets."""
    now = int(time.time())
    settings = key_settings(options)
    entries = inventory(settings.files, settings.keeping, now)
    print_warnings(list(open_to_others(settings.files)))
    if as_json:
        print_json(
            {
                "use": entry.use,
                "alg": entry.alg or None,
                "state": entry.state,
                "key_id": entry.key_id or None,
                "created_at": entry.created_at,
                "active_from": entry.active_from,
                "retired_at": entry.retired_at,
                "kept_until": entry.kept_until,
                "file": str(entry.path),
            }
            for entry in entries
        )
    else:
        print_columns([_HEADINGS, *(_row(entry, now) for entry in entries)], indent=0)


def _is_salt_alone_new(made: Sequence[KeyFile]) -> bool:
    """Tell whether a salt was made where other keys were there before."""
    is_new = {file.is_new for file in made if file.what == "salt"}
    return is_new == {True} and not all(file.is_new for file in made)


def _row(entry: KeyEntry, now: int) -> tuple[str, ...]:
    age = "-" if entry.created_at is None else age_text(now - entry.created_at)
    return (
        entry.use,
        entry.alg or "-",
        entry.state,
        age,
        _times(entry, now),
        entry.key_id or "-",
        str(entry.path),
    )


def _times(entry: KeyEntry, now: int) -> str:
    """Tell from when a key makes what it is for, or since when it no longer does."""
    if entry.retired_at is not None and entry.kept_until is not None:
        until = time_text(entry.kept_until)
        kept = f"kept until {until}" if entry.kept_until > now else "over"
        return f"until {time_text(entry.retired_at)}, {kept}"
    if entry.active_from is None:
        return "-"
    word = "since" if entry.active_from <= now else "from"
    return f"{word} {time_text(entry.active_from)}"
