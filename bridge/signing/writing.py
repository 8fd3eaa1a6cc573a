"""Writes key files so that nobody ever reads half a key.

A file is written whole under a hidden name and flushed to the disk; then it takes its
name in one step.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError
from bridge.signing.places import Place

FOR_THE_OWNER: Final = 0o600


@contextmanager
def changing(place: Place) -> Iterator[None]:
    """Hold the lock of the directory at *place* while its files are changed.

    Raises:
        ConfigurationError: it, or a file in it, cannot be written.
    """
    try:
        place.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(place.path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # gives the lock back
    except OSError as error:
        where = Path(os.fsdecode(error.filename or place.path))
        message = f"cannot be written: {error.strerror}"
        raise ConfigurationError(
            [Place(place.setting, where).fault(message)]
        ) from error


def write_new(path: Path, content: bytes) -> bool:
    """Write *content* to *path*, mode 0600; False where a file is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = _write_hidden(path, content)
    try:
        os.link(hidden, path)
    except FileExistsError:
        return False
    finally:
        hidden.unlink()
    _flush_directory(path.parent)
    return True


def replace(path: Path, content: bytes) -> None:
    """Write *content* in place of the file at *path*; owner and mode stay."""
    path = path.resolve()  # a link goes on leading there
    status = path.stat()
    hidden = _write_hidden(path, content)
    try:
        # Root may rotate for the user the bridge runs as, who must read it afterwards.
        os.chown(hidden, status.st_uid, status.st_gid)
        hidden.chmod(stat.S_IMODE(status.st_mode))
        hidden.replace(path)
    except OSError:
        hidden.unlink()
        raise
    _flush_directory(path.parent)


def delete(path: Path) -> None:
    """Delete the file at *path*; one that has gone away already is no fault."""
    path.unlink(missing_ok=True)
    _flush_directory(path.parent)


def _write_hidden(path: Path, content: bytes) -> Path:
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(hidden, flags, FOR_THE_OWNER)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        hidden.unlink()
        raise
    return hidden


def _flush_directory(directory: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
