"""Sign in again, ask consent, or go straight on."""

from dataclasses import replace
from typing import Final

import pytest

from bridge.core.authorization import AuthorizationRequest
from bridge.core.client import Client, ConsentMode
from bridge.core.errors import (
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    ProtocolError,
)
from bridge.core.prompts import SignedIn, Step, must_ask_consent, must_sign_in

NOW: Final = 1_800_000_000
CLIENT: Final = Client("library", ("https://library.example/",), "library.example")
STRICT: Final = replace(CLIENT, require_auth_time=True)
YOUNG: Final = SignedIn(NOW - 60, has_upstream_scopes=True)
POOR: Final = SignedIn(NOW - 60, has_upstream_scopes=False)
OTHER: Final = replace(YOUNG, is_asked_for=False)  # than the hint names
AGAIN: Final = Step.SIGN_IN_AGAIN


def request(prompt: str = "", max_age: int | None = None) -> AuthorizationRequest:
    return AuthorizationRequest(
        "library",
        "https://library.example/",
        ("openid",),
        prompt=_set(prompt),
        max_age=max_age,
    )


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


@pytest.mark.parametrize(
    ("prompt", "max_age", "client", "signed_in", "step"),
    [
        ("", None, CLIENT, None, Step.SIGN_IN),
        ("", None, CLIENT, YOUNG, None),
        ("", None, CLIENT, POOR, Step.SIGN_IN),
        ("", None, STRICT, None, AGAIN),
        ("", None, STRICT, YOUNG, None),
        ("", None, STRICT, POOR, AGAIN),
        ("", 3_600, CLIENT, None, AGAIN),
        ("", 60, CLIENT, YOUNG, None),
        ("", 59, CLIENT, YOUNG, AGAIN),
        ("", 60, CLIENT, POOR, AGAIN),
        ("", 0, CLIENT, YOUNG, AGAIN),
        ("", 0, CLIENT, SignedIn(NOW, True), AGAIN),
        ("", 60, CLIENT, SignedIn(NOW + 5, True), None),
        ("", None, CLIENT, OTHER, AGAIN),
        ("consent", None, CLIENT, OTHER, AGAIN),
        ("", None, CLIENT, replace(OTHER, has_upstream_scopes=False), AGAIN),
        ("login", None, CLIENT, None, AGAIN),
        ("login", None, CLIENT, OTHER, AGAIN),
        ("select_account login", None, CLIENT, YOUNG, AGAIN),
        ("select_account consent", None, CLIENT, None, AGAIN),
        ("login", None, CLIENT, YOUNG, AGAIN),
        ("select_account", None, CLIENT, YOUNG, AGAIN),
        ("login consent", 3_600, CLIENT, YOUNG, AGAIN),
        ("consent", None, CLIENT, YOUNG, None),
        ("consent", None, CLIENT, None, Step.SIGN_IN),
        ("none", None, CLIENT, YOUNG, None),
        ("none", 60, CLIENT, YOUNG, None),
        ("none", None, STRICT, YOUNG, None),
        ("none", None, CLIENT, None, LoginRequired),
        ("none", None, STRICT, None, LoginRequired),
        ("none", 3_600, CLIENT, None, LoginRequired),
        ("none", 59, CLIENT, YOUNG, LoginRequired),
        ("none", 59, CLIENT, POOR, LoginRequired),
        ("none", 0, CLIENT, SignedIn(NOW, True), LoginRequired),
        ("none", None, CLIENT, POOR, InteractionRequired),
        ("none", None, CLIENT, OTHER, LoginRequired),
        ("none", None, CLIENT, replace(POOR, is_asked_for=False), LoginRequired),
        ("none", None, STRICT, POOR, InteractionRequired),
    ],
)
def test_whether_the_browser_goes_to_the_login(
    prompt: str,
    max_age: int | None,
    client: Client,
    signed_in: SignedIn | None,
    step: Step | type[ProtocolError] | None,
) -> None:
    asked = request(prompt, max_age)

    if isinstance(step, type):
        with pytest.raises(step):
            must_sign_in(asked, client, signed_in, NOW)
    else:
        assert must_sign_in(asked, client, signed_in, NOW) is step


@pytest.mark.parametrize(
    ("prompt", "consent", "wanted", "allowed", "asks"),
    [
        ("", ConsentMode.NEVER, "openid name", "", False),
        ("", ConsentMode.ONCE, "openid name", "", True),
        ("", ConsentMode.ONCE, "openid name", "openid", True),
        ("", ConsentMode.ONCE, "openid name", "openid name", False),
        ("", ConsentMode.ONCE, "openid", "openid name", False),
        ("", ConsentMode.ALWAYS, "openid", "openid name", True),
        ("consent", ConsentMode.NEVER, "openid", "openid", True),
        ("consent", ConsentMode.ONCE, "openid", "openid", True),
        ("login", ConsentMode.NEVER, "openid", "", False),
        ("none", ConsentMode.NEVER, "openid", "", False),
        ("none", ConsentMode.ONCE, "openid", "openid", False),
        ("none", ConsentMode.ONCE, "openid name", "openid", None),
        ("none", ConsentMode.ALWAYS, "openid", "openid", None),
    ],
)
def test_whether_the_patron_is_asked(
    prompt: str, consent: ConsentMode, wanted: str, allowed: str, *, asks: bool | None
) -> None:
    client = replace(CLIENT, consent=consent)

    if asks is None:
        with pytest.raises(ConsentRequired):
            must_ask_consent(request(prompt), client, _set(wanted), _set(allowed))
    else:
        answer = must_ask_consent(request(prompt), client, _set(wanted), _set(allowed))
        assert answer is asks
