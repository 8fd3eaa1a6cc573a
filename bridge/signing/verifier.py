"""JwsVerifier: checks compact JWS (RFC 7515 §5.2) by keys and algorithms known before.

The header chooses nothing: its `alg` must be the one that is expected, its `kid` picks
among keys that are trusted already. Keys that a token brings along or points to (`jwk`,
`jku`, `x5u`, `x5c`) are never looked at (RFC 8725 §3).
"""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from jwt import InvalidKeyError, get_algorithm_by_name

from bridge.core.patron import JsonObject, JsonValue
from bridge.signing.algorithms import ALGORITHMS, Algorithm, PublicKey
from bridge.signing.keys import KeyRing

MAX_TOKEN_CHARACTERS: Final = 8_192
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# RFC 7518 §6: whoever shows these has given the key away, or it is a shared secret.
_PRIVATE_MEMBERS: Final = frozenset("d p q dp dq qi oth k".split())


@dataclass(frozen=True, slots=True)
class _Jws:
    """A JWS, taken apart; nothing of it is believed yet."""

    alg: str
    kid: str | None
    typ: str | None
    message: bytes
    payload: bytes
    signature: bytes


class JwsVerifier:
    """Checks tokens; the Verifier port."""

    def __init__(self, ring: KeyRing) -> None:
        self._own = {
            key.kid: (key.algorithm, key.private_key.public_key()) for key in ring.keys
        }

    def verify_own(self, token: str) -> JsonObject | None:
        """Return the claims of a JWT that the bridge signed itself, else None.

        Any published key counts, a retired one too. Claims are not looked at. A token
        of another type than JWT, such as a logout token, is none (RFC 8725 §3.11).
        """
        jws = _take_apart(token)
        if jws is None or jws.kid is None or jws.typ not in (None, "JWT"):
            return None
        own = self._own.get(jws.kid)
        if own is None or jws.alg != own[0].name:
            return None
        return _claims(jws) if _is_signed(jws, *own) else None

    def verify(
        self, token: str, keys: Sequence[JsonObject], alg: str
    ) -> JsonObject | None:
        """Return the claims of a JWT signed with *alg* by one of *keys*, else None.

        *keys* are the JWKs of its sender (RFC 7517 §4). Those made for something else
        are passed over, and so are weak, private and symmetric ones.
        """
        jws = _take_apart(token)
        algorithm = ALGORITHMS.get(alg)
        if jws is None or algorithm is None or jws.alg != alg:
            return None
        for key in _fitting(keys, algorithm, jws.kid):
            if _is_signed(jws, algorithm, key):
                return _claims(jws)
        return None


def _take_apart(token: str) -> _Jws | None:
    if len(token) > MAX_TOKEN_CHARACTERS or not _COMPACT.fullmatch(token):
        return None
    parts = [_decode(part) for part in token.split(".")]
    header = None if parts[0] is None else _read_object(parts[0])
    if header is None or parts[1] is None or parts[2] is None:
        return None
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    # RFC 7515 §4.1.11: no extension is understood here: each critical one is refused.
    # `b64` without `crit` is RFC 7797 done wrong: readers would differ on the payload.
    if not isinstance(alg, str) or "crit" in header or "b64" in header:
        return None
    if not _is_text_or_none(kid) or not _is_text_or_none(typ):
        return None
    message = token.rpartition(".")[0].encode("ascii")
    return _Jws(alg, kid, typ, message, parts[1], parts[2])


def _is_text_or_none(value: JsonValue) -> TypeGuard[str | None]:
    return value is None or isinstance(value, str)


def _is_signed(jws: _Jws, algorithm: Algorithm, key: PublicKey) -> bool:
    method = get_algorithm_by_name(algorithm.name)
    return method.verify(jws.message, key, jws.signature)


def _claims(jws: _Jws) -> JsonObject | None:
    return _read_object(jws.payload)


def _fitting(
    keys: Sequence[JsonObject], algorithm: Algorithm, kid: str | None
) -> Iterator[PublicKey]:
    """Find the JWKs that may have signed for *algorithm* under *kid*."""
    for jwk in keys:
        if _is_meant(jwk, algorithm, kid):
            key = _public_key(jwk, algorithm)
            if key is not None:
                yield key


def _is_meant(jwk: JsonObject, algorithm: Algorithm, kid: str | None) -> bool:
    """Tell whether *jwk* itself allows this use (RFC 7517 §4)."""
    operations = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("kty") == algorithm.kty
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm.name) == algorithm.name
        and isinstance(operations, list)
        and "verify" in operations
        and (kid is None or jwk.get("kid", kid) == kid)
        and not _PRIVATE_MEMBERS & jwk.keys()
    )


def _public_key(jwk: JsonObject, algorithm: Algorithm) -> PublicKey | None:
    """Make a key of the required members alone; None where that is no good key."""
    members = {name: jwk.get(name) for name in algorithm.members}
    if not all(isinstance(value, str) for value in members.values()):
        return None
    try:
        key = get_algorithm_by_name(algorithm.name).from_jwk(members)
        return algorithm.check(key)
    except (InvalidKeyError, ValueError):
        return None


def _decode(part: str) -> bytes | None:
    """Decode base64url strictly: one text for each value (RFC 7515 §2)."""
    try:
        value = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return None
    encoded = base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
    return value if encoded == part else None


def _read_object(content: bytes) -> JsonObject | None:
    """Read a JSON object that means the same to every reader, else None.

    Refused are doubled members (RFC 7515 §4), numbers that are none, and text that
    could not be written again.
    """
    try:
        value: JsonValue = json.loads(
            content.decode("utf-8"), object_pairs_hook=_without_doubles
        )
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _without_doubles(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is doubled")
    return members
