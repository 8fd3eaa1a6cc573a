"""Keys of a client: those fit for its tokens, and those passed over."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from bridge.core.patron import JsonObject
from bridge.signing.algorithms import ALGORITHMS
from bridge.signing.keys import KeyRing, SigningKey
from bridge.signing.signer import JwsSigner
from tests.signing.forging import (
    KEY,
    NOW,
    STRANGERS_JWK,
    VERIFIER,
    encoded,
    good_header,
    token_of,
    unsigned,
)

CLAIMS: JsonObject = {"iss": "https://login.example.ch", "sub": "abc", "exp": NOW - 1}
GOOD = KEY.public_jwk()
RSA_1024 = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the fault
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def jwk_of(
    key: RSAKey | ECKey | OKPKey | OctKey, *, private: bool = False
) -> JsonObject:
    """Write a key of joserfc as a JWK."""
    return dict(json.loads(json.dumps(key.as_dict(private=private))))


# RFC 9864 has a new name, Ed25519; clients and the OpenID suite know this one.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", list(ALGORITHMS))
@pytest.mark.parametrize("has_kid", [True, False])
def test_token_that_joserfc_signed_gives_its_claims(alg: str, has_kid: bool) -> None:
    kid = {"kid": "client-1"} if has_kid else {}
    key: RSAKey | ECKey | OKPKey
    if ALGORITHMS[alg].kty == "RSA":
        key = RSAKey.generate_key(2048)
    elif alg == "ES256":
        key = ECKey.generate_key("P-256")
    else:
        key = OKPKey.generate_key("Ed25519")
    token = jwt.encode({"alg": alg, **kid}, dict(CLAIMS), key, algorithms=[alg])

    claims = VERIFIER.verify(token, [{}, {**jwk_of(key), **kid}], alg)

    assert claims == CLAIMS


@pytest.mark.parametrize(
    "changes",
    [
        {"use": "enc"},
        {"use": None},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kid": "other"},
        {"kid": 1},
        {"kty": "RSA"},
        {"kty": "oct", "k": "AAAA"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"x": GOOD["y"]},
        {"x": "AAAA"},
        {"x": "é"},
        {"x": ""},
        {"x": 5},
        {"y": None},
        {"d": "AAAA"},
    ],
    ids=" ".join,
)
def test_key_that_is_not_meant_for_it_verifies_nothing(changes: JsonObject) -> None:
    token = token_of(KEY, good_header())

    assert VERIFIER.verify(token, [{**GOOD, **changes}], "ES256") is None


@pytest.mark.parametrize("member", ["use", "alg", "kid", "key_ops"])
def test_key_may_leave_out_what_it_is_for(member: str) -> None:
    jwk: JsonObject = {**GOOD, "key_ops": ["verify"]}
    del jwk[member]

    claims = VERIFIER.verify(token_of(KEY, good_header()), [jwk], "ES256")

    assert claims == {"sub": "abc"}


def test_private_key_among_the_public_ones_is_passed_over() -> None:
    key = ECKey.generate_key("P-256")
    token = jwt.encode({"alg": "ES256"}, {"sub": "abc"}, key)

    assert VERIFIER.verify(token, [jwk_of(key, private=True)], "ES256") is None


def test_rsa_key_under_2048_bits_verifies_nothing() -> None:
    weak = SigningKey(ALGORITHMS["RS256"], RSA_1024, NOW, NOW, "weak")
    token = JwsSigner(KeyRing([weak])).sign(CLAIMS, "RS256", NOW)

    assert VERIFIER.verify(token, [weak.public_jwk()], "RS256") is None


@pytest.mark.parametrize("alg", ["none", "HS256", "ES384", "RS512", "dir", ""])
def test_algorithm_that_is_not_in_the_table_verifies_nothing(alg: str) -> None:
    key = OctKey.generate_key(256)
    token = unsigned(alg, encoded(b"x"))
    if alg == "HS256":
        token = jwt.encode({"alg": alg}, {"sub": "abc"}, key)

    assert VERIFIER.verify(token, [jwk_of(key, private=True)], alg) is None


def test_client_registered_for_another_algorithm_is_refused() -> None:
    token = token_of(KEY, good_header())

    assert VERIFIER.verify(token, [GOOD], "RS256") is None


def test_next_key_is_tried_where_the_token_names_none() -> None:
    token = token_of(KEY, {"alg": "ES256"})

    assert VERIFIER.verify(token, [STRANGERS_JWK, GOOD], "ES256") == {"sub": "abc"}


@given(
    st.fixed_dictionaries(
        {"kty": st.sampled_from(["EC", "RSA", "OKP", "oct"])},
        optional={
            name: st.text(alphabet="AQ-_9=é", max_size=50) | JSON
            for name in ("crv", "x", "y", "n", "e", "d", "k", "use", "alg", "key_ops")
        },
    ),
    st.sampled_from(list(ALGORITHMS)),
)
def test_any_key_of_a_client_is_refused_without_a_word(
    jwk: JsonObject, alg: str
) -> None:
    token = token_of(KEY, {"alg": alg})

    assert VERIFIER.verify(token, [jwk], alg) is None
