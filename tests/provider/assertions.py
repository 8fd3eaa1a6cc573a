"""Clients that authenticate by assertions, and everything that can be wrong with one.

Assertions are signed by joserfc: an implementation that is not the bridge's.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from bridge.core.client import AuthMethod, Client
from bridge.core.patron import JsonObject
from bridge.core.return_address import Parameters
from bridge.provider.client_assertion import TYPE, AssertionParts
from bridge.provider.client_auth import ClientAuthentication, Credentials
from bridge.signing.keys import KeyRing, make_key
from bridge.signing.verifier import JwsVerifier
from bridge.store.memory import MemoryStore
from tests.provider.world import ISSUER, NOW, Recorder, make_client

RSA: Final = RSAKey.generate_key(2048)
KEYS: Final[Mapping[str, RSAKey | ECKey | OKPKey]] = {
    "RS256": RSA,
    "PS256": RSA,
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}
STRANGER: Final = ECKey.generate_key("P-256")


def public_jwk(key: RSAKey | ECKey | OKPKey, **members: str) -> JsonObject:
    """Write the public half of a key of joserfc as a JWK."""
    return {**json.loads(json.dumps(key.as_dict(private=False))), **members}


def signing_client(
    client_id: str = "library",
    alg: str = "ES256",
    key: RSAKey | ECKey | OKPKey | None = None,
) -> Client:
    """Return a client that authenticates by private_key_jwt."""
    return make_client(
        client_id,
        secret_digests=(),
        token_endpoint_auth_methods=frozenset({AuthMethod.PRIVATE_KEY_JWT}),
        token_endpoint_auth_signing_alg=alg,
        jwks=(public_jwk(key or KEYS[alg]),),
    )


def good_claims(**changes: object) -> dict[str, object]:
    """Return the claims of a good assertion; None leaves one out."""
    claims = {
        "iss": "library",
        "sub": "library",
        "aud": f"{ISSUER}/token",
        "exp": NOW + 60,
        "iat": NOW,
        "jti": "assertion-1",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(
    claims: Mapping[str, object],
    header: Mapping[str, object] = MappingProxyType({}),
    key: RSAKey | ECKey | OKPKey | None = None,
    alg: str = "ES256",
) -> str:
    """Sign *claims* with *alg*."""
    payload = json.dumps(claims).encode()
    members = {"alg": alg, **header}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(members, payload, key or KEYS[alg], registry=registry)


def by_hand(header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    """Write header and payload as they stand before the signature."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts)


def hmac_signed(claims: Mapping[str, object], secret: bytes) -> str:
    """Sign by HS256 with what everybody may know: a public key."""
    message = by_hand({"alg": "HS256"}, claims)
    tag = hmac.digest(secret, message.encode(), hashlib.sha256)
    return f"{message}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


@dataclass
class NotingKeys:
    """The ClientKeys port over the registration; notes which kids were asked for."""

    kids: list[str | None] = field(default_factory=list)

    def keys_of(
        self, client: Client, kid: str | None, now: int
    ) -> Sequence[JsonObject]:
        self.kids.append(kid)
        return client.jwks


class Door:
    """An endpoint at which clients authenticate."""

    def __init__(self, *clients: Client, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.audit = Recorder()
        self.keys = NotingKeys()
        verifier = JwsVerifier(KeyRing([make_key("ES256", NOW, NOW)]))
        parts = AssertionParts(ISSUER, self.keys, verifier, self.store)
        by_id = {client.client_id: client for client in clients}
        self.authentication = ClientAuthentication(by_id, parts, self.audit)

    def knock(
        self,
        assertion: str,
        form: Mapping[str, str] = MappingProxyType({}),
        *,
        now: int = NOW,
        endpoint: str = "/token",
        authorization: str | None = None,
    ) -> str:
        """Authenticate by *assertion*; return the client_id."""
        sent = {
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
            **form,
        }
        credentials = Credentials(
            Parameters(sent.items()), authorization, f"{ISSUER}{endpoint}"
        )
        return self.authentication.authenticate(credentials, now).client_id
