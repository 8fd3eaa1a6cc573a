"""Logout tokens: what a client is told of an ended session."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

from bridge.core.client import Client
from bridge.core.patron import JsonObject
from bridge.core.records import LogoutNotice
from bridge.flow.ports import Random, Signer

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYPE: Final = "logout+jwt"
LIFE_S: Final = 120


class LogoutTokens:
    """Makes logout tokens by the clients and keys of one configuration."""

    def __init__(
        self, issuer: str, clients: Mapping[str, Client], signer: Signer, random: Random
    ) -> None:
        self._issuer = issuer
        self._clients = clients
        self._signer = signer
        self._random = random

    def address_of(self, client_id: str) -> str | None:
        """Return where the client is told of logouts, or None: it is not (any more)."""
        client = self._clients.get(client_id)
        return None if client is None else client.backchannel_logout_uri

    def token(self, notice: LogoutNotice, now: int) -> str:
        """Make the logout token of *notice* (OIDC Back-Channel Logout §2.4).

        Each try has a jti of its own: a receiver that refuses used ones must not take
        the second try, after an answer that got lost, for an attack.

        Raises:
            KeyError: the client is gone, or there is no key for its algorithm.
        """
        client = self._clients[notice.client_id]
        claims: JsonObject = {
            "iss": self._issuer,
            "aud": notice.client_id,
            "iat": now,
            "exp": now + LIFE_S,
            "jti": urlsafe_b64encode(self._random(18)).decode("ascii"),
            "events": {EVENT: {}},
            "sid": notice.sid,
        }
        return self._signer.sign(claims, client.id_token_signed_response_alg, now, TYPE)
