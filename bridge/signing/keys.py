"""KeyRing: the signing keys, one PEM file each; which signs is a question of time.

A key file is PKCS#8 in PEM, named `<alg>-<kid>.pem`. Two lines before the PEM block
(RFC 7468 §2 allows text there) say when it was made and from when it signs:

    created_at: 1764000000
    active_from: 1764000000

So a key is one file, put in place or taken away in one step, and nothing beside it can
contradict it. The newest key whose `active_from` has come signs; those before it are
retired and stay published as long as their file lies there; those after it are next.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from bridge.core.errors import ConfigurationError, Fault
from bridge.core.patron import JsonObject, JsonValue
from bridge.signing.algorithms import (
    ALGORITHMS,
    Algorithm,
    PrivateKey,
    public_members,
    thumbprint,
)
from bridge.signing.places import MAKE, Place, read_bytes

SETTING: Final = "keys.directory"
_PEM_BEGIN: Final = b"-----BEGIN PRIVATE KEY-----"
_TIMES: Final = re.compile(
    rb"created_at: ([0-9]{1,12})\r?\nactive_from: ([0-9]{1,12})\r?\n"
)
_REPLACE: Final = f"move it away and {MAKE}"


class KeyState(StrEnum):
    """What a signing key is for at a given time; all of them are published."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its times, in seconds since the epoch."""

    algorithm: Algorithm
    private_key: PrivateKey = field(repr=False)
    created_at: int
    active_from: int
    kid: str  # RFC 7638 thumbprint

    @property
    def file_name(self) -> str:
        """Name the file this key lies in."""
        return f"{self.algorithm.name}-{self.kid}.pem"

    def public_jwk(self) -> dict[str, JsonValue]:
        """Return the public key as a JWK (RFC 7517 §4); no private member is read."""
        members = public_members(self.algorithm, self.private_key)
        return {**members, "use": "sig", "alg": self.algorithm.name, "kid": self.kid}


class KeyRing:
    """All signing keys; immutable."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        order = list(ALGORITHMS)
        self.keys: Final = tuple(
            sorted(
                keys,
                key=lambda key: (
                    order.index(key.algorithm.name),
                    key.active_from,
                    key.created_at,
                    key.kid,
                ),
            )
        )
        self._by_algorithm: Final = {
            name: tuple(key for key in self.keys if key.algorithm.name == name)
            for name in {key.algorithm.name for key in self.keys}
        }

    @property
    def algorithms(self) -> frozenset[str]:
        """Name the algorithms there is a key for."""
        return frozenset(self._by_algorithm)

    def active(self, alg: str, now: int) -> SigningKey:
        """Return the key that signs at *now*: the newest whose time has come.

        Where none's has (the clock went back behind the first), it is the first.

        Raises:
            KeyError: there is no key for *alg*.
        """
        keys = self._by_algorithm[alg]
        for key in reversed(keys):
            if key.active_from <= now:
                return key
        return keys[0]

    def state(self, key: SigningKey, now: int) -> KeyState:
        """Tell what *key* is for at *now*."""
        active = self.active(key.algorithm.name, now)
        if key is active:
            return KeyState.ACTIVE
        is_later = self.keys.index(key) > self.keys.index(active)
        return KeyState.NEXT if is_later else KeyState.RETIRED

    def of(self, alg: str) -> tuple[SigningKey, ...]:
        """Return all keys for *alg* in the order in which they sign."""
        return self._by_algorithm.get(alg, ())

    def retired_at(self, key: SigningKey, now: int) -> int | None:
        """Tell since when *key* signs no more; None: it signs at *now* or will."""
        if self.state(key, now) is not KeyState.RETIRED:
            return None
        keys = self.of(key.algorithm.name)
        return keys[keys.index(key) + 1].active_from

    def jwks(self) -> JsonObject:
        """Return the JWK Set of all public keys, next and retired ones too."""
        return {"keys": [key.public_jwk() for key in self.keys]}


def make_key(alg: str, now: int, active_from: int) -> SigningKey:
    """Make a new key for *alg* (OpenSSL's own source of chance)."""
    algorithm = ALGORITHMS[alg]
    private_key = algorithm.make()
    kid = thumbprint(public_members(algorithm, private_key))
    return SigningKey(algorithm, private_key, now, active_from, kid)


def write_key(key: SigningKey) -> bytes:
    """Write *key* as the content of its file."""
    times = f"created_at: {key.created_at}\nactive_from: {key.active_from}\n"
    pem = key.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return times.encode("ascii") + pem


def read_key(place: Place, content: bytes) -> SigningKey:
    """Read the *content* of the key file at *place*.

    Raises:
        ConfigurationError: it is not a key as `write_key` writes it.
    """
    alg = place.path.name.partition("-")[0]
    if alg not in ALGORITHMS:
        known = ", ".join(ALGORITHMS)
        message = f"names no known algorithm ({known}): move the file away"
        raise ConfigurationError([place.fault(message)])
    head, begin, _ = content.partition(_PEM_BEGIN)
    if not begin:
        message = f"holds no PKCS#8 private key (BEGIN PRIVATE KEY): {_REPLACE}"
        raise ConfigurationError([place.fault(message)])
    created_at, active_from = _read_times(place, head)
    try:
        loaded = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"the private key cannot be read: {_REPLACE}"
        raise ConfigurationError([place.fault(message)]) from error
    try:
        ALGORITHMS[alg].check(loaded.public_key())
    except ValueError as error:
        message = f"the private key {error}: {_REPLACE}"
        raise ConfigurationError([place.fault(message)]) from error
    private_key = cast("PrivateKey", loaded)  # its public half is of the right kind
    kid = thumbprint(public_members(ALGORITHMS[alg], private_key))
    key = SigningKey(ALGORITHMS[alg], private_key, created_at, active_from, kid)
    if place.path.name != key.file_name:
        message = f"the name does not fit the key: rename it to {key.file_name}"
        raise ConfigurationError([place.fault(message)])
    return key


def load_ring(directory: Path) -> KeyRing:
    """Load every `*.pem` of *directory*; an empty ring where there is none.

    Raises:
        ConfigurationError: every file that is not a good key.
    """
    place = Place(SETTING, directory)
    faults: list[Fault] = []
    keys: list[SigningKey] = []
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix == ".pem")
    except FileNotFoundError:
        return KeyRing(())
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigurationError([place.fault(message)]) from error
    for path in paths:
        file = Place(SETTING, path)
        try:
            key = read_key(file, read_bytes(file, "has just gone away"))
        except ConfigurationError as error:
            faults.extend(error.faults)
            continue
        if any(key.kid == other.kid for other in keys):
            # RFC 8725 §3.1: a key has one algorithm; clients choose it by its kid.
            faults.append(
                file.fault(f"is the key of another algorithm, too: {_REPLACE}")
            )
        keys.append(key)
    if faults:
        raise ConfigurationError(faults)
    return KeyRing(keys)


def _read_times(place: Place, head: bytes) -> tuple[int, int]:
    """Read the two lines before the PEM block, in seconds since the epoch."""
    if times := _TIMES.fullmatch(head):
        return int(times[1]), int(times[2])
    message = (
        "two lines must stand before the PEM block:"
        " `created_at: <seconds since 1970>` and `active_from: <seconds since 1970>`"
    )
    raise ConfigurationError([place.fault(message)])
