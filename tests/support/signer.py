"""A client that authenticates by private_key_jwt; joserfc signs for it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.support.trial import ISSUER, NOW, client

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RSA: Final = RSAKey.generate_key(2048)
KEYS: Final[Mapping[str, RSAKey | ECKey | OKPKey]] = {
    "RS256": RSA,
    "PS256": RSA,
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}
STRANGER: Final = ECKey.generate_key("P-256")


def signer(client_id: str = "signer", alg: str = "ES256", **members: object) -> str:
    """Write the table of a client that signs with *alg*."""
    table = client(
        client_id,
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg=alg,
        **members,
    )
    key = json.loads(json.dumps(KEYS[alg].as_dict(private=False)))
    lines = [f"{name} = {json.dumps(value)}" for name, value in key.items()]
    return "\n".join([table, "[[clients.jwks.keys]]", *lines, ""])


def assertion(
    jti: str,
    changes: Mapping[str, object] = MappingProxyType({}),
    *,
    alg: str = "ES256",
    key: RSAKey | ECKey | OKPKey | None = None,
) -> dict[str, str]:
    """Return the form fields of an assertion; None leaves a claim out."""
    claims = {
        "iss": "signer",
        "sub": "signer",
        "aud": ISSUER,
        "exp": NOW + 60,
        "jti": jti,
        **changes,
    }
    payload = json.dumps({n: v for n, v in claims.items() if v is not None}).encode()
    registry = jws.JWSRegistry(algorithms=[alg])
    token = jws.serialize_compact(
        {"alg": alg}, payload, key or KEYS[alg], registry=registry
    )
    return {"client_assertion_type": TYPE, "client_assertion": token}
