"""Ticket: sealed for one kind, one browser and one time; nothing else opens it."""

import hashlib
import zlib
from typing import Final

import pytest

from bridge.core.errors import PageReason
from bridge.core.patron import JsonObject
from bridge.core.seal import ticket_purpose
from bridge.flow.text import from_base64url, to_base64url
from bridge.flow.ticket import (
    MAX_PAYLOAD_BYTES,
    Ticket,
    TicketKind,
    open_ticket,
    request_from_record,
    request_to_record,
    seal_ticket,
)
from bridge.signing.sealer import AeadSealer
from bridge.signing.secret_files import SecretKey
from tests.flow.support import page
from tests.support.trial import NOW

SEALER: Final = AeadSealer([SecretKey(b"key1", NOW - 3_600, b"s" * 32)])
BROWSER: Final = hashlib.sha256(b"binding cookie").digest()
TICKET: Final = Ticket(b"i" * 16, NOW + 900, {"request": {"c": "service"}})


def seal(kind: TicketKind = TicketKind.LOGIN) -> str:
    return seal_ticket(SEALER, kind, TICKET, BROWSER, NOW)


def seal_plaintext(plaintext: bytes) -> str:
    purpose = ticket_purpose(TicketKind.LOGIN.value)
    return to_base64url(SEALER.seal(purpose, plaintext, NOW))


def deflate(payload: bytes) -> bytes:
    return zlib.compress(payload, level=9, wbits=-15)


def test_ticket_opens_in_the_browser_that_it_was_made_for() -> None:
    opened = open_ticket(SEALER, TicketKind.LOGIN, seal(), BROWSER)

    assert opened == TICKET


@pytest.mark.parametrize(
    "kind", [kind for kind in TicketKind if kind.value != b"login"]
)
def test_ticket_of_another_kind_is_not_taken(kind: TicketKind) -> None:
    with page(PageReason.TICKET):
        open_ticket(SEALER, TicketKind.LOGIN, seal(kind), BROWSER)


def test_ticket_does_not_open_in_another_browser() -> None:
    other = hashlib.sha256(b"another cookie").digest()

    with page(PageReason.OTHER_BROWSER):
        open_ticket(SEALER, TicketKind.LOGIN, seal(), other)


def test_ticket_does_not_open_without_a_binding_cookie() -> None:
    with page(PageReason.OTHER_BROWSER):
        open_ticket(SEALER, TicketKind.LOGIN, seal(), None)


def test_payload_is_not_read_before_the_cookie_holds() -> None:
    damaged = seal_plaintext(b"i" * 16 + b"\0" * 4 + BROWSER + b"no deflated data")
    other = hashlib.sha256(b"another cookie").digest()

    with page(PageReason.OTHER_BROWSER):
        open_ticket(SEALER, TicketKind.LOGIN, damaged, other)


def test_no_byte_of_a_ticket_can_be_changed() -> None:
    sealed = from_base64url(seal())
    assert sealed is not None

    for place in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 1
        with page(PageReason.TICKET):
            open_ticket(SEALER, TicketKind.LOGIN, to_base64url(bytes(flipped)), BROWSER)


def test_no_ticket_can_be_cut_short() -> None:
    text = seal()

    for length in range(len(text)):
        with page(PageReason.TICKET):
            open_ticket(SEALER, TicketKind.LOGIN, text[:length], BROWSER)


@pytest.mark.parametrize("text", ["", "=", "a", "\u00e9" * 40, "A" * 5_000, "+/+/"])
def test_what_is_no_ticket_is_not_opened(text: str) -> None:
    with page(PageReason.TICKET):
        open_ticket(SEALER, TicketKind.LOGIN, text, BROWSER)


def test_ticket_of_another_key_does_not_open() -> None:
    other = AeadSealer([SecretKey(b"key1", NOW - 3_600, b"t" * 32)])

    with page(PageReason.TICKET):
        open_ticket(other, TicketKind.LOGIN, seal(), BROWSER)


@pytest.mark.parametrize("size", [MAX_PAYLOAD_BYTES + 1, 50_000_000])
def test_inflating_is_bounded(size: int) -> None:
    bomb = deflate(b'{"a":"' + b"a" * (size - 8) + b'"}')
    assert len(bomb) < 60_000
    text = seal_plaintext(b"i" * 16 + b"\0" * 4 + BROWSER + bomb)

    with page(PageReason.TICKET):
        open_ticket(SEALER, TicketKind.LOGIN, text, BROWSER)


def test_payload_may_be_as_long_as_the_bound() -> None:
    payload = b'{"a":"' + b"a" * (MAX_PAYLOAD_BYTES - 8) + b'"}'
    text = seal_plaintext(b"i" * 16 + b"\0" * 4 + BROWSER + deflate(payload))

    opened = open_ticket(SEALER, TicketKind.LOGIN, text, BROWSER)

    assert len(str(opened.payload["a"])) == MAX_PAYLOAD_BYTES - 8


@pytest.mark.parametrize("payload", [b"[]", b"null", b"1", b"{", b"\xff", b""])
def test_payload_that_is_no_object_is_not_read(payload: bytes) -> None:
    text = seal_plaintext(b"i" * 16 + b"\0" * 4 + BROWSER + deflate(payload))

    with page(PageReason.TICKET):
        open_ticket(SEALER, TicketKind.LOGIN, text, BROWSER)


@pytest.mark.parametrize(
    "record",
    [None, [], {}, {"c": 1}, {"c": "a", "u": "b"}, {"c": "a", "u": "b", "s": "c"}],
)
def test_request_of_another_version_is_not_guessed_at(record: None) -> None:
    with page(PageReason.TICKET):
        request_from_record(record)


def test_request_survives_the_trip_whole() -> None:
    record: JsonObject = {
        "c": "service",
        "u": "https://service.example/callback",
        "s": ["openid", "rero"],
        "st": "a state with / ? & = %",
        "n": "nonce",
        "cc": "challenge",
        "p": ["login"],
        "m": 0,
        "ci": ["name"],
        "cu": ["birthdate"],
        "cs": ["sub-1"],
        "l": ["fr"],
    }

    request = request_from_record(record)

    assert request_to_record(request) == record
    assert request.max_age == 0


def test_ticket_ends_in_the_second_of_its_end() -> None:
    assert not TICKET.is_expired(NOW + 899)
    assert TICKET.is_expired(NOW + 900)
