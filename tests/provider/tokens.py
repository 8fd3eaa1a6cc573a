"""Reading tokens with joserfc: an implementation that is not the bridge's."""

import base64
import json

from joserfc import jwt
from joserfc.jwk import KeySet

from bridge.core.patron import JsonObject
from bridge.signing.keys import KeyRing


def claims_of(id_token: object) -> JsonObject:
    """Read the claims set without looking at the signature."""
    return _part(id_token, 1)


def header_of(id_token: object) -> JsonObject:
    """Read the header."""
    return _part(id_token, 0)


def verified_claims(id_token: object, ring: KeyRing, alg: str) -> JsonObject:
    """Verify the signature by the published keys; return the claims set.

    Raises:
        joserfc.errors.JoseError: it does not hold.
    """
    keys = KeySet.import_key_set(json.loads(json.dumps(ring.jwks())))
    claims: JsonObject = jwt.decode(str(id_token), keys, algorithms=[alg]).claims
    return claims


def _part(token: object, number: int) -> JsonObject:
    text = str(token).split(".")[number]
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    members: JsonObject = json.loads(raw)
    return members
