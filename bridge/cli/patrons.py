"""How a command is told which patron it is about."""

from collections.abc import Callable

import click

from bridge.core.identity import read_identity, user
from bridge.core.patron import Identity, IdentityKind


def patron_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be told who it is about."""
    by_user_id = click.option("--user-id", help="The patron's user id at RERO+.")
    return by_user_id(barcode_options(command))


def barcode_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be told a barcode, for where RERO+ shows no user ids."""
    by_barcode = click.option(
        "--barcode",
        help="Where RERO+ shows no user ids: 2050124311, or vs:2050124311.",
    )
    at = click.option(
        "--institution",
        help="The lowest institution code of the patron, such as vs: it is part of"
        " what a barcode's subjects are made of.",
    )
    return by_barcode(at(command))


def patron_of(
    user_id: str | None, barcode: str | None, institution: str | None
) -> Identity:
    """Return whom the options name, written as the bridge does at a sign-in."""
    if (user_id is None) == (barcode is None):
        raise click.UsageError("write either --user-id or --barcode")
    if user_id is None:
        return barcode_of(barcode or "", institution)
    if institution is not None:
        raise click.UsageError("--institution belongs to --barcode")
    return user_of(user_id)


def user_of(user_id: str) -> Identity:
    """Return the identity of a user id."""
    identity = user(user_id)
    if identity is None:
        raise click.UsageError(
            f"{user_id!r} is no user id: write it as RERO+ does, without sign or zeros"
        )
    return identity


def barcode_of(barcode: str, institution: str | None) -> Identity:
    """Return the identity of a barcode, with its institution where there is one."""
    value = barcode if institution is None else f"{institution}:{barcode}"
    identity = read_identity(IdentityKind.BARCODE, value)
    if identity is None or (institution is not None and ":" in barcode):
        raise click.UsageError(
            f"{value!r} is no barcode: write it as 2050124311, or as vs:2050124311"
            " with the institution before it"
        )
    return identity
