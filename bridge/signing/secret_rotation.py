"""Rotation of the sealing and tokens keys: a line is added to their file.

A new key opens and verifies at once and makes nothing for a minute, so that every node
has read it by then. An old one stays as long as something made by it may be in use.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.signing.key_files import load_secret_keys
from bridge.signing.places import Place
from bridge.signing.secret_files import (
    KEY_ID_BYTES,
    SECRET_BYTES,
    SecretKey,
    makes_until,
    write_secret_keys,
)
from bridge.signing.writing import changing, replace

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class SecretRotation:
    """The keys of one file after a rotation, oldest first."""

    keys: tuple[SecretKey, ...]
    dropped: tuple[SecretKey, ...]

    @property
    def new(self) -> SecretKey:
        """Return the key that was made."""
        return self.keys[-1]


def rotate_secret(
    place: Place, now: int, keep_s: int, random: Random = os.urandom
) -> SecretRotation:
    """Add a key to the file at *place*; drop those that made nothing for *keep_s*.

    Raises:
        ConfigurationError: the file is missing, faulty, or cannot be written.
    """
    with changing(Place(place.setting, place.path.parent)):
        before = load_secret_keys(place)
        keys = [key for key in before if not _is_over(before, key, now - keep_s)]
        return _write(place, before, [*keys, _make(before, now, random)])


def replace_secret(
    place: Place, now: int, random: Random = os.urandom
) -> SecretRotation:
    """Put one new key in place of all: what was made by the old ones ends at once.

    Raises:
        ConfigurationError: the file is missing, faulty, or cannot be written.
    """
    with changing(Place(place.setting, place.path.parent)):
        before = load_secret_keys(place)
        return _write(place, before, [_make(before, now, random)])


def _is_over(keys: Sequence[SecretKey], key: SecretKey, since: int) -> bool:
    """Tell whether *key* has made nothing since *since*."""
    until = makes_until(keys, key)
    return until is not None and until <= since


def _make(before: Sequence[SecretKey], now: int, random: Random) -> SecretKey:
    key_id = random(KEY_ID_BYTES)
    while any(key.key_id == key_id for key in before):
        key_id = random(KEY_ID_BYTES)
    # The newest stands last also where the clock has gone back.
    return SecretKey(key_id, max(now, before[-1].created_at), random(SECRET_BYTES))


def _write(
    place: Place, before: Sequence[SecretKey], keys: Sequence[SecretKey]
) -> SecretRotation:
    replace(place.path, write_secret_keys(place.setting, keys).encode("ascii"))
    dropped = tuple(key for key in before if key not in keys)
    return SecretRotation(tuple(keys), dropped)
