"""HmacTagger: HMAC-SHA-256 tags, cut to 18 bytes, under keys that can be changed."""

import hmac
from collections.abc import Sequence

from bridge.core.handle import TAG_BYTES
from bridge.signing.secret_files import SecretKey, maker


class HmacTagger:
    """Makes tags; the Tagger port. *keys* stand oldest first, one at least."""

    def __init__(self, keys: Sequence[SecretKey]) -> None:
        self._keys = tuple(keys)
        self._secrets = {key.key_id: key.secret for key in keys}

    def key_id(self, now: int) -> bytes:
        """Return the id of the key that makes tags at *now*: the newest settled one."""
        return maker(self._keys, now).key_id

    def tag(self, key_id: bytes, message: bytes) -> bytes | None:
        """Return the tag of *message*, or None: there is no such key.

        Compare tags by `hmac.compare_digest`.
        """
        secret = self._secrets.get(key_id)
        if secret is None:
            return None
        return hmac.digest(secret, message, "sha256")[:TAG_BYTES]
