"""All keys at once, as the start needs them: every fault is shown together.

Nothing is made up here: what must survive a restart is made by `bridge keys new` alone.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from bridge.core.errors import ConfigurationError, Fault
from bridge.core.subject import identity_key
from bridge.signing import keys
from bridge.signing.keys import KeyRing, load_ring
from bridge.signing.places import MAKE, Place, read_bytes
from bridge.signing.sealer import AeadSealer
from bridge.signing.secret_files import SecretKey, parse_salt, parse_secret_keys
from bridge.signing.tagger import HmacTagger

T = TypeVar("T")

_SALT_KEY_ID: Final = b"salt"

DEFAULT_ALGORITHMS: Final = ("RS256", "ES256")
_RESTORE_OR_MAKE: Final = (
    f"does not exist: put it back from the backup; for a new bridge {MAKE}"
)
_SALT_MISSING: Final = (
    "the salt of the subjects does not exist. Its loss changes every subject: each"
    " patron becomes a stranger, all accounts at all services are lost. Put it back"
    f" from the backup. Only where this bridge has never signed anybody in: {MAKE}"
)


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where all keys lie; absolute paths, as the configuration says."""

    directory: Path
    algorithms: Sequence[str]
    sealing_file: Path
    tokens_file: Path
    salt_file: Path

    @classmethod
    def within(
        cls, directory: Path, algorithms: Sequence[str] = DEFAULT_ALGORITHMS
    ) -> "KeyFiles":
        """Name all files by their default names in one *directory*."""
        return cls(
            directory,
            algorithms,
            directory / "sealing.key",
            directory / "tokens.key",
            directory / "subjects.salt",
        )

    @property
    def sealing(self) -> Place:
        """The sealer's key file."""
        return Place("sealing.key_file", self.sealing_file)

    @property
    def tokens(self) -> Place:
        """The tagger's key file."""
        return Place("tokens.key_file", self.tokens_file)

    @property
    def salt(self) -> Place:
        """The salt of the subjects."""
        return Place("subjects.salt_file", self.salt_file)

    def is_empty(self) -> bool:
        """Tell whether there is no key at all yet: no bridge has been at work here."""
        try:
            suffixes = [path.suffix for path in self.directory.iterdir()]
        except FileNotFoundError:
            suffixes = []
        except OSError:
            return False  # nobody knows; loading says why
        others = (self.sealing_file, self.tokens_file, self.salt_file)
        return ".pem" not in suffixes and not any(map(os.path.lexists, others))


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """All keys, ready to use; `warnings` are for the log and for doctor."""

    ring: KeyRing
    sealer: AeadSealer
    tagger: HmacTagger
    salt: bytes = field(repr=False)
    identity_sealer: AeadSealer  # for what lives as long as the salt
    warnings: tuple[Fault, ...] = ()


def load_keys(files: KeyFiles) -> LoadedKeys:
    """Load every key that *files* names.

    Raises:
        ConfigurationError: every file that is missing or faulty, with what to do.
    """
    faults = list(_doubled_places(files))
    ring = _gather(faults, lambda: _load_whole_ring(files))
    sealing = _gather(faults, lambda: load_secret_keys(files.sealing))
    tokens = _gather(faults, lambda: load_secret_keys(files.tokens))
    salt = _gather(faults, lambda: load_salt(files.salt))
    if faults or ring is None or sealing is None or tokens is None or salt is None:
        raise ConfigurationError(faults)
    warnings = tuple(open_to_others(files))
    return LoadedKeys(
        ring,
        AeadSealer(sealing),
        HmacTagger(tokens),
        salt,
        identity_sealer(salt),
        warnings,
    )


def identity_sealer(salt: bytes) -> AeadSealer:
    """Make the sealer of links and imported subs: rotating a key never loses them."""
    return AeadSealer([SecretKey(_SALT_KEY_ID, 0, identity_key(salt))])


def load_secret_keys(place: Place) -> tuple[SecretKey, ...]:
    """Load the key file at *place*, oldest key first.

    Raises:
        ConfigurationError: it is missing or faulty.
    """
    return parse_secret_keys(place, read_bytes(place, _RESTORE_OR_MAKE))


def load_salt(place: Place) -> bytes:
    """Load the salt file at *place*.

    Raises:
        ConfigurationError: it is missing or faulty.
    """
    return parse_salt(place, read_bytes(place, _SALT_MISSING))


def open_to_others(files: KeyFiles) -> Iterator[Fault]:
    """Warn of each key file that group or others may read or write."""
    pems = sorted(files.directory.glob("*.pem")) if files.directory.is_dir() else []
    places = [Place(keys.SETTING, path) for path in pems]
    for place in (*places, files.sealing, files.tokens, files.salt):
        if not place.path.is_file():
            continue
        mode = stat.S_IMODE(place.path.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            message = f"others may read or write it (mode {mode:04o}): chmod 600"
            yield place.fault(f"{message} {os.fspath(place.path)}")


def _load_whole_ring(files: KeyFiles) -> KeyRing:
    """Load the ring and see that it has a key for each configured algorithm."""
    ring = load_ring(files.directory)
    place = Place(keys.SETTING, files.directory)
    faults = [
        place.fault(f"holds no key for {alg} (keys.algorithms): {MAKE}")
        for alg in files.algorithms
        if alg not in ring.algorithms
    ]
    if faults:
        raise ConfigurationError(faults)
    return ring


def _doubled_places(files: KeyFiles) -> Iterator[Fault]:
    """Find one file named for two uses: a key has one use alone."""
    seen: set[Path] = set()
    for place in (files.sealing, files.tokens, files.salt):
        if place.path in seen:
            yield place.fault("names a file that another setting names: take two files")
        seen.add(place.path)


def _gather(faults: list[Fault], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except ConfigurationError as error:
        faults.extend(error.faults)
        return None
