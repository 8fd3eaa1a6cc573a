"""AeadSealer: AES-256-GCM by purpose, under keys that can be changed.

Layout (version 1) in bytes: version 1 | key id 4 | nonce 12 | ciphertext | tag 16.
Version, key id and purpose are associated data: what was sealed for one purpose opens
for no other.
"""

import os
from collections.abc import Callable, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.signing.secret_files import KEY_ID_BYTES, SecretKey, maker

VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12  # NIST SP 800-38D §8.2.2; random: at most 2**32 seals a key
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = len(VERSION) + KEY_ID_BYTES
_BODY_AT: Final = _HEAD_BYTES + _NONCE_BYTES


class AeadSealer:
    """Seals and opens; the Sealer port. *keys* stand oldest first, one at least."""

    def __init__(
        self,
        keys: Sequence[SecretKey],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._keys = tuple(keys)
        self._ciphers = {key.key_id: AESGCM(key.secret) for key in keys}
        self._random = random

    def seal(self, purpose: bytes, plaintext: bytes, now: int) -> bytes:
        """Seal *plaintext* for *purpose* by the key that is settled at *now*."""
        key_id = maker(self._keys, now).key_id
        head = VERSION + key_id
        nonce = self._random(_NONCE_BYTES)
        associated = _associated_data(head, purpose)
        body = self._ciphers[key_id].encrypt(nonce, plaintext, associated)
        return head + nonce + body

    def open(self, purpose: bytes, sealed: bytes) -> bytes | None:
        """Open what `seal` made for *purpose*; None on anything that does not hold."""
        head = sealed[:_HEAD_BYTES]
        cipher = self._ciphers.get(head[len(VERSION) :])
        is_long_enough = len(sealed) >= _BODY_AT + _TAG_BYTES
        if cipher is None or not is_long_enough or not head.startswith(VERSION):
            return None
        nonce, body = sealed[_HEAD_BYTES:_BODY_AT], sealed[_BODY_AT:]
        try:
            return cipher.decrypt(nonce, body, _associated_data(head, purpose))
        except InvalidTag:
            return None


def _associated_data(head: bytes, purpose: bytes) -> bytes:
    return head + len(purpose).to_bytes(2, "big") + purpose
