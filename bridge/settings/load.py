"""Load the configuration: defaults, then files, then environment, then the checks."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.core.errors import Fault
from bridge.settings.checks import check_all
from bridge.settings.credentials import check_lengths
from bridge.settings.draft import DEFAULT, Draft, Place, find_place, join_key
from bridge.settings.environment import apply_environment
from bridge.settings.fields import Section
from bridge.settings.files import find_file, read_clients_file, read_files
from bridge.settings.members import prepare_clients
from bridge.settings.model import Settings
from bridge.settings.model_clients import ClientDefaults, ClientSettings
from bridge.settings.pages import check_logo
from bridge.settings.resolve import (
    check_files,
    with_client_defaults,
    with_paths,
    with_secrets,
)
from bridge.settings.toml_lines import KeyPath
from bridge.settings.validate import validate


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration without a fault, and where it comes from."""

    settings: Settings
    path: Path  # the main file
    sources: Mapping[str, str]  # key -> "file:line", a variable, or "default"
    warnings: tuple[Fault, ...]
    files: tuple[Path, ...]  # all that was read, and the folders of `include`
    places: Mapping[KeyPath, Place] = field(default_factory=dict, repr=False)

    def fault(self, path: KeyPath, message: str) -> Fault:
        """Return a fault of the key at *path* that only shows once all is read."""
        place = find_place(self.places, path, self.path)
        return Fault(place.name, message, place.source, place.line)


def load_settings(
    path: Path | None, environ: Mapping[str, str], now: int | None = None
) -> Loaded:
    """Load the configuration from *path*, or else from the first usual place.

    *now* is the moment by which expired secrets are told; without it, by the clock.

    Raises:
        ConfigurationError: with every fault that was found, in all files and variables.
    """
    moment = int(time.time()) if now is None else now
    draft = Draft(find_file(path, environ), moment)
    read_files(draft)
    apply_environment(draft, environ)
    read_clients_file(draft)
    prepare_clients(draft)
    checked = validate(draft)
    checked.settings = with_client_defaults(draft, checked.settings)
    if draft.is_incomplete:  # what the unread file says could mend or break the rest
        raise draft.error()
    check_all(draft, checked)
    settings = with_secrets(draft, with_paths(draft, checked.settings))
    check_lengths(draft, settings)
    check_files(draft, settings)
    check_logo(draft, settings)
    if draft.faults:
        raise draft.error()
    return Loaded(
        settings=settings,
        path=draft.main,
        sources=dict(_sources(draft, settings)),
        warnings=tuple(draft.warnings),
        files=tuple(dict.fromkeys(draft.files)),
        places=draft.places,
    )


def _sources(draft: Draft, settings: Settings) -> Iterator[tuple[str, str]]:
    for path, _ in values(settings):
        yield join_key(path), str(draft.places.get(path, DEFAULT))


def values(section: Section, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Walk over every key of *section* that is no table, with its value."""
    names = list(type(section).model_fields)
    if isinstance(section, ClientSettings):
        names.sort(key=lambda name: name in ClientDefaults.model_fields)  # own first
    for name in names:
        value: object = getattr(section, name)
        here = (*path, name)
        if isinstance(value, Section):
            yield from values(value, here)
        elif sections := _sections_of(value):
            for key, inner in sections:
                yield from values(inner, (*here, key))
        else:
            yield here, value


def _sections_of(value: object) -> list[tuple[str | int, Section]]:
    """Return the tables that *value* holds in a list or by name, each with its key."""
    items: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, tuple):
        items = enumerate(value)
    elif isinstance(value, dict):
        items = value.items()
    return [(key, inner) for key, inner in items if isinstance(inner, Section)]
