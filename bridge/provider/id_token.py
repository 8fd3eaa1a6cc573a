"""The claims set of an ID token (OIDC Core §2)."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from bridge.core.grant import Grant
from bridge.core.patron import JsonObject

_HASHES: Final = {
    "RS256": hashlib.sha256,
    "ES256": hashlib.sha256,
    "PS256": hashlib.sha256,
    "EdDSA": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class IdTokenSettings:
    """What all ID tokens have in common."""

    issuer: str
    lifetime_s: int
    amr: tuple[str, ...] = ()  # how patrons sign in (RFC 8176); empty: not told


def id_token_claims(
    settings: IdTokenSettings,
    sub: str,
    grant: Grant,
    user_claims: JsonObject,
    issued_at: int,
) -> JsonObject:
    """Return the claims set; no claim of the patron replaces a protocol claim.

    There is no `acr`: RERO+ vouches for none. `nonce` and `at_hash` are added where
    they belong by the engine.
    """
    claims: JsonObject = dict(user_claims)
    claims.update(
        {
            "iss": settings.issuer,
            "sub": sub,
            "aud": grant.client_id,
            "azp": grant.client_id,
            "exp": issued_at + settings.lifetime_s,
            "iat": issued_at,
            "auth_time": grant.auth_time,
        }
    )
    if settings.amr:
        claims["amr"] = [*settings.amr]
    if grant.sid is not None:
        claims["sid"] = grant.sid
    return claims


def left_half_hash(value: str, alg: str) -> str:
    """Return at_hash or c_hash of *value* (OIDC Core §3.1.3.6).

    Raises:
        KeyError: *alg* is not one that the bridge signs with.
    """
    digest = _HASHES[alg](value.encode("ascii")).digest()
    half = digest[: len(digest) // 2]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode("ascii")
