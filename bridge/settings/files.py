"""Read the configuration file, those it includes, and the JSON list of clients."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bridge.core.errors import ConfigurationError, Fault
from bridge.settings.draft import (
    LONG_NUMBER,
    WRITTEN_TWICE,
    Draft,
    Place,
    Table,
    append_tables,
    join_key,
    merge,
)
from bridge.settings.json_lines import doubled_members, json_lines
from bridge.settings.toml_lines import KeyPath, toml_lines

USUAL_PLACES: Final = ("bridge.toml", "config/bridge.toml", "/etc/bridge/bridge.toml")
_TOML_PLACE: Final = re.compile(
    r"^(.*?) \(at (?:line (\d+), column \d+|end of document)\)$"
)


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the configuration file to read: asked for, or at the first usual place.

    Raises:
        ConfigurationError: there is none.
    """
    if path is not None:
        return _existing(path, "--config")
    if environ.get("BRIDGE_CONFIG"):
        return _existing(Path(environ["BRIDGE_CONFIG"]), "BRIDGE_CONFIG")
    for usual in USUAL_PLACES:
        if Path(usual).is_file():
            return Path(usual).absolute()
    places = ", ".join(USUAL_PLACES)
    message = f"no configuration file; looked for {places}; write --config PATH"
    raise ConfigurationError([Fault("--config", message)])


def _existing(path: Path, key: str) -> Path:
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ConfigurationError([Fault(key, f"there is no file {path}")])
    return path


def read_files(draft: Draft) -> None:
    """Read the main file and those that its `include` names into *draft*."""
    read_toml(draft, draft.main, ())
    patterns = draft.table.get("include", [])
    if not isinstance(patterns, list):
        return  # the model says what is wrong
    for number, pattern in enumerate(patterns):
        if isinstance(pattern, str):
            _include(draft, pattern, ("include", number))


def _include(draft: Draft, pattern: str, key: KeyPath) -> None:
    folder, _, names = pattern.rpartition("/")
    base = draft.resolve(key, Path(folder or ("/" if pattern[:1] == "/" else ".")))
    if not names or any(sign in folder for sign in "*?[\0") or "\0" in names:
        draft.fault(key, 'must be a folder and a pattern, such as "clients.d/*.toml"')
        return
    found = sorted(path for path in base.glob(names) if path.is_file())
    if not found and not any(sign in names for sign in "*?["):
        draft.fault(key, f"there is no file {base / names}")
    elif not base.is_dir():  # an empty folder is well: clients may come later
        draft.fault(key, f"there is no folder {base}")
    draft.files.append(base)  # a new file changes the folder's time
    for path in found:
        if path in draft.files:
            draft.fault(key, f"takes in {path}, which is read already")
        else:
            read_toml(draft, path, key)


def read_toml(draft: Draft, path: Path, key: KeyPath) -> None:
    """Read one file into *draft*; *key* is what named it, () for the main file."""
    text = draft.read_text(path, key)
    if text is None:
        return
    try:
        table: Table = tomllib.loads(text)
        lines = toml_lines(text)
    except tomllib.TOMLDecodeError as error:
        _break(draft, _syntax_fault(path, str(error), text))
        return
    except ValueError:
        _break(draft, Fault("syntax", LONG_NUMBER, str(path)))
        return
    except RecursionError:
        _break(draft, Fault("syntax", "is nested too deep", str(path)))
        return
    places = {p: Place(str(path), join_key(p), n) for p, n in lines.items()}
    if key and "include" in table:
        del table["include"]
        place = places[("include",)]
        message = f"belongs into {draft.main}: an included file cannot include more"
        draft.faults.append(Fault("include", message, place.source, place.line))
    merge(draft, table, places)


def _break(draft: Draft, fault: Fault) -> None:
    draft.is_incomplete = True
    draft.faults.append(fault)


def _syntax_fault(path: Path, message: str, text: str) -> Fault:
    """Tell where TOML breaks; tomllib's words hold single characters and keys only."""
    match = _TOML_PLACE.match(message)
    words, line = (match[1], match[2]) if match else (message, None)
    at = int(line) if line else text.count("\n") + (not text.endswith("\n"))
    return Fault("syntax", f"not valid TOML: {words}", str(path), at)


def read_clients_file(draft: Draft) -> None:
    """Add the clients of `clients_file`, RFC 7591 metadata, to those of the tables."""
    named = draft.table.get("clients_file")
    if not isinstance(named, str) or not named:
        return
    path = draft.resolve(("clients_file",), Path(named))
    text = draft.read_text(path, ("clients_file",))
    if text is None:
        return
    try:
        clients = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg}"
        _break(draft, Fault("syntax", message, str(path), error.lineno))
        return
    except ValueError:
        _break(draft, Fault("syntax", LONG_NUMBER, str(path)))
        return
    except RecursionError:
        _break(draft, Fault("syntax", "is nested too deep", str(path)))
        return
    if not isinstance(clients, list):
        message = "must be a JSON list of client metadata: [ { ... }, { ... } ]"
        draft.faults.append(Fault("syntax", message, str(path), 1))
        return
    _append(draft, clients, path, text)


def _append(draft: Draft, clients: list[object], path: Path, text: str) -> None:
    places: dict[KeyPath, Place] = {}
    for member, line in json_lines(text):
        # In its own file a client has no name but its place in the list.
        name = join_key(member, after="clients")
        places[("clients", *member)] = Place(str(path), name, line)
    for member, line in doubled_members(text):
        name = join_key(member, after="clients")
        draft.faults.append(Fault(name, WRITTEN_TWICE, str(path), line))
    present = draft.table.setdefault("clients", [])
    if isinstance(present, list):
        append_tables(draft, "clients", present, clients, places)
