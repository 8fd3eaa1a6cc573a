"""Logs: one event a line, by name, with fields; never a secret, never a patron's data.

The fields that an event may carry are listed here: whatever is not on the list raises,
so that nothing personal can slip into a log by a new line of code.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TextIO

from bridge.core.errors import UpstreamFault
from bridge.flow.ports import Event
from bridge.observe.context import CURRENT

FIELDS: Final = frozenset(
    "call client_id detail duration_s error_type fault method outcome reason route"
    " status signed_in_now count version address trace upstream_id listen file files"
    " warnings clients tries told subject into_subject grants replaced".split()
)
LEVELS: Final = {
    Event.HTTP_REQUEST: logging.INFO,
    Event.UPSTREAM_CALLED: logging.INFO,
    Event.LOGIN_FAILED: logging.WARNING,
    Event.UPSTREAM_FAILED: logging.WARNING,
    Event.SCOPE_REFUSED: logging.WARNING,
    Event.GRANT_ENDED: logging.WARNING,
    Event.CLIENT_REFUSED: logging.WARNING,
    Event.LOGOUT_UNTOLD: logging.WARNING,
    Event.IDENTITY_BARCODE: logging.WARNING,
    Event.CONFIG_REFUSED: logging.ERROR,
    Event.ERROR: logging.ERROR,
}
# RERO+ refuses what the bridge itself brings: no login works until somebody mends it.
ALARMS: Final = frozenset({UpstreamFault.REGISTRATION, UpstreamFault.SCOPE})
# Events that are not decisions about a person or a client: no audit.
NOT_AUDIT: Final = frozenset(
    {
        Event.HTTP_REQUEST,
        Event.UPSTREAM_CALLED,
        Event.UPSTREAM_FAILED,
        Event.SCOPE_REFUSED,
        Event.STORE_CLEANED,
        Event.ERROR,
        Event.SERVER_STARTED,
        Event.SERVER_STOPPED,
    }
)
Field = str | int | float | bool | None
_LEVEL_NAMES: Final = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warning",
    logging.ERROR: "error",
}
_encode: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class EventLog:
    """Writes events to a stream, as JSON or as text; the Audit port."""

    def __init__(
        self,
        clock: Callable[[], float],
        stream: TextIO | None = None,
        *,
        level: int = logging.INFO,
        as_text: bool = False,
    ) -> None:
        self._clock = clock
        self._stream = stream
        self._level = level
        self._write = self._text if as_text else _encode
        self._second: tuple[float, str] = (-1.0, "")  # the last one written, formatted

    def record(self, event: Event, /, **fields: Field) -> None:
        """Write one line for *event*; within a request, `flush_request` does.

        Raises:
            ValueError: a field is not one that a log may hold.
        """
        level = LEVELS.get(event, logging.INFO)
        if event is Event.UPSTREAM_FAILED and fields.get("fault") in ALARMS:
            level = logging.ERROR
        if level < self._level:
            return
        if not FIELDS.issuperset(fields):
            raise ValueError(f"fields {sorted(set(fields) - FIELDS)} may not be logged")
        members: dict[str, Field] = {
            "time": self._time(),
            "level": _LEVEL_NAMES[level],
            "event": event.value,
        }
        if event not in NOT_AUDIT:
            members["kind"] = "audit"
        context = CURRENT.get()
        if context is not None:
            members["request_id"] = context.request_id
            if context.trace_id is not None:
                members["trace_id"] = context.trace_id
        for name, value in fields.items():
            if value is not None:
                members[name] = value
        line = self._write(members) + "\n"
        if context is None:
            self._emit(line)
        else:
            context.lines.append(line)

    def flush_request(self) -> None:
        """Write what the request at hand has recorded, before its answer leaves.

        Its lines stay together, and one system call does for all: each one lets another
        thread have the interpreter, and to get it back costs more than the line.
        """
        context = CURRENT.get()
        if context is not None and context.lines:
            self._emit("".join(context.lines))
            context.lines.clear()

    def _emit(self, text: str) -> None:
        stream = self._stream or sys.stdout
        stream.write(text)
        stream.flush()

    def _time(self) -> str:
        """Return the time in UTC, with milliseconds (RFC 3339)."""
        now, fraction = divmod(self._clock(), 1)
        second, text = self._second
        if now != second:
            text = datetime.fromtimestamp(now, UTC).replace(tzinfo=None).isoformat()
            self._second = (now, text)
        return f"{text}.{int(fraction * 1000):03d}Z"

    def bug(self, error: BaseException) -> None:
        """Write the trace of an unforeseen error: places in the code, no values."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.name}:{frame.lineno}" for frame in frames[-12:]]
        self.record(
            Event.ERROR, error_type=type(error).__name__, trace=" > ".join(places)
        )

    @staticmethod
    def _text(members: dict[str, Field]) -> str:
        time, level, event = (members.pop(name) for name in ("time", "level", "event"))
        members.pop("kind", None)
        rest = " ".join(f"{name}={_encode(value)}" for name, value in members.items())
        return f"{str(time)[11:23]} {level!s:7} {event} {rest}"
