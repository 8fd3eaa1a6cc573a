"""Draft: a configuration while it is read, and where each of its keys was written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError, Fault
from bridge.settings.toml_lines import KeyPath

ENVIRONMENT: Final = "environment"
DEFAULT: Final = "default"
LISTS: Final = frozenset({"clients", "examples"})  # of tables, from several files
MAX_DEPTH: Final = 20  # of tables and lists within each other; none needs more than 4
LONG_NUMBER: Final = "holds a number with thousands of digits"
WRITTEN_TWICE: Final = "is written twice: keep one of the two"

Table = dict[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key was written, and how it is called there."""

    source: str  # a file's path, or ENVIRONMENT
    name: str  # the key as its file has it, or in a variable: BRIDGE_PAGES.title
    line: int | None = None

    def __str__(self) -> str:
        if self.source == ENVIRONMENT:
            return self.name
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(slots=True)
class Draft:
    """The raw tables, the place of each key, and what was found on the way."""

    main: Path
    now: int = 0  # the moment of loading, in seconds since the epoch
    table: Table = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    is_incomplete: bool = False  # a file could not be read: keys may seem missing

    def place(self, path: KeyPath) -> Place:
        """Return where *path* was written, or the nearest table around it."""
        return find_place(self.places, path, self.main)

    def is_written(self, path: KeyPath) -> bool:
        """Tell whether *path* itself was written, or is a default."""
        return path in self.places

    def fault(self, path: KeyPath, message: str) -> None:
        """Note a fault of the key at *path*."""
        place = self.place(path)
        self.faults.append(Fault(place.name, message, place.source, place.line))

    def warn(self, path: KeyPath, message: str) -> None:
        """Note something of the key at *path* that is allowed, but unwise."""
        place = self.place(path)
        self.warnings.append(Fault(place.name, message, place.source, place.line))

    def error(self) -> ConfigurationError:
        """Return all faults: by file, in reading order, then by line; each once."""
        order = {str(file): number for number, file in enumerate(self.files)}
        faults = sorted(
            dict.fromkeys(self.faults),
            key=lambda f: (order.get(f.source, len(order)), f.source, f.line or 0),
        )
        return ConfigurationError(faults, map(str, self.files))

    def resolve(self, path: KeyPath, written: Path) -> Path:
        """Make the file name at *path* absolute: relative to the file that names it."""
        place = self.places.get(path)
        source = str(self.main) if place is None else place.source
        base = Path.cwd() if source == ENVIRONMENT else Path(source).parent
        try:
            return (base / written.expanduser()).absolute()
        except RuntimeError:  # ~name of nobody: taken as it is written
            return (base / written).absolute()

    def clients(self) -> Iterator[tuple[int, Table]]:
        """Walk over the clients that are tables, each with its number."""
        clients = self.table.get("clients")
        for number, client in enumerate(clients if isinstance(clients, list) else ()):
            if isinstance(client, dict):
                yield number, client

    def drop(self, path: KeyPath) -> None:
        """Forget the places of *path* and of all below it."""
        for known in [p for p in self.places if p[: len(path)] == path]:
            del self.places[known]

    def read_text(self, path: Path, key: KeyPath, called: str = "") -> str | None:
        """Read a file of UTF-8 text that *key* names; note why where it cannot be.

        A fault calls it *called*, or by its path.
        """
        self.files.append(path)
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            reason = "is not text in UTF-8"
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
        except ValueError:
            reason = "has a name that no file can have"
        if key:
            self.fault(key, f"{called or f'file {path}'} {reason}")
        else:
            self.is_incomplete = True
            self.faults.append(Fault(str(path), reason, str(path)))
        return None

    def check_readable(self, path: Path, key: KeyPath) -> None:
        """See that the file *key* names can be read; note why where it cannot be."""
        self.files.append(path)
        try:
            path.read_bytes()
        except OSError as error:
            self.fault(key, f"file {path} cannot be read: {error.strerror}")


def join_key(path: KeyPath, after: str = "") -> str:
    """Write a path as people do: clients[0].redirect_uris[1]."""
    text = after
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def find_place(places: Mapping[KeyPath, Place], path: KeyPath, main: Path) -> Place:
    """Return where *path* was written, or the nearest table around it."""
    for length in range(len(path), 0, -1):
        found = places.get(path[:length])
        if found is not None:
            rest = join_key(path[length:], after=found.name)
            return Place(found.source, rest, found.line)
    return Place(str(main), join_key(path))


def merge(
    draft: Draft, table: Mapping[str, object], places: Mapping[KeyPath, Place]
) -> None:
    """Add a file's tables: tables join, [[clients]] and [[examples]] are put together.

    The same key in two files is a fault.
    """
    _merge(draft, draft.table, table, (), places)


def _merge(
    draft: Draft,
    into: Table,
    table: Mapping[str, object],
    path: KeyPath,
    places: Mapping[KeyPath, Place],
) -> None:
    for key, value in table.items():
        here = (*path, key)
        present = into.get(key)
        if key not in into:
            into[key] = value
            _take_places(draft, places, here, here)
        elif isinstance(present, dict) and isinstance(value, dict):
            _merge(draft, present, value, here, places)
        elif key in LISTS and not path and isinstance(present, list):
            append_tables(draft, key, present, value, places)
        else:
            found = places.get(here, Place(str(draft.main), join_key(here)))
            message = f"is set already in {draft.place(here)}; keep one of the two"
            draft.faults.append(Fault(found.name, message, found.source, found.line))


def append_tables(
    draft: Draft,
    key: str,
    present: list[object],
    tables: object,
    places: Mapping[KeyPath, Place],
) -> None:
    """Add more [[clients]] or [[examples]] behind those *present*."""
    if not isinstance(tables, list):
        found = places[(key,)]
        message = f"must be a list of tables, such as [[{key}]]"
        draft.faults.append(Fault(found.name, message, found.source, found.line))
        return
    for number, table in enumerate(tables):
        _take_places(draft, places, (key, number), (key, len(present)))
        present.append(table)


def _take_places(
    draft: Draft, places: Mapping[KeyPath, Place], old: KeyPath, new: KeyPath
) -> None:
    for path, place in places.items():
        if path[: len(old)] == old:
            draft.places[(*new, *path[len(old) :])] = place
