"""Commands that fail, for the tests of how `bridge` tells it."""

import click

from bridge.core.errors import StoreError


@click.command()
def stopped() -> None:
    """Fail as the bridge itself may."""
    raise StoreError("the store cannot answer")


@click.command()
def refused() -> None:
    """Fail as the operating system may."""
    raise PermissionError(13, "Permission denied", "bridge.db")


@click.command()
def bug() -> None:
    """Fail as nobody expects, with a secret in the text."""
    raise ZeroDivisionError("PLANTED")
