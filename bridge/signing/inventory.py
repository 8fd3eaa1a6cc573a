"""What keys there are, without their secrets, for `bridge keys list`."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError, Fault
from bridge.signing.key_files import KeyFiles, load_salt, load_secret_keys
from bridge.signing.keys import KeyRing, KeyState, load_ring
from bridge.signing.places import Place
from bridge.signing.secret_files import maker

MISSING: Final = "missing"
_FINGERPRINT_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key, or one that is missing (no key id then)."""

    use: str  # "sign", "seal", "tag" or "salt"
    state: str  # a KeyState, or "missing"
    path: Path
    alg: str = ""
    key_id: str = ""
    created_at: int | None = None  # seconds since the epoch; a salt does not say


def inventory(files: KeyFiles, now: int) -> list[KeyEntry]:
    """List every key that is there or should be.

    Raises:
        ConfigurationError: every file that is there and faulty.
    """
    faults: list[Fault] = []
    entries: list[KeyEntry] = []
    for listing in (
        _signing_keys(files, now),
        _secret_keys("seal", files.sealing, now),
        _secret_keys("tag", files.tokens, now),
        _salt(files.salt),
    ):
        try:
            entries.extend(listing)
        except ConfigurationError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigurationError(faults)
    return entries


def _signing_keys(files: KeyFiles, now: int) -> Iterator[KeyEntry]:
    ring: KeyRing = load_ring(files.directory)
    for key in ring.keys:
        yield KeyEntry(
            "sign",
            ring.state(key, now).value,
            files.directory / key.file_name,
            key.algorithm.name,
            key.kid,
            key.created_at,
        )
    for alg in files.algorithms:
        if alg not in ring.algorithms:
            yield KeyEntry("sign", MISSING, files.directory, alg)


def _secret_keys(use: str, place: Place, now: int) -> Iterator[KeyEntry]:
    if not place.path.exists():
        yield KeyEntry(use, MISSING, place.path)
        return
    keys = load_secret_keys(place)
    active = keys.index(maker(keys, now))
    for position, key in enumerate(keys):
        state = KeyState.ACTIVE if position == active else KeyState.RETIRED
        if position > active:
            state = KeyState.NEXT
        key_id = key.key_id.hex()
        yield KeyEntry(
            use, state.value, place.path, key_id=key_id, created_at=key.created_at
        )


def _salt(place: Place) -> Iterator[KeyEntry]:
    """List the salt by a fingerprint, so that two nodes can be compared."""
    if not place.path.exists():
        yield KeyEntry("salt", MISSING, place.path)
        return
    digest = hashlib.sha256(load_salt(place)).hexdigest()
    yield KeyEntry(
        "salt", KeyState.ACTIVE.value, place.path, key_id=digest[:_FINGERPRINT_DIGITS]
    )
