"""Fault switches of the stand-in RERO+: what goes wrong, on which route, how often."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from flask import Request, Response
from werkzeug.exceptions import default_exceptions
from werkzeug.wrappers import Response as BaseResponse

from bridge.demo.rero_authorize import Refusal, refusal_location

Route = Literal["authorize", "token", "info"]
Kind = Literal["status", "delay", "refuse", "garbled", "json", "members", "drop"]
Form = Literal["html", "json", "empty"]

# Where a fault leaves the name of its delivery for the server (rero_server.py).
DELIVERY_KEY: Final = "standin.delivery"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; each kind reads its own members.

    status: `status` in the form `answer_form`; refuse (authorize only, once the
    reader is signed in): `error`; garbled: the bytes `body` as `content_type`; json:
    the value `value` in place of the body; members: those of `value` put into the
    answer, a value of `ABSENT` takes the member out; drop: no answer at all; delay:
    only `delay_s`, which works with every other kind too.
    """

    route: Route
    kind: Kind
    times: int | None = 1  # None: always
    scope: str | None = None  # only requests that ask for this scope
    method: str | None = None  # only requests of this method
    delay_s: float = 0
    is_late: bool = False  # the work is done first (code consumed), then the fault
    status: int = 200
    answer_form: Form = "html"
    error: str = "access_denied"
    error_description: str = ""
    body: bytes = b""
    content_type: str | None = "application/json"  # None: the header is missing
    value: object = None


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()

Proceed = Callable[[], BaseResponse]


class Faults:
    """The faults that are switched on, in the order of their use."""

    def __init__(self, sleep: Callable[[float], object]) -> None:
        """Start without faults; *sleep* waits the seconds of a delay."""
        self._sleep = sleep
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        """Switch *fault* on; several on one route take effect one after another."""
        with self._lock:
            self._waiting.append((fault, fault.times))

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._waiting.clear()

    @property
    def is_on(self) -> bool:
        """Tell whether any fault still waits for a request."""
        return bool(self._waiting)

    def apply(
        self, route: Route, request: Request, proceed: Proceed, *, is_signed_in: bool
    ) -> BaseResponse:
        """Answer with the next fitting fault, or properly by *proceed*."""
        fault = self._take(route, request, is_signed_in=is_signed_in)
        if fault is None:
            return proceed()
        work = _done(proceed()) if fault.is_late else proceed
        if fault.delay_s:
            self._sleep(fault.delay_s)
        return _KINDS[fault.kind](fault, request, work)

    def _take(
        self, route: Route, request: Request, *, is_signed_in: bool
    ) -> Fault | None:
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.kind == "refuse" and not is_signed_in:
                    continue
                if fault.route != route or not _fits(fault, request):
                    continue
                if left is not None and left <= 1:
                    del self._waiting[place]
                elif left is not None:
                    self._waiting[place] = (fault, left - 1)
                return fault
        return None


def _done(response: BaseResponse) -> Proceed:
    return lambda: response


def _fits(fault: Fault, request: Request) -> bool:
    scopes = request.values.get("scope", "").split()
    has_scope = fault.scope is None or fault.scope in scopes
    return has_scope and fault.method in {None, request.method}


def _answer_status(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    known = default_exceptions.get(fault.status)
    name = known().name if known else "Answer"
    headers = {"Retry-After": "1"} if fault.status in {429, 503} else {}
    if fault.answer_form == "empty":
        return Response(b"", fault.status, headers)
    if fault.answer_form == "json":
        body = json.dumps({"message": name, "status": fault.status})
        return Response(body, fault.status, headers, content_type="application/json")
    page = f"<!doctype html>\n<title>{fault.status} {name}</title>\n<h1>{name}</h1>\n"
    return Response(page, fault.status, headers)


def _answer_refusal(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    refusal = Refusal(fault.error, fault.error_description)
    return Response(
        status=302, headers={"Location": refusal_location(refusal, request.values)}
    )


def _answer_bytes(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    response = Response(fault.body, fault.status)
    if fault.content_type is None:
        del response.headers["Content-Type"]
    else:
        response.headers["Content-Type"] = fault.content_type
    return response


def _answer_json(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    body = json.dumps(fault.value)
    return Response(body, fault.status, content_type="application/json")


def _answer_members(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    response = proceed()
    answer = response.get_json(silent=True)
    if response.status_code == 200 and isinstance(answer, dict):
        changes = fault.value if isinstance(fault.value, Mapping) else {}
        changed = answer | dict(changes)
        kept = {name: value for name, value in changed.items() if value is not ABSENT}
        response.set_data(json.dumps(kept))
    return response


def _answer_properly(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    return proceed()


def _answer_nothing(fault: Fault, request: Request, proceed: Proceed) -> BaseResponse:
    request.environ[DELIVERY_KEY] = "drop"
    return Response(b"")


_KINDS: Final[Mapping[Kind, Callable[[Fault, Request, Proceed], BaseResponse]]] = {
    "status": _answer_status,
    "delay": _answer_properly,
    "refuse": _answer_refusal,
    "garbled": _answer_bytes,
    "json": _answer_json,
    "members": _answer_members,
    "drop": _answer_nothing,
}
