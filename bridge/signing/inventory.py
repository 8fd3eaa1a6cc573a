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
from bridge.signing.secret_files import SETTLING_S, maker, makes_until

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
    active_from: int | None = None  # from when it signs, seals or tags
    retired_at: int | None = None
    kept_until: int | None = None  # afterwards nothing made by it is in use


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long keys are kept after they have made the last thing, in seconds."""

    sign_s: int
    seal_s: int
    tag_s: int


def inventory(files: KeyFiles, keeping: Keeping, now: int) -> list[KeyEntry]:
    """List every key that is there or should be.

    Raises:
        ConfigurationError: every file that is there and faulty.
    """
    faults: list[Fault] = []
    entries: list[KeyEntry] = []
    for listing in (
        _signing_keys(files, keeping.sign_s, now),
        _secret_keys("seal", files.sealing, keeping.seal_s, now),
        _secret_keys("tag", files.tokens, keeping.tag_s, now),
        _salt(files.salt),
    ):
        try:
            entries.extend(listing)
        except ConfigurationError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigurationError(faults)
    return entries


def _signing_keys(files: KeyFiles, keep_s: int, now: int) -> Iterator[KeyEntry]:
    ring: KeyRing = load_ring(files.directory)
    for key in ring.keys:
        retired_at = ring.retired_at(key, now)
        yield KeyEntry(
            "sign",
            ring.state(key, now).value,
            files.directory / key.file_name,
            key.algorithm.name,
            key.kid,
            key.created_at,
            key.active_from,
            retired_at,
            None if retired_at is None else retired_at + keep_s,
        )
    for alg in files.algorithms:
        if alg not in ring.algorithms:
            yield KeyEntry("sign", MISSING, files.directory, alg)


def _secret_keys(use: str, place: Place, keep_s: int, now: int) -> Iterator[KeyEntry]:
    if not place.path.exists():
        yield KeyEntry(use, MISSING, place.path)
        return
    keys = load_secret_keys(place)
    active = keys.index(maker(keys, now))
    for position, key in enumerate(keys):
        is_retired = position < active
        retired_at = makes_until(keys, key) if is_retired else None
        state = KeyState.RETIRED if is_retired else KeyState.ACTIVE
        if position > active:
            state = KeyState.NEXT
        yield KeyEntry(
            use,
            state.value,
            place.path,
            key_id=key.key_id.hex(),
            created_at=key.created_at,
            # The first key of all has nobody to wait for.
            active_from=key.created_at + (SETTLING_S if position else 0),
            retired_at=retired_at,
            kept_until=None if retired_at is None else retired_at + keep_s,
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
