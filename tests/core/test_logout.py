"""Where a logout may end: at a registered address, byte for byte, and nowhere else."""

import pytest

from bridge.core.client import Client
from bridge.core.logout import PostLogoutAddress, post_logout_address

BYE = "https://service.example/bye"
BYE_WITH_QUERY = "https://service.example/bye?lang=fr&x=%2F"
CLIENT = Client(
    "service",
    ("https://service.example/callback",),
    "service.example",
    post_logout_redirect_uris=(BYE, BYE_WITH_QUERY),
)
TRICKS = [
    "https://service.example/bye/",
    "https://service.example/bye?",
    "https://service.example/bye#",
    "https://service.example/bye?state=x",
    "https://service.example/bye#@evil.example",
    "https://service.example/./bye",
    "https://service.example/x/../bye",
    "https://service.example//bye",
    "https://service.example/%62ye",
    "https://service.example/BYE",
    "https://service.example:443/bye",
    "https://service.example./bye",
    "https://SERVICE.example/bye",
    "HTTPS://service.example/bye",
    "http://service.example/bye",
    "//service.example/bye",
    "/bye",
    "https://service.example@evil.example/bye",
    "https://service.example.evil.example/bye",
    "https://evil.example/https://service.example/bye",
    "https://evil.example\\@service.example/bye",
    "https:service.example/bye",
    " https://service.example/bye",
    "https://service.example/bye ",
    "https://service.example/bye\n",
    "https://service.example/bye\x00",
    "https://servi\u0441e.example/bye",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://service.example/callback",
    "https://service.example/bye?x=%2F&lang=fr",
    "https://service.example/bye?lang=fr&x=/",
    "*",
]


@pytest.mark.parametrize("uri", [BYE, BYE_WITH_QUERY])
def test_a_registered_address_is_one(uri: str) -> None:
    address = post_logout_address(CLIENT, uri, "the state")

    assert address is not None
    assert (address.client, address.uri, address.state) == (CLIENT, uri, "the state")


@pytest.mark.parametrize("uri", TRICKS)
def test_what_is_not_registered_byte_for_byte_is_none(uri: str) -> None:
    assert post_logout_address(CLIENT, uri, None) is None


def test_nowhere_is_gone_to_without_a_client_or_an_address() -> None:
    assert post_logout_address(None, BYE, None) is None
    assert post_logout_address(CLIENT, None, None) is None


def test_an_address_cannot_be_made_otherwise() -> None:
    with pytest.raises(TypeError):
        PostLogoutAddress(CLIENT, "https://evil.example/", None, object())
