"""Which network addresses may be called: a guard against SSRF (RFC 9700 §4.11).

A registration names a host, and the host's owner says what it resolves to: without this
the bridge would be a door to whatever its own network keeps inside.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

_PRIVATE_4: Final = (
    *(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    IPv4Network("100.64.0.0/10"),  # RFC 6598: behind a provider's translation
)
_PRIVATE_6: Final = IPv6Network("fc00::/7")
_GLOBAL_6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: IPv4 in the last 32 bits
# Services of clouds that hand credentials to whoever asks, beside those of 169.254/16.
_METADATA_4: Final = (
    IPv4Network("100.100.100.200/32"),
    IPv4Network("168.63.129.16/32"),
)
_METADATA_6: Final = (IPv6Network("fd00:ec2::/32"), IPv6Network("fd20:ce::/32"))
# Blocks of IANA's special-purpose registries that ipaddress takes for global, some of
# them in some versions of Python alone. No client is at any of them.
_SPECIAL_4: Final = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890)
    IPv4Network("192.31.196.0/24"),  # AS112, which a network may have of its own
    IPv4Network("192.52.193.0/24"),  # relays of multicast (RFC 7450)
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, deprecated (RFC 7526)
    IPv4Network("192.175.48.0/24"),  # AS112
)
_SPECIAL_6: Final = (
    IPv6Network("2001::/23"),  # protocol assignments (RFC 2928), Teredo among them
    IPv6Network("2620:4f:8000::/48"),  # AS112
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What may be called beside addresses of the public Internet."""

    allow_private: bool = False  # RFC 1918, unique local, carrier-grade translation
    allow_loopback: bool = False  # for a bridge that is on loopback itself


def is_acceptable(text: str, rules: AddressRules) -> bool:
    """Tell whether the address *text*, as a resolver writes it, may be called."""
    try:
        address = _meant(ip_address(text))
    except ValueError:
        return False
    if address.is_loopback:
        return rules.allow_loopback
    if isinstance(address, IPv4Address):
        return _is_acceptable_4(address, rules)
    return _is_acceptable_6(address, rules)


def is_loopback(text: str) -> bool:
    """Tell whether the address *text* is this machine's own."""
    try:
        return _meant(ip_address(text)).is_loopback
    except ValueError:
        return False


def _meant(address: Address) -> Address:
    """Return the IPv4 address that is dressed as an IPv6 one, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_acceptable_4(address: IPv4Address, rules: AddressRules) -> bool:
    if any(address in network for network in _METADATA_4 + _SPECIAL_4):
        return False
    if any(address in network for network in _PRIVATE_4):
        return rules.allow_private
    return address.is_global and not address.is_multicast


def _is_acceptable_6(address: IPv6Address, rules: AddressRules) -> bool:
    if any(address in network for network in _METADATA_6 + _SPECIAL_6):
        return False
    if address in _PRIVATE_6:
        return rules.allow_private
    return address in _GLOBAL_6 and address.is_global
