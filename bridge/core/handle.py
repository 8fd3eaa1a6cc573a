"""Handle: what a code, an access token and a refresh token are made of.

A handle names a grant and says what of it is meant; an HMAC tag under a key that is not
in the store closes it. Layout (version 1) in bytes, 54 in all, as base64url:

    version 1 | kind 1 | grant id 16 | generation 4 | end 4 | scope 2 | epoch 4
    | key id 4 | tag 18
"""

import base64
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

VERSION: Final = 1
MAX_SCOPES: Final = 16  # of one client: a handle has a bit for each
KEY_ID_BYTES: Final = 4
TAG_BYTES: Final = 18
_LAYOUT: Final = struct.Struct(f">BB16sIIHI{KEY_ID_BYTES}s")
_TEXT_LENGTH: Final = (_LAYOUT.size + TAG_BYTES) * 4 // 3  # 72: no padding needed
_TEXT: Final = re.compile(f"[A-Za-z0-9_-]{{{_TEXT_LENGTH}}}")


class Kind(Enum):
    """What a handle may be used for."""

    CODE = ord("c")
    ACCESS = ord("a")
    REFRESH = ord("r")


@dataclass(frozen=True, slots=True)
class Handle:
    """One use of a grant; `end` in whole seconds since the epoch."""

    kind: Kind
    grant_id: bytes
    generation: int
    end: int
    scope_bits: int  # over the scope list of the grant's row
    access_epoch: int
    key_id: bytes

    def is_expired(self, now: int) -> bool:
        """Tell whether the handle's own end has come."""
        return now >= self.end


def pack(handle: Handle) -> bytes:
    """Write *handle* as the bytes that the tag is made over."""
    return _LAYOUT.pack(
        VERSION,
        handle.kind.value,
        handle.grant_id,
        handle.generation,
        handle.end,
        handle.scope_bits,
        handle.access_epoch,
        handle.key_id,
    )


def join(packed: bytes, tag: bytes) -> str:
    """Close *packed* by its *tag*, as the text that leaves the bridge."""
    return base64.urlsafe_b64encode(packed + tag).decode("ascii")


def split(text: str) -> tuple[Handle, bytes, bytes] | None:
    """Read a handle, its packed bytes and its tag, or None where *text* is none.

    Nothing of the result may be trusted before the tag is verified.
    """
    # Python's decoder takes "+", "/" and padding as well: one handle, one text.
    if not _TEXT.fullmatch(text):
        return None
    raw = base64.urlsafe_b64decode(text)
    packed, tag = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    version, kind, grant_id, generation, end, bits, epoch, key_id = _LAYOUT.unpack(
        packed
    )
    if version != VERSION or kind not in {member.value for member in Kind}:
        return None
    return (
        Handle(Kind(kind), grant_id, generation, end, bits, epoch, key_id),
        packed,
        tag,
    )


def scope_bits(scope: Sequence[str], of: Sequence[str]) -> int:
    """Write *scope* as bits over the list *of* (bit i: of[i] is in it)."""
    return sum(1 << i for i, value in enumerate(of) if value in scope)


def scope_values(bits: int, of: Sequence[str]) -> tuple[str, ...]:
    """Read bits over the list *of*."""
    return tuple(value for i, value in enumerate(of) if bits >> i & 1)
