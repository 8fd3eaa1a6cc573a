"""Make the tables of docs/configuration.md of the model, so that they cannot drift."""

from pathlib import Path
from typing import Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from bridge.settings.fields import Section
from bridge.settings.keys import section_in, types_in
from bridge.settings.model import Settings
from bridge.settings.model_clients import ClientDefaults, ClientSettings
from bridge.settings.secret import Secret
from bridge.settings.wording import to_toml

_WORDS: Final = (  # the first that is among a key's types names it
    (dict, "table"),
    (tuple, "list"),
    (Secret, "secret text"),
    (Path, "path"),
    (bool, "true or false"),
    (float, "number"),
    (int, "whole number"),
    (str, "text"),
)
_UNITS: Final = (
    ("_s", "s"),
    ("_bytes", "bytes"),
    ("_days", "days"),
    ("_at", "Unix time"),
)


def reference_tables() -> str:
    """Return one Markdown table for each table of the configuration."""
    parts = [_table("Top of the file", "", Settings, frozenset())]
    for name, field in Settings.model_fields.items():
        section = section_in(field)
        if section is None:
            continue
        left_out = frozenset[str]()
        if section is ClientSettings:
            left_out = frozenset(ClientDefaults.model_fields)
        forms: dict[object, str] = {tuple: f"[[{name}]]", dict: f"[{name}.NAME]"}
        title = f"`{forms.get(get_origin(field.annotation), f'[{name}]')}`"
        parts.append(_table(title, section.__doc__ or "", section, left_out))
    return "\n".join(parts)


def _table(
    title: str, text: str, section: type[Section], left_out: frozenset[str]
) -> str:
    lines = [f"### {title}", ""]
    if text and section is not Settings:
        lines += [text, ""]
    if left_out:
        lines += ["Every key of `[client_defaults]`, and:", ""]
    lines += ["| key | type | unit | default | |", "| --- | --- | --- | --- | --- |"]
    for name, field in section.model_fields.items():
        is_own_table = section is Settings and section_in(field) is not None
        if not is_own_table and name not in left_out:
            cells = (f"`{name}`", _type(field), _unit(name), _default(field))
            lines.append(f"| {' | '.join(cells)} | {field.description} |")
    return "\n".join(lines) + "\n"


def _type(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(field.annotation))
    kinds = set(types_in(field.annotation))
    return next((word for kind, word in _WORDS if kind in kinds), "any value")


def _unit(name: str) -> str:
    if name == "default_max_age":  # RFC 7591's name bears no unit
        return "s"
    return next((unit for end, unit in _UNITS if name.endswith(end)), "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    text = to_toml(field.get_default(call_default_factory=True, validated_data={}))
    return f"`{text}`" if text else "none"
