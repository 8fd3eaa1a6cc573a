"""`bridge keys rotate` and `retire`: the signing keys."""

import time
from collections.abc import Sequence
from typing import Final

import click

from bridge.cli.key_settings import KeySettings, key_settings
from bridge.cli.output import (
    Options,
    as_json_option,
    pass_options,
    print_columns,
    print_json,
)
from bridge.cli.times import Duration, age_text, day_text, time_text
from bridge.core.errors import BridgeError
from bridge.signing.rotation import Retirement, Rotation, remove, retire, rotate

_CACHED_S: Final = 86_400  # services keep fetched keys for up to a day
_TOO_SOON: Final = (
    "Services that keep the keys they have fetched, up to a day long, may refuse logins"
    " until they fetch them again. Nothing to do where they do so at an unknown key id."
)


@click.command("rotate")
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    help="For this one alone; may be repeated. Else for each of keys.algorithms.",
)
@click.option(
    "--signs-in",
    "signs_in_s",
    type=Duration(),
    default="48h",
    show_default=True,
    help="When the new key takes over: 90s, 30min, 48h, 7d or now.",
)
@as_json_option
@pass_options
def rotate_command(
    options: Options, algorithms: tuple[str, ...], signs_in_s: int, as_json: bool
) -> None:
    """Make the next signing keys; publish them now, sign with them later."""
    settings = key_settings(options)
    configured = settings.files.algorithms
    unknown = [alg for alg in algorithms if alg not in configured]
    if unknown:
        known = ", ".join(configured)
        raise BridgeError(f"{unknown[0]} is not one of keys.algorithms: {known}")
    chosen = [alg for alg in configured if not algorithms or alg in algorithms]
    keep_s = settings.keeping.sign_s
    rotations = rotate(settings.files, chosen, int(time.time()), signs_in_s)
    if as_json:
        print_json(_members(rotation, keep_s) for rotation in rotations)
        return
    print_columns(
        [row for rotation in rotations for row in _lines(rotation, keep_s)], indent=0
    )
    if signs_in_s < _CACHED_S:
        click.echo(_TOO_SOON, err=True)


@click.command("retire")
@click.option("--now", "at_once", is_flag=True, help="Delete all retired keys.")
@click.option("--kid", help="Delete this key whatever its state: it is compromised.")
@as_json_option
@pass_options
def retire_command(
    options: Options, at_once: bool, kid: str | None, as_json: bool
) -> None:
    """Delete retired signing keys whose tokens are over."""
    settings = key_settings(options)
    now = int(time.time())
    if kid is not None:
        _remove(settings, kid, now, as_json=as_json)
        return
    keep_s = 0 if at_once else settings.keeping.sign_s
    retirements = retire(settings.files, now, keep_s)
    if as_json:
        print_json(
            {
                "alg": retirement.key.algorithm.name,
                "kid": retirement.key.kid,
                "retired_at": retirement.retired_at,
                "kept_until": retirement.kept_until,
                "is_deleted": retirement.is_deleted,
            }
            for retirement in retirements
        )
    elif retirements:
        print_columns([_retirement(entry) for entry in retirements], indent=0)
    else:
        click.echo("no signing key is retired")


def _lines(rotation: Rotation, keep_s: int) -> Sequence[Sequence[str]]:
    following, active = rotation.following, rotation.active
    alg = following.algorithm.name
    signs_at = following.active_from
    wait = age_text(signs_at - following.created_at)
    kept_until = day_text(signs_at + keep_s)
    return (
        (
            "next",
            alg,
            f"kid {following.kid}",
            f"made now, published now, signs from {time_text(signs_at)} (in {wait})",
        ),
        (
            "active",
            alg,
            f"kid {active.kid}",
            f"signs until then, stays published until {kept_until} (then: keys retire)",
        ),
    )


def _members(rotation: Rotation, keep_s: int) -> dict[str, str | int | bool | None]:
    signs_at = rotation.following.active_from
    return {
        "alg": rotation.following.algorithm.name,
        "next": rotation.following.kid,
        "signs_from": signs_at,
        "active": rotation.active.kid,
        "active_kept_until": signs_at + keep_s,
    }


def _retirement(entry: Retirement) -> Sequence[str]:
    retired = f"retired {time_text(entry.retired_at)}"
    kept = "" if entry.is_deleted else f", kept until {time_text(entry.kept_until)}"
    return (
        "deleted" if entry.is_deleted else "kept",
        entry.key.algorithm.name,
        f"kid {entry.key.kid}",
        retired + kept,
    )


def _remove(settings: KeySettings, kid: str, now: int, *, as_json: bool) -> None:
    signing = remove(settings.files, kid, now)
    if as_json:
        print_json([{"kid": kid, "is_deleted": True, "signs_now": signing.kid}])
        return
    click.echo(f"deleted  kid {kid}")
    click.echo(f"signs    kid {signing.kid}")
