"""Where each key of a TOML file stands: tomllib does not tell.

The text is read after tomllib has taken it, so it is valid TOML and the scanner need
only find its way: strings, comments, arrays and tables, and the line of each key.
"""

import tomllib
from collections.abc import Iterator
from typing import Final

KeyPath = tuple[str | int, ...]

_SPACE: Final = " \t"
_BLANK: Final = " \t\r\n"
_BARE_END: Final = ",]}#\r\n"
_QUOTES: Final = ('"""', "'''", '"', "'")


def toml_lines(text: str) -> dict[KeyPath, int]:
    """Map the path of every key, table and array element of *text* to its line."""
    return dict(_Scanner(text).statements())


class _Scanner:
    """Walks over valid TOML once; `at` is the place reached."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._tables: dict[KeyPath, int] = {}  # arrays of tables: how many so far

    def statements(self) -> Iterator[tuple[KeyPath, int]]:
        table: KeyPath = ()
        while self._skip(_BLANK):
            line = self._line
            if self._text.startswith("[[", self._at):
                self._go(2)
                table = self._next_of_array(self._key())
                if table[-1] == 0:
                    yield table[:-1], line
                yield table, line
                self._go(2)
            elif self._text[self._at] == "[":
                self._go(1)
                table = self._resolve(self._key())
                yield table, line
                self._go(1)
            else:
                yield from self._pair(table)

    def _pair(self, table: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        """Read `a.b = value`; every part of a dotted key stands on this line."""
        line, parts = self._line, self._key()
        for length in range(1, len(parts) + 1):
            yield (*table, *parts[:length]), line
        self._go(1)  # =
        self._skip(_SPACE)
        yield from self._value((*table, *parts))

    def _value(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        first = self._text[self._at]
        if first == "[":
            yield from self._array(path)
        elif first == "{":
            yield from self._inline_table(path)
        elif first in "\"'":
            self._string()
        else:
            while self._at < len(self._text) and self._text[self._at] not in _BARE_END:
                self._go(1)

    def _array(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        self._go(1)
        place = 0
        while self._skip(_BLANK + ",") and self._text[self._at] != "]":
            yield (*path, place), self._line
            yield from self._value((*path, place))
            place += 1
        self._go(1)

    def _inline_table(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        self._go(1)
        while self._skip(_BLANK + ",") and self._text[self._at] != "}":
            yield from self._pair(path)
        self._go(1)

    def _key(self) -> tuple[str, ...]:
        """Read a dotted key and stop behind it."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            if self._text[start] in "\"'":
                self._string()
            else:
                while self._text[self._at] not in " \t.=]":
                    self._go(1)
            parts.append(_plain(self._text[start : self._at]))
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return tuple(parts)
            self._go(1)

    def _string(self) -> None:
        quote = next(q for q in _QUOTES if self._text.startswith(q, self._at))
        if len(quote) == 1 and self._text.startswith(quote * 2, self._at):
            self._go(2)  # an empty string
            return
        self._go(len(quote))
        while not self._text.startswith(quote, self._at):
            self._go(2 if quote[0] == '"' and self._text[self._at] == "\\" else 1)
        self._go(len(quote))
        if len(quote) > 1:  # a long string may end in one or two quotes of its own
            while self._text.startswith(quote[0], self._at):
                self._go(1)

    def _resolve(self, parts: tuple[str, ...]) -> KeyPath:
        """Put the number of the present table behind each array of tables."""
        path: KeyPath = ()
        for part in parts:
            path = (*path, part)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        return path

    def _next_of_array(self, parts: tuple[str, ...]) -> KeyPath:
        path = (*self._resolve(parts[:-1]), parts[-1])
        place = self._tables.get(path, 0)
        self._tables[path] = place + 1
        return (*path, place)

    def _skip(self, characters: str) -> bool:
        """Go over *characters* and comments; tell whether something is left."""
        while self._at < len(self._text):
            if self._text[self._at] == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif self._text[self._at] in characters:
                self._go(1)
            else:
                return True
        return False

    def _go(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count


def _plain(key: str) -> str:
    """Return a key without its quotes and escapes."""
    if key[:1] not in ("'", '"'):
        return key
    return next(iter(tomllib.loads(f"{key} = 0")))
