"""`bridge config`: check and show the configuration, and its JSON Schema."""

import json
import os

import click

from bridge.cli.output import Options, pass_options, print_columns, print_warnings
from bridge.core.errors import ConfigurationError
from bridge.deliveries import check_registrations
from bridge.explanation import check_examples
from bridge.settings.draft import DEFAULT, join_key
from bridge.settings.load import Loaded, load_settings, values
from bridge.settings.model import Settings
from bridge.settings.reference import reference_tables
from bridge.settings.secret import HIDDEN, Secret
from bridge.settings.toml_lines import KeyPath
from bridge.settings.wording import to_toml
from bridge.signing.key_files import KeyFiles, load_keys
from bridge.wiring import key_files


def load_configuration(options: Options) -> Loaded:
    """Load the configuration that *options* and the environment name.

    Warnings are printed on standard error.

    Raises:
        ConfigurationError: it has faults; `bridge` prints them and exits with 2.
    """
    loaded = load_settings(options.config, os.environ)
    print_warnings(loaded.warnings)
    return loaded


@click.group()
def config() -> None:
    """Check and show the configuration."""


@config.command()
@click.option(
    "--online",
    is_flag=True,
    help="Also fetch each client's sector_identifier_uri and jwks_uri.",
)
@pass_options
def check(options: Options, online: bool) -> None:
    """Find every fault of the configuration at once (exit status 2)."""
    loaded = load_configuration(options)
    settings = loaded.settings
    check_examples(loaded)
    if online and (faults := check_registrations(settings)):
        raise ConfigurationError(faults)
    click.echo(f"configuration {loaded.path}")
    click.echo(
        f"ok: {_count(len(settings.clients), 'client', 'clients')}, "
        f"{_count(len(settings.policies), 'policy', 'policies')}, "
        f"issuer {settings.issuer}"
    )
    _tell_keys(key_files(settings))


@config.command()
@click.option("--all", "with_defaults", is_flag=True, help="Show defaults, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_options
def show(options: Options, with_defaults: bool, as_json: bool) -> None:
    """Show the values in force and where each comes from; secrets as ***."""
    loaded = load_configuration(options)
    rows = [
        (join_key(path), _shown(path, value), loaded.sources[join_key(path)])
        for path, value in values(loaded.settings)
        if with_defaults or loaded.sources[join_key(path)] != DEFAULT
    ]
    if as_json:
        shown = {key: {"value": value, "source": at} for key, value, at in rows}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    click.echo(f"configuration {loaded.path}")
    print_columns((key, "=", value, f"({at})") for key, value, at in rows)


@config.command()
@click.option("--markdown", is_flag=True, help="Print the tables of the manual.")
def schema(markdown: bool) -> None:
    """Print the JSON Schema of the configuration, for editors."""
    if markdown:
        click.echo(reference_tables(), nl=False)
    else:
        click.echo(json.dumps(Settings.model_json_schema(), indent=2))


def _tell_keys(files: KeyFiles) -> None:
    """Say what is wrong with the keys: no fault here, for they may come later."""
    if files.is_empty():
        click.echo("keys: there are none yet; `bridge keys new` makes them")
        return
    try:
        print_warnings(load_keys(files).warnings)
    except ConfigurationError as error:
        print_warnings(error.faults)


def _shown(path: KeyPath, value: object) -> str:
    # The digest of a secret that a human made up can be guessed: it is hidden as well.
    if isinstance(value, Secret) or (value and path[-1] == "client_secret_sha256"):
        return HIDDEN
    return to_toml(value) or (
        "none" if value is None else '""' if value == "" else "[]"
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
