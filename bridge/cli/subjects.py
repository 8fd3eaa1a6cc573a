"""`bridge subjects`: who is who at which service, and the consents of a patron."""

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bridge.cli.output import (
    Options,
    as_json_option,
    pass_options,
    print_columns,
    print_json,
)
from bridge.cli.patrons import patron_of, patron_options
from bridge.cli.subject_changes import (
    import_command,
    link_command,
    merge_command,
    unlink_command,
)
from bridge.cli.subject_files import read_identities
from bridge.cli.times import time_text
from bridge.core.errors import BridgeError
from bridge.core.patron import Identity
from bridge.core.subject import sector_of
from bridge.desk import open_desk
from bridge.flow import subjects as desk
from bridge.flow.subjects import SubjectParts, told
from bridge.settings.load import load_settings
from bridge.settings.similar import did_you_mean

_CANNOT_KNOW = (
    "nobody whose import, grant or session the store still has. A subject cannot be"
    " turned back: whoever has not signed in lately cannot be known by it. `subjects"
    " export --from FILE` computes those of a list of patrons"
)


@click.group()
def subjects() -> None:
    """Look up, link, import and export subjects; withdraw consents."""


for command in (link_command, merge_command, unlink_command, import_command):
    subjects.add_command(command)


@contextmanager
def opened(options: Options) -> Iterator[SubjectParts]:
    """Open the configured store."""
    with open_desk(load_settings(options.config, os.environ).settings) as parts:
        yield parts


@subjects.command()
@patron_options
@click.option("--sub", help="Find whose subject this is at --client.")
@click.option("--client", "client_id", help="At this client alone.")
@as_json_option
@pass_options
def lookup(
    options: Options,
    user_id: str | None,
    barcode: str | None,
    institution: str | None,
    sub: str | None,
    client_id: str | None,
    as_json: bool,
) -> None:
    """Print the subjects of a patron, or find whose a subject is."""
    with opened(options) as parts:
        if sub is not None:
            if user_id or barcode or client_id is None:
                raise click.UsageError("--sub goes with --client, and with it alone")
            _print_found(parts, sub, client_id, as_json=as_json)
        else:
            identity = patron_of(user_id, barcode, institution)
            _print_subs(parts, identity, client_id, as_json=as_json)


@subjects.command()
@click.option("--client", "client_id", help="The subs at this client: kind,value,sub.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compute those of the patrons in this CSV file: kind,value.",
)
@pass_options
def export(options: Options, client_id: str | None, file: Path | None) -> None:
    """Write links and imported subs as CSV, or the subjects of a list of patrons."""
    with opened(options) as parts:
        if file is not None:
            rows = _computed_rows(parts, file, client_id)
        elif client_id is not None:
            rows = _import_rows(parts, client_id)
        else:
            rows = _known_rows(parts)
        desk.note_export(parts, client_id, len(rows) - 1)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows(rows)


@subjects.command()
@patron_options
@as_json_option
@pass_options
def consents(
    options: Options,
    user_id: str | None,
    barcode: str | None,
    institution: str | None,
    as_json: bool,
) -> None:
    """List what a patron allowed which client."""
    with opened(options) as parts:
        found = desk.consents(parts, patron_of(user_id, barcode, institution))
    if as_json:
        print_json(
            {
                "client_id": one.client_id,
                "given_at": one.given_at,
                "allowed": " ".join(sorted(one.allowed)),
            }
            for one in found
        )
    elif not found:
        click.echo("no consents")
    else:
        rows = [
            (one.client_id, time_text(one.given_at), " ".join(sorted(one.allowed)))
            for one in found
        ]
        print_columns([("CLIENT", "GIVEN", "ALLOWED"), *rows], indent=0)


@subjects.command()
@patron_options
@click.option("--client", "client_id", help="At this client.")
@click.option("--all", "at_all", is_flag=True, help="At all clients.")
@pass_options
def withdraw(
    options: Options,
    user_id: str | None,
    barcode: str | None,
    institution: str | None,
    client_id: str | None,
    at_all: bool,
) -> None:
    """Withdraw a patron's consent; the client's tokens end, lasting ones too."""
    if (client_id is None) != at_all:
        raise click.UsageError("write either --client or --all")
    with opened(options) as parts:
        identity = patron_of(user_id, barcode, institution)
        if client_id is not None and not desk.is_client_known(
            parts, identity, client_id
        ):
            raise click.UsageError(
                f"there is no client {client_id!r}, and nothing of it in the store."
                + did_you_mean(client_id, parts.clients)
            )
        gone, ended = desk.withdraw(parts, identity, client_id)
    noun = "consent" if gone == 1 else "consents"
    logins = "login ends" if ended == 1 else "logins end"
    click.echo(f"{gone} {noun} withdrawn; {ended} {logins}, with all tokens")


def _print_subs(
    parts: SubjectParts, identity: Identity, client_id: str | None, *, as_json: bool
) -> None:
    patron, _ = desk.counted(parts, identity)
    wanted = sorted(parts.clients) if client_id is None else [client_id]
    clients = [desk.client_of(parts, name) for name in wanted]
    rows = [
        (
            client.client_id,
            desk.sub_at(parts, client, patron),
            "imported" if desk.is_imported(client, patron) else "computed",
        )
        for client in clients
    ]
    if as_json:
        counts_as = f"{patron.identity.kind.value}:{patron.identity.value}"
        names = ("client_id", "sub", "origin")
        print_json(
            {**dict(zip(names, row, strict=True)), "counts_as": counts_as}
            for row in rows
        )
        return
    if patron.identity != identity:
        click.echo(f"{told(identity)} stands for {told(patron.identity)}")
    print_columns([("CLIENT", "SUBJECT", "ORIGIN"), *rows], indent=0)


def _print_found(
    parts: SubjectParts, sub: str, client_id: str, *, as_json: bool
) -> None:
    found = desk.find(parts, sub, desk.client_of(parts, client_id))
    if found is None:
        raise BridgeError(_CANNOT_KNOW)
    if as_json:
        identity = found.identity
        kind, value = identity.kind.value, identity.value
        print_json([{"kind": kind, "value": value, "found_in": found.source}])
    else:
        click.echo(f"{told(found.identity)}, found in: {found.source}s")


def _known_rows(parts: SubjectParts) -> list[tuple[str, ...]]:
    """List links and imported subs, each with all that it says."""
    rows: list[tuple[str, ...]] = [
        ("what", "kind", "value", "into_kind", "into_value", "sector", "sub")
    ]
    for _, identity, into in desk.links(parts):
        ends = (identity.kind.value, identity.value, into.kind.value, into.value)
        rows.append(("link", *ends, "", ""))
    for identity, sector, sub in desk.imports(parts):
        rows.append(("sub", identity.kind.value, identity.value, "", "", sector, sub))
    return rows


def _import_rows(parts: SubjectParts, client_id: str) -> list[tuple[str, ...]]:
    """List what `subjects import` takes at the client."""
    sector = sector_of(desk.client_of(parts, client_id))
    rows = [
        (one.kind.value, one.value, sub) for one, _, sub in desk.imports(parts, sector)
    ]
    return [("kind", "value", "sub"), *rows]


def _computed_rows(
    parts: SubjectParts, file: Path, client_id: str | None
) -> list[tuple[str, ...]]:
    wanted = sorted(parts.clients) if client_id is None else [client_id]
    clients = [desk.client_of(parts, name) for name in wanted]
    head = ("kind", "value", "sub", "client_id")
    width = 3 if client_id is not None else 4
    rows: list[tuple[str, ...]] = [head[:width]]
    for identity in read_identities(file):
        patron, _ = desk.counted(parts, identity)
        for client in clients:
            sub = desk.sub_at(parts, client, patron)
            row = (identity.kind.value, identity.value, sub, client.client_id)
            rows.append(row[:width])
    return rows
