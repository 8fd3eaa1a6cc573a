"""POST /introspect: a client asks what a token of its own is worth (RFC 7662)."""

from bridge.core.client import Client
from bridge.core.errors import InvalidGrant, InvalidToken
from bridge.core.grant import granted_scope
from bridge.core.handle import Kind
from bridge.core.patron import JsonObject
from bridge.provider.own_grant import EngineParts, OwnGrant, find_own_token


def introspect(
    parts: EngineParts, issuer: str, client: Client, token: str, now: int
) -> JsonObject:
    """Tell about a token of *client* that would be taken just now; only reads.

    Of anything else nothing is told but that it is not active (RFC 7662 §2.2).
    """
    own = find_own_token(parts, client, token, now)
    try:
        if own is None or not own.is_live():
            return {"active": False}
        sub = own.snapshot.sub
    except (InvalidGrant, InvalidToken):  # the row cannot be read any more
        return {"active": False}
    answer: JsonObject = {
        "active": True,
        "scope": " ".join(granted_scope(own.grant, own.handle)),
        "client_id": client.client_id,
        "sub": sub,
        "aud": client.client_id,
        "iss": issuer,
        "exp": own.handle.end,
        "iat": _issued_at(parts, own, now),
    }
    if own.handle.kind is Kind.ACCESS:
        answer["token_type"] = "Bearer"
    return answer


def _issued_at(parts: EngineParts, own: OwnGrant, now: int) -> int:
    """Return when the token was made.

    The present refresh token came with the last swap. Of an access token only the end
    is known: its life leads back, as it is configured today.
    """
    grant, handle = own.grant, own.handle
    if handle.kind is Kind.REFRESH:
        return grant.swapped_at
    began = handle.end - parts.lives.access_token_s
    swapped_at = grant.swapped_at if handle.generation == grant.generation else 0
    return min(max(began, grant.issued_at, swapped_at), now)
