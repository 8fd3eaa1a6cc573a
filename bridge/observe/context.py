"""Which request a thread is answering: its id stands in every line of the log."""

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The ids of one HTTP request, and its lines of the log until it is answered."""

    request_id: str
    trace_id: str | None
    lines: list[str] = field(default_factory=list)


CURRENT: Final[ContextVar[RequestContext | None]] = ContextVar("request", default=None)


def trace_id_of(traceparent: str | None) -> str | None:
    """Return the trace id of a `traceparent` header (W3C Trace Context §3.2)."""
    match = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent)
    return None if match is None else match.group(1)
