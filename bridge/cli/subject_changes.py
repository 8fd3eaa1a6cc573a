"""`bridge subjects link`, `merge`, `unlink` and `import`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from bridge.cli.output import Options, pass_options, print_columns, printable
from bridge.cli.patrons import barcode_of, user_of
from bridge.cli.subject_files import read_import, read_links
from bridge.core.patron import Identity
from bridge.desk import open_desk
from bridge.flow import subject_imports, subject_links
from bridge.flow.subject_imports import ImportPlan
from bridge.flow.subject_links import LinkPlan
from bridge.flow.subjects import LineFaults, SubjectParts, told
from bridge.settings.load import load_settings

_FAULTS_SHOWN: Final = 50
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_dry_run: Final = click.option(
    "--dry-run", is_flag=True, help="Say what would change; change nothing."
)


@click.command("link")
@click.option("--barcode", help="What the accounts were keyed by.")
@click.option("--institution", help="Before the barcode, where there is one: vs.")
@click.option("--to-user-id", "user_id", help="The user id at RERO+.")
@click.option("--from", "file", type=_FILE, help="Or a CSV file: barcode,user_id.")
@_dry_run
@pass_options
def link_command(
    options: Options,
    barcode: str | None,
    institution: str | None,
    user_id: str | None,
    file: Path | None,
    dry_run: bool,
) -> None:
    """Let a user id keep the subjects that were made of a barcode."""
    if file is not None and (barcode, institution, user_id) == (None, None, None):
        with _telling_lines():
            _link_file(options, file, dry_run=dry_run)
        return
    if file is not None or barcode is None or user_id is None:
        raise click.UsageError("write --barcode and --to-user-id, or --from alone")
    identity, first = user_of(user_id), barcode_of(barcode, institution)
    with open_desk(load_settings(options.config, os.environ).settings) as parts:
        plan = subject_links.plan_link(parts, identity, first)
        _finish_link(parts, plan, (identity, first), dry_run=dry_run)


@click.command("merge")
@click.option("--user-id", required=True, help="The account that is given up.")
@click.option("--into-user-id", "into", required=True, help="The one that stays.")
@_dry_run
@pass_options
def merge_command(options: Options, user_id: str, into: str, dry_run: bool) -> None:
    """Let one person with two accounts at RERO+ be one patron at all services."""
    identity, stays = user_of(user_id), user_of(into)
    with open_desk(load_settings(options.config, os.environ).settings) as parts:
        plan = subject_links.plan_merge(parts, identity, stays)
        _finish_link(parts, plan, (identity, stays), dry_run=dry_run)


@click.command("unlink")
@click.option("--user-id", required=True, help="The account that was linked.")
@pass_options
def unlink_command(options: Options, user_id: str) -> None:
    """Undo a link or a merge: the account stands for itself again."""
    identity = user_of(user_id)
    with open_desk(load_settings(options.config, os.environ).settings) as parts:
        into = subject_links.unlink(parts, identity)
    click.echo(f"{told(identity)} no longer stands for {told(into)}")
    click.echo("Both sign in again, each with the subjects of its own.")


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--client", "client_id", required=True, help="Where the subs are used.")
@click.option("--replace", is_flag=True, help="Change subs that were imported before.")
@_dry_run
@pass_options
def import_command(
    options: Options, file: Path, client_id: str, replace: bool, dry_run: bool
) -> None:
    """Give patrons the subs of a CSV FILE: kind,value,sub."""
    with _telling_lines():
        rows = read_import(file)
        with open_desk(load_settings(options.config, os.environ).settings) as parts:
            plan = subject_imports.plan_import(parts, rows, client_id, replace=replace)
            if not dry_run:
                subject_imports.carry_out_import(parts, plan)
    _tell_import(plan, dry_run=dry_run)


@contextmanager
def _telling_lines() -> Iterator[None]:
    """Print the faults of a file's lines before the command ends by them."""
    try:
        yield
    except LineFaults as error:
        for fault in error.faults[:_FAULTS_SHOWN]:
            click.echo(printable(fault), err=True)
        raise


def _link_file(options: Options, file: Path, *, dry_run: bool) -> None:
    rows = read_links(file)
    with open_desk(load_settings(options.config, os.environ).settings) as parts:
        links = subject_links.plan_links(parts, rows)
        if not dry_run:
            subject_links.carry_out_links(parts, links)
    verb = "would be linked" if dry_run else "linked"
    click.echo(f"{len(links)} {verb}, {len(rows) - len(links)} as they were")


def _finish_link(
    parts: SubjectParts,
    plan: LinkPlan,
    identities: tuple[Identity, Identity],
    *,
    dry_run: bool,
) -> None:
    identity, into = identities
    if not dry_run:
        subject_links.carry_out_link(parts, plan)
    would = "would stand" if dry_run else "stands"
    click.echo(f"{told(identity)} {would} for {told(into)} from its next sign-in on")
    if plan.sessions:
        ends = "would end" if dry_run else "ended"
        click.echo(f"sessions of {told(identity)} that {ends}: {plan.sessions}")
    rows = [(one.client_id, one.before, one.after) for one in plan.changes]
    print_columns([("CLIENT", "SUBJECT SO FAR", "FROM NOW ON"), *rows], indent=0)
    if not plan.is_known:
        click.echo(
            f"note: the store has nothing of {told(into)} at present. If the accounts"
            " do not come back, look at institution and spelling, and `unlink`.",
            err=True,
        )


def _tell_import(plan: ImportPlan, *, dry_run: bool) -> None:
    for warning in plan.warnings:
        click.secho(f"warning: {warning}", err=True, fg="yellow")
    verb = "would be imported" if dry_run else "imported"
    click.echo(
        f"{len(plan.imports)} {verb}, {len(plan.gone)} replaced,"
        f" {plan.unchanged} as they were"
    )
    click.echo(f"they count at {', '.join(plan.client_ids)}, from the next sign-in on")
