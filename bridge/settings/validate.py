"""Check raw tables against the model: all faults at once."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bridge.settings.draft import MAX_DEPTH, Draft, Table
from bridge.settings.keys import section_in
from bridge.settings.model import Settings
from bridge.settings.toml_lines import KeyPath
from bridge.settings.wording import explain

_ROUNDS: Final = 4
_NO_TEXT: Final = "holds characters that are no valid text"
# What takes the place of a missing or faulty key, so that the rest can be checked.
_STAND_IN_UPSTREAM: Final[Table] = {
    "id": "stand-in",
    "base_url": "https://stand-in.invalid",
    "client_id": "stand-in",
}
_STAND_IN_CLIENT: Final[Table] = {
    "redirect_uris": ["https://stand-in.invalid/"],
    "token_endpoint_auth_method": "none",
}
_STAND_INS: Final[dict[str, Table]] = {
    "clients": {"redirect_uris": _STAND_IN_CLIENT["redirect_uris"]},
    "claims": {"source": "subject"},
    "tables": {"texts": {"stand-in": "stand-in"}},
    "examples": {"client": "stand-in", "patron": {}, "today": "2000-01-01"},
}


@dataclass(slots=True)
class Checked:
    """Settings, and the keys whose faulty values are not in them."""

    settings: Settings
    left_out: set[KeyPath] = field(default_factory=set)


def validate(draft: Draft) -> Checked:
    """Check *draft* against the model; each fault is noted once in the draft.

    Where a key is faulty its default stands in, so that checks across keys can go on.

    Raises:
        ConfigurationError: nothing can be checked any further.
    """
    table = draft.table
    left_out: set[KeyPath] = set()
    for path, message in list(_unfit(table, ())):
        draft.fault(path, message)
        _leave_out(table, _key_of(path), left_out)
    for _ in range(_ROUNDS):
        try:
            # As JSON, because strict types then still take lists and paths.
            text = json.dumps(table, default=lambda _: [[]])  # a date fits nowhere
            return Checked(Settings.model_validate_json(text), left_out)
        except ValidationError as error:
            errors = error.errors(include_input=False, include_url=False)
            for found in errors:
                is_doubtful = draft.is_incomplete and found["type"] == "missing"
                if not is_doubtful and not _is_echo(found, errors):
                    draft.fault(_without_mark(found["loc"]), explain(found))
                _leave_out(table, _key_of(found["loc"]), left_out)
    raise draft.error()


def _is_echo(found: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Tell whether a list is called short only because its elements are faulty."""
    loc = found["loc"]
    return found["type"] == "too_short" and any(
        len(e["loc"]) > len(loc) and e["loc"][: len(loc)] == loc for e in errors
    )


def _without_mark(path: KeyPath) -> KeyPath:
    """Drop the mark with which pydantic says that the key itself is at fault."""
    return path[:-1] if path[-1] == "[key]" else path


def _key_of(path: KeyPath) -> KeyPath:
    """Cut *path* down to the key of a section, client or policy."""
    path = _without_mark(path)
    if path[0] in ("clients", "policies", "claims", "tables", "examples"):
        return path[:3]
    is_section = path[0] in Settings.model_fields and section_in(
        Settings.model_fields[str(path[0])]
    )
    return path[:2] if is_section else path[:1]


def _leave_out(table: Table, key: KeyPath, left_out: set[KeyPath]) -> None:
    left_out.add(key)
    holder: object = table
    for part in key[:-1]:
        if isinstance(part, int) and isinstance(holder, list):
            holder = holder[part]
        else:
            holder = holder.get(part) if isinstance(holder, dict) else None
    last = key[-1]
    stand_in = _stand_in(key, len(left_out))
    if isinstance(last, int) and isinstance(holder, list):
        holder[last] = stand_in
    elif isinstance(holder, dict):
        holder.pop(last, None)
        if stand_in is not None:
            holder[last] = copy.deepcopy(stand_in)


def _stand_in(key: KeyPath, number: int) -> object:
    """Return what takes the place of *key*, or None: it may be absent."""
    match key:
        case ("issuer",):
            return _STAND_IN_UPSTREAM["base_url"]
        case ("upstream",):
            return _STAND_IN_UPSTREAM
        case ("upstream", str(name)):
            return _STAND_IN_UPSTREAM.get(name)
        case ("clients", int()):
            return _STAND_IN_CLIENT | {"client_id": f"stand-in-{number}"}
        case ("clients", int(), "client_id"):
            return f"stand-in-{number}"
        case (str(table), _, str(name)):
            return _STAND_INS.get(table, {}).get(name)
        case ("examples", int()):
            return _STAND_INS["examples"]
    return None


def _unfit(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Walk over what JSON cannot hold, and say why.

    Texts may hold bytes of a variable that are no UTF-8, or halves of a character.
    """
    if isinstance(value, str) and _is_broken(value):
        yield path, _NO_TEXT
    if isinstance(value, dict | list) and len(path) > MAX_DEPTH:
        yield path[:MAX_DEPTH], "is nested too deep"
    elif isinstance(value, dict):
        for key, below in value.items():
            if _is_broken(key):
                yield (*path, key), _NO_TEXT
            yield from _unfit(below, (*path, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _unfit(below, (*path, number))


def _is_broken(text: str) -> bool:
    return "\0" in text or text.encode(errors="replace").decode() != text
