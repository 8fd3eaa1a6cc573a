"""private_key_jwt: a client proves itself by a JWT that it signed (RFC 7523 §3).

Algorithm and keys are those of the registration; the header of the assertion chooses
neither (RFC 8725 §3.1). An assertion is good once, and noted as used only after all
else holds.
"""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.core.client import AuthMethod, Client
from bridge.core.errors import InvalidClient, InvalidRequest
from bridge.core.patron import JsonObject, JsonValue
from bridge.flow.ports import ClientKeys, Verifier
from bridge.flow.stores import ClientStore

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW_S: Final = 60  # how far the clocks of client and bridge may differ
MAX_LIFE_S: Final = 3_600  # what Authlib gives unasked; each is good once all the same
MAX_JTI_CHARACTERS: Final = 255
MAX_CHARACTERS: Final = 8_192
MAX_BRACKETS: Final = 50


@dataclass(frozen=True, slots=True)
class AssertionParts:
    """What assertions are checked with; shared and immutable."""

    issuer: str
    keys: ClientKeys
    verifier: Verifier
    store: ClientStore


@dataclass(frozen=True, slots=True)
class _Claims:
    """The claims set of an assertion whose signature holds, and when it is checked."""

    members: JsonObject
    client_id: str
    audiences: frozenset[str]
    now: int


def is_sent(form: Mapping[str, str]) -> bool:
    """Tell whether a request authenticates by an assertion, or tries to."""
    return "client_assertion" in form or "client_assertion_type" in form


def client_of_assertion(
    parts: AssertionParts,
    form: Mapping[str, str],
    clients: Mapping[str, Client],
    endpoint: str,
    now: int,
) -> Client:
    """Return the client whose assertion the request holds, and use it up.

    *endpoint* is the URL that was called: a good `aud`, as are the issuer and the
    token endpoint (RFC 7523 §3, OIDC Core §9, RFC 9126 §2).

    Raises:
        InvalidClient: anything about it does not hold; `detail` says what.
        InvalidRequest: client_id of the body is another's.
        StoreError: it cannot be noted as used.
    """
    if form.get("client_assertion_type") != TYPE:
        raise InvalidClient("client_assertion_type is missing or not supported")
    assertion = form.get("client_assertion", "")
    header, unproven = _read(assertion)
    client = clients.get(str(unproven.get("sub")))
    if client is None:
        raise _refusal("of an unknown client")
    if AuthMethod.PRIVATE_KEY_JWT not in client.token_endpoint_auth_methods:
        raise _refusal("method is not registered")
    kid = header.get("kid")
    keys = parts.keys.keys_of(client, kid if isinstance(kid, str) else None, now)
    alg = client.token_endpoint_auth_signing_alg
    members = parts.verifier.verify(assertion, keys, alg)
    if members is None:
        raise _refusal("signature")
    audiences = frozenset({parts.issuer, f"{parts.issuer}/token", endpoint})
    claims = _Claims(members, client.client_id, audiences, now)
    for check in CHECKS:
        check(claims)
    if form.get("client_id", client.client_id) != client.client_id:
        raise InvalidRequest("client_id differs from the authenticated client")
    _use_up(parts.store, claims)
    return client


def _check_issuer(claims: _Claims) -> None:
    """Demand that the client speaks for itself."""
    if not claims.members.get("iss") == claims.members.get("sub") == claims.client_id:
        raise _refusal("iss or sub")


def _check_audience(claims: _Claims) -> None:
    """Demand that it was made for this bridge; never compare parts of a URL."""
    aud = claims.members.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    if not any(isinstance(a, str) and a in claims.audiences for a in named):
        raise _refusal("aud")


def _check_times(claims: _Claims) -> None:
    """Demand an end that is near, and no beginning that is to come."""
    now, members = claims.now, claims.members
    exp = _instant(members.get("exp"))
    if exp is None or exp + SKEW_S <= now:
        raise _refusal("exp is missing or over")
    if exp > now + MAX_LIFE_S + SKEW_S:
        raise _refusal("exp is too far ahead")
    for name in ("nbf", "iat"):
        if name in members:
            begins = _instant(members[name])
            if begins is None or begins > now + SKEW_S:
                raise _refusal(f"{name} is to come")


def _check_jti(claims: _Claims) -> None:
    """Demand a name by which the assertion is known when it comes again."""
    jti = claims.members.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI_CHARACTERS:
        raise _refusal("jti")


CHECKS: Final[tuple[Callable[[_Claims], None], ...]] = (
    _check_issuer,  # RFC 7523 §3 (1), (2)
    _check_audience,  # (3)
    _check_times,  # (4), (5), (6)
    _check_jti,  # (7)
)


def _use_up(store: ClientStore, claims: _Claims) -> None:
    """Note the assertion as used; of twenty racers one gets through."""
    names = (claims.client_id, str(claims.members["jti"]))
    digest = hashlib.sha256()
    for name in names:
        raw = name.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(4, "big") + raw)
    end = _instant(claims.members["exp"])
    if end is None or not store.put_assertion(digest.digest(), end + SKEW_S):
        raise _refusal("used before")


def _read(assertion: str) -> tuple[JsonObject, JsonObject]:
    """Read header and claims, unproven: they only say whose keys to try."""
    parts = assertion.split(".")
    if len(assertion) > MAX_CHARACTERS or len(parts) != 3:
        raise _refusal("is no JWS")
    return _members(parts[0]), _members(parts[1])


def _members(text: str) -> JsonObject:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        # Deeper ones would break JSON parsers, and no claim needs them.
        is_flat = raw.count(b"[") + raw.count(b"{") <= MAX_BRACKETS
        members = json.loads(raw) if is_flat else None
    except ValueError as cause:  # not ASCII, base64, UTF-8 or JSON
        raise _refusal("is no JWS") from cause
    if not isinstance(members, dict):
        raise _refusal("is no JWS")
    return members


def _instant(value: JsonValue) -> int | None:
    """Read a NumericDate (RFC 7519 §2), which may have a fraction."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return math.ceil(value)
    return None


def _refusal(detail: str) -> InvalidClient:
    """Return the one error of all faults: the sender is not told which it was."""
    return InvalidClient("client authentication failed", detail=f"assertion: {detail}")
