"""What a browser brings in its cookies, and what is to change in them.

The steps speak of these values; `web/cookies.py` turns them into headers.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bridge.flow.ports import Random
from bridge.flow.text import to_base64url

BINDING_BYTES: Final = 16
SESSION_BYTES: Final = 32
_BINDING: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_SESSION: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Browser:
    """The cookies of a request; a name of ours that came twice is not believed."""

    binding: str | None = None
    session_secret: str | None = None
    tickets: Mapping[str, str] = field(default_factory=dict)  # state -> sealed ticket
    address: str = ""  # what its IP address is counted under


@dataclass(frozen=True, slots=True)
class CookieChanges:
    """What to set (a value) or to delete (None); what is not named stays."""

    binding: str | None = None
    session_secret: str | None = None
    ends_session: bool = False  # delete the session cookie
    tickets: Mapping[str, str | None] = field(default_factory=dict)


def binding_of(browser: Browser) -> str | None:
    """Return the browser's binding cookie, if it is one of ours by its form."""
    binding = browser.binding
    if binding is None or not _BINDING.fullmatch(binding):
        return None
    return binding


def new_binding(random: Random) -> str:
    """Make a binding cookie: 128 bits."""
    return to_base64url(random(BINDING_BYTES))


def new_session_secret(random: Random) -> str:
    """Make a session cookie: 256 bits."""
    return to_base64url(random(SESSION_BYTES))


def digest(value: str) -> bytes:
    """Return the SHA-256 digest under which a cookie is known."""
    return hashlib.sha256(value.encode()).digest()


def session_digest(browser: Browser) -> bytes | None:
    """Return the digest of the session cookie, if it is one by its form."""
    secret = browser.session_secret
    if secret is None or not _SESSION.fullmatch(secret):
        return None
    return digest(secret)
