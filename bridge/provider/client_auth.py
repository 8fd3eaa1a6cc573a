"""Client authentication at the token endpoint: client_secret_basic, _post and none.

Exactly one method a request, and one that the registration has (RFC 6749 §2.3).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from bridge.core.client import AuthMethod, Client
from bridge.core.errors import InvalidClient, InvalidRequest

MAX_HEADER_CHARACTERS: Final = 4_096


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What a request says of the client; several readings of one Basic header."""

    method: AuthMethod
    readings: tuple[tuple[str, str], ...]  # (client_id, client_secret)


def authenticate(
    form: Mapping[str, str], authorization: str | None, clients: Mapping[str, Client]
) -> Client:
    """Return the client that the request proves to come from.

    Raises:
        InvalidClient: unknown, not proven, or by a method that is not registered.
        InvalidRequest: more than one method, or a client_id that differs.
    """
    credentials = _credentials(form, authorization)
    for client_id, secret in credentials.readings:
        client = clients.get(client_id)
        if client is None:
            continue
        is_proven = client.is_public or _has_secret(client.secret_digests, secret)
        if credentials.method in client.token_endpoint_auth_methods and is_proven:
            _check_same_client(form, client_id)
            return client
    is_known = any(client_id in clients for client_id, _ in credentials.readings)
    detail = f"{credentials.method.value}, {'known' if is_known else 'unknown'} client"
    raise InvalidClient("client authentication failed", detail=detail)


def _credentials(form: Mapping[str, str], authorization: str | None) -> _Credentials:
    if "client_assertion" in form or "client_assertion_type" in form:
        raise InvalidClient("client assertions are not supported")
    if authorization is not None:
        if "client_secret" in form:
            raise InvalidRequest("more than one method of client authentication")
        return _Credentials(AuthMethod.BASIC, tuple(_basic(authorization)))
    client_id = form.get("client_id")
    if client_id is None:
        raise InvalidClient("client authentication is missing")
    if "client_secret" in form:
        return _Credentials(AuthMethod.POST, ((client_id, form["client_secret"]),))
    return _Credentials(AuthMethod.NONE, ((client_id, ""),))


def _basic(authorization: str) -> Iterable[tuple[str, str]]:
    """Read a Basic header: form-encoded first (RFC 6749 §2.3.1), then as it stands.

    Many clients leave the encoding out; a secret with "%" or "+" is then meant raw.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or len(authorization) > MAX_HEADER_CHARACTERS:
        raise InvalidClient("the Authorization header is not Basic")
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError as cause:  # not base64, not UTF-8, or not even ASCII
        raise InvalidClient("the Authorization header is malformed") from cause
    client_id, colon, secret = pair.partition(":")
    if not colon:
        raise InvalidClient("the Authorization header is malformed")
    readings = {
        (unquote_plus(client_id), unquote_plus(secret)): None,
        (client_id, secret): None,
        (unquote_plus(client_id), secret): None,
    }
    return tuple(readings)


def _has_secret(digests: Iterable[bytes], secret: str) -> bool:
    """Compare with every digest in constant time: two are good while one is changed."""
    presented = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    matches = [hmac.compare_digest(presented, digest) for digest in digests]
    return any(matches)


def _check_same_client(form: Mapping[str, str], client_id: str) -> None:
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequest("client_id differs from the authenticated client")
