"""Grants to hold rules against."""

from dataclasses import replace
from typing import Final

from bridge.core.grant import Grant, issue
from bridge.core.handle import Handle
from bridge.core.lives import Lives

NOW: Final = 1_800_000_000
KEY: Final = b"key1"
NEW_KEY: Final = b"key2"
FAR: Final = NOW + 90 * 86_400


def drafted(refresh_limit: int = FAR, logout_until: int = 0) -> Grant:
    """Return a grant as a login makes it, before it is issued."""
    return Grant(
        grant_id=bytes(range(16)),
        version=0,
        client_id="library",
        subject="subject",
        session_id="session",
        sid="sid",
        sealed=b"",
        scope=("openid", "profile", "email"),
        generation=0,
        access_epoch=0,
        swapped_at=0,
        swapped_scope=0,
        refresh_limit=refresh_limit,
        refresh_end=0,
        key_id=bytes(4),
        redirect_uri="https://library.example/callback",
        code_challenge=None,
        nonce=None,
        auth_time=NOW,
        logout_until=logout_until,
        issued_at=NOW,
        expires_at=0,
    )


def opened() -> tuple[Grant, Handle]:
    """Return a grant whose code is open, and its code."""
    return issue(drafted(), Lives(), KEY)


def live(generation: int, swapped_at: int = NOW, expires_at: int = FAR) -> Grant:
    """Return a grant whose refresh token of *generation* is the present one."""
    return replace(
        opened()[0],
        version=generation + 1,
        generation=generation,
        swapped_at=swapped_at,
        swapped_scope=0b111,
        refresh_end=FAR,
        key_id=KEY,
        expires_at=expires_at,
    )
