"""Tokens that come back, and the attacks of RFC 8725 on whoever checks them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.patron import JsonObject
from bridge.signing.algorithms import ALGORITHMS
from bridge.signing.keys import KeyRing, SigningKey, make_key
from bridge.signing.signer import JwsSigner
from bridge.signing.verifier import MAX_TOKEN_CHARACTERS, JwsVerifier
from tests.signing.forging import (
    KEY,
    NOW,
    STRANGER,
    STRANGERS_JWK,
    VERIFIER,
    encoded,
    good_header,
    is_taken,
    token_of,
    unsigned,
)

CLAIMS: JsonObject = {"iss": "https://login.example.ch", "sub": "abc", "exp": NOW - 1}


# -- what holds ------------------------------------------------------------------------


@pytest.mark.parametrize("alg", list(ALGORITHMS))
def test_own_token_gives_its_claims_also_expired(
    alg: str, every_key: dict[str, SigningKey]
) -> None:
    ring = KeyRing(every_key.values())
    token = JwsSigner(ring).sign(CLAIMS, alg, NOW)

    claims = JwsVerifier(ring).verify_own(token)

    assert claims == CLAIMS


def test_token_of_a_retired_key_is_still_our_own() -> None:
    token = JwsSigner(KeyRing([KEY])).sign(CLAIMS, "ES256", NOW)
    ring = KeyRing([KEY, make_key("ES256", NOW, NOW + 1)])

    claims = JwsVerifier(ring).verify_own(token)

    assert claims == CLAIMS


def test_token_of_a_key_that_was_taken_away_is_not_our_own() -> None:
    token = JwsSigner(KeyRing([KEY])).sign(CLAIMS, "ES256", NOW)
    ring = KeyRing([make_key("ES256", NOW, NOW)])

    assert JwsVerifier(ring).verify_own(token) is None


# -- attacks: RFC 8725 §2 --------------------------------------------------------------

PEM = KEY.private_key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def hashed(secret: bytes) -> str:
    """Sign by HMAC with what everybody knows: the public key."""
    message, _, _ = unsigned("HS256").rpartition(".")
    digest = hmac.new(secret, message.encode(), hashlib.sha256).digest()
    return f"{message}.{encoded(digest)}"


def with_stray_bits(token: str) -> str:
    """Set bits of the last character that a lenient reader drops."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) | 1]


ATTACKS = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg none with a signature": unsigned("none", encoded(b"x")),
    "no signature": unsigned("ES256"),
    "zero signature, CVE-2022-21449": unsigned("ES256", encoded(bytes(64))),
    "signature in DER": unsigned("ES256", encoded(bytes.fromhex("3006020101020101"))),
    "public key as HMAC secret": hashed(PEM),
    "public JWK as HMAC secret": hashed(json.dumps(KEY.public_jwk()).encode()),
    "HS256 over a right signature": token_of(KEY, good_header(alg="HS256")),
    "another algorithm": token_of(KEY, good_header(alg="RS256")),
    "algorithm in other letters": token_of(KEY, good_header(alg="es256")),
    "algorithm in a list": token_of(KEY, good_header(alg=["ES256"])),
    "algorithm missing": token_of(KEY, {"kid": KEY.kid}),
    "unknown kid": token_of(KEY, good_header(kid="other")),
    "kid that is a path": token_of(KEY, good_header(kid="../../dev/null")),
    "kid that is no text": token_of(KEY, good_header(kid=[KEY.kid])),
    "embedded jwk": token_of(STRANGER, good_header(jwk=STRANGERS_JWK)),
    "embedded jwk under its kid": token_of(
        STRANGER, good_header(jwk=STRANGERS_JWK, kid=STRANGER.kid)
    ),
    "jku": token_of(STRANGER, good_header(jku="http://127.0.0.1:1/jwks")),
    "x5u": token_of(STRANGER, good_header(x5u="http://127.0.0.1:1/chain.pem")),
    "x5c": token_of(STRANGER, good_header(x5c=[base64.b64encode(PEM).decode()])),
    "critical extension": token_of(KEY, good_header(crit=["b64"], b64=False)),
    "critical that nobody knows": token_of(KEY, good_header(crit=["x"], x=1)),
    "empty crit": token_of(KEY, good_header(crit=[])),
    "b64 without crit": token_of(KEY, good_header(b64=False)),
    "encrypted": token_of(KEY, good_header(enc="A256GCM")) + "..",
    "header that is no object": f"{encoded(b'[]')}.{encoded(b'{}')}.{encoded(b'x')}",
    "payload that is a list": token_of(KEY, good_header(), b'["sub"]'),
    "payload that is no JSON": token_of(KEY, good_header(), b"sub"),
    "payload that is no UTF-8": token_of(KEY, good_header(), b'{"sub":"\xff"}'),
    "doubled member": token_of(KEY, good_header(), b'{"sub":"a","sub":"b"}'),
    "doubled member inside": token_of(KEY, good_header(), b'{"a":[{"b":1,"b":2}]}'),
    "NaN": token_of(KEY, good_header(), b'{"exp":NaN}'),
    "number beyond all": token_of(KEY, good_header(), b'{"exp":1e999}'),
    "number of 5,000 digits": token_of(
        KEY, good_header(), b'{"exp":%s}' % (b"9" * 5000)
    ),
    "half a surrogate": token_of(KEY, good_header(), b'{"sub":"\\ud800"}'),
    "nested too deeply": token_of(KEY, good_header(), b"[" * 5_000),
    "too long": token_of(
        KEY, good_header(), b'{"sub":"%s"}' % (b"a" * MAX_TOKEN_CHARACTERS)
    ),
    "stray bits": with_stray_bits(token_of(KEY, good_header())),
    "padding": token_of(KEY, good_header()) + "=",
    "space": token_of(KEY, good_header()) + " ",
    "line end": token_of(KEY, good_header()) + "\n",
    "plain base64": token_of(KEY, good_header()).replace("-", "+").replace("_", "/")
    + "+",
    "a fourth part": token_of(KEY, good_header()) + ".e30",
    "JSON serialization": json.dumps({"payload": "e30", "signatures": []}),
}


@pytest.mark.parametrize("token", ATTACKS.values(), ids=ATTACKS.keys())
def test_attack_is_refused(token: str) -> None:
    assert is_taken(token) == [False, False]


def test_what_the_attacks_begin_with_is_taken() -> None:
    assert is_taken(token_of(KEY, good_header())) == [True, True]


def test_keys_that_a_good_token_brings_along_change_nothing() -> None:
    header = good_header(jwk=STRANGERS_JWK, jku="http://127.0.0.1:1/", x5c=["x"])

    assert is_taken(token_of(KEY, header)) == [True, True]


def test_own_token_without_kid_or_of_another_type_is_none() -> None:
    headers: list[Mapping[str, object]] = [
        {"alg": "ES256"},
        good_header(typ="logout+jwt"),
        good_header(typ=1),
    ]

    results = [VERIFIER.verify_own(token_of(KEY, header)) for header in headers]

    assert results == [None, None, None]


def test_rsa_key_of_one_padding_verifies_no_other(
    every_key: dict[str, SigningKey],
) -> None:
    key = every_key["RS256"]
    ps256 = SigningKey(ALGORITHMS["PS256"], key.private_key, NOW, NOW, key.kid)
    token = JwsSigner(KeyRing([ps256])).sign(CLAIMS, "PS256", NOW)

    own = JwsVerifier(KeyRing([key])).verify_own(token)
    clients = VERIFIER.verify(token, [key.public_jwk()], "PS256")

    assert (own, clients) == (None, None)


# -- anything at all -------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["ES256", "RS256", "none", 1]) | JSON},
    optional={"kid": st.just(KEY.kid) | JSON, "crit": JSON, "jwk": JSON, "typ": JSON},
)


@given(st.text())
def test_any_text_is_refused_without_a_word(text: str) -> None:
    assert is_taken(text) == [False, False]


@given(HEADERS, st.binary(max_size=200), st.binary(max_size=80))
def test_any_header_payload_and_signature_are_refused(
    header: dict[str, object], payload: bytes, signature: bytes
) -> None:
    head = json.dumps(header).encode()
    token = ".".join(encoded(part) for part in (head, payload, signature))

    assert is_taken(token) == [False, False]


@given(st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    token = token_of(KEY, good_header())
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(max_codepoint=127))

    changed = token[:at] + other + token[at + 1 :]

    assert is_taken(changed) == [changed == token] * 2
