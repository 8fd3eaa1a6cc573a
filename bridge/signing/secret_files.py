"""The key files of sealer and tagger, and the salt of the subjects, as text.

Key files have one key a line, the newest last: the key id in 8 hexadecimal digits, the
time it was made in seconds since the epoch, the secret as base64 of 32 bytes:

    5f0c92d1 1764000000 <base64>

The salt file has one line: base64 of 32 bytes or more. Lines that begin with `#` are
comments in both.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bridge.core.errors import ConfigurationError, Fault
from bridge.core.subject import MIN_SALT_BYTES
from bridge.signing.places import MAKE, Place

SECRET_BYTES: Final = 32
KEY_ID_BYTES: Final = 4
# Other nodes read a new key within seconds; until they have, nothing is made by it.
SETTLING_S: Final = 60
_NOTE: Final = "# {setting}: <key id> <seconds since 1970> <secret>, the newest last.\n"
_LINE: Final = re.compile(r"([0-9a-f]{8}) ([0-9]{1,12}) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One line of a key file; `created_at` in seconds since the epoch."""

    key_id: bytes
    created_at: int
    secret: bytes = field(repr=False)


def maker(keys: Sequence[SecretKey], now: int) -> SecretKey:
    """Return the key that makes seals or tags at *now*: the newest settled one.

    *keys* stand oldest first. Where none has settled, it is the oldest.
    """
    for key in reversed(keys):
        if key.created_at + SETTLING_S <= now:
            return key
    return keys[0]


def makes_until(keys: Sequence[SecretKey], key: SecretKey) -> int | None:
    """Tell when the key after *key* takes over; None: it is the newest of *keys*."""
    later = keys[keys.index(key) + 1 :]
    return later[0].created_at + SETTLING_S if later else None


def write_secret_keys(setting: str, keys: Sequence[SecretKey]) -> str:
    """Write the key file of *setting*, such as "tokens.key_file"."""
    return _NOTE.format(setting=setting) + "".join(map(write_secret_key, keys))


def write_secret_key(key: SecretKey) -> str:
    """Write *key* as a line of a key file."""
    secret = base64.b64encode(key.secret).decode("ascii")
    return f"{key.key_id.hex()} {key.created_at} {secret}\n"


def parse_secret_keys(place: Place, content: bytes) -> tuple[SecretKey, ...]:
    """Read the *content* of the key file at *place*, oldest key first.

    Raises:
        ConfigurationError: every line that is no key, doubled, or out of order.
    """
    keys: list[SecretKey] = []
    faults: list[Fault] = []
    for number, line in _lines(place, content):
        key = _parse_line(line)
        if key is None:
            message = (
                "is not `<key id, 8 hexadecimal digits> <created_at>"
                f" <base64 of {SECRET_BYTES} bytes>`: put the file back from the"
                f" backup, or move it away and {MAKE}"
            )
            faults.append(place.fault(message, number))
        elif any(key.key_id == other.key_id for other in keys):
            faults.append(place.fault("this key id comes twice: drop one", number))
        elif keys and key.created_at < keys[-1].created_at:
            message = "is older than the line above: put the newest key last"
            faults.append(place.fault(message, number))
        else:
            keys.append(key)
    if not keys and not faults:
        faults.append(place.fault(f"holds no key: move it away and {MAKE}"))
    if faults:
        raise ConfigurationError(faults)
    return tuple(keys)


def write_salt(salt: bytes) -> str:
    """Write *salt* as the line of a salt file."""
    return base64.b64encode(salt).decode("ascii") + "\n"


def parse_salt(place: Place, content: bytes) -> bytes:
    """Read the *content* of the salt file at *place*.

    Raises:
        ConfigurationError: it is not one line of base64, or the salt is too short.
    """
    lines = list(_lines(place, content))
    salt = _decode(lines[0][1]) if len(lines) == 1 else None
    if salt is None or len(salt) < MIN_SALT_BYTES:
        message = (
            f"is not one line of base64 of {MIN_SALT_BYTES} bytes or more: put it back"
            " from the backup; another salt changes every subject"
        )
        raise ConfigurationError([place.fault(message)])
    return salt


def _lines(place: Place, content: bytes) -> Iterator[tuple[int, str]]:
    """Number the lines that are neither empty nor comments."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError([place.fault("is not a text file")]) from error
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(" \t\r")
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _parse_line(line: str) -> SecretKey | None:
    match = _LINE.fullmatch(line)
    secret = _decode(match[3]) if match else None
    if match is None or secret is None or len(secret) != SECRET_BYTES:
        return None
    return SecretKey(bytes.fromhex(match[1]), int(match[2]), secret)


def _decode(text: str) -> bytes | None:
    """Decode base64 strictly: one text for each value, no stray bits."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return value if base64.b64encode(value).decode("ascii") == text else None
