"""Whom the bridge believes: the configuration, and proxies that it names."""

import pytest

from bridge.web.guards import address_key
from tests.support.trial import CONFIGURATION, Trial
from tests.support.visitor import Visitor

TRUSTING = (
    CONFIGURATION + '\n[server]\ntrusted_proxies = ["192.0.2.0/24", "2001:db8::/32"]'
)


def address_at_rero(
    trial: Trial, forwarded: str | None, address: str = "192.0.2.7"
) -> str:
    browser = Visitor(trial, address)
    sent = browser.authorize()
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    browser.get("/callback", {"state": sent.query["state"], "code": "jean"}, headers)
    return trial.upstream.calls[-1].address


def test_forwarded_address_is_not_believed_unasked(trial: Trial) -> None:
    assert address_at_rero(trial, "198.51.100.1") == "192.0.2.7"


@pytest.mark.parametrize(
    ("forwarded", "believed"),
    [
        (None, "192.0.2.7"),
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, 192.0.2.8", "198.51.100.1"),
        ("203.0.113.5, 198.51.100.1", "198.51.100.1"),  # the left one is only said
        ("2001:db8:ffff::1, 192.0.2.8", "2001:db8:ffff::/64"),
        ("junk", "192.0.2.7"),
        ("junk, 192.0.2.8", "192.0.2.8"),
        ("", "192.0.2.7"),
        (", ,", "192.0.2.7"),
        ("198.51.100.1:443", "192.0.2.7"),
    ],
)
def test_trusted_proxy_is_believed_from_the_right(
    trial: Trial, forwarded: str | None, believed: str
) -> None:
    trial.configure(TRUSTING)

    assert address_at_rero(trial, forwarded) == believed


def test_stranger_is_not_believed_where_proxies_are_named(trial: Trial) -> None:
    trial.configure(TRUSTING)

    address = address_at_rero(trial, "198.51.100.1", "203.0.113.9")

    assert address == "203.0.113.9"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80@x"},
        {"Host": "\x00"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "http"},
        {"X-Forwarded-Prefix": "/evil"},
        {"Forwarded": "host=evil.example;proto=http"},
        {"X-Original-URL": "/evil"},
    ],
)
@pytest.mark.parametrize("configuration", [CONFIGURATION, TRUSTING])
def test_no_header_changes_an_address_of_ours(
    trial: Trial, headers: dict[str, str], configuration: str
) -> None:
    trial.configure(configuration)
    browser = Visitor(trial)
    plain = browser.get("/.well-known/openid-configuration")

    document = browser.get("/.well-known/openid-configuration", headers=headers)
    page = browser.get("/callback", headers=headers)

    assert document.body == plain.body
    assert "evil" not in page.text
    assert "Location" not in page.headers


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_ipv6_addresses_of_one_customer_are_one(address: str, key: str) -> None:
    assert address_key(address) == key


def test_limits_and_slots_count_an_ipv6_customer_once(trial: Trial) -> None:
    first = address_at_rero(trial, None, "2001:db8:1:2::5")
    second = address_at_rero(trial, None, "2001:db8:1:2:ffff::1")

    assert first == second == "2001:db8:1:2::/64"
