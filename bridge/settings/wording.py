"""Say in plain words what is wrong with a key, and what to write instead.

Values are never repeated, but for numbers of settings that are numbers: a secret may
have been written into any place.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bridge.settings.draft import join_key
from bridge.settings.keys import every_key, find_field, keys_around, types_in
from bridge.settings.model_clients import KNOWN_MEMBERS
from bridge.settings.similar import did_you_mean
from bridge.settings.toml_lines import KeyPath

_UNITS: Final = (("_s", " of seconds"), ("_bytes", " of bytes"), ("_days", " of days"))
_MISSING: Final = {
    "upstream": "the table [upstream] is missing: RERO+ and the bridge's registration"
}


def explain(error: ErrorDetails) -> str:
    """Say in plain words what pydantic found."""
    path: KeyPath = error["loc"]
    kind = error["type"]
    if path[-1] == "[key]":
        if path[0] == "policies":
            return "is not a policy's name: write letters, digits, - and _ only"
        if path[0] == "institutions":
            return str(error.get("ctx", {}).get("error", "is no institution's code"))
        return "is not a language, such as fr: write letters, digits and - only"
    if kind == "extra_forbidden":
        return f"unknown key.{_suggest(path)}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    say = _SAYINGS.get(kind)
    field, _ = find_field(path)
    if say is None:
        return f"is not what this key takes{_example(path, field)}"
    return say(path, field, error.get("ctx", {}))


def _suggest(path: KeyPath) -> str:
    name = str(path[-1])
    known = keys_around(path)
    if path[0] == "clients":
        known |= KNOWN_MEMBERS
    guess = did_you_mean(name, known)
    if guess:
        return guess
    elsewhere = [key for key, _ in every_key() if key.rpartition(".")[2] == name]
    return f" Did you mean {elsewhere[0]}?" if elsewhere else ""


def _example(path: KeyPath, field: FieldInfo | None) -> str:
    """Return ", such as ..." by the field's example or default, or ""."""
    if field is None:
        return ""
    value = field.examples[0] if field.examples else field.get_default()
    text = to_toml(value)
    return f", such as {text}" if text else ""


def to_toml(value: object) -> str:
    """Write a value as TOML does; "" for what has no short form."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str | Path) and str(value):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, list | tuple) and value:
        return f"[{', '.join(to_toml(v) for v in value)}]"
    if isinstance(value, dict) and value:
        pairs = ", ".join(f"{_bare(key)} = {to_toml(v)}" for key, v in value.items())
        return f"{{ {pairs} }}"
    return ""


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _missing(path: KeyPath, field: FieldInfo | None, _: Mapping[str, object]) -> str:
    if join_key(path) in _MISSING:
        return _MISSING[join_key(path)]
    text = _example(path, field).removeprefix(", such as ")
    return f"is missing; write {path[-1]} = {text}" if text else "is missing"


def _number(path: KeyPath, field: FieldInfo | None, _: Mapping[str, object]) -> str:
    whole = "" if field and float in types_in(field.annotation) else "whole "
    name = str(path[-1])
    unit = next((words for end, words in _UNITS if name.endswith(end)), "")
    return f"must be a {whole}number{unit}{_example(path, field)}"


def _text(path: KeyPath, field: FieldInfo | None, _: Mapping[str, object]) -> str:
    if isinstance(path[-1], int):
        return "must be a text in quotes"
    return f"must be a text in quotes{_example(path, field)}"


def _list(path: KeyPath, field: FieldInfo | None, _: Mapping[str, object]) -> str:
    return f"must be a list{_example(path, field)}"


def _table(path: KeyPath, field: FieldInfo | None, _: Mapping[str, object]) -> str:
    if (
        field is not None
        and dict in types_in(field.annotation)
        and path[0] == "clients"
    ):
        return f"must be a table{_example(path, field)}"
    name = "[[clients]]" if path[0] == "clients" else f"[{join_key(path)}]"
    return f"must be a table, such as {name}"


def _bounds(path: KeyPath, _: FieldInfo | None, limits: Mapping[str, object]) -> str:
    words = {
        "ge": "must be at least",
        "gt": "must be more than",
        "le": "must be at most",
        "lt": "must be less than",
    }
    # Never as 3.456e+07; and 60.0 as 60.
    return next(
        f"{w} {limits[sign]:.15g}" for sign, w in words.items() if sign in limits
    )


def _choice(path: KeyPath, _: FieldInfo | None, limits: Mapping[str, object]) -> str:
    choices = str(limits["expected"]).replace(" or ", ", ").replace("'", '"')
    return f"must be one of {choices}" if "," in choices else f"must be {choices}"


def _pattern(path: KeyPath, field: FieldInfo | None, _: Mapping[str, object]) -> str:
    if "client_secret_sha256" in path:
        return "must be 64 hexadecimal digits: the SHA-256 of the secret"
    return f"is not of the form that this key takes{_example(path, field)}"


def _same(words: str) -> Callable[..., str]:
    return lambda *_: words


_SAYINGS: Final[Mapping[str, Callable[..., str]]] = {
    "missing": _missing,
    "int_type": _number,
    "int_from_float": _number,
    "int_parsing_size": _number,
    "float_type": _number,
    "finite_number": _number,
    "string_type": _text,
    "path_type": _text,
    "bool_type": _same("must be true or false"),
    "tuple_type": _list,
    "dict_type": _table,
    "model_type": _table,
    "greater_than_equal": _bounds,
    "greater_than": _bounds,
    "less_than_equal": _bounds,
    "less_than": _bounds,
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _same("must not be empty"),
    "string_too_long": _same("is too long"),
    "too_short": _same("must hold at least one"),
    "too_long": _same("holds too many"),
}
