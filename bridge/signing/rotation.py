"""Rotation of the signing keys: a next one is made, those that are over are deleted.

A running bridge takes both up by itself. It never deletes a key: what is published is
what lies in the directory, so that no clock gone wrong can take a key away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.core.errors import BridgeError
from bridge.signing.key_files import KeyFiles
from bridge.signing.keys import (
    SETTING,
    KeyRing,
    KeyState,
    SigningKey,
    load_ring,
    make_key,
    write_key,
)
from bridge.signing.places import MAKE, Place
from bridge.signing.writing import changing, delete, write_new


@dataclass(frozen=True, slots=True)
class Rotation:
    """One algorithm's keys after a rotation."""

    following: SigningKey  # made now, signs from its `active_from`
    active: SigningKey  # signs until then


@dataclass(frozen=True, slots=True)
class Retirement:
    """A retired key: deleted, or kept because tokens of it may still be in use."""

    key: SigningKey
    retired_at: int  # seconds since the epoch
    kept_until: int
    is_deleted: bool


def rotate(
    files: KeyFiles, algorithms: Sequence[str], now: int, signs_in_s: int
) -> list[Rotation]:
    """Make a next key for each of *algorithms*; it signs in *signs_in_s* seconds.

    Raises:
        BridgeError: one of them has a next key already, or none at all; then nothing
            is made.
        ConfigurationError: a key is faulty, or none can be written.
    """
    with changing(Place(SETTING, files.directory)):
        ring = load_ring(files.directory)
        for alg in algorithms:
            _check_rotatable(ring, alg, now)
        return [
            _rotate(files, ring.active(alg, now), now + signs_in_s, now)
            for alg in algorithms
        ]


def retire(files: KeyFiles, now: int, keep_s: int) -> list[Retirement]:
    """Delete the keys that retired *keep_s* seconds ago or earlier; list all retired.

    Raises:
        ConfigurationError: a key is faulty, or one cannot be deleted.
    """
    with changing(Place(SETTING, files.directory)):
        ring = load_ring(files.directory)
        retirements = []
        for key in ring.keys:
            retired_at = ring.retired_at(key, now)
            if retired_at is None:
                continue
            kept_until = retired_at + keep_s
            is_over = kept_until <= now
            if is_over:
                delete(files.directory / key.file_name)
            retirements.append(Retirement(key, retired_at, kept_until, is_over))
        return retirements


def remove(files: KeyFiles, kid: str, now: int) -> SigningKey:
    """Delete the key *kid*, whatever its state; return the key that signs from now on.

    Raises:
        BridgeError: there is no such key, or it signs and no next one is there.
        ConfigurationError: a key is faulty, or this one cannot be deleted.
    """
    with changing(Place(SETTING, files.directory)):
        ring = load_ring(files.directory)
        found = [key for key in ring.keys if key.kid == kid]
        if not found:
            raise BridgeError(f"no signing key has the kid {kid}")
        (key,) = found
        alg = key.algorithm.name
        if (
            ring.state(key, now) is KeyState.ACTIVE
            and _following(ring, alg, now) is None
        ):
            raise BridgeError(
                f"{kid} signs and there is no next key: run `bridge keys rotate"
                f" --algorithm {alg} --signs-in now` first"
            )
        delete(files.directory / key.file_name)
        return KeyRing(other for other in ring.keys if other != key).active(alg, now)


def _check_rotatable(ring: KeyRing, alg: str, now: int) -> None:
    if alg not in ring.algorithms:
        raise BridgeError(f"there is no key for {alg} yet: {MAKE}")
    following = _following(ring, alg, now)
    if following is not None:
        raise BridgeError(
            f"{alg} has a next key already, {following.kid}: nothing was made"
        )


def _following(ring: KeyRing, alg: str, now: int) -> SigningKey | None:
    """Return the newest key for *alg* where its time has not come."""
    newest = ring.of(alg)[-1]
    return newest if ring.state(newest, now) is KeyState.NEXT else None


def _rotate(files: KeyFiles, active: SigningKey, signs_at: int, now: int) -> Rotation:
    # Two rotations within one second: the later key signs a second later.
    following = make_key(
        active.algorithm.name, now, max(signs_at, active.active_from + 1)
    )
    write_new(files.directory / following.file_name, write_key(following))
    return Rotation(following, active)
