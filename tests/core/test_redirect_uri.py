"""Where a client may be answered: one string, byte for byte; else a page."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Final

import pytest

from bridge.core.client import Client
from bridge.core.errors import (
    InvalidScope,
    PageReason,
    StoreError,
    TooManyRequests,
    UnsafeRequest,
)
from bridge.core.return_address import (
    ErrorAtClient,
    Parameters,
    ResponseMode,
    ReturnAddress,
    errors_go_to,
    rematch,
    return_address,
)

REGISTERED: Final = "https://library.example/login/callback"
CLIENT: Final = Client("library", (REGISTERED,), "library.example")
CLIENTS: Final = {"library": CLIENT}


def ask(*pairs: tuple[str, str]) -> ReturnAddress:
    return return_address(Parameters(pairs), CLIENTS)


def test_the_registered_address_is_taken_with_the_state_of_the_request() -> None:
    address = ask(
        ("client_id", "library"), ("redirect_uri", REGISTERED), ("state", "a b\n")
    )

    assert address.client is CLIENT
    assert address.redirect_uri == REGISTERED
    assert address.state == "a b\n"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        pytest.param("", id="empty"),
        pytest.param("https://evil.example/login/callback", id="another host"),
        pytest.param("https://library.example", id="no path"),
        pytest.param("https://library.example/", id="root"),
        pytest.param("https://library.example/login", id="parent"),
        pytest.param(REGISTERED + "/", id="trailing slash"),
        pytest.param(REGISTERED + "/more", id="below"),
        pytest.param(REGISTERED + "2", id="longer"),
        pytest.param(REGISTERED[:-1], id="shorter"),
        pytest.param(REGISTERED + "?", id="empty query"),
        pytest.param(REGISTERED + "?a=b", id="extra query"),
        pytest.param(REGISTERED + "#", id="empty fragment"),
        pytest.param(REGISTERED + "#evil", id="fragment"),
        pytest.param(REGISTERED + ";a=b", id="path parameter"),
        pytest.param(REGISTERED.replace("https", "http"), id="http"),
        pytest.param(REGISTERED.replace("https", "HTTPS"), id="scheme in capitals"),
        pytest.param(REGISTERED.replace("https", "javascript"), id="javascript"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param(REGISTERED.removeprefix("https:"), id="no scheme"),
        pytest.param("/login/callback", id="path alone"),
        pytest.param(REGISTERED.replace("library.e", "Library.e"), id="host's case"),
        pytest.param(REGISTERED.replace("callback", "Callback"), id="path's case"),
        pytest.param(REGISTERED.replace(".example", ".example."), id="trailing dot"),
        pytest.param(REGISTERED.replace("://", "://evil."), id="subdomain"),
        pytest.param(REGISTERED.replace(".example", ".example.evil"), id="suffix"),
        pytest.param(REGISTERED.replace("://", "://evil@"), id="userinfo"),
        pytest.param(REGISTERED.replace("://", "://a:b@"), id="userinfo, password"),
        pytest.param(
            "https://library.example@evil.example/login/callback", id="host as userinfo"
        ),
        pytest.param(
            "https://library.example%40evil.example/login/callback", id="encoded @"
        ),
        pytest.param(REGISTERED.replace(".example", ".example:443"), id="port 443"),
        pytest.param(REGISTERED.replace(".example", ".example:8443"), id="port"),
        pytest.param(REGISTERED.replace(".example", ".example:"), id="empty port"),
        pytest.param(REGISTERED.replace("/login", "/x/../login"), id="traversal"),
        pytest.param(REGISTERED + "/../../evil", id="traversal behind"),
        pytest.param(REGISTERED + "/%2e%2e/evil", id="encoded traversal"),
        pytest.param(REGISTERED.replace("/login", "/./login"), id="dot segment"),
        pytest.param(REGISTERED.replace("/login", "//login"), id="double slash"),
        pytest.param(REGISTERED.replace("login", "l%6fgin"), id="encoded letter"),
        pytest.param(REGISTERED.replace("/login", "%2Flogin"), id="encoded slash"),
        pytest.param(REGISTERED.replace("/", "%252F"), id="encoded twice"),
        pytest.param(REGISTERED.replace("/", "\\"), id="backslashes"),
        pytest.param(
            "https://evil.example\\@library.example/login/callback", id="backslash @"
        ),
        pytest.param(" " + REGISTERED, id="blank before"),
        pytest.param(REGISTERED + " ", id="blank behind"),
        pytest.param(REGISTERED + "\n", id="newline behind"),
        pytest.param("\t" + REGISTERED, id="tab before"),
        pytest.param(REGISTERED + "\0", id="null character"),
        pytest.param(REGISTERED + "%00", id="encoded null character"),
        pytest.param(REGISTERED + "%0d%0aLocation:evil", id="header injection"),
        pytest.param(REGISTERED.replace("a", "\u0430"), id="cyrillic letters"),
        pytest.param(REGISTERED.replace(".", "\u3002"), id="ideographic full stop"),
        pytest.param(REGISTERED.replace("/", "\u2215"), id="division slash"),
        pytest.param(REGISTERED + "\u200b", id="zero width space"),
        pytest.param(f"{REGISTERED} {REGISTERED}", id="twice in one value"),
    ],
)
def test_anything_but_the_registered_address_is_a_page(redirect_uri: str) -> None:
    with pytest.raises(UnsafeRequest) as refusal:
        ask(("client_id", "library"), ("redirect_uri", redirect_uri))

    assert refusal.value.reason is PageReason.REDIRECT_URI
    assert refusal.value.client_id == "library"


@pytest.mark.parametrize("client_id", ["", "Library", "library ", "https://a.example"])
def test_an_unknown_client_is_a_page(client_id: str) -> None:
    with pytest.raises(UnsafeRequest) as refusal:
        ask(("client_id", client_id), ("redirect_uri", REGISTERED))

    assert refusal.value.reason is PageReason.UNKNOWN_CLIENT
    assert refusal.value.client_id is None


def test_an_address_is_needed_though_only_one_is_registered() -> None:
    with pytest.raises(UnsafeRequest):
        ask(("client_id", "library"))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.parametrize("first_value", [None, ""])
def test_a_doubled_address_or_client_is_a_page(
    name: str, first_value: str | None
) -> None:
    values = {"client_id": "library", "redirect_uri": REGISTERED}
    value = values[name] if first_value is None else first_value

    with pytest.raises(UnsafeRequest) as refusal:
        ask((name, value), *values.items())

    assert refusal.value.reason is PageReason.BAD_REQUEST


def test_a_doubled_state_is_not_sent_back() -> None:
    address = ask(
        ("client_id", "library"),
        ("redirect_uri", REGISTERED),
        ("state", "a"),
        ("state", "b"),
    )

    assert address.state is None


def test_a_loopback_port_is_no_exception() -> None:
    native = replace(CLIENT, redirect_uris=("http://127.0.0.1:8000/callback",))

    with pytest.raises(UnsafeRequest):
        rematch(native, "http://127.0.0.1:8001/callback", None)


def test_an_address_that_was_taken_out_of_the_registration_is_a_page() -> None:
    changed = replace(CLIENT, redirect_uris=("https://library.example/new",))

    with pytest.raises(UnsafeRequest):
        rematch(changed, REGISTERED, None)


@pytest.mark.parametrize("proof", [None, object(), True])
def test_nobody_else_can_make_a_return_address(proof: object) -> None:
    with pytest.raises(TypeError):
        ReturnAddress(CLIENT, "https://evil.example", None, ResponseMode.QUERY, proof)


def test_a_return_address_is_not_made_by_changing_another() -> None:
    address = rematch(CLIENT, REGISTERED, None)
    change: Callable[..., object] = replace  # mypy would not let it be called

    with pytest.raises(ValueError, match="proof"):
        change(address, redirect_uri="https://evil.example")
    with pytest.raises(FrozenInstanceError):
        address.__setattr__("redirect_uri", "https://evil.example")


def test_errors_go_to_the_client_with_their_cause() -> None:
    address = rematch(CLIENT, REGISTERED, "s")
    cause = InvalidScope("scope is malformed", detail="for the log")

    with pytest.raises(ErrorAtClient) as sent, errors_go_to(address):
        raise cause

    assert sent.value.address is address
    assert sent.value.cause is cause
    assert sent.value.description == "scope is malformed"


@pytest.mark.parametrize(
    "error",
    [
        UnsafeRequest(PageReason.TICKET, "no ticket"),
        TooManyRequests("too many", retry_after_s=9),
        ErrorAtClient(rematch(CLIENT, REGISTERED, None), InvalidScope("first")),
        StoreError("the store is gone"),
        KeyError("a bug"),
    ],
)
def test_what_must_be_a_page_is_not_sent_to_the_client(error: Exception) -> None:
    address = rematch(CLIENT, REGISTERED, None)

    with pytest.raises(type(error)) as raised, errors_go_to(address):
        raise error

    assert raised.value is error
