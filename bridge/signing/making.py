"""Makes the keys that are missing; nothing that is there is ever written over."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError
from bridge.signing import keys
from bridge.signing.algorithms import ALGORITHMS
from bridge.signing.key_files import KeyFiles, load_salt, load_secret_keys
from bridge.signing.keys import load_ring, make_key, write_key
from bridge.signing.places import Place
from bridge.signing.secret_files import (
    KEY_ID_BYTES,
    SECRET_BYTES,
    SecretKey,
    write_salt,
    write_secret_keys,
)
from bridge.signing.writing import changing, write_new

_SALT_NOTE: Final = (
    "# Every subject identifier is made with this salt. Never change it; back it up.\n"
)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One key file as `make_missing` leaves it."""

    what: str  # "RS256", "sealing", "tokens" or "salt"
    path: Path
    is_new: bool


def make_missing(
    files: KeyFiles, now: int, random: Callable[[int], bytes] = os.urandom
) -> list[KeyFile]:
    """Make every key, salt and secret file that is missing at its configured place.

    Two processes at once make one set: the second waits for the first.

    Raises:
        ConfigurationError: a file that is there is faulty (then nothing is made), or
            one cannot be written.
    """
    place = Place(keys.SETTING, files.directory)
    unknown = [alg for alg in files.algorithms if alg not in ALGORITHMS]
    if unknown:
        message = f"{unknown[0]} is not one of {', '.join(ALGORITHMS)}"
        raise ConfigurationError([Place("keys.algorithms", place.path).fault(message)])
    with changing(place):
        _check_present(files)
        return [
            *_make_signing_keys(files, now),
            _make_secret_key("sealing", files.sealing, now, random),
            _make_secret_key("tokens", files.tokens, now, random),
            _make_salt(files.salt_file, random),
        ]


def _check_present(files: KeyFiles) -> None:
    """Look at what is there before anything is made beside it."""
    if files.sealing_file.exists():
        load_secret_keys(files.sealing)
    if files.tokens_file.exists():
        load_secret_keys(files.tokens)
    if files.salt_file.exists():
        load_salt(files.salt)


def _make_signing_keys(files: KeyFiles, now: int) -> Iterator[KeyFile]:
    ring = load_ring(files.directory)
    for alg in files.algorithms:
        if alg in ring.algorithms:
            path = files.directory / ring.active(alg, now).file_name
            yield KeyFile(alg, path, is_new=False)
        else:
            # The first key of an algorithm signs at once: no client knows another.
            key = make_key(alg, now, active_from=now)
            path = files.directory / key.file_name
            yield KeyFile(alg, path, is_new=write_new(path, write_key(key)))


def _make_secret_key(
    what: str, place: Place, now: int, random: Callable[[int], bytes]
) -> KeyFile:
    if place.path.exists():
        return KeyFile(what, place.path, is_new=False)
    key = SecretKey(random(KEY_ID_BYTES), now, random(SECRET_BYTES))
    text = write_secret_keys(place.setting, [key])
    return KeyFile(what, place.path, is_new=write_new(place.path, text.encode("ascii")))


def _make_salt(path: Path, random: Callable[[int], bytes]) -> KeyFile:
    if path.exists():
        return KeyFile("salt", path, is_new=False)
    text = _SALT_NOTE + write_salt(random(SECRET_BYTES))
    return KeyFile("salt", path, is_new=write_new(path, text.encode("ascii")))
