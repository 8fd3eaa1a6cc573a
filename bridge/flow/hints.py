"""Hints: ID tokens of ours that come back (OIDC Core §3.1.2.1, RP-Initiated Logout §2).

A hint says of whom and of which session a client speaks. It may have expired, and its
key may have retired; it proves no right but that the client once received it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.core.authorization import AuthorizationRequest, for_subject
from bridge.core.client import Client
from bridge.core.errors import InvalidRequest
from bridge.flow.ports import Verifier


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours says; its client is registered today."""

    client: Client
    sub: str
    sid: str | None  # of the session at that client


class Hints:
    """Reads hints."""

    def __init__(
        self, issuer: str, clients: Mapping[str, Client], verifier: Verifier
    ) -> None:
        self._issuer = issuer
        self._clients = clients
        self._verifier = verifier

    def read(self, text: str) -> Hint | None:
        """Read an id_token_hint; None: it is no ID token that the bridge issued."""
        claims = self._verifier.verify_own(text)
        # A logout token, or signed userinfo, is signed by the same keys.
        if claims is None or "events" in claims or "exp" not in claims:
            return None
        client_id, sub, sid = claims.get("aud"), claims.get("sub"), claims.get("sid")
        client = self._clients.get(client_id) if isinstance(client_id, str) else None
        if claims.get("iss") != self._issuer or client is None:
            return None
        if not isinstance(sub, str):
            return None
        return Hint(client, sub, sid if isinstance(sid, str) else None)

    def apply(
        self, text: str | None, request: AuthorizationRequest
    ) -> AuthorizationRequest:
        """Let *request* be answered for the subject that the hint *text* names alone.

        Raises:
            InvalidRequest: it is not an ID token for this client, or it contradicts
                the `claims` parameter.
        """
        if text is None:
            return request
        hint = self.read(text)
        if hint is None or hint.client.client_id != request.client_id:
            raise InvalidRequest("id_token_hint is not an ID token for this client")
        return for_subject(request, hint.sub)
