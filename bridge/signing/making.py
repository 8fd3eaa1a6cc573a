"""Makes the keys that are missing; nothing that is there is ever written over.

A file is written whole under a hidden name, flushed to the disk and then linked to its
name, which fails where one is there already: nobody ever reads half a key.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    write_secret_key,
)

_KEY_FILE_NOTE: Final = (
    "# {what}: <key id> <seconds since 1970> <secret>, the newest last.\n"
)
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
    try:
        files.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(files.directory):
            _check_present(files)
            return [
                *_make_signing_keys(files, now),
                _make_secret_key("sealing", files.sealing_file, now, random),
                _make_secret_key("tokens", files.tokens_file, now, random),
                _make_salt(files.salt_file, random),
            ]
    except OSError as error:
        where = Path(os.fsdecode(error.filename or files.directory))
        message = f"cannot be written: {error.strerror}"
        raise ConfigurationError([Place(keys.SETTING, where).fault(message)]) from error


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
            yield KeyFile(alg, path, is_new=_write_new(path, write_key(key)))


def _make_secret_key(
    what: str, path: Path, now: int, random: Callable[[int], bytes]
) -> KeyFile:
    if path.exists():
        return KeyFile(what, path, is_new=False)
    key = SecretKey(random(KEY_ID_BYTES), now, random(SECRET_BYTES))
    text = _KEY_FILE_NOTE.format(what=f"{what}.key_file") + write_secret_key(key)
    return KeyFile(what, path, is_new=_write_new(path, text.encode("ascii")))


def _make_salt(path: Path, random: Callable[[int], bytes]) -> KeyFile:
    if path.exists():
        return KeyFile("salt", path, is_new=False)
    text = _SALT_NOTE + write_salt(random(SECRET_BYTES))
    return KeyFile("salt", path, is_new=_write_new(path, text.encode("ascii")))


def _write_new(path: Path, content: bytes) -> bool:
    """Write *content* to *path*, mode 0600; False where a file is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(hidden, path)
    except FileExistsError:
        return False
    finally:
        hidden.unlink()
    _flush_directory(path.parent)
    return True


def _flush_directory(directory: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold a lock on *directory*; closing it gives the lock back."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
