"""`bridge version`: the versions that a report of a fault should name."""

import json
import platform
from importlib.metadata import version as version_of

import click

from bridge import __version__
from bridge.app import newest_schema


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def version(as_json: bool) -> None:
    """Show the versions in use."""
    versions = {
        "bridge": __version__,
        "python": platform.python_version(),
        "pyop": version_of("pyop"),
        "store_schema": newest_schema(),
    }
    if as_json:
        click.echo(json.dumps(versions))
        return
    for name, value in versions.items():
        click.echo(f"{name.replace('_', ' '):12}  {value}")
