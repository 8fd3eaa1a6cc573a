"""`bridge keys rotate-tokens` and `rotate-sealing`."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import click

from bridge.cli.key_settings import key_settings
from bridge.cli.output import (
    Options,
    as_json_option,
    pass_options,
    print_columns,
    print_json,
)
from bridge.cli.times import day_text, time_text
from bridge.signing.places import Place
from bridge.signing.secret_files import SETTLING_S
from bridge.signing.secret_rotation import replace_secret, rotate_secret

_compromised: Final = click.option(
    "--compromised",
    is_flag=True,
    help="Drop the old keys now: everybody signs in again.",
)


@click.command("rotate-tokens")
@_compromised
@as_json_option
@pass_options
def rotate_tokens(options: Options, compromised: bool, as_json: bool) -> None:
    """Make a new key for codes and tokens; old ones stay as long as a token lives."""
    settings = key_settings(options)
    place, keep_s = settings.files.tokens, settings.keeping.tag_s
    outcomes = _rotate_secret(place, None if compromised else keep_s)
    _print_outcomes(outcomes, as_json=as_json)


@click.command("rotate-sealing")
@_compromised
@as_json_option
@pass_options
def rotate_sealing(options: Options, compromised: bool, as_json: bool) -> None:
    """Make a new key for tickets and stored data; old ones stay as long as a row."""
    settings = key_settings(options)
    place, keep_s = settings.files.sealing, settings.keeping.seal_s
    outcomes = _rotate_secret(place, None if compromised else keep_s)
    _print_outcomes(outcomes, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one key of a file."""

    state: str  # "new", "kept" or "dropped"
    key_id: str
    at: int | None = None  # makes from then; is kept until then

    @property
    def text(self) -> str:
        """Tell it to the operator."""
        if self.at is None:
            return "opens nothing any more"
        if self.state == "new":
            return f"opens now, makes from {time_text(self.at)}"
        return f"is kept until {day_text(self.at)} or later: the next rotation drops it"


def _rotate_secret(place: Place, keep_s: int | None) -> list[_Outcome]:
    """Rotate the keys of the file at *place*; *keep_s* None keeps no old one."""
    now = int(time.time())
    if keep_s is None:
        rotation = replace_secret(place, now)
        makes_from, kept_until = now, None
    else:
        rotation = rotate_secret(place, now, keep_s)
        makes_from = rotation.new.created_at + SETTLING_S
        kept_until = makes_from + keep_s
    return [
        _Outcome("new", rotation.new.key_id.hex(), makes_from),
        *(_Outcome("kept", key.key_id.hex(), kept_until) for key in rotation.keys[:-1]),
        *(_Outcome("dropped", key.key_id.hex()) for key in rotation.dropped),
    ]


def _print_outcomes(outcomes: Sequence[_Outcome], *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(outcome) for outcome in outcomes)
        return
    print_columns(
        [
            (outcome.state, f"key id {outcome.key_id}", outcome.text)
            for outcome in outcomes
        ],
        indent=0,
    )
