"""The signature algorithms the bridge has keys for: one table, one row each."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from jwt import get_algorithm_by_name
from jwt.utils import base64url_encode

PrivateKey: TypeAlias = (
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
)
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | Ed25519PublicKey

RSA_BITS: Final = 2048  # NIST SP 800-57: enough to 2030; 3072 bits sign 3 times slower
RSA_EXPONENT: Final = 65537


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How keys of one `alg` (RFC 7518 §3.1, RFC 8037) are made, checked, published."""

    name: str
    kty: str
    make: Callable[[], PrivateKey]
    check: Callable[[object], PublicKey]  # ValueError says what is wrong
    members: tuple[str, ...]  # of the public JWK, sorted (RFC 7638 §3.2)


def _make_rsa() -> PrivateKey:
    return rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)


def _check_rsa(key: object) -> PublicKey:
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("is not an RSA key")
    if key.key_size < RSA_BITS:
        raise ValueError(f"has {key.key_size} bits; {RSA_BITS} are the least")
    return key


def _make_p256() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _check_p256(key: object) -> PublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("is not an elliptic curve key")
    if not isinstance(key.curve, ec.SECP256R1):
        raise ValueError(f"is on the curve {key.curve.name}; ES256 needs P-256")
    return key


def _check_ed25519(key: object) -> PublicKey:
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("is not an Ed25519 key")
    return key


_RSA: Final = ("e", "kty", "n")
_EC: Final = ("crv", "kty", "x", "y")
_OKP: Final = ("crv", "kty", "x")  # RFC 8037 §2

ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    row.name: row
    for row in (
        Algorithm("RS256", "RSA", _make_rsa, _check_rsa, _RSA),
        Algorithm("PS256", "RSA", _make_rsa, _check_rsa, _RSA),
        Algorithm("ES256", "EC", _make_p256, _check_p256, _EC),
        Algorithm("EdDSA", "OKP", Ed25519PrivateKey.generate, _check_ed25519, _OKP),
    )
}


def public_members(algorithm: Algorithm, key: PrivateKey) -> dict[str, str]:
    """Return the required members of the public JWK of *key* (RFC 7518 §6)."""
    jwk = get_algorithm_by_name(algorithm.name).to_jwk(key.public_key(), as_dict=True)
    return {member: str(jwk[member]) for member in algorithm.members}


def thumbprint(members: Mapping[str, str]) -> str:
    """Compute the JWK SHA-256 thumbprint over required members (RFC 7638 §3)."""
    canonical = json.dumps(dict(members), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode("utf-8")).digest()
    return base64url_encode(digest).decode("ascii")
