"""PKCE: the S256 challenge against its verifier (RFC 7636); `plain` is not taken."""

import base64
import hashlib
import hmac
import re
from typing import Final

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 §4.1


def is_challenge(text: str) -> bool:
    """Tell whether *text* can be an S256 challenge: base64url of 32 bytes."""
    return _CHALLENGE.fullmatch(text) is not None


def is_verifier(text: str) -> bool:
    """Tell whether *text* is a well-formed code_verifier."""
    return _VERIFIER.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """Compute the S256 challenge of *verifier* (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def fits(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether the verifier proves the challenge, both ways (RFC 9700 §4.8.2).

    A challenge without a verifier fails, and so does a verifier without a challenge:
    the latter would let an attacker strip PKCE from the authorization request.
    """
    if verifier is None or challenge is None:
        return verifier is None and challenge is None
    return is_verifier(verifier) and hmac.compare_digest(
        challenge_of(verifier), challenge
    )
