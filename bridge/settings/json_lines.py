"""Where each member of a JSON text stands: json does not tell.

The text is read after json has taken it, so it is valid and the scanner need only find
its way.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from bridge.settings.toml_lines import KeyPath

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def json_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Walk over each list element and each member of *text*, at any depth, with lines.

    A member that an object has twice comes twice: JSON readers differ in which of the
    two they take.
    """
    path: list[str | int] = []
    line, at, before = 1, 0, ""
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at, sign = token.start(), token[0]
        if sign in ("]", "}"):
            path.pop()
        elif before in ("[", "{", ","):
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else str(json.loads(sign))
            yield tuple(path), line
        if sign in ("[", "{"):
            path.append(-1 if sign == "[" else "")
        before = sign


def doubled_members(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Walk over the members that an object of *text* has already, with their lines."""
    seen: set[KeyPath] = set()
    for path, line in json_lines(text):
        if path in seen:
            yield path, line
        seen.add(path)
