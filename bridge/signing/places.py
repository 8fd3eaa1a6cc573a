"""Where a key file lies and which setting says so: what every fault must name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError, Fault

MAKE: Final = "run `bridge keys new`"
MAX_FILE_BYTES: Final = 65_536  # a key file has a few hundred; anything else is no key


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory of keys, and the setting that names it."""

    setting: str  # such as "sealing.key_file"
    path: Path

    def fault(self, message: str, line: int | None = None) -> Fault:
        """Say what is wrong here; *message* never holds a part of the file."""
        return Fault(self.setting, message, str(self.path), line)


def read_bytes(place: Place, missing: str) -> bytes:
    """Read the file at *place*; *missing* is what to say where there is none.

    Raises:
        ConfigurationError: it is missing, too large, or cannot be read.
    """
    try:
        with place.path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigurationError([place.fault(missing)]) from error
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigurationError([place.fault(message)]) from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigurationError([place.fault("is too large to be a key file")])
    return content
