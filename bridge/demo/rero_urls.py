"""URLs as RERO+'s OAuth server reads and writes them, oddities included."""

import string
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_QUERY_CHARACTERS: Final = frozenset(
    string.ascii_letters + string.digits + "_.-=&;:%+~,*@!()/?$"
)


class EncodingError(Exception):
    """The raw query holds a character that the OAuth server does not take."""


def check_encoding(raw: str) -> None:
    """Refuse a raw query or form with characters outside the server's set.

    Raises:
        EncodingError: with the server's sentence.
    """
    odd = sorted(set(raw) - _QUERY_CHARACTERS)
    if odd:
        found = "{" + ", ".join(repr(character) for character in odd) + "}"
        raise EncodingError(
            "Error trying to decode a non urlencoded string. "
            f"Found invalid characters: {found} in the string: '{raw}'. "
            "Please ensure the request/response body is x-www-form-urlencoded."
        )


def with_parameters(
    uri: str, parameters: Iterable[tuple[str, str]], *, in_fragment: bool = False
) -> str:
    """Add *parameters* to the query of *uri*, or to its fragment."""
    scheme, host, path, query, fragment = urlsplit(uri)
    if in_fragment:
        fragment = _extended(fragment, parameters)
    else:
        query = _extended(query, parameters)
    return urlunsplit((scheme, host, path, query, fragment))


def _extended(encoded: str, parameters: Iterable[tuple[str, str]]) -> str:
    return urlencode([*parse_qsl(encoded, keep_blank_values=True), *parameters])


def local_target(target: str, host: str) -> str:
    """Give *target* if it stays on *host*, else the front page."""
    if not target or target.startswith(("//", "/\\", "\\")):
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    is_here = not parts.scheme and not parts.netloc
    if parts.scheme in {"http", "https"}:
        is_here = parts.netloc == host
    return target if is_here else "/"


def is_absolute(uri: str) -> bool:
    """Tell whether *uri* has a scheme and something behind it."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))
