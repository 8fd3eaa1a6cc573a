"""Reading the JWK Set of a client (RFC 7517): public keys, and nothing else of it."""

import json
import re
from typing import Final

from bridge.core.patron import JsonObject, JsonValue

MAX_KEYS: Final = 20
# An RSA modulus of 8,192 bits has 1,366 characters; longer ones only cost time.
MAX_MEMBER_CHARACTERS: Final = 1_400
DEFAULT_LIFE_S: Final = 3_600
LEAST_LIFE_S: Final = 300
LONGEST_LIFE_S: Final = 86_400
_PUBLIC: Final = {
    "RSA": frozenset({"n", "e"}),
    "EC": frozenset({"crv", "x", "y"}),
    "OKP": frozenset({"crv", "x"}),
}
_BESIDE: Final = frozenset({"kty", "kid", "alg", "use"})
_MAX_AGE: Final = re.compile(r'(?:^|[,\s])max-age="?([0-9]{1,9})(?:[",\s]|$)')


def read_jwks(body: bytes) -> tuple[JsonObject, ...] | None:
    """Return the public signature keys of a JWK Set, or None: it is none.

    Keys of other kinds, and what is odd, are left out; at most MAX_KEYS are kept.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    keys = read.get("keys") if isinstance(read, dict) else None
    if not isinstance(keys, list):
        return None
    public = (_public_part(key) for key in keys)
    return tuple(key for key in public if key is not None)[:MAX_KEYS]


def _public_part(key: JsonValue) -> JsonObject | None:
    if not isinstance(key, dict) or key.get("use", "sig") != "sig":
        return None
    kty = key.get("kty")
    needed = _PUBLIC.get(kty) if isinstance(kty, str) else None
    if needed is None:
        return None
    part = {
        name: value
        for name, value in key.items()
        if name in needed | _BESIDE and _is_short_text(value)
    }
    return part if needed <= part.keys() else None


def _is_short_text(value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) <= MAX_MEMBER_CHARACTERS


def life_s(cache_control: str) -> int:
    """Return for how many seconds keys are fresh (RFC 9111 §5.2.2.1), within reason."""
    match = _MAX_AGE.search(cache_control.lower())
    asked_s = DEFAULT_LIFE_S if match is None else int(match[1])
    return max(LEAST_LIFE_S, min(asked_s, LONGEST_LIFE_S))
