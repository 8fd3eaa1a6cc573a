"""The rows of docs/grants.md, as a table that tests walk over."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. An answer's first word is what a test can see of it."""

    event: str
    states: str  # in which the event is met: each is a case of its own
    next: str
    answer: str
    writes: str
    audit: str

    @property
    def starts(self) -> list[str]:
        return self.states.split(", ")


ISSUE: Final = Row("login finished", "∅", "O", "code", "insert", "")
CODE_GONE: Final = Row(
    "code, its row is gone", "∅", "same", "invalid_grant", "none", ""
)
REFRESH_GONE: Final = Row(
    "refresh token, its row is gone", "∅", "same", "invalid_grant", "none", ""
)
ACCESS_GONE: Final = Row(
    "access token, its row is gone", "∅", "same", "invalid_token", "none", ""
)
REVOKE_GONE: Final = Row("revocation, the row is gone", "∅", "same", "200", "none", "")
INTROSPECT_GONE: Final = Row(
    "introspection, the row is gone", "∅", "same", "inactive", "none", ""
)
CODE_MISFIT: Final = Row(
    "code, redirect_uri or verifier does not fit",
    "O, L",
    "same",
    "invalid_grant",
    "none",
    "",
)
CODE_EXPIRED: Final = Row("code, expired", "O", "same", "invalid_grant", "none", "")
CODE_NOT_ELIGIBLE: Final = Row(
    "code, patron no longer eligible",
    "O",
    "∅",
    "invalid_grant",
    "delete",
    "not_eligible",
)
CODE: Final = Row(
    "code, all holds",
    "O",
    "L, g = 1",
    "tokens: refresh token 1 where it is granted",
    "swap",
    "",
)
CODE_AGAIN: Final = Row(
    "code again, expired or not, a lost race too",
    "L",
    "∅",
    "invalid_grant",
    "delete",
    "code_reuse",
)
REFRESH_EXPIRED: Final = Row(
    "refresh token, expired", "O, L", "same", "invalid_grant", "none", ""
)
REFRESH_WIDER: Final = Row(
    "refresh token g, scope wider than granted",
    "L",
    "same",
    "invalid_scope",
    "none",
    "",
)
REFRESH_NOT_ELIGIBLE: Final = Row(
    "refresh token g, patron no longer eligible",
    "L",
    "∅",
    "invalid_grant",
    "delete",
    "not_eligible",
)
REFRESH: Final = Row(
    "refresh token g",
    "L",
    "L, g + 1",
    "tokens: scope may be narrower, refresh token g + 1",
    "swap",
    "",
)
REFRESH_LEEWAY: Final = Row(
    "refresh token g - 1, inside the leeway, same scope",
    "L",
    "same",
    "tokens: refresh token g as before",
    "none",
    "refresh_leeway",
)
REFRESH_OTHER_SCOPE: Final = Row(
    "refresh token g - 1, inside the leeway, another scope",
    "L",
    "same",
    "invalid_grant",
    "none",
    "",
)
REFRESH_REUSED: Final = Row(
    "refresh token below g, otherwise",
    "L",
    "∅",
    "invalid_grant",
    "delete",
    "refresh_reuse",
)
REFRESH_AHEAD: Final = Row(
    "refresh token above g",
    "O, L",
    "same",
    "invalid_grant",
    "none",
    "refresh_ahead",
)
ACCESS: Final = Row(
    "access token of epoch e, at most g, not expired, client registered",
    "O, L",
    "same",
    "claims",
    "none",
    "",
)
ACCESS_OTHERWISE: Final = Row(
    "access token, otherwise", "O, L", "same", "invalid_token", "none", ""
)
REVOKE_ACCESS: Final = Row(
    "revocation of an access token", "L", "L, e + 1", "200", "swap", ""
)
REVOKE_REFRESH: Final = Row(
    "revocation of a refresh token, any generation", "O, L", "∅", "200", "delete", ""
)
INTROSPECT: Final = Row(
    "introspection",
    "O, L",
    "same",
    "active: only where the token would pass just now",
    "none",
    "",
)
SESSION_ENDED: Final = Row(
    "session ended, no offline_access", "O, L", "∅", "-", "end", ""
)
SESSION_ENDED_OPEN: Final = Row(
    "session ended, offline_access, code not redeemed yet", "O", "∅", "-", "end", ""
)
SESSION_ENDED_OFFLINE: Final = Row(
    "session ended, offline_access", "L", "same, without sid", "-", "end", ""
)
CLEANER: Final = Row(
    "cleaner, more than an hour after expires_at", "O, L", "∅", "-", "clean", ""
)

ROWS: Final = tuple(
    value for value in dict(globals()).values() if isinstance(value, Row)
)
