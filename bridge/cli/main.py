"""The command `bridge`: its subcommands are imported when they are used.

A new command is one module of this package and one line in COMMANDS.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn

import click

from bridge import __version__
from bridge.cli.output import Options, print_error, print_faults, wants_color
from bridge.core.errors import BridgeError, ConfigurationError
from bridge.settings.similar import did_you_mean

CONFIGURATION_FAULT: Final = 2  # exit status
ERROR: Final = 1

COMMANDS: Final = {  # name -> where it is, what it does
    "demo": ("bridge.cli.demo:demo", "Show a whole login on this machine."),
    "serve": ("bridge.cli.serve:serve", "Serve the bridge."),
    "explain": ("bridge.cli.explain:explain", "Show what a login would come to."),
    "config": ("bridge.cli.config:config", "Check and show the configuration."),
    "keys": ("bridge.cli.keys:keys", "Make, list and rotate keys."),
    "subjects": (
        "bridge.cli.subjects:subjects",
        "Look up, link, import and export subjects; withdraw consents.",
    ),
    "sessions": ("bridge.cli.sessions:sessions", "Sign a patron out everywhere."),
    "healthcheck": ("bridge.cli.healthcheck:healthcheck", "Ask whether it is ready."),
    "version": ("bridge.cli.version:version", "Show the versions in use."),
}
EXTRAS: Final = {"demo"}  # commands that need the optional packages of their name


class LazyGroup(click.Group):
    """A group whose commands cost nothing until they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, (target, _) in COMMANDS.items() if _exists(target)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS or not _exists(COMMANDS[cmd_name][0]):
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if cmd_name not in EXTRAS:
                raise
            raise BridgeError(
                f"`bridge {cmd_name}` needs the package {error.name}:"
                f' pip install "rero-oidc-bridge[{cmd_name}]"'
            ) from error
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known:  # click guesses among the imported commands only
            ctx.fail(f"no such command.{did_you_mean(args[0], known)}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (BridgeError, OSError) as error:
            _fail(ctx, error)


def _exists(target: str) -> bool:
    return importlib.util.find_spec(target.partition(":")[0]) is not None


def _fail(ctx: click.Context, error: BridgeError | OSError) -> NoReturn:
    """Print *error* in its form and exit; --debug lets the traceback through."""
    if ctx.params.get("debug"):
        raise error
    if isinstance(error, ConfigurationError):
        print_faults(error.faults)
        ctx.exit(CONFIGURATION_FAULT)
    print_error(error)
    ctx.exit(ERROR)


def _tell_bug(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say that a bug was met, without its text, which could hold a secret."""
    del error, trace
    click.echo(f"bridge: a bug ({kind.__name__}); run again with --debug", err=True)


@click.group(
    "bridge", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="bridge")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The configuration file; else $BRIDGE_CONFIG, ./bridge.toml, "
    "./config/bridge.toml, /etc/bridge/bridge.toml.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--no-color", is_flag=True, help="Print without colours.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, debug: bool, no_color: bool) -> None:
    """Run an OpenID Provider in front of the RERO+ login."""
    ctx.obj = Options(config, debug, wants_color(no_color))
    if not ctx.obj.color:
        ctx.color = False
    if not debug:
        sys.excepthook = _tell_bug
