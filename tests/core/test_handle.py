"""Handles as bytes and as text: one spelling each, and nothing else is one."""

import string
import struct
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.handle import (
    MAX_SCOPES,
    TAG_BYTES,
    Handle,
    Kind,
    join,
    pack,
    scope_bits,
    scope_values,
    split,
)
from bridge.provider.handles import read_handle, write_handle
from bridge.signing.secret_files import SecretKey
from bridge.signing.tagger import HmacTagger

KEY: Final = b"\xfb\xef\xbe\xff"
TAGGER: Final = HmacTagger([SecretKey(KEY, 0, b"t" * 32)])
HANDLE: Final = Handle(Kind.CODE, b"\xff" * 16, 3, 1_800_000_060, 0b101, 2, KEY)
TEXT: Final = write_handle(TAGGER, HANDLE)
ALPHABET: Final = string.ascii_letters + string.digits + "-_"
u32 = st.integers(0, 2**32 - 1)
handles = st.builds(
    Handle,
    st.sampled_from(Kind),
    st.binary(min_size=16, max_size=16),
    u32,
    u32,
    st.integers(0, 2**16 - 1),
    u32,
    st.binary(min_size=4, max_size=4),
)


@given(handles, st.binary(min_size=18, max_size=18))
def test_a_handle_is_read_as_it_was_written(handle: Handle, tag: bytes) -> None:
    text = join(pack(handle), tag)

    assert split(text) == (handle, pack(handle), tag)
    assert len(text) == 72
    assert set(text) <= set(ALPHABET)


def test_the_layout_of_version_1_is_frozen() -> None:
    handle = Handle(Kind.REFRESH, bytes(range(16)), 1, 2, 3, 4, b"key1")

    assert pack(handle).hex() == (
        "01" + "72" + "000102030405060708090a0b0c0d0e0f"
        "00000001" + "00000002" + "0003" + "00000004" + b"key1".hex()
    )


def test_any_changed_character_is_refused() -> None:
    for place, character in enumerate(TEXT):
        other = ALPHABET[(ALPHABET.index(character) + 1) % 64]
        changed = TEXT[:place] + other + TEXT[place + 1 :]

        assert read_handle(TAGGER, changed, Kind.CODE) is None, place

    assert read_handle(TAGGER, TEXT, Kind.CODE) == HANDLE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(TEXT[:-1], id="cut"),
        pytest.param(TEXT[:-4], id="cut by whole bytes"),
        pytest.param(TEXT + "A", id="longer"),
        pytest.param(TEXT + "AAAA", id="longer by whole bytes"),
        pytest.param(TEXT + "=", id="padded"),
        pytest.param(TEXT[:-1] + "=", id="padding for a character"),
        pytest.param(TEXT.replace("_", "/").replace("-", "+"), id="plain base64"),
        pytest.param(TEXT[:-1] + "\n", id="newline for a character"),
        pytest.param(TEXT + "\n", id="newline behind"),
        pytest.param(" " + TEXT[1:], id="blank"),
        pytest.param(TEXT[:-1] + "é", id="not ASCII"),
        pytest.param(TEXT[:-1] + "\N{FULLWIDTH LATIN SMALL LETTER A}", id="full width"),
        pytest.param("A" * 72, id="version 0"),
    ],
)
def test_what_is_spelled_otherwise_is_no_handle(text: str) -> None:
    assert split(text) is None


def test_another_version_is_no_handle() -> None:
    packed = pack(HANDLE)

    later = join(b"\x02" + packed[1:], bytes(18))

    assert split(later) is None


def test_an_unknown_kind_is_no_handle() -> None:
    packed = pack(HANDLE)

    unknown = join(packed[:1] + b"x" + packed[2:], bytes(18))

    assert split(unknown) is None


@given(st.text(max_size=100))
def test_no_text_makes_splitting_fail(text: str) -> None:
    parts = split(text)

    assert parts is None or join(parts[1], parts[2]) == text


def test_a_handle_is_over_at_its_end() -> None:
    assert not HANDLE.is_expired(HANDLE.end - 1)
    assert HANDLE.is_expired(HANDLE.end)


def test_scope_bits_are_read_over_the_list_they_were_written_over() -> None:
    granted = ("openid", "profile", "email")

    assert scope_bits(("email", "openid", "rero"), granted) == 0b101
    assert scope_values(0b101, granted) == ("openid", "email")
    assert scope_values(scope_bits(granted, granted), granted) == granted


def test_a_handle_carries_as_many_scopes_as_a_client_may_have() -> None:
    scopes = [f"s{number}" for number in range(MAX_SCOPES)]
    bits = scope_bits(scopes, scopes)

    read = split(join(pack(replace(HANDLE, scope_bits=bits)), bytes(TAG_BYTES)))

    assert read is not None
    assert scope_values(read[0].scope_bits, scopes) == tuple(scopes)
    with pytest.raises(struct.error):
        pack(replace(HANDLE, scope_bits=bits << 1))
