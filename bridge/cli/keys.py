"""`bridge keys`: make and list the bridge's own keys."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from typing import Final

import click

from bridge.cli.output import Options, pass_options, print_columns, print_warnings
from bridge.settings.draft import Draft
from bridge.settings.environment import apply_environment
from bridge.settings.files import find_file, read_clients_file, read_files
from bridge.settings.members import prepare_clients
from bridge.settings.resolve import with_paths
from bridge.settings.validate import validate
from bridge.signing.inventory import KeyEntry, inventory
from bridge.signing.key_files import KeyFiles, open_to_others
from bridge.signing.making import KeyFile, make_missing
from bridge.wiring import key_files

_HEADINGS: Final = ("USE", "ALG", "STATE", "AGE", "KEY ID", "FILE")
_DAY_S: Final = 86_400
_HOUR_S: Final = 3_600
_MINUTE_S: Final = 60
_NEW_SALT_BESIDE_OLD_KEYS: Final = (
    "WARNING: the salt of the subjects was missing beside older keys, so a new one was"
    " made. If this bridge has ever signed patrons in, do not start it: put the old"
    " file back, or every patron loses the accounts at all services."
)
_BACK_UP: Final = (
    "Back these files up. The salt above all: under another one every subject changes."
)

_as_json: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def keys() -> None:
    """Make and list the bridge's own keys."""


@keys.command()
@_as_json
@pass_options
def new(options: Options, as_json: bool) -> None:
    """Make every key file that is missing; overwrite nothing."""
    made = make_missing(_key_files(options), int(time.time()))
    if as_json:
        _print_json(
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
@_as_json
@pass_options
def list_keys(options: Options, as_json: bool) -> None:
    """List all keys with state, age and file; no secrets."""
    now = int(time.time())
    files = _key_files(options)
    entries = inventory(files, now)
    print_warnings(list(open_to_others(files)))
    if as_json:
        _print_json(
            {
                "use": entry.use,
                "alg": entry.alg or None,
                "state": entry.state,
                "key_id": entry.key_id or None,
                "created_at": entry.created_at,
                "file": str(entry.path),
            }
            for entry in entries
        )
    else:
        print_columns([_HEADINGS, *(_row(entry, now) for entry in entries)], indent=0)


def _key_files(options: Options) -> KeyFiles:
    """Take the places of all keys from the configuration.

    Secrets of others (upstream, clients) are not read: keys can be made before them.

    Raises:
        ConfigurationError: with every fault that the files and variables show alone.
    """
    draft = Draft(find_file(options.config, os.environ))
    read_files(draft)
    apply_environment(draft, os.environ)
    read_clients_file(draft)
    prepare_clients(draft)
    settings = with_paths(draft, validate(draft).settings)
    if draft.faults:
        raise draft.error()
    return key_files(settings)


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
        entry.key_id or "-",
        str(entry.path),
    )


def age_text(age_s: int) -> str:
    """Write an age, given in seconds, in its largest whole unit."""
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if age_s >= unit_s:
            return f"{age_s // unit_s} {unit}"
    return f"{age_s} s"


def _print_json(rows: Iterable[dict[str, str | int | bool | None]]) -> None:
    click.echo(json.dumps(list(rows), indent=2))
