"""Cookies: what a browser brought, and what is set or deleted in it.

Under https they are `__Host-bridge_*` (Secure, Path=/, no Domain), with a short hash of
the issuer, so that two bridges on one host do not meet; on loopback without TLS they
are `bridge_*`, as browsers drop `__Host-` without Secure.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from flask import Request
from werkzeug.http import dump_cookie

from bridge.flow.browser import Browser, CookieChanges
from bridge.web.frame import Answer

CHUNK_CHARACTERS: Final = 3_600  # browsers keep about 4,096 bytes a cookie
MAX_CHUNKS: Final = 2
LANGUAGE_MAX_AGE_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class CookieNames:
    """The names of our cookies at one issuer."""

    binding: str
    session: str
    ticket_prefix: str
    language: str
    prefix: str  # of all of them
    is_secure: bool


def cookie_names(issuer: str) -> CookieNames:
    """Name the cookies of *issuer*."""
    is_secure = issuer.startswith("https:")
    prefix = "__Host-bridge_" if is_secure else "bridge_"
    suffix = hashlib.sha256(issuer.encode()).hexdigest()[:6]
    return CookieNames(
        f"{prefix}browser_{suffix}",
        f"{prefix}session_{suffix}",
        f"{prefix}ticket_{suffix}_",
        f"{prefix}language_{suffix}",
        prefix,
        is_secure,
    )


def read_browser(request: Request, names: CookieNames, address: str) -> Browser:
    """Read our cookies; a name that comes twice is not believed (RFC 6265bis §5.7)."""
    values, doubled = _ours(request, names)
    believed = (
        {name: value for name, value in values.items() if name not in doubled}
        if doubled
        else values
    )
    return Browser(
        binding=believed.get(names.binding),
        session_secret=believed.get(names.session),
        tickets=_tickets(believed, names.ticket_prefix),
        address=address,
    )


def write_cookies(
    response: Answer, changes: CookieChanges, request: Request, names: CookieNames
) -> None:
    """Set and delete cookies; of a doubled name of ours both are deleted first."""
    forget_doubled(response, request, names)
    if changes.binding is not None:
        _set(response, names.binding, changes.binding, names)
    if changes.session_secret is not None:
        _set(response, names.session, changes.session_secret, names)
    elif changes.ends_session:
        _delete(response, names.session, names)
    for reference, text in changes.tickets.items():
        for number in range(MAX_CHUNKS):
            name = f"{names.ticket_prefix}{reference}_{number}"
            chunk = (text or "")[
                number * CHUNK_CHARACTERS : (number + 1) * CHUNK_CHARACTERS
            ]
            if chunk:
                _set(response, name, chunk, names)
            elif text is None and name in request.cookies:
                _delete(response, name, names)


def read_language(request: Request, names: CookieNames) -> str | None:
    """Return the language that the patron chose on a page of ours, if any."""
    return _ours(request, names)[0].get(names.language)


def remember_language(response: Answer, language: str, names: CookieNames) -> None:
    """Keep the language that the patron chose: a preference, which names nobody."""
    _write(response, names.language, language, LANGUAGE_MAX_AGE_S, names)


def forget_doubled(response: Answer, request: Request, names: CookieNames) -> None:
    """Delete both cookies of a name of ours that came twice."""
    for name in _ours(request, names)[1]:
        _delete(response, name, names)


def _ours(request: Request, names: CookieNames) -> tuple[dict[str, str], set[str]]:
    """Return our cookies, and the names of ours that came more than once.

    The header is split here: a dictionary of the framework would hide doubled names.
    """
    header = request.environ.get("HTTP_COOKIE")
    values: dict[str, str] = {}
    doubled: set[str] = set()
    if header is None:
        return values, doubled
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if not equals or not name.startswith(names.prefix):
            continue
        if name in values:
            doubled.add(name)
        values[name] = value
    return values, doubled


def _tickets(values: dict[str, str], prefix: str) -> dict[str, str]:
    chunks: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        if name.startswith(prefix):
            reference, _, number = name[len(prefix) :].rpartition("_")
            chunks.setdefault(reference, {})[number] = value
    return {
        reference: "".join(parts[number] for number in sorted(parts))
        for reference, parts in chunks.items()
    }


def _set(response: Answer, name: str, value: str, names: CookieNames) -> None:
    _write(response, name, value, None, names)


def _delete(response: Answer, name: str, names: CookieNames) -> None:
    _write(response, name, "", 0, names)


def _write(
    response: Answer, name: str, value: str, max_age: int | None, names: CookieNames
) -> None:
    cookie = dump_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=names.is_secure,
        httponly=True,
        samesite="Lax",
    )
    response.add_header("Set-Cookie", cookie)
