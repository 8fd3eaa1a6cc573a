"""Where the keys of a TOML file stand."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bridge.settings.toml_lines import KeyPath, toml_lines

EXAMPLE = '''# a comment with [brackets] and = signs
issuer = "https://login.example.ch" # "quoted" comment
a.b."c.d" = 1

[server]
listen = "127.0.0.1:8080"
trusted_proxies = [
    "127.0.0.1/32", # one, two
    "10.0.0.0/8",
]

[[clients]]
client_id = 'one'
name = { fr = "Un ]", de = "Eins, }" }
redirect_uris = ["https://a.example/", "https://b.example/"]

[[clients]]
client_id = "t\\"wo"
text = """
[not.a.table]
key = "value"
"""
[clients.name]
fr = "Deux"

[[clients.parts]]
x = 2020-01-01 00:00:00
[policies."val ais"]
institutions = ["VS"]
'''


def test_each_key_is_found_at_its_line() -> None:
    lines = toml_lines(EXAMPLE)

    assert lines[("issuer",)] == 2
    assert lines[("a", "b", "c.d")] == 3
    assert lines[("server",)] == 5
    assert lines[("server", "trusted_proxies")] == 7
    assert lines[("server", "trusted_proxies", 1)] == 9
    assert lines[("clients", 0, "name", "de")] == 14
    assert lines[("clients", 0, "redirect_uris", 1)] == 15
    assert lines[("clients", 1, "client_id")] == 18
    assert lines[("clients", 1, "name", "fr")] == 24
    assert lines[("clients", 1, "parts", 0, "x")] == 27
    assert lines[("policies", "val ais", "institutions")] == 29


def test_windows_line_ends_count_once() -> None:
    lines = toml_lines('a = "1"\r\nb = [\r\n  2,\r\n]\r\nc = 3\r\n')

    assert lines == {("a",): 1, ("b",): 2, ("b", 0): 3, ("c",): 5}


def test_a_long_string_may_end_in_quotes_of_its_own() -> None:
    lines = toml_lines('a = """\nsaid "x\\""""""\nb = \'\'\nc = """"""\nd = 1')

    assert lines == {("a",): 1, ("b",): 3, ("c",): 4, ("d",): 5}


@given(st.text(alphabet="ab.[]{}=\"'\\#\n, 1_-", max_size=60))
def test_every_valid_file_is_walked_to_its_end(text: str) -> None:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    lines = toml_lines(text)

    assert set(_paths(table, ())) <= set(lines)


def _paths(value: object, path: KeyPath) -> list[KeyPath]:
    """List the paths of all keys that hold a value (not a bare super-table)."""
    if isinstance(value, dict) and value:
        return [p for key, below in value.items() for p in _paths(below, (*path, key))]
    if isinstance(value, list) and value:
        return [p for i, below in enumerate(value) for p in _paths(below, (*path, i))]
    return [path] if path else []
