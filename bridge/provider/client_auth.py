"""Client authentication: client_secret_basic, _post, private_key_jwt and none.

One for the endpoints of tokens, revocation, introspection and pushed requests. Exactly
one method a request, and one that the registration has (RFC 6749 §2.3).
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
from bridge.core.return_address import Parameters
from bridge.flow.ports import Audit, Event
from bridge.provider.client_assertion import (
    AssertionParts,
    client_of_assertion,
    is_sent,
)

MAX_HEADER_CHARACTERS: Final = 4_096
PARAMETERS: Final = frozenset(
    "client_id client_secret client_assertion client_assertion_type".split()
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a request says of the client; several readings of one Basic header."""

    method: AuthMethod
    readings: tuple[tuple[str, str], ...]  # (client_id, client_secret)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request may prove its client by, and the URL that it called."""

    form: Parameters
    authorization: str | None  # the header
    endpoint: str


class ClientAuthentication:
    """Tells which client a request comes from; the log hears of refusals."""

    def __init__(
        self, clients: Mapping[str, Client], assertions: AssertionParts, audit: Audit
    ) -> None:
        self._clients = clients
        self._assertions = assertions
        self._audit = audit

    def authenticate(self, sent: Credentials, now: int) -> Client:
        """Return the client that the request proves to come from.

        Raises:
            InvalidClient: unknown, not proven, or by a method that is not registered.
            InvalidRequest: a parameter is doubled, more than one method, or a client_id
                that differs.
            StoreError: an assertion cannot be noted as used.
        """
        if doubled := sent.form.doubled & PARAMETERS:
            raise InvalidRequest(f"{min(doubled)} is given more than once")
        try:
            return self._client(sent, now)
        except InvalidClient as error:
            claimed = sent.form.get("client_id")
            self._audit.record(
                Event.CLIENT_REFUSED,
                client_id=claimed if claimed in self._clients else None,
                reason=error.detail or error.description,
            )
            raise

    def authenticate_confidential(self, sent: Credentials, now: int) -> Client:
        """Return the client, which must have proven itself: its word is not enough.

        Raises:
            InvalidClient: as `authenticate`, and for public clients.
        """
        client = self.authenticate(sent, now)
        if client.is_public:
            raise InvalidClient("public clients may not use this endpoint")
        return client

    def _client(self, sent: Credentials, now: int) -> Client:
        form = sent.form
        if is_sent(form):
            if sent.authorization is not None or "client_secret" in form:
                raise InvalidRequest("more than one method of client authentication")
            return client_of_assertion(
                self._assertions, form, self._clients, sent.endpoint, now
            )
        return client_of_secret(form, sent.authorization, self._clients, now)


def client_of_secret(
    form: Mapping[str, str],
    authorization: str | None,
    clients: Mapping[str, Client],
    now: int,
) -> Client:
    """Return the client that shows its secret, or that has none to show.

    Raises:
        InvalidClient: unknown, not proven, or by a method that is not registered.
        InvalidRequest: more than one method, or a client_id that differs.
    """
    shown = _shown(form, authorization)
    for client_id, secret in shown.readings:
        client = clients.get(client_id)
        if client is None:
            continue
        is_proven = client.is_public or _has_secret(client, secret, now)
        if shown.method in client.token_endpoint_auth_methods and is_proven:
            _check_same_client(form, client_id)
            return client
    is_known = any(client_id in clients for client_id, _ in shown.readings)
    detail = f"{shown.method.value}, {'known' if is_known else 'unknown'} client"
    raise InvalidClient("client authentication failed", detail=detail)


def _shown(form: Mapping[str, str], authorization: str | None) -> _Shown:
    if authorization is not None:
        if "client_secret" in form:
            raise InvalidRequest("more than one method of client authentication")
        return _Shown(AuthMethod.BASIC, tuple(_basic(authorization)))
    client_id = form.get("client_id")
    if client_id is None:
        raise InvalidClient("client authentication is missing")
    if "client_secret" in form:
        return _Shown(AuthMethod.POST, ((client_id, form["client_secret"]),))
    return _Shown(AuthMethod.NONE, ((client_id, ""),))


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


def _has_secret(client: Client, secret: str, now: int) -> bool:
    """Compare with every digest in constant time: two are good while one is changed."""
    presented = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    digests = client.secret_digests
    matches = [hmac.compare_digest(presented, digest) for digest in digests]
    return any(matches) and not 0 < client.client_secret_expires_at <= now


def _check_same_client(form: Mapping[str, str], client_id: str) -> None:
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequest("client_id differs from the authenticated client")
