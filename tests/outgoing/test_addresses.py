"""Threat 15: which addresses a registration may lead the bridge to."""

import pytest

from bridge.outgoing.addresses import AddressRules, is_acceptable

INTERNET = AddressRules()
PRIVATE = AddressRules(allow_private=True)
LOOPBACK = AddressRules(allow_loopback=True)
EVERYTHING = AddressRules(allow_private=True, allow_loopback=True)

GLOBAL = [
    "193.134.8.1",
    "8.8.8.8",
    "2001:620::1",
    "2606:4700::1111",
    "64:ff9b::808:808",
]
GLOBAL += ["::ffff:8.8.8.8", "2002:808:808::1"]
INSIDE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"]
INSIDE += ["fc00::1", "fd12:3456::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"]
INSIDE += ["2002:a00:1::1"]
OWN = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
OWN += ["2002:7f00:1::1"]
NEVER = [
    *("169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254"),
    *("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"),  # the same, by NAT64 and by 6to4
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"),
    *("fd20:ce::254", "::ffff:100.100.100.200"),
    *("224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1"),  # multicast
    *("::ffff:0.0.0.0", "0.1.2.3", "::", "::127.0.0.1"),  # unspecified, deprecated
    *("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "203.0.113.1"),
    *("2001:db8::1", "2001::1", "100::1", "fec0::1", "64:ff9b:1::a00:1", "4000::1"),
    *("192.88.99.1", "2002:c058:6301::1"),  # relays of 6to4, deprecated (RFC 7526)
    *("198.51.100.1", "3fff::1", "3fff:fff:ffff::1"),  # documentation (RFC 9637)
    *("192.31.196.1", "192.175.48.1", "2620:4f:8000::1", "2001:4:112::1"),  # AS112
    *("192.52.193.1", "2001:3::1"),  # multicast by tunnels (RFC 7450)
    *("192.0.0.9", "192.0.0.10", "2001:1::1", "2001:1::2", "2001:1::3"),  # anycast
    *("2001:2::1", "2001:10::1", "2001:20::1", "2001:30::1"),  # tests, names of hosts
    *("5f00::1", "100:0:0:1::1"),  # segments (RFC 9602), the dummy (RFC 9780)
    *("", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "::g"),
]


@pytest.mark.parametrize("address", GLOBAL)
def test_addresses_of_the_internet_may_be_called(address: str) -> None:
    assert is_acceptable(address, INTERNET)


@pytest.mark.parametrize("address", INSIDE)
def test_private_addresses_may_be_called_only_where_the_settings_allow_it(
    address: str,
) -> None:
    verdicts = [is_acceptable(address, rules) for rules in (INTERNET, LOOPBACK)]

    assert verdicts == [False, False]
    assert is_acceptable(address, PRIVATE)


@pytest.mark.parametrize("address", OWN)
def test_loopback_may_be_called_only_by_a_bridge_on_loopback(address: str) -> None:
    verdicts = [is_acceptable(address, rules) for rules in (INTERNET, PRIVATE)]

    assert verdicts == [False, False]
    assert is_acceptable(address, LOOPBACK)


@pytest.mark.parametrize("address", NEVER)
def test_other_addresses_may_never_be_called(address: str) -> None:
    assert not is_acceptable(address, EVERYTHING)
