"""Take settings from BRIDGE_... variables: BRIDGE_SERVER__LISTEN is server.listen."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bridge.core.errors import Fault
from bridge.settings.draft import (
    ENVIRONMENT,
    LONG_NUMBER,
    MAX_DEPTH,
    WRITTEN_TWICE,
    Draft,
    Place,
    join_key,
)
from bridge.settings.json_lines import doubled_members
from bridge.settings.keys import every_key, find_field, section_in, types_in
from bridge.settings.model import Settings
from bridge.settings.secret import Secret
from bridge.settings.similar import did_you_mean
from bridge.settings.toml_lines import KeyPath

PREFIX: Final = "BRIDGE_"
NOT_SETTINGS: Final = frozenset({"BRIDGE_CONFIG", "BRIDGE_VENV"})
# Kubernetes and Docker put these into the environment of a service named "bridge".
_SERVICE_LINK: Final = re.compile(
    r"BRIDGE_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)"
)
_TEXTS: Final = frozenset({str, Path, Secret, type(None)})


def apply_environment(draft: Draft, environ: Mapping[str, str]) -> None:
    """Put the variables over what the files say; unknown ones are faults."""
    names = sorted(
        name
        for name in environ
        if name.startswith(PREFIX)
        and name not in NOT_SETTINGS
        and not _SERVICE_LINK.fullmatch(name)
    )
    secrets = {name for name in names if _kinds(_path(name)) >= {Secret}}
    for name in names:
        kinds = _kinds(_path(name))
        plain = name.removesuffix("_FILE")
        if not kinds:
            guess = did_you_mean(name, _variables())
            draft.faults.append(Fault(name, f"unknown variable.{guess}", ENVIRONMENT))
        elif name == "BRIDGE_INCLUDE":  # the files are read before the variables
            message = "cannot be set here; write include into the file"
            draft.faults.append(Fault(name, message, ENVIRONMENT))
        elif plain != name and plain in secrets:
            message = f"is set beside {plain}: keep one of the two"
            draft.faults.append(Fault(name, message, ENVIRONMENT))
        else:
            _forget_other_form(draft, _path(name))
            _take(draft, name, kinds, environ[name])


def _path(name: str) -> tuple[str, ...]:
    return tuple(name[len(PREFIX) :].lower().split("__"))


def _kinds(path: tuple[str, ...]) -> frozenset[object]:
    """Return the types that the setting at *path* takes; empty: there is none."""
    field, rest = find_field(path)
    if field is None or rest or (path[0] == "clients" and len(path) > 1):
        return frozenset()
    return frozenset(types_in(field.annotation))


def _take(draft: Draft, name: str, kinds: frozenset[object], text: str) -> None:
    """Read *text* as JSON unless the setting is a text; the model judges the rest."""
    value: object = text
    if not kinds <= _TEXTS:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            if text.lstrip().startswith(("[", "{")):  # it was meant as JSON
                draft.is_incomplete = True
                draft.faults.append(Fault(name, _json_fault(error), ENVIRONMENT))
                return
    _put(draft, name, value)
    if isinstance(value, dict | list):
        for member, _ in doubled_members(text):
            key = join_key(member, after=name)
            draft.faults.append(Fault(key, WRITTEN_TWICE, ENVIRONMENT))


def _json_fault(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg} at character {error.pos + 1}"
    if isinstance(error, RecursionError):
        return "is nested too deep"
    return LONG_NUMBER


def _put(draft: Draft, name: str, value: object) -> None:
    path = _path(name)
    table = draft.table
    for part in path[:-1]:
        below = table.get(part)
        if not isinstance(below, dict):
            below = table[part] = {}
        table = below
    present = table.get(path[-1])
    if isinstance(value, dict) and isinstance(present, dict):
        for key, inner in value.items():
            present[key] = inner
            draft.drop((*path, key))
    else:
        table[path[-1]] = value
        draft.drop(path)
    for written in _paths(value, path):
        called = join_key(written[len(path) :], after=name)
        draft.places.setdefault(written, Place(ENVIRONMENT, called))


def _paths(value: object, path: KeyPath) -> Iterator[KeyPath]:
    yield path
    if len(path) > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _paths(inner, (*path, number))


def _forget_other_form(draft: Draft, path: tuple[str, ...]) -> None:
    """Let a secret's value here replace its file in the files, and the reverse."""
    plain = path[-1].removesuffix("_file")
    if Secret not in _kinds((*path[:-1], plain)):
        return
    table: object = draft.table
    for part in path[:-1]:
        table = table.get(part) if isinstance(table, dict) else None
    other = f"{plain}_file" if path[-1] == plain else plain
    if isinstance(table, dict) and other in table:
        del table[other]
        draft.drop((*path[:-1], other))


def _variables() -> Iterator[str]:
    """Walk over the names of all variables, for suggestions."""
    for key, _ in every_key():
        if not key.startswith("clients[]"):
            yield PREFIX + key.upper().replace(".", "__")
    for name, field in Settings.model_fields.items():
        if section_in(field) is not None:
            yield PREFIX + name.upper()
