"""Handles leave with a tag and are opened only where it holds."""

import base64

import pytest

from bridge.core.handle import Handle, Kind
from bridge.provider.handles import read_handle, write_handle
from bridge.signing.secret_files import SecretKey
from bridge.signing.tagger import HmacTagger

TAGGER = HmacTagger([SecretKey(b"tags", 0, b"t" * 32)])
OTHER = HmacTagger([SecretKey(b"tags", 0, b"o" * 32)])
HANDLE = Handle(Kind.ACCESS, bytes(range(16)), 3, 1_900_000_000, 5, 2, b"tags")


def test_handle_comes_back_as_it_was_written() -> None:
    text = write_handle(TAGGER, HANDLE)

    assert read_handle(TAGGER, text, Kind.ACCESS) == HANDLE
    assert len(text) <= 100
    assert text.isascii()


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.REFRESH])
def test_handle_of_one_kind_serves_for_no_other(kind: Kind) -> None:
    assert read_handle(TAGGER, write_handle(TAGGER, HANDLE), kind) is None


def test_each_changed_byte_closes_the_handle() -> None:
    raw = base64.urlsafe_b64decode(write_handle(TAGGER, HANDLE))

    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        text = base64.urlsafe_b64encode(changed).decode()
        assert read_handle(TAGGER, text, Kind.ACCESS) is None, place


@pytest.mark.parametrize(
    "text", ["", "x", "A" * 72, "ü" * 72, "A" * 71 + "=", "=" * 72]
)
def test_text_that_is_no_handle_is_none(text: str) -> None:
    assert read_handle(TAGGER, text, Kind.ACCESS) is None


def test_handle_of_another_key_is_none() -> None:
    assert read_handle(OTHER, write_handle(TAGGER, HANDLE), Kind.ACCESS) is None


def test_handle_of_a_key_that_is_gone_is_none_and_cannot_be_written() -> None:
    gone = HmacTagger([SecretKey(b"news", 0, b"t" * 32)])

    assert read_handle(gone, write_handle(TAGGER, HANDLE), Kind.ACCESS) is None
    with pytest.raises(KeyError):
        write_handle(gone, HANDLE)
