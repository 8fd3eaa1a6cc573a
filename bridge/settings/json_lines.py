"""Read a JSON list of objects, and tell on which line each member stands."""

import json
from typing import Final

from bridge.settings.toml_lines import KeyPath

_DECODER: Final = json.JSONDecoder()
_BLANK: Final = " \t\r\n"


class DoubledMember(ValueError):
    """An object has one member twice: JSON readers differ in which they take."""

    def __init__(self, member: str, client_id: object) -> None:
        super().__init__(member)
        self.member = member
        named = isinstance(client_id, str)
        self.name_of_object = f"client {client_id}" if named else "one object"


def load_json(text: str) -> object:
    """Parse *text*.

    Raises:
        json.JSONDecodeError: it is not JSON.
        DoubledMember: an object has a member twice.
    """
    value: object = json.loads(text, object_pairs_hook=_object)
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for name, value in pairs:
        if name in members:
            raise DoubledMember(name, dict(pairs).get("client_id"))
        members[name] = value
    return members


def client_lines(text: str) -> dict[KeyPath, int]:
    """Map each element of the list *text*, and each member of those, to its line."""
    lines: dict[KeyPath, int] = {}
    at, number = _over(text, 0) + 1, 0
    while text[at := _over(text, at)] != "]":
        lines[(number,)] = text.count("\n", 0, at) + 1
        if text[at] == "{":
            at = _members(text, at + 1, number, lines)
        else:
            at = _DECODER.raw_decode(text, at)[1]
        number += 1
    return lines


def _members(text: str, at: int, number: int, lines: dict[KeyPath, int]) -> int:
    while text[at := _over(text, at)] != "}":
        name, end = _DECODER.raw_decode(text, at)
        lines[(number, str(name))] = text.count("\n", 0, at) + 1
        at = _DECODER.raw_decode(text, _over(text, end, _BLANK + ":"))[1]
    return at + 1


def _over(text: str, at: int, characters: str = _BLANK + ",") -> int:
    while text[at] in characters:
        at += 1
    return at
