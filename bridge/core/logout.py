"""Where a logout may end: the only maker of a PostLogoutAddress.

As with a ReturnAddress, only an exact match of what is registered makes one, so that a
logout cannot redirect anywhere else (OIDC RP-Initiated Logout §3).
"""

from dataclasses import InitVar, dataclass
from typing import Final

from bridge.core.client import Client

PARAMETERS: Final = frozenset(
    "id_token_hint logout_hint client_id post_logout_redirect_uri state"
    " ui_locales".split()
)
_PROOF: Final = object()


@dataclass(frozen=True, slots=True)
class PostLogoutAddress:
    """Where the browser goes after a logout; made by `post_logout_address` alone."""

    client: Client
    uri: str
    state: str | None
    proof: InitVar[object]  # not kept: a changed copy would need it anew

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("a PostLogoutAddress is made by post_logout_address()")


def post_logout_address(
    client: Client | None, uri: str | None, state: str | None
) -> PostLogoutAddress | None:
    """Match *uri* against the registration, byte for byte; None: it is not there."""
    if client is None or uri is None or uri not in client.post_logout_redirect_uris:
        return None
    return PostLogoutAddress(client, uri, state, _PROOF)
