"""Ticket: what travels sealed while the browser is elsewhere (docs/grants.md, Ticket).

Nothing is stored for a browser that has not signed in: the request survives the trip to
RERO+ inside `state`, sealed and bound to the browser. Inside the seal stand, in this
order: the ticket's id (16 bytes), its end (4), the digest of the browser's binding
cookie (32), and the deflated payload. The seal is opened first and the cookie compared
next; before both hold, nothing else is read but which client the page of the error may
name and lead back to, by its registration alone.
"""

import hmac
import json
import zlib
from dataclasses import dataclass
from enum import Enum
from typing import Final

from bridge.core.authorization import AuthorizationRequest
from bridge.core.claims import ANYTHING, ClaimsRequest
from bridge.core.compact import compact
from bridge.core.errors import PageReason, UnsafeRequest
from bridge.core.patron import JsonObject, JsonValue
from bridge.core.return_address import ResponseMode
from bridge.core.seal import ticket_purpose
from bridge.flow.ports import Sealer
from bridge.flow.text import from_base64url, to_base64url

ID_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
_HEAD_BYTES: Final = ID_BYTES + 4 + _DIGEST_BYTES
MAX_PAYLOAD_BYTES: Final = 32_768  # inflating is bounded
NO_BROWSER: Final = bytes(_DIGEST_BYTES)  # for kinds that any browser may bring


class TicketKind(Enum):
    """What a ticket is for; one kind is never taken for another."""

    LOGIN = b"login"
    CARD = b"card"
    CONSENT = b"consent"
    LOGOUT = b"logout"  # the button that signs out
    REFUSAL = b"refusal"  # the button of a page that ends at the client
    REQUEST = b"request"  # a request to begin (again) with: no rights in it


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket; `payload` may be read, `ends_at` is yet to be compared."""

    ticket_id: bytes
    ends_at: int
    payload: JsonObject

    def is_expired(self, now: int) -> bool:
        """Tell whether the ticket's own end has come."""
        return now >= self.ends_at


def seal_ticket(
    sealer: Sealer, kind: TicketKind, ticket: Ticket, browser_digest: bytes, now: int
) -> str:
    """Seal *ticket* for one browser, as base64url text."""
    payload = compact(ticket.payload).encode()
    plaintext = (
        ticket.ticket_id
        + ticket.ends_at.to_bytes(4, "big")
        + browser_digest
        + zlib.compress(payload, level=6, wbits=-15)
    )
    return to_base64url(sealer.seal(ticket_purpose(kind.value), plaintext, now))


def open_ticket(
    sealer: Sealer, kind: TicketKind, text: str, browser_digest: bytes | None
) -> Ticket:
    """Open a ticket of *kind* in the browser that it was made for.

    Raises:
        UnsafeRequest: it is damaged, of another kind, or of another browser.
    """
    sealed = from_base64url(text)
    plaintext = (
        None if sealed is None else sealer.open(ticket_purpose(kind.value), sealed)
    )
    if plaintext is None or len(plaintext) < _HEAD_BYTES:
        raise UnsafeRequest(PageReason.TICKET, "the ticket is damaged or not ours")
    bound_to = plaintext[ID_BYTES + 4 : _HEAD_BYTES]
    if browser_digest is None or not hmac.compare_digest(bound_to, browser_digest):
        raise UnsafeRequest(
            PageReason.OTHER_BROWSER,
            "the login was begun in another browser",
            client_id=_client_of_another(plaintext[_HEAD_BYTES:]),
        )
    return Ticket(
        plaintext[:ID_BYTES],
        int.from_bytes(plaintext[ID_BYTES : ID_BYTES + 4], "big"),
        _inflate(plaintext[_HEAD_BYTES:]),
    )


def client_named_in(payload: JsonObject) -> str | None:
    """Return whose request a ticket carries, and read nothing else of it."""
    request = payload.get("request")
    client_id = request.get("c") if isinstance(request, dict) else None
    return client_id if isinstance(client_id, str) else None


def _client_of_another(deflated: bytes) -> str | None:
    """Return what the page may know of a ticket that is another browser's."""
    try:
        return client_named_in(_inflate(deflated))
    except UnsafeRequest:
        return None


def _inflate(deflated: bytes) -> JsonObject:
    inflater = zlib.decompressobj(wbits=-15)
    try:
        payload = inflater.decompress(deflated, MAX_PAYLOAD_BYTES)
        if inflater.unconsumed_tail or not inflater.eof:
            raise UnsafeRequest(PageReason.TICKET, "the ticket is too large")
        read = json.loads(payload)
    except (zlib.error, ValueError) as cause:
        raise UnsafeRequest(PageReason.TICKET, "the ticket cannot be read") from cause
    if not isinstance(read, dict):
        raise UnsafeRequest(PageReason.TICKET, "the ticket holds no object")
    return read


def request_to_record(request: AuthorizationRequest) -> JsonObject:
    """Write a checked request for a ticket; empty members are left out."""
    is_query = request.response_mode is ResponseMode.QUERY
    pushed_id = request.pushed_id
    record: dict[str, JsonValue] = {
        "c": request.client_id,
        "u": request.redirect_uri,
        "s": [*request.scope],
        "st": request.state,
        "n": request.nonce,
        "cc": request.code_challenge,
        "p": [*sorted(request.prompt)],
        "m": request.max_age,
        "ci": [*request.claims.id_token],
        "cu": [*request.claims.userinfo],
        "cs": [*request.claims.subjects],
        "l": [*request.ui_locales],
        "rm": None if is_query else request.response_mode.value,
        "pr": None if pushed_id is None else to_base64url(pushed_id),
    }
    return {key: value for key, value in record.items() if value not in (None, [])}


def request_to_pairs(request: AuthorizationRequest) -> list[tuple[str, str]]:
    """Write a checked request as the parameters that it came by, to begin it again."""
    asked: JsonObject = {
        "id_token": dict.fromkeys(request.claims.id_token),
        "userinfo": dict.fromkeys(request.claims.userinfo),
    }
    if request.claims.subjects:
        asked["id_token"] = {
            **dict.fromkeys(request.claims.id_token),
            "sub": {"values": [*request.claims.subjects]},
        }
    is_query = request.response_mode is ResponseMode.QUERY
    optional = {
        "state": request.state,
        "nonce": request.nonce,
        "code_challenge": request.code_challenge,
        "code_challenge_method": request.code_challenge and "S256",
        "prompt": " ".join(sorted(request.prompt)),
        "max_age": None if request.max_age is None else str(request.max_age),
        "claims": None if request.claims == ANYTHING else json.dumps(asked),
        "ui_locales": " ".join(request.ui_locales),
        "response_mode": None if is_query else request.response_mode.value,
    }
    return [
        ("client_id", request.client_id),
        ("redirect_uri", request.redirect_uri),
        ("response_type", "code"),
        ("scope", " ".join(request.scope)),
        *((name, value) for name, value in optional.items() if value),
    ]


def request_from_record(record: JsonValue) -> AuthorizationRequest:
    """Read what `request_to_record` wrote.

    Raises:
        UnsafeRequest: the record is of another version of the bridge.
    """
    try:
        if not isinstance(record, dict):
            raise TypeError("not an object")
        max_age = record.get("m")
        if max_age is not None and not isinstance(max_age, int):
            raise TypeError("max_age is not a number")
        return AuthorizationRequest(
            client_id=_text(record["c"]),
            redirect_uri=_text(record["u"]),
            scope=_texts(record["s"]),
            state=_optional(record.get("st")),
            nonce=_optional(record.get("n")),
            code_challenge=_optional(record.get("cc")),
            prompt=frozenset(_texts(record.get("p"))),
            max_age=max_age,
            claims=ClaimsRequest(
                _texts(record.get("ci")),
                _texts(record.get("cu")),
                _texts(record.get("cs")),
            ),
            ui_locales=_texts(record.get("l")),
            response_mode=ResponseMode(_optional(record.get("rm")) or "query"),
            pushed_id=from_base64url(_optional(record.get("pr")) or "") or None,
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise UnsafeRequest(PageReason.TICKET, "the ticket cannot be read") from cause


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _optional(value: JsonValue) -> str | None:
    return None if value is None else _text(value)


def _texts(value: JsonValue) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_text(item) for item in value)
