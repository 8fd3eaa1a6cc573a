"""pyop's Userinfo over the snapshot of one grant (finding 15)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from weakref import WeakMethod

from pyop.userinfo import Userinfo

from bridge.core.patron import JsonObject, JsonValue


class SnapshotUserinfo(Userinfo):
    """The claims of one patron at one client; pyop picks those that were asked for."""

    def __init__(
        self, claims: WeakMethod[Callable[[Collection[str]], JsonObject]]
    ) -> None:
        # super().__init__ is not called: there is no database of users.
        self._claims = claims

    def __getitem__(self, item: str) -> Mapping[str, JsonValue]:
        # pyop takes a `sub` found here for the subject identifier; ours is computed.
        return {}

    def __contains__(self, item: object) -> bool:
        return True

    def get_claims_for(
        self,
        user_id: str | None,
        requested_claims: Iterable[str],
        userinfo: Mapping[str, JsonValue] | None = None,
    ) -> JsonObject:
        """Return the claims asked for that are true of the patron."""
        names = [name for name in requested_claims if name != "sub"]
        if not names:
            return {}
        method = self._claims()
        if method is None:
            raise ReferenceError("the request of these claims is over")
        claims = method(names)
        return {name: claims[name] for name in names if name in claims}
