"""What is kept of a client's JWK Set: its public signature keys."""

import json

import pytest

from bridge.core.patron import JsonObject, JsonValue
from bridge.outgoing.jwks import MAX_KEYS, life_s, read_jwks

RSA: JsonObject = {"kty": "RSA", "kid": "r", "use": "sig", "n": "AQAB", "e": "AQAB"}
EC: JsonObject = {"kty": "EC", "kid": "e", "crv": "P-256", "x": "AA", "y": "AA"}
OKP: JsonObject = {"kty": "OKP", "alg": "EdDSA", "crv": "Ed25519", "x": "AA"}


def read(*keys: JsonValue) -> tuple[JsonObject, ...] | None:
    return read_jwks(json.dumps({"keys": list(keys)}).encode())


def test_public_keys_of_the_three_kinds_are_kept() -> None:
    assert read(RSA, EC, OKP) == (RSA, EC, OKP)


def test_private_and_unknown_members_are_left_out() -> None:
    private = {**EC, "d": "c2VjcmV0", "x5u": "https://evil.example", "k": "AA"}

    assert read(private) == (EC,)


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {**RSA, "use": "enc"},
        {**RSA, "kty": ["RSA"]},
        {**RSA, "n": 65_537},
        {**RSA, "n": "A" * 1_401},
        {"kty": "RSA", "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {},
        None,
        "key",
    ],
)
def test_other_and_odd_keys_are_left_out(key: JsonValue) -> None:
    assert read(key, OKP) == (OKP,)


def test_twenty_keys_are_kept_at_most() -> None:
    keys = read(*[{**OKP, "kid": str(number)} for number in range(50)])

    assert keys is not None
    assert [key["kid"] for key in keys] == [str(number) for number in range(MAX_KEYS)]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b"\xff", b"[" * 60_000, b"null"],
)
def test_other_documents_are_no_key_set(body: bytes) -> None:
    assert read_jwks(body) is None


@pytest.mark.parametrize(
    ("cache_control", "expected_s"),
    [
        ("", 3_600),
        ("max-age=7200", 7_200),
        ("public, Max-Age=7200, must-revalidate", 7_200),
        ('max-age="7200"', 7_200),
        ("max-age=0", 300),
        ("max-age=99999999", 86_400),
        ("max-age=-1", 3_600),
        ("max-age=99999999999", 3_600),
        ("no-store", 3_600),
        ("s-max-age=7200", 3_600),
    ],
)
def test_life_is_what_cache_control_says_within_five_minutes_and_a_day(
    cache_control: str, expected_s: int
) -> None:
    assert life_s(cache_control) == expected_s
