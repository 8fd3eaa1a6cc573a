"""Base64url without padding (RFC 4648 §5), strict when read."""

import base64
import binascii


def to_base64url(raw: bytes) -> str:
    """Write *raw* as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes | None:
    """Read base64url without padding; None where *text* is anything else."""
    if not text.isascii() or len(text) % 4 == 1 or "=" in text:
        return None
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    try:
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return raw if to_base64url(raw) == text else None
