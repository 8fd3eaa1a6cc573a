"""Tokens signed by hand, also such as nobody should sign, and who takes them."""

import base64
import json
from collections.abc import Mapping
from typing import Final

from jwt import get_algorithm_by_name

from bridge.signing.keys import KeyRing, SigningKey, make_key
from bridge.signing.verifier import JwsVerifier

NOW: Final = 1_764_000_000
KEY: Final = make_key("ES256", NOW, NOW)
STRANGER: Final = make_key("ES256", NOW, NOW)
STRANGERS_JWK: Final = STRANGER.public_jwk()
VERIFIER: Final = JwsVerifier(KeyRing([KEY]))


def encoded(content: bytes) -> str:
    """Write base64url."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def token_of(
    key: SigningKey, header: Mapping[str, object], payload: bytes = b'{"sub":"abc"}'
) -> str:
    """Sign *payload* by *key* whatever *header* says."""
    message = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    method = get_algorithm_by_name(key.algorithm.name)
    return f"{message}.{encoded(method.sign(message.encode(), key.private_key))}"


def good_header(**changes: object) -> dict[str, object]:
    """Return the header of a token of ours, with *changes*."""
    return {"alg": "ES256", "kid": KEY.kid, "typ": "JWT", **changes}


def is_taken(token: str) -> list[bool]:
    """Tell whether *token* passes as one of ours, and as one of a client's."""
    own = VERIFIER.verify_own(token)
    clients = VERIFIER.verify(token, [KEY.public_jwk()], "ES256")
    return [own is not None, clients is not None]


def unsigned(alg: str, signature: str = "") -> str:
    """Write a token with a signature of one's own."""
    header = encoded(json.dumps(good_header(alg=alg)).encode())
    return f"{header}.{encoded(b'{}')}.{signature}"
