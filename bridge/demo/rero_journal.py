"""The requests that the stand-in RERO+ has seen, for assertions in tests."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LIMIT: Final = 1000  # older entries are dropped


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and the status of its answer; 0 where no answer was sent."""

    method: str
    path: str
    query: str  # as sent, without "?"
    headers: Mapping[str, str]  # names as in "Content-Type"
    form: Mapping[str, str]  # the first value of each field
    status: int


class Journal:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: deque[Entry] = deque(maxlen=LIMIT)

    def add(self, entry: Entry) -> None:
        """Append one request, dropping the oldest beyond the limit."""
        self._entries.append(entry)

    def entries(self, path: str = "", method: str = "") -> tuple[Entry, ...]:
        """List requests, all or only those of one path or method."""
        return tuple(
            entry
            for entry in self._entries.copy()
            if path in {"", entry.path} and method in {"", entry.method}
        )

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()
