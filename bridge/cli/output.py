"""How the commands print: faults in columns, an error in one line."""

import itertools
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from bridge.core.errors import Fault

_WIDE: Final = 70  # longer cells do not push what follows out of sight


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command: `bridge --config PATH --debug COMMAND`."""

    config: Path | None = None
    debug: bool = False
    color: bool = True


pass_options = click.make_pass_decorator(Options, ensure=True)
as_json_option: Final = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON."
)


def wants_color(no_color: bool) -> bool:
    """Tell whether colours may be used: not with --no-color, nor with NO_COLOR set."""
    return not no_color and not os.environ.get("NO_COLOR")


def printable(text: str) -> str:
    """Return *text* without anything that could steer a terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def print_columns(rows: Iterable[Sequence[str]], *, indent: int = 2) -> None:
    """Print *rows* with their columns aligned; the last one as long as it is."""
    table = [[printable(cell) for cell in row] for row in rows]
    if not table:
        return
    widths = [_width(column) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo((" " * indent + "  ".join(cells)).rstrip())


def print_json(rows: Iterable[dict[str, str | int | bool | None]]) -> None:
    """Print *rows* for programs."""
    click.echo(json.dumps(list(rows), indent=2))


def print_faults(faults: Sequence[Fault]) -> None:
    """Print faults of the configuration on standard error, each file with its own."""
    for source, group in itertools.groupby(faults, key=lambda fault: fault.source):
        found = list(group)
        noun = "fault" if len(found) == 1 else "faults"
        where = source or "configuration"
        click.secho(f"{printable(where)}: {len(found)} {noun}", err=True, fg="red")
        _print_found(found)


def print_warnings(warnings: Sequence[Fault]) -> None:
    """Print what is allowed, but unwise, on standard error."""
    for source, group in itertools.groupby(warnings, key=lambda fault: fault.source):
        click.secho(f"{printable(source)}: warning", err=True, fg="yellow")
        _print_found(list(group))


def _print_found(found: Sequence[Fault]) -> None:
    keys = [printable(fault.key) for fault in found]
    messages = [printable(fault.message) for fault in found]
    key_width = max(map(len, keys))
    message_width = _width(messages)
    for fault, key, message in zip(found, keys, messages, strict=True):
        line = "" if fault.line is None else f"line {fault.line}"
        text = f"  {key.ljust(key_width)}  {message.ljust(message_width)}  {line}"
        click.echo(text.rstrip(), err=True)


def _width(column: Iterable[str]) -> int:
    return max((len(cell) for cell in column if len(cell) <= _WIDE), default=0)


def print_error(error: Exception) -> None:
    """Print one line for an error that ends the command."""
    click.secho(f"bridge: {printable(str(error))}", err=True, fg="red")
