"""What RERO+ gave for a login and the bridge keeps where its operator says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bridge.core.patron import JsonObject, JsonValue

RENEWAL_MARGIN_S: Final = 60  # an access token that ends sooner is not tried any more


@dataclass(frozen=True, slots=True)
class UpstreamTokens:
    """RERO+'s tokens of a patron, and what it says with a token alone.

    `held` are the scopes that the login counts as having, given by RERO+ or not.
    """

    access_token: str = field(repr=False)
    access_ends_at: int
    refresh_token: str | None = field(repr=False)
    scopes: frozenset[str]  # that RERO+ gave
    held: frozenset[str] = frozenset()
    user_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    email_verified: bool = False

    def must_be_renewed(self, now: int) -> bool:
        """Tell whether the access token is over, or soon will be."""
        return now >= self.access_ends_at - RENEWAL_MARGIN_S


def tokens_to_record(tokens: UpstreamTokens) -> JsonObject:
    """Write *tokens* as a JSON object, for a sealed column."""
    return {
        "access": tokens.access_token,
        "ends_at": tokens.access_ends_at,
        "refresh": tokens.refresh_token,
        "scopes": [*sorted(tokens.scopes)],
        "held": [*sorted(tokens.held)],
        "id": tokens.user_id,
        "email": tokens.email,
        "email_verified": tokens.email_verified,
    }


def tokens_from_record(record: Mapping[str, JsonValue]) -> UpstreamTokens:
    """Read what `tokens_to_record` wrote.

    Raises:
        ValueError: the record is not one of ours.
    """
    access_token, ends_at = record["access"], record["ends_at"]
    if not isinstance(access_token, str) or not isinstance(ends_at, int):
        raise ValueError("the record has no access token")
    return UpstreamTokens(
        access_token,
        ends_at,
        _optional(record["refresh"]),
        _texts(record["scopes"]),
        _texts(record["held"]),
        _optional(record["id"]),
        _optional(record["email"]),
        email_verified=record["email_verified"] is True,
    )


def _texts(value: JsonValue) -> frozenset[str]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return frozenset(text for text in value if isinstance(text, str))


def _optional(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
