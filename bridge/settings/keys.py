"""Find the setting that a key stands for, and every key there is."""

import types
from collections.abc import Iterator
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from bridge.settings.fields import Section
from bridge.settings.model import Settings
from bridge.settings.toml_lines import KeyPath


def types_in(annotation: object) -> Iterator[object]:
    """Walk over the types that *annotation* is made of, without constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from types_in(get_args(annotation)[0])
    elif origin is Literal:
        yield str
    elif origin in (tuple, dict, Union, types.UnionType):
        if origin in (tuple, dict):
            yield origin
        for argument in get_args(annotation):
            yield from types_in(argument)
    else:
        yield annotation


def section_in(field: FieldInfo) -> type[Section] | None:
    """Return the table that *field* holds, alone, in a list or by name."""
    for kind in types_in(field.annotation):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def find_field(path: KeyPath) -> tuple[FieldInfo | None, KeyPath]:
    """Return the setting that *path* leads to, and what of the path lies inside it."""
    model: type[Section] = Settings
    field: FieldInfo | None = None
    rest = path
    while rest:
        field = model.model_fields.get(str(rest[0]))
        below = section_in(field) if field is not None else None
        if field is None or below is None:
            return field, rest[1:]
        model, rest = below, rest[1:]
        if get_origin(field.annotation) in (tuple, dict):
            rest = rest[1:]  # the number of the client, the name of the policy
    return field, rest


def keys_around(path: KeyPath) -> frozenset[str]:
    """Return the names of the keys that may stand where *path* does."""
    if len(path) == 1:
        return frozenset(Settings.model_fields)
    field, _ = find_field(path[:-1])
    below = section_in(field) if field is not None else None
    return frozenset(below.model_fields if below is not None else ())


def every_key() -> Iterator[tuple[str, FieldInfo]]:
    """Walk over every key that is no table, such as ("server.listen", field)."""
    for name, field in Settings.model_fields.items():
        below = section_in(field)
        if below is None:
            yield name, field
            continue
        forms: dict[object, str] = {tuple: f"{name}[]", dict: f"{name}.NAME"}
        table = forms.get(get_origin(field.annotation), name)
        for key, inner in below.model_fields.items():
            yield f"{table}.{key}", inner
