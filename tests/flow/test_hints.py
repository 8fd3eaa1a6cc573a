"""Hints: which tokens pass for an ID token that the bridge issued."""

import json
from typing import Final

import pytest

from bridge.core.client import Client
from bridge.flow.hints import Hint, Hints
from bridge.signing.keys import KeyRing, make_key
from bridge.signing.verifier import MAX_TOKEN_CHARACTERS, JwsVerifier
from tests.signing.forging import encoded, good_header, token_of

NOW: Final = 1_800_000_000
YEAR_S: Final = 31_536_000
ISSUER: Final = "https://login.example"
CLIENT: Final = Client(
    "service", ("https://service.example/callback",), "service.example"
)
RETIRED: Final = make_key("ES256", NOW - YEAR_S, NOW - YEAR_S)
ACTIVE: Final = make_key("ES256", NOW - 60, NOW - 60)
STRANGER: Final = make_key("ES256", NOW, NOW)
CLAIMS: Final = {
    "iss": ISSUER,
    "aud": "service",
    "sub": "abc",
    "sid": "the-sid",
    "iat": NOW,
    "exp": NOW + 300,
}
HINTS: Final = Hints(
    ISSUER, {"service": CLIENT}, JwsVerifier(KeyRing([RETIRED, ACTIVE]))
)
GOOD: Final = Hint(CLIENT, "abc", "the-sid")


def payload(**changes: object) -> bytes:
    members = {**CLAIMS, **changes}
    kept = {name: value for name, value in members.items() if value is not None}
    return json.dumps(kept).encode()


def signed(**changes: object) -> str:
    return token_of(ACTIVE, good_header(kid=ACTIVE.kid), payload(**changes))


def test_an_id_token_of_ours_is_a_hint() -> None:
    assert HINTS.read(signed()) == GOOD


def test_an_expired_id_token_is_a_hint_still() -> None:
    assert HINTS.read(signed(iat=1, exp=2)) == GOOD


def test_an_id_token_signed_by_a_retired_key_is_a_hint_still() -> None:
    token = token_of(RETIRED, good_header(kid=RETIRED.kid), payload())

    assert HINTS.read(token) == GOOD


def test_an_id_token_without_sid_names_no_session() -> None:
    assert HINTS.read(signed(sid=None)) == Hint(CLIENT, "abc", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://login.example.evil.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"aud": "nobody"},
        {"aud": None},
        {"aud": ["service", "other"]},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    ],
)
def test_what_speaks_of_something_else_is_none(changes: dict[str, object]) -> None:
    assert HINTS.read(signed(**changes)) is None


def test_a_logout_token_is_none() -> None:
    header = good_header(kid=ACTIVE.kid, typ="logout+jwt")

    assert HINTS.read(token_of(ACTIVE, header, payload())) is None


@pytest.mark.parametrize("alg", ["none", "None", "HS256"])
def test_an_unsigned_token_is_none(alg: str) -> None:
    header = encoded(json.dumps({"alg": alg, "kid": ACTIVE.kid}).encode())

    assert HINTS.read(f"{header}.{encoded(payload())}.") is None
    assert HINTS.read(f"{header}.{encoded(payload())}.c2lnbmF0dXJl") is None


def test_a_strangers_signature_is_none() -> None:
    token = token_of(STRANGER, good_header(kid=ACTIVE.kid), payload())

    assert HINTS.read(token) is None


def test_a_modified_token_is_none() -> None:
    header, _, signature = signed().split(".")

    modified = f"{header}.{encoded(payload(sid='another'))}.{signature}"

    assert HINTS.read(modified) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 20_000])
def test_what_is_no_token_is_none(text: str) -> None:
    assert HINTS.read(text) is None


def test_a_token_beyond_all_measure_is_not_looked_at() -> None:
    assert HINTS.read(signed(x="x" * MAX_TOKEN_CHARACTERS)) is None
