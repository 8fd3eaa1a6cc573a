"""Addresses in the configuration: issuer, upstream, redirect URIs, where to listen.

Each check returns the address as it was written, never normalised (clients compare byte
for byte), or raises ValueError with what to write instead. No message repeats an
address: it might hold a secret.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

FORBIDDEN_SCHEMES: Final = frozenset({"javascript", "data", "file", "vbscript"})
_NOT_PRINTABLE: Final = re.compile(r"[^\x21-\x7e]")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_PLAIN_PATH: Final = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*")
_LISTEN: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^:\[\]]+)):([0-9]{1,5})")
_LISTEN_FORM: Final = (
    'must be an IP address and a port, such as "127.0.0.1:8080" or "[::1]:8080"'
    "; a name is not taken"
)
_MAX_PORT: Final = 65_535


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine alone: 127.0.0.0/8, ::1 or localhost."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_listen(text: str) -> tuple[str, int]:
    """Part "127.0.0.1:8080" or "[::1]:8080" into host, without brackets, and port.

    Raises:
        ValueError: it is not an IP address with a port. A name is none: it may stand
            for several addresses, of which the server would listen on one.
    """
    match = _LISTEN.fullmatch(text)
    if match is None or int(match[3]) > _MAX_PORT:
        raise ValueError(_LISTEN_FORM)
    try:
        if match[1] is not None:
            return str(ipaddress.IPv6Address(match[1])), int(match[3])
        return str(ipaddress.IPv4Address(match[2])), int(match[3])
    except ValueError:
        raise ValueError(_LISTEN_FORM) from None


def own_address(listen: str) -> tuple[str, int]:
    """Return host and port by which this machine reaches what listens on *listen*."""
    host, port = split_listen(listen)
    address = ipaddress.ip_address(host)
    if address.is_unspecified:  # it listens on all addresses: this machine asks itself
        return ("127.0.0.1" if address.version == 4 else "::1"), port
    return host, port


def is_port_shared(first: str, second: str) -> bool:
    """Tell whether two addresses to listen on take one port of one address."""
    (host, port), (other, other_port) = split_listen(first), split_listen(second)
    if port != other_port or port == 0:  # 0 stands for any free port
        return False
    one, two = ipaddress.ip_address(host), ipaddress.ip_address(other)
    if one.version != two.version:
        # On Linux [::] takes the port of every IPv4 address as well.
        return (one if one.version == 6 else two).is_unspecified
    return one == two or one.is_unspecified or two.is_unspecified


def check_listen(text: str) -> str:
    """Take an address to listen on; "" stands for nowhere."""
    if text:
        split_listen(text)
    return text


def check_network(text: str) -> str:
    """Take a network in CIDR form, or one address."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            'must be a network or an address, such as "127.0.0.1/32"'
        ) from None
    if ipaddress.ip_interface(text).ip != network.network_address:
        raise ValueError(f'is an address inside a network: write "{network}"')
    return text


def check_base(text: str) -> str:
    """Take the https address of an issuer or of the upstream (Discovery §3)."""
    parts = _split(text)
    _check_web(parts, text)
    if "?" in text or parts.query:
        raise ValueError("must not have a query (?...)")
    if text.endswith("/"):
        raise ValueError("must not end with a slash")
    # Clients compare byte for byte: nothing that one of them would write otherwise.
    if not _PLAIN_PATH.fullmatch(parts.path):
        raise ValueError(
            "its path may hold names of letters, digits, - . _ ~ only, after one / each"
        )
    return text


def check_page(text: str) -> str:
    """Take the http or https address of a page that people are shown, or ""."""
    if text:
        parts = _split(text, fragment=True)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError('must be an address such as "https://example.ch/page"')
    return text


def check_support(text: str) -> str:
    """Take where people may ask for help: mailto:, tel: or a page; or ""."""
    if text.startswith(("mailto:", "tel:")):
        if _NOT_PRINTABLE.search(text):
            raise ValueError("must not hold spaces or control characters")
        return text
    try:
        return check_page(text)
    except ValueError:
        raise ValueError(
            'must be an address such as "mailto:help@example.ch" or "https://..."'
        ) from None


def check_proxy(text: str) -> str:
    """Take the address of a proxy towards the upstream, or ""."""
    if text:
        parts = _split(text)
        # TLS to the proxy itself is not spoken; TLS to the upstream goes through it.
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(
                'must be an address such as "http://proxy.example.ch:3128"'
            )
    return text


def check_web_uri(text: str) -> str:
    """Take the https address of a service; http on loopback only."""
    _check_web(_split(text), text)
    return text


def check_callback(text: str) -> str:
    """Take the bridge's own redirect URI at the upstream, or "" for the usual one."""
    return check_web_uri(text) if text else text


def check_redirect_uri(text: str) -> str:
    """Take a redirect URI (RFC 6749 §3.1.2); own schemes are judged with the client."""
    parts = _split(text)
    if parts.scheme in FORBIDDEN_SCHEMES:
        raise ValueError("this scheme can run code or read files; write https://...")
    if parts.scheme in ("http", "https"):
        _check_web(parts, text)
    return text


def has_own_scheme(redirect_uri: str) -> bool:
    """Tell whether *redirect_uri* has a scheme of an application (RFC 8252 §7.1)."""
    return urlsplit(redirect_uri).scheme not in ("http", "https")


def host_of(uri: str) -> str | None:
    """Return the host of *uri* in lower case, or None where it has none."""
    return urlsplit(uri).hostname


def _split(text: str, *, fragment: bool = False) -> SplitResult:
    if _NOT_PRINTABLE.search(text):
        raise ValueError(
            "must not hold spaces, control characters or letters beyond ASCII"
        )
    if "\\" in text:
        raise ValueError("must not hold a backslash")
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname
    except ValueError:
        raise ValueError(
            'must be an address, such as "https://login.example.ch"'
        ) from None
    if not parts.scheme:
        raise ValueError("must be a whole address that begins with https://")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password (...@)")
    if not fragment and "#" in text:
        raise ValueError("must not have a fragment (#...)")
    return parts


def _check_web(parts: SplitResult, text: str) -> None:
    host = parts.hostname
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with https://")
    if not host:
        raise ValueError('must name a host, such as "https://login.example.ch"')
    if not text.startswith(("https://", "http://")):
        raise ValueError("the scheme must be written in lower case, then ://")
    is_literal = parts.netloc.startswith("[")
    if not is_literal and not _HOST.fullmatch(host):
        raise ValueError("the host's name is not one")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(
            "http is allowed for 127.0.0.1, [::1] and localhost only; write https://..."
        )
