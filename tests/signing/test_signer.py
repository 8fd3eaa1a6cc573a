"""Signatures, verified by joserfc through the published JWKS."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from bridge.core.patron import JsonObject
from bridge.signing.algorithms import ALGORITHMS
from bridge.signing.keys import KeyRing, SigningKey, make_key
from bridge.signing.signer import JwsSigner

NOW = 1_764_000_000
CLAIMS: JsonObject = {"iss": "https://login.example.ch", "sub": "abc", "exp": NOW + 300}


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


# RFC 9864 has a new name, Ed25519; clients and the OpenID suite know this one.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", list(ALGORITHMS))
def test_joserfc_verifies_a_token_by_the_jwks(
    alg: str, every_key: dict[str, SigningKey]
) -> None:
    ring = KeyRing(every_key.values())
    key_set = KeySet.import_key_set(json.loads(json.dumps(ring.jwks())))

    token = JwsSigner(ring).sign(CLAIMS, alg, NOW)

    verified = jwt.decode(token, key_set, algorithms=[alg])
    assert verified.claims == CLAIMS


def test_header_holds_alg_kid_and_typ(p256_key: SigningKey) -> None:
    signer = JwsSigner(KeyRing([p256_key]))

    tokens = [signer.sign(CLAIMS, "ES256", NOW, typ) for typ in ("JWT", "logout+jwt")]

    headers = [json.loads(decoded(token.split(".")[0])) for token in tokens]
    assert headers == [
        {"alg": "ES256", "kid": p256_key.kid, "typ": "JWT"},
        {"alg": "ES256", "kid": p256_key.kid, "typ": "logout+jwt"},
    ]


def test_type_is_jwt_where_none_is_given(p256_key: SigningKey) -> None:
    token = JwsSigner(KeyRing([p256_key])).sign(CLAIMS, "ES256", NOW)

    assert json.loads(decoded(token.split(".")[0]))["typ"] == "JWT"


def test_es256_signature_is_64_bytes_as_rfc_7518_3_4_demands(
    p256_key: SigningKey,
) -> None:
    signer = JwsSigner(KeyRing([p256_key]))

    lengths = {
        len(decoded(signer.sign({"n": n}, "ES256", NOW).split(".")[2]))
        for n in range(20)
    }

    assert lengths == {64}


def test_names_outside_ascii_are_escaped_for_plain_base64_decoders(
    p256_key: SigningKey,
) -> None:
    token = JwsSigner(KeyRing([p256_key])).sign({"name": "Zoé"}, "ES256", NOW)

    assert decoded(token.split(".")[1]) == b'{"name":"Zo\\u00e9"}'


def test_new_key_signs_from_its_time_on(p256_key: SigningKey) -> None:
    following = make_key("ES256", NOW, active_from=NOW + 100)
    signer = JwsSigner(KeyRing([p256_key, following]))

    tokens = [signer.sign(CLAIMS, "ES256", now) for now in (NOW + 99, NOW + 100)]

    kids = [json.loads(decoded(token.split(".")[0]))["kid"] for token in tokens]
    assert kids == [p256_key.kid, following.kid]


def test_algorithm_without_a_key_is_a_key_error(p256_key: SigningKey) -> None:
    signer = JwsSigner(KeyRing([p256_key]))

    for alg in ("RS256", "none", "HS256"):
        with pytest.raises(KeyError):
            signer.sign(CLAIMS, alg, NOW)


def test_number_that_json_does_not_know_is_refused(p256_key: SigningKey) -> None:
    signer = JwsSigner(KeyRing([p256_key]))

    with pytest.raises(ValueError, match="JSON compliant"):
        signer.sign({"n": float("nan")}, "ES256", NOW)
