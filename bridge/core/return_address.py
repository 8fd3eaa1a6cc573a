"""Where a client may be answered: the only maker of a ReturnAddress.

Only an exact match of a registered `redirect_uri` makes one, and without one no error
can be redirected: there is no open redirect to forget.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import Final

from bridge.core.client import Client
from bridge.core.errors import (
    PageReason,
    ProtocolError,
    TooManyRequests,
    UnsafeRequest,
)

_PROOF: Final = object()


class Parameters(Mapping[str, str]):
    """Request parameters; those without a value count as absent (RFC 6749 §3.1).

    None may come twice; a doubled one is kept in mind until there is a place to tell.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        seen: set[str] = set()
        doubled: set[str] = set()
        for name, value in pairs:
            (doubled if name in seen else seen).add(name)
            if value:
                self._values.setdefault(name, value)
        self.doubled = frozenset(doubled)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class ResponseMode(StrEnum):
    """How an answer reaches the client (OAuth 2.0 Multiple Response Types §2.1)."""

    QUERY = "query"
    FORM_POST = "form_post"  # OAuth 2.0 Form Post Response Mode


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where a client is answered: made by `return_address` and `rematch` alone."""

    client: Client
    redirect_uri: str
    state: str | None
    response_mode: ResponseMode
    proof: InitVar[object]  # not kept: a changed copy would need it anew

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("a ReturnAddress is made by return_address() alone")


class ErrorAtClient(ProtocolError):
    """A protocol error that goes to the client: made by `errors_go_to` alone."""

    def __init__(self, address: ReturnAddress, cause: ProtocolError) -> None:
        super().__init__(cause.description, detail=cause.detail)
        self.address = address
        self.cause = cause


@contextmanager
def errors_go_to(address: ReturnAddress) -> Iterator[None]:
    """Send what is raised inside to the client, but for what must be a page."""
    try:
        yield
    except (UnsafeRequest, TooManyRequests, ErrorAtClient):
        raise
    except ProtocolError as error:
        raise ErrorAtClient(address, error) from error


def return_address(
    parameters: Parameters, clients: Mapping[str, Client]
) -> ReturnAddress:
    """Find where the client may be answered (RFC 6749 §3.1.2.3: exact match).

    Errors, too, go there in the response mode that is asked for; where that is doubled
    or not supported, in the query. A request object is refused in the mode that it
    asks for itself: of all that stands in it, this alone is read, and proves nothing.

    Raises:
        UnsafeRequest: there is no such place; the browser is shown a page.
    """
    if doubled := parameters.doubled & {"client_id", "redirect_uri"}:
        raise UnsafeRequest(
            PageReason.BAD_REQUEST, f"{min(doubled)} is given more than once"
        )
    client = clients.get(parameters.get("client_id", ""))
    if client is None:
        raise UnsafeRequest(PageReason.UNKNOWN_CLIENT, "unknown client_id")
    once = {name: v for name, v in parameters.items() if name not in parameters.doubled}
    asked = once.get("response_mode") or _mode_in_object(once.get("request", ""))
    mode = ResponseMode(asked) if asked in set(ResponseMode) else ResponseMode.QUERY
    return rematch(client, parameters.get("redirect_uri"), once.get("state"), mode)


def _mode_in_object(request: str) -> str | None:
    """Read response_mode from a request object that nobody verified (RFC 9101 §4)."""
    payload = request.partition(".")[2].partition(".")[0]
    try:
        claims = json.loads(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        )
    except (ValueError, RecursionError):
        return None
    mode = claims.get("response_mode") if isinstance(claims, dict) else None
    return mode if isinstance(mode, str) else None


def rematch(
    client: Client,
    redirect_uri: str | None,
    state: str | None,
    response_mode: ResponseMode = ResponseMode.QUERY,
) -> ReturnAddress:
    """Match *redirect_uri* against the registration as it is now.

    What a ticket or a grant carries is matched anew: the registration may have changed.

    Raises:
        UnsafeRequest: it is not registered, byte for byte.
    """
    if redirect_uri is None or redirect_uri not in client.redirect_uris:
        raise UnsafeRequest(
            PageReason.REDIRECT_URI,
            "redirect_uri is missing or not registered",
            client_id=client.client_id,
        )
    return ReturnAddress(client, redirect_uri, state, response_mode, _PROOF)
