"""Which addresses are taken, byte for byte, and which are refused."""

import pytest

from bridge.settings import addresses


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.ch/callback",
        "https://app.example.ch:8443/cb?x=1&y=%20",
        "https://APP.example.ch/",
        "http://127.0.0.1/cb",
        "http://127.1.2.3:8080/cb",
        "http://[::1]:8080/cb",
        "http://localhost:3000/cb",
        "ch.example.app:/callback",
    ],
)
def test_good_redirect_uris_stay_as_they_are(uri: str) -> None:
    assert addresses.check_redirect_uri(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "app.example.ch/callback",
        "//app.example.ch/callback",
        "https://app.example.ch/callback#",
        "https://app.example.ch/#x",
        "http://app.example.ch/callback",
        "http://127.0.0.1.example.ch/cb",
        "http://localhost.example.ch/cb",
        "http://user@127.0.0.1/cb",
        "https://127.0.0.1@evil.example/cb",
        "https://app.example.ch\\@evil.example/cb",
        "https://app.example.ch/\\cb",
        "https:///cb",
        "https:app.example.ch",
        "https://app.example.ch:99999/cb",
        "https://app.example.ch/a b",
        "https://app.example.ch/a\nb",
        "https://app.example.ch/\x00",
        "https://bücher.example/cb",
        "https://app..%2e/cb",
        "https://[::1/cb",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        " https://app.example.ch/",
        "HTTPS://app.example.ch/",
    ],
)
def test_bad_redirect_uris_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        addresses.check_redirect_uri(uri)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.ch",
        "https://example.ch/login",
        "https://example.ch/~a/b-c_d.e",
        "http://127.0.0.1:8090",
    ],
)
def test_good_issuers_stay_as_they_are(issuer: str) -> None:
    assert addresses.check_base(issuer) == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example.ch/",
        "https://login.example.ch?",
        "https://login.example.ch?x=1",
        "https://login.example.ch#",
        "http://login.example.ch",
        "ftp://login.example.ch",
        "https://login.example.ch/a%20b",
        "https://login.example.ch/a<b",
        "https://login.example.ch/a;b",
        "https://login.example.ch/a//b",
        "https://login.example.ch/../b",
        "login.example.ch",
    ],
)
def test_bad_issuers_are_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        addresses.check_base(issuer)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("10.0.0.1:0", ("10.0.0.1", 0)),
        ("[::]:443", ("::", 443)),
    ],
)
def test_an_address_to_listen_on_is_parted(text: str, parts: tuple[str, int]) -> None:
    assert addresses.split_listen(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:8080",
        "bridge.example.ch:8080",
        "127.0.0.1",
        "127.1:8080",
        "127.0.0.01:8080",
        "[127.0.0.1]:8080",
        "::1:8080",
        "[::1]",
        "[::g]:8080",
        "127.0.0.1:65536",
        "127.0.0.1:٣",
    ],
)
def test_what_is_no_ip_address_with_a_port_is_not_listened_on(text: str) -> None:
    with pytest.raises(ValueError, match="IP address and a port") as caught:
        addresses.split_listen(text)

    assert str(caught.value).endswith("a name is not taken")


@pytest.mark.parametrize(
    ("first", "second", "is_meeting"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080", True),
        ("0.0.0.0:8080", "127.0.0.1:8080", True),
        ("127.0.0.1:8080", "0.0.0.0:8080", True),
        ("[::]:8080", "127.0.0.1:8080", True),
        ("[::1]:8080", "[::]:8080", True),
        ("[::1]:8080", "[0:0::1]:8080", True),
        ("0.0.0.0:8080", "[::]:8080", True),
        ("0.0.0.0:8080", "[::1]:8080", False),
        ("0.0.0.0:8080", "127.0.0.1:8081", False),
        ("10.0.0.1:8080", "127.0.0.1:8080", False),
        ("0.0.0.0:0", "127.0.0.1:0", False),
    ],
)
def test_one_port_cannot_be_taken_twice(
    first: str, second: str, is_meeting: bool
) -> None:
    assert addresses.is_port_shared(first, second) is is_meeting


def test_no_refusal_repeats_the_address() -> None:
    for text in (
        "PLANTED",
        "http://PLANTED.example",
        "PLANTED://x",
        "https://PL ANTED",
    ):
        with pytest.raises(ValueError, match=r"\w") as caught:
            addresses.check_base(text)
        assert "PL" not in str(caught.value)
