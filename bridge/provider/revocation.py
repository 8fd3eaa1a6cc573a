"""POST /revoke: a client gives a token back (RFC 7009)."""

from bridge.core.client import Client
from bridge.core.errors import StoreError
from bridge.core.grant import SWAP_TRIES, Grant, revoke_access
from bridge.core.handle import Handle, Kind
from bridge.flow.ports import Event
from bridge.flow.stores import Store
from bridge.provider.own_grant import EngineParts, find_own_token


def revoke(parts: EngineParts, client: Client, token: str, now: int) -> None:
    """End a token of *client*: an access token and its siblings, or the whole grant.

    What is no token, or another client's, is taken in silence: nothing is written, and
    nobody learns whether it exists (RFC 7009 §2.2).

    Raises:
        StoreError: others changed the grant at every try; the token may live still.
    """
    own = find_own_token(parts, client, token, now)
    if own is None:
        return
    is_refresh = own.handle.kind is Kind.REFRESH
    if is_refresh:
        parts.store.delete_grant(own.grant.grant_id)
    else:
        _end_access_tokens(parts.store, own.grant, own.handle)
    outcome = "grant" if is_refresh else "access_tokens"
    parts.audit.record(Event.TOKEN_REVOKED, client_id=client.client_id, outcome=outcome)


def _end_access_tokens(store: Store, grant: Grant | None, handle: Handle) -> None:
    for _ in range(SWAP_TRIES):
        successor = None if grant is None else revoke_access(grant, handle)
        if successor is None or store.swap_grant(successor):
            return
        grant = store.get_grant(handle.grant_id)
    raise StoreError("a grant was changed by others at every try")
