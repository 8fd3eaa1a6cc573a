"""Thumbprints and public members, against RFC 7638 and against joserfc."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import KeySet

from bridge.signing.algorithms import ALGORITHMS, public_members, thumbprint
from bridge.signing.keys import SigningKey


def test_thumbprint_is_that_of_the_example_in_rfc_7638_3_1() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L"
        "6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4Qy"
        "Q5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI"
        "SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )

    kid = thumbprint({"kty": "RSA", "e": "AQAB", "n": modulus})

    assert kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_thumbprint_is_that_of_the_example_in_rfc_8037_appendix_a_3() -> None:
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

    kid = thumbprint({"kty": "OKP", "crv": "Ed25519", "x": x})

    assert kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("alg", list(ALGORITHMS))
def test_kid_of_each_published_key_is_the_thumbprint_that_joserfc_computes(
    alg: str, every_key: dict[str, SigningKey]
) -> None:
    jwk = every_key[alg].public_jwk()

    foreign = KeySet.import_key_set(json.loads(json.dumps({"keys": [jwk]}))).keys[0]

    assert foreign.thumbprint() == jwk["kid"] == every_key[alg].kid
    assert (jwk["alg"], jwk["kty"]) == (alg, ALGORITHMS[alg].kty)
    assert not foreign.is_private


def test_new_rsa_keys_have_2048_bits_and_the_usual_exponent(
    rsa_key: SigningKey,
) -> None:
    members = public_members(ALGORITHMS["RS256"], rsa_key.private_key)

    assert isinstance(rsa_key.private_key, RSAPrivateKey)
    assert rsa_key.private_key.key_size == 2048
    assert members["e"] == "AQAB"


def test_each_row_names_the_members_in_the_order_of_the_thumbprint() -> None:
    rows = list(ALGORITHMS.values())

    assert [row.members for row in rows] == [tuple(sorted(row.members)) for row in rows]
